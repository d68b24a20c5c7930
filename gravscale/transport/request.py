"""A request as it goes to the network: checked, encoded, and knowing which of its parts are secret."""

from __future__ import annotations

import base64
import ipaddress
import json
import re
import threading
import warnings
from collections.abc import Mapping, MutableMapping, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import Any
from urllib.parse import SplitResult, quote, unquote, urlencode, urlsplit

import urllib3
from pydantic_core import PydanticSerializationError, to_json

from gravscale.exceptions import ApiTypeError, ApiValueError, InsecureTransportWarning
from gravscale.support.redaction import MASK, is_secret, redact
from gravscale.support.type_guards import is_dict, is_list, is_mapping

_PACKAGE = __name__.partition(".")[0]

METHODS = frozenset(("GET", "HEAD", "DELETE", "POST", "PUT", "PATCH", "OPTIONS"))

# What may stand in a request target as it is (RFC 3986, appendix A); anything else is percent-encoded.
_TARGET_SAFE = "/?#[]@!$&'()*+,;=:-._~%"
_STRAY_PERCENT = "%(?![0-9A-Fa-f]{2})"
_LETTERS_AND_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_FIELD_NAME = f"!#$%&'*+.^_`|~-{_LETTERS_AND_DIGITS}"
_HOST_LABEL = f"_-{_LETTERS_AND_DIGITS}"
# They say where a request ends. Anyone else's idea of that would make two requests of one (RFC 9112, section 11.2).
_FRAMING = frozenset(("content-length", "transfer-encoding"))
_COOKIE_MIN = 8


class Request:
    """A request, ready to be sent.

    Args:
        method: the HTTP method.
        origin: scheme, host and port (RFC 6454, section 4).
        target: path and query, percent-encoded.
        headers: the header fields.
        body: the body's bytes.
        shown: the target as people may see it; the same unless it holds a secret.
        secrets: values that must show nowhere.
    """

    __slots__ = ("body", "headers", "method", "origin", "secrets", "shown", "target")

    def __init__(
        self,
        method: str,
        origin: str,
        target: str,
        headers: dict[str, str],
        body: bytes | None = None,
        shown: str | None = None,
        secrets: list[str] | None = None,
    ) -> None:
        self.method: str = method
        self.origin: str = origin
        self.target: str = target
        self.headers: dict[str, str] = headers
        self.body: bytes | None = body
        self.shown: str = shown or target
        self.secrets: list[str] = [] if secrets is None else secrets

    def to(self, target: str, method: str | None = None) -> Request:
        """The same request to another target of the origin; without its body if the method is another."""
        if method is None or method == self.method:
            method, body, headers = self.method, self.body, self.headers
        else:
            body = None
            headers = {name: value for name, value in self.headers.items() if name.lower() != "content-type"}
        return Request(method, self.origin, target, headers, body, redact(target, self.secrets), self.secrets)

    def has_header(self, name: str) -> bool:
        """Whether there is such a header field, in any case of its name."""
        return name in self.headers or any(present.lower() == name.lower() for present in self.headers)

    def authorize(self, header: str, value: str) -> None:
        """Put credentials into a header field. Raises ApiValueError for what can't stand there."""
        self._keep(_credentials(header, put_header(self.headers, header, value)))

    def authorize_as(self, setting: Mapping[str, Any]) -> None:
        """Put credentials where a setting of the form `{"in": …, "key": …, "value": …}` says."""
        try:
            place, key, value = setting["in"], setting["key"], setting["value"]
        except (KeyError, TypeError):
            raise ApiValueError("_request_auth: expected a dict with 'in', 'key' and 'value'") from None
        if place == "header":
            self.authorize(key, value)
            return
        if not isinstance(key, str) or not isinstance(value, str):
            raise ApiTypeError("_request_auth: expected a str for 'key' and 'value'")
        if place == "cookie":
            put_cookie(self.headers, key, value)
        elif place == "query":
            start = ("&" if "?" in self.target else "?") + percent_encode(key, "_request_auth") + "="
            self.target += start + percent_encode(value, "_request_auth")
            self.shown += start + MASK
        else:
            raise ApiValueError("_request_auth: 'in' must be header, query or cookie")
        self._keep([value])

    def _keep(self, secrets: list[str]) -> None:
        self.secrets += secrets
        if "?" in self.target:
            # For speed: to search for every way to write a secret takes long. Each value of this query was encoded by
            # `percent_encode`, so that it can be spelt in one way only.
            plain = unquote(self.target)
            if any(secret in plain for secret in secrets):
                self.shown = redact(self.shown, secrets)
        if self.origin.startswith("http:"):
            _warn_of_plain_http(self.origin)

    def __repr__(self) -> str:
        return f"<Request {self.method} {self.origin}{self.shown}>"


