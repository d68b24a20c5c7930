"""Header fields: what may stand in them (RFC 9110, section 5)."""

from __future__ import annotations

import base64
from collections.abc import Mapping, MutableMapping

from gravscale.exceptions import ApiTypeError, ApiValueError

_FIELD_NAME = "!#$%&'*+.^_`|~-0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
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
    if not name or name.strip(_FIELD_NAME):
        # What comes after the name's end may be the value, in the wrong place.
        start = name[: len(name) - len(name.lstrip(_FIELD_NAME))]
        raise ApiValueError(f"header {start[:40] + '…'!r}: a field name has letters, digits and hyphens only")
    if (refused := _FOLLOW_FROM_THE_REQUEST.get(name.lower())) is not None:
        raise ApiValueError(f"header {name}: {refused}")
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise ApiTypeError(f"header {name}: expected a str, got {type(value).__name__}")
    try:
        text = str(value)
    except ValueError:
        # Python writes out no integer of more than some thousand digits.
        text = "\0"
    if not (text.isascii() and text.isprintable()) and not all(map(_is_in_field_values, text)):
        raise ApiValueError(f"header {name}: the value has a control character or one beyond latin-1")
    return text


def _is_in_field_values(character: str) -> bool:
    # RFC 9110, section 5.5; what is beyond latin-1 can't be written into a field at all.
    return character == "\t" or " " <= character <= "~" or "\x80" <= character <= "\xff"


def put_header(headers: MutableMapping[str, str], name: str, value: object) -> str:
    """Set a header field, whatever the case in which it may be there already; gives its value as text."""
    text = check_header(name, value)
    for present in [present for present in headers if present.lower() == name.lower()]:
        del headers[present]
    headers[name] = text
    return text


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
    present = next((pairs for field, pairs in headers.items() if field.lower() == "cookie"), None)
    put_header(headers, "Cookie", f"{present}; {name}={value}" if present else f"{name}={value}")


def basic_auth(user: str, password: str) -> str:
    """Return the value of an Authorization field for HTTP basic authentication (RFC 7617, section 2)."""
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode('utf-8', 'surrogateescape')).decode()}"
