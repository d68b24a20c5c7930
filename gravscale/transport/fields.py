"""Header fields: what may stand in them (RFC 9110, section 5)."""

from __future__ import annotations

import base64
from collections.abc import Mapping, MutableMapping
from functools import lru_cache

from gravscale.exceptions import ApiTypeError, ApiValueError

_FIELD_NAME = "!#$%&'*+.^_`|~-0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
# RFC 9110, section 5.5. What is beyond latin-1 can't be written into a field at all.
_FIELD_VALUE = bytes((0x09, *range(0x20, 0x7F), *range(0x80, 0x100)))
# They say where a request goes and where it ends. Anyone else's idea of that would lead it elsewhere, or make two
# requests of one (RFC 9112, sections 3.2 and 11.2).
_FOLLOW_FROM_THE_REQUEST = {
    "content-length": "follows from the body and can't be set",
    "transfer-encoding": "follows from the body and can't be set",
    "host": "follows from the URL and can't be set",
}


def check_header(name: str, value: object) -> str:
    """A header field's value as text. Raises ApiTypeError or ApiValueError naming the field, not its value."""
    if not isinstance(name, str):
        raise ApiTypeError(f"header: expected a str for the field's name, got {type(name).__name__}")
    _check_name(name)
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise ApiTypeError(f"header {name}: expected a str, got {type(value).__name__}")
    try:
        text = str(value)
        is_refused = bool(text.encode("latin-1").translate(None, _FIELD_VALUE))
    except ValueError:
        # Beyond latin-1, or an integer of more than some thousand digits, which Python does not write out.
        is_refused, text = True, ""
    if is_refused:
        raise ApiValueError(f"header {name}: the value has a control character or one beyond latin-1")
    return text


# For speed: the same few names come with every call.
@lru_cache(maxsize=128)
def _check_name(name: str) -> None:
    if not name or name.strip(_FIELD_NAME):
        # What comes after the name's end may be the value, in the wrong place.
        start = name[: len(name) - len(name.lstrip(_FIELD_NAME))]
        raise ApiValueError(f"header {start[:40] + '…'!r}: a field name has letters, digits and hyphens only")
    if (refused := _FOLLOW_FROM_THE_REQUEST.get(name.lower())) is not None:
        raise ApiValueError(f"header {name}: {refused}")


def put_header(headers: MutableMapping[str, str], name: str, value: object) -> str:
    """Set a header field, whatever the case in which it may be there already; gives its value as text."""
    text = check_header(name, value)
    if (present := find_header(headers, name)) is not None:
        del headers[present]
    headers[name] = text
    return text


def find_header(headers: Mapping[str, str], name: str) -> str | None:
    """Return the name under which a header field is there, whatever its case; None if it is not."""
    return dict(zip(map(str.lower, headers), headers, strict=True)).get(name.lower())


def put_headers(headers: MutableMapping[str, str], given: Mapping[str, str], argument: str) -> None:
    """Set header fields. Raises ApiTypeError or ApiValueError, naming the argument or the field, for what are none."""
    if not isinstance(given, Mapping):
        raise ApiTypeError(f"{argument}: expected a dict of header fields, got {type(given).__name__}")
    for name, value in given.items():
        put_header(headers, name, value)


def put_cookie(headers: MutableMapping[str, str], name: str, value: str, argument: str) -> None:
    """Add a cookie to those that are there already (RFC 6265, section 4.2).

    Raises ApiValueError, naming the argument, for a value that would make two cookies of one.
    """
    if ";" in value:
        raise ApiValueError(f"{argument}: a semicolon can't stand in a cookie")
    present = find_header(headers, "Cookie")
    put_header(headers, "Cookie", f"{headers[present]}; {name}={value}" if present else f"{name}={value}")


def basic_auth(user: str, password: str) -> str:
    """Return the value of an Authorization field for HTTP basic authentication (RFC 7617, section 2)."""
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode('utf-8', 'surrogateescape')).decode()}"