def make_request(
    method: str,
    origin: str,
    target: str,
    query: Sequence[tuple[str, str]],
    headers: dict[str, str],
    body: bytes | None,
    secrets: list[str],
) -> Request:
    """Put a request together.

    Args:
        method, origin, headers, body: as of Request.
        target: path, and query where there is one already, percent-encoded.
        query: parameters to add, not encoded yet.
        secrets: those of the body; what stands under a secret name in query and headers joins them.
    """
    to_redact = "?" in target
    if query:
        pairs = (f"{percent_encode(name, name)}={percent_encode(value, name)}" for name, value in query)
        target += ("&" if "?" in target else "?") + "&".join(pairs)
    secrets += [value for name, value in query if is_secret(name)]
    for name, value in headers.items():
        if is_secret(name):
            secrets += _credentials(name, value)
    if secrets and origin.startswith("http:"):
        _warn_of_plain_http(origin)
    # A query that came as a part of the URL may hold anything.
    shown = redact(target, secrets) if to_redact or (query and secrets) else target
    return Request(method, origin, target, headers, body, shown, secrets)


def _credentials(name: str, value: str) -> list[str]:
    """What of a header field's value must not show: all of it, and what a service could make of it."""
    if name.lower() == "cookie":
        cookies = (pair.partition("=")[2].strip() for pair in value.split(";"))
        # Shorter ones are settings, and so common that hiding them would hide everything.
        return [value, *(cookie for cookie in cookies if len(cookie) >= _COOKIE_MIN)]
    # The scheme before the token is no secret (RFC 9110, section 11.4).
    scheme, _, token = value.partition(" ")
    if scheme.lower() == "basic":
        try:
            return [value, token, base64.b64decode(token).decode().partition(":")[2]]
        except ValueError:
            pass
    return [value, token]


_warned_of_plain_http = False
# Guards the above, so that threads that start together give one warning.
_warning = threading.Lock()


def _warn_of_plain_http(origin: str) -> None:
    global _warned_of_plain_http
    if _warned_of_plain_http or _is_loopback(origin):
        return
    with _warning:
        if _warned_of_plain_http:
            return
        # Only a warning given counts: where warnings are errors, none of the calls may go through.
        warnings.warn(
            f"credentials are sent to {origin} over plain http, where anyone on the way can read them",
            InsecureTransportWarning,
            stacklevel=caller_level(),
        )
        _warned_of_plain_http = True


def caller_level() -> int:
    """The stack level of the first frame outside of the SDK, as the caller of this counts."""
    import inspect

    level, frame = 0, inspect.currentframe()
    while frame is not None and frame.f_globals.get("__name__", "").partition(".")[0] == _PACKAGE:
        frame, level = frame.f_back, level + 1
    return level


@lru_cache(maxsize=128)
def _is_loopback(origin: str) -> bool:
    host = urlsplit(origin).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


# For speed: a client calls few hosts.
@lru_cache(maxsize=128)
def split_url(url: str, name: str = "url") -> tuple[str, str]:
    """Split an absolute http or https URL into origin and target. Raises ApiValueError naming the argument."""
    # No message quotes a part of the URL, nor is urllib's chained: a password may be anywhere in one that is malformed.
    found: tuple[SplitResult, str | None, int | None] | None = None
    with suppress(ValueError):
        parts = urlsplit(url)
        found = parts, parts.hostname, parts.port
    if found is None:
        raise ApiValueError(f"{name}: not a URL, or one with an impossible host or port")
    parts, host, port = found
    if parts.scheme not in ("http", "https") or not host:
        raise ApiValueError(f"{name}: expected an http or https URL with a host")
    if parts.username is not None or parts.password is not None:
        raise ApiValueError(f"{name}: a user name or password does not belong in the URL")
    if re.search(r"[\x00-\x20\x7f]", url):
        raise ApiValueError(f"{name}: the URL has a space or a control character")
    try:
        host = host if host.isascii() else host.encode("idna").decode()
        if ":" in host:
            ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        raise ApiValueError(f"{name}: the host is neither a name nor an address") from None
    if ":" not in host and not _is_host_name(host):
        raise ApiValueError(f"{name}: the host is neither a name nor an address")
    if port == 0:
        raise ApiValueError(f"{name}: no service has port 0")
    default = 443 if parts.scheme == "https" else 80
    authority = (f"[{host}]" if ":" in host else host) + ("" if port in (None, default) else f":{port}")
    target = re.sub(_STRAY_PERCENT, "%25", parts.path + (f"?{parts.query}" if parts.query else ""))
    target = percent_encode(target, name, _TARGET_SAFE)
    return f"{parts.scheme}://{authority}", target


