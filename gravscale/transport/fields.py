"""Check and set headers and cookies (RFC 9110, section 5)."""

from __future__ import annotations

import base64
from collections.abc import Mapping, MutableMapping
from functools import lru_cache

from gravscale.exceptions import ApiTypeError, ApiValueError
from gravscale.transport.http1 import NAME_CHARACTERS

# RFC 9110, section 5.5. Characters outside latin-1 can't be written into a header at all.
_FIELD_VALUE = bytes((0x09, *range(0x20, 0x7F), *range(0x80, 0x100)))
# They determine where a request goes and where it ends. Other values would send it elsewhere, or turn it into two
# requests (RFC 9112, sections 3.2 and 11.2).
_SET_BY_THE_SDK = {
    "content-length": "can't be set, because the SDK derives it from the body",
    "transfer-encoding": "can't be set, because the SDK derives it from the body",
    "host": "can't be set, because the SDK derives it from the URL",
}


def check_header(name: str, value: object) -> str:
    """Return a header's value as text. Raises ApiTypeError or ApiValueError, which name the header, not its value."""
    if not isinstance(name, str):
        raise ApiTypeError(f"header: expected a str for the field's name, got {type(name).__name__}")
    _check_name(name)
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise ApiTypeError(f"header {name}: expected a str, got {type(value).__name__}")
    try:
        text = str(value)
        if not text.encode("latin-1").translate(None, _FIELD_VALUE):
            return text
    except ValueError:
        # A character outside latin-1, or an integer with thousands of digits, which Python refuses to format. An error
        # raised outside this clause is not chained to this one, which may contain the value.
        pass
    raise ApiValueError(f"header {name}: the value contains a control character or one outside latin-1")


# For speed: the same few names come with every call.
@lru_cache(maxsize=128)
def _check_name(name: str) -> None:
    if not name or name.strip(NAME_CHARACTERS):
        # Not quoted: it may be the value, in the wrong place.
        raise ApiValueError("header: expected a name of letters, digits and hyphens")
    if (refused := _SET_BY_THE_SDK.get(name.lower())) is not None:
        raise ApiValueError(f"header {name}: {refused}")


def put_header(headers: MutableMapping[str, str], name: str, value: object) -> str:
    """Set a header, replacing one of the same name in any case. Return its value as text."""
    text = check_header(name, value)
    if (present := find_header(headers, name)) is not None:
        del headers[present]
    headers[name] = text
    return text


def find_header(headers: Mapping[str, str], name: str) -> str | None:
    """Return a header's name as it is written there, in whatever case. None if there is no such header."""
    return {present.lower(): present for present in headers}.get(name.lower())


def put_headers(headers: MutableMapping[str, str], new: Mapping[str, str], argument: str) -> None:
    """Set several headers. Raises ApiTypeError or ApiValueError, which name the argument or the invalid header."""
    if not isinstance(new, Mapping):
        raise ApiTypeError(f"{argument}: expected a dict of headers, got {type(new).__name__}")
    for name, value in new.items():
        put_header(headers, name, value)


def put_cookie(headers: MutableMapping[str, str], name: str, value: str, argument: str) -> None:
    """Add a cookie to the Cookie header (RFC 6265, section 4.2).

    Raises ApiValueError, which names the argument, if the value would become two cookies.
    """
    if ";" in value:
        raise ApiValueError(f"{argument}: a cookie can't contain a semicolon")
    present = find_header(headers, "Cookie")
    put_header(headers, "Cookie", f"{headers[present]}; {name}={value}" if present else f"{name}={value}")


def basic_auth(user: str, password: str) -> str:
    """Return the value of an Authorization field for HTTP basic authentication (RFC 7617, section 2)."""
    octets = f"{user}:{password}".encode("utf-8", "surrogateescape")
    return f"Basic {base64.b64encode(octets).decode()}"
