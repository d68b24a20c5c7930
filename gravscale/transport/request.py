"""A request that is ready to send: checked, encoded, and with a list of its secrets."""

from __future__ import annotations

import base64
import copy
from collections.abc import Mapping
from contextlib import suppress
from typing import cast
from urllib.parse import unquote

from gravscale.exceptions import ApiTypeError, ApiValueError
from gravscale.support.redaction import MASK, is_secret, redact
from gravscale.transport.deadline import FOREVER
from gravscale.transport.fields import find_header, put_cookie, put_header
from gravscale.transport.urls import percent_encode

METHODS = frozenset(("GET", "HEAD", "DELETE", "POST", "PUT", "PATCH", "OPTIONS"))

_COOKIE_MIN = 8


def check_method(method: object) -> str:
    """Return an HTTP method in upper case. Raises ApiValueError if it is not one."""
    if not isinstance(method, str) or method.upper() not in METHODS:
        raise ApiValueError(f"method: expected one of {', '.join(sorted(METHODS))}, got {method!r}")
    return method.upper()


class Request:
    """A request that is ready to send.

    Args:
        method: The HTTP method.
        origin: The scheme, host and port (RFC 6454, section 4).
        target: The path and the query, percent-encoded.
        headers: The headers.
        body: The body's bytes.
        secrets: Values that must never show. Those in headers with secret names are added.
        redacted_target: The target with the values of secret parameters masked.
        stream: Whether the body of the answer is left unread.
        max_response_size: How many bytes of body to accept in the answer.
    """

    def __init__(
        self,
        method: str,
        origin: str,
        target: str,
        headers: dict[str, str],
        body: bytes | None = None,
        *,
        secrets: list[str] | None = None,
        redacted_target: str | None = None,
        stream: bool = False,
        max_response_size: float = FOREVER,
    ) -> None:
        self.method: str = method
        self.origin: str = origin
        self.target: str = target
        self.headers: dict[str, str] = headers
        self.body: bytes | None = body
        self.redacted_target: str = redacted_target or target
        self.secrets: list[str] = []
        self.stream: bool = stream
        self.max_response_size: float = max_response_size
        known = secrets or []
        for name in filter(is_secret, headers):
            known = known + _secrets_in_field(name, headers[name])
        if known:
            self.add_secrets(known)

    @property
    def redacted_url(self) -> str:
        """The URL, with secrets masked."""
        return self.origin + self.redacted_target

    def has_header(self, name: str) -> bool:
        """Return whether a header exists. Names match in any case."""
        return find_header(self.headers, name) is not None

    def authorize(self, header: str, value: str) -> None:
        """Put credentials into a header. Raises ApiValueError if the value is not valid there."""
        self.add_secrets(_secrets_in_field(header, put_header(self.headers, header, value)))

    def authorize_as(self, setting: Mapping[str, object]) -> None:
        """Put credentials into the place that a setting `{"in": …, "key": …, "value": …}` names."""
        try:
            place, key, value = setting["in"], setting["key"], setting["value"]
        except (KeyError, TypeError):
            raise ApiValueError("_request_auth: expected a dict with 'in', 'key' and 'value'") from None
        if place == "header":
            # Checked like any header.
            self.authorize(cast("str", key), cast("str", value))
            return
        if not isinstance(key, str) or not isinstance(value, str):
            raise ApiTypeError("_request_auth: expected a str for 'key' and 'value'")
        if place == "cookie":
            put_cookie(self.headers, key, value, "_request_auth")
        elif place == "query":
            start = ("&" if "?" in self.target else "?") + percent_encode(key, "_request_auth") + "="
            self.target += start + percent_encode(value, "_request_auth")
            self.redacted_target += start + MASK
        else:
            raise ApiValueError("_request_auth: 'in' must be header, query or cookie")
        self.add_secrets([value])

    def add_secrets(self, secrets: list[str]) -> None:
        """Mask values wherever they would show, including in this request's target."""
        self.secrets += secrets
        if "?" in self.target:
            # For speed: searching a text for encoded secrets takes long, and most queries contain none.
            plain = unquote(self.target)
            if any(secret in plain for secret in secrets):
                self.redacted_target = redact(self.redacted_target, secrets)

    def redirected(self, target: str, *, to_get: bool) -> Request:
        """Follow a redirect to another target of the same origin.

        Args:
            target: The path and the query, percent-encoded.
            to_get: Whether it becomes a GET without a body (RFC 9110, section 15.4).

        Returns:
            The request to send next.
        """
        following = copy.copy(self)
        following.target, following.redacted_target = target, redact(target, self.secrets)
        if to_get and self.method != "GET":
            following.method, following.body = "GET", None
            following.headers = {name: value for name, value in self.headers.items() if name.lower() != "content-type"}
        return following

    def __repr__(self) -> str:
        return f"<Request {self.method} {self.redacted_url}>"


def _secrets_in_field(name: str, value: str) -> list[str]:
    """Return the secrets in a header's value: all of it, and the parts that a service could extract."""
    if name.lower() == "cookie":
        cookies = (pair.partition("=")[2].strip() for pair in value.split(";"))
        # Shorter values are settings, and so common that masking them would mask everything.
        return [value, *(cookie for cookie in cookies if len(cookie) >= _COOKIE_MIN)]
    # The scheme before the token is not secret (RFC 9110, section 11.4).
    scheme, _, token = value.partition(" ")
    secrets = [value, token]
    if scheme.lower() == "basic":
        with suppress(ValueError):
            secrets.append(base64.b64decode(token).decode().partition(":")[2])
    return list(filter(None, secrets))