def _is_host_name(host: str) -> bool:
    labels = host.removesuffix(".").split(".")
    return len(host) <= 253 and all(
        0 < len(label) <= 63 and not label.strip(_HOST_LABEL) and label[0] != "-" and label[-1] != "-"
        for label in labels
    )


@lru_cache(maxsize=128)
def authority(origin: str) -> str:
    """Host and port of an origin, as the Host field has them (RFC 9110, section 7.2)."""
    # The zone of an IPv6 address means something on this machine only (RFC 6874, section 1).
    return re.sub("%[^]]*]", "]", origin.partition("://")[2])


def percent_encode(text: str, name: str, safe: str = "") -> str:
    """Encode a text for a URL (RFC 3986, section 2.1). Raises ApiValueError, naming the argument, for what is none."""
    try:
        return quote(text, safe=safe)
    except UnicodeEncodeError:
        # It holds the text. What is raised outside of this clause is not chained to it.
        pass
    raise ApiValueError(f"{name}: the text has half a character, a lone surrogate")


def check_header(name: str, value: object) -> str:
    """A header field's value as text. Raises ApiTypeError or ApiValueError naming the field, not its value."""
    if not isinstance(name, str):
        raise ApiTypeError(f"header: expected a str for the field's name, got {type(name).__name__}")
    if not name or name.strip(_FIELD_NAME):
        # What comes after the name's end may be the value, in the wrong place.
        start = name[: len(name) - len(name.lstrip(_FIELD_NAME))]
        raise ApiValueError(f"header {start[:40] + '…'!r}: a field name has letters, digits and hyphens only")
    if name.lower() in _FRAMING:
        raise ApiValueError(f"header {name}: follows from the body and can't be set")
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


def put_cookie(headers: MutableMapping[str, str], name: str, value: str) -> None:
    """Add a cookie to those that are there already (RFC 6265, section 4.2)."""
    present = next((pairs for field, pairs in headers.items() if field.lower() == "cookie"), None)
    put_header(headers, "Cookie", f"{present}; {name}={value}" if present else f"{name}={value}")


def secrets_of(value: Any, name: str = "") -> list[str]:
    """Every string in a body that stands under a secret name, at any depth."""
    if is_mapping(value):
        pairs = ((name if is_secret(name) else str(key), item) for key, item in value.items())
        return [secret for under, item in pairs for secret in secrets_of(item, under)]
    if is_list(value):
        return [secret for item in value for secret in secrets_of(item, name)]
    return [value] if isinstance(value, str) and value and is_secret(name) else []


def encode_body(body: Any, content_type: str, form: Any = None, name: str = "body") -> tuple[bytes | None, str | None]:
    """A body's bytes and its Content-Type.

    Args:
        body: plain data for a JSON type, text or bytes for any other.
        content_type: the media type (RFC 9110, section 8.3).
        form: fields for `application/x-www-form-urlencoded` and `multipart/form-data`.
        name: what an error calls the body.
    """
    media = check_header("Content-Type", content_type).partition(";")[0].strip().lower()
    if form and body is not None:
        raise ApiValueError("post_params: can't be used together with body")
    try:
        if form:
            return _encode_form(form, media)
        if body is None:
            return None, None
        if media == "application/json" or media.endswith("+json"):
            return to_json(body), content_type
        if isinstance(body, str):
            return body.encode("utf-8"), content_type
    except (PydanticSerializationError, ValueError, TypeError) as error:
        # Its text may have a piece of the body.
        what = f"{'post_params' if form else name}: can't be written as {media} ({type(error).__name__})"
        refused: ApiTypeError | ApiValueError = ApiValueError(what)
    else:
        if isinstance(body, bytes):
            return body, content_type
        refused = ApiTypeError(f"{name}: expected str or bytes for {media}, got {type(body).__name__}")
    raise refused


def _encode_form(form: Any, media: str) -> tuple[bytes, str]:
    fields: list[tuple[str, Any]] = list(form.items()) if is_mapping(form) else list(form)
    if media == "multipart/form-data":
        return urllib3.encode_multipart_formdata(
            [(name, json.dumps(value) if is_dict(value) else value) for name, value in fields]
        )
    return urlencode(fields).encode(), "application/x-www-form-urlencoded"
