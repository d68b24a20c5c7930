"""A request as it goes to the network: checked, encoded, and knowing which of its parts are secret."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import cast
from urllib.parse import unquote

from gravscale.exceptions import ApiTypeError, ApiValueError
from gravscale.support.redaction import MASK, is_secret, redact
from gravscale.transport.fields import find_header, put_cookie, put_header
from gravscale.transport.urls import percent_encode

METHODS = frozenset(("GET", "HEAD", "DELETE", "POST", "PUT", "PATCH", "OPTIONS"))

_COOKIE_MIN = 8


def check_method(method: object) -> str:
    """Return an HTTP method in capital letters. Raises ApiValueError for what is none."""
    if not isinstance(method, str) or method.upper() not in METHODS:
        raise ApiValueError(f"method: expected one of {', '.join(sorted(METHODS))}, got {method!r}")
    return method.upper()


class Request:
    """A request, ready to be sent.

    Args:
        method: the HTTP method.
        origin: scheme, host and port (RFC 6454, section 4).
        target: path and query, percent-encoded.
        headers: the header fields.
        body: the body's bytes.
        secrets: values that must show nowhere; those in secretly named header fields join them.
        redacted_target: the target without what stands under a secret name.
        stream: whether the body of the answer is left unread.
    """

    __slots__ = ("body", "headers", "method", "origin", "redacted_target", "secrets", "stream", "target")

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
    ) -> None:
        self.method: str = method
        self.origin: str = origin
        self.target: str = target
        self.headers: dict[str, str] = headers
        self.body: bytes | None = body
        self.redacted_target: str = redacted_target or target
        self.secrets: list[str] = []
        self.stream: bool = stream
        known = secrets or []
        for name in filter(is_secret, headers):
            known = known + _secrets_in_field(name, headers[name])
        if known:
            self.add_secrets(known)

    @property
    def redacted_url(self) -> str:
        """The URL without secrets."""
        return self.origin + self.redacted_target

    def has_header(self, name: str) -> bool:
        """Tell whether there is such a header field, in any case of its name."""
        return find_header(self.headers, name) is not None

    def authorize(self, header: str, value: str) -> None:
        """Put credentials into a header field. Raises ApiValueError for what can't stand there."""
        self.add_secrets(_secrets_in_field(header, put_header(self.headers, header, value)))

    def authorize_as(self, setting: Mapping[str, object]) -> None:
        """Put credentials where a setting of the form `{"in": …, "key": …, "value": …}` says."""
        try:
            place, key, value = setting["in"], setting["key"], setting["value"]
        except (KeyError, TypeError):
            raise ApiValueError("_request_auth: expected a dict with 'in', 'key' and 'value'") from None
        if place == "header":
            # Checked as any header field is.
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
        """Have values show nowhere, the request's own target included."""
        self.secrets += secrets
        if "?" in self.target:
            # For speed: to search for every way to write a secret takes long, and most queries have none.
            plain = unquote(self.target)
            if any(secret in plain for secret in secrets):
                self.redacted_target = redact(self.redacted_target, secrets)

    def redirected(self, target: str, *, to_get: bool) -> Request:
        """Return the request that follows a redirect to another target of the same origin.

        Args:
            target: path and query, percent-encoded.
            to_get: whether it becomes a GET, without its body (RFC 9110, section 15.4).

        Returns:
            The new request.
        """
        method, headers, body = self.method, self.headers, self.body
        if to_get and method != "GET":
            method, body = "GET", None
            headers = {name: value for name, value in headers.items() if name.lower() != "content-type"}
        redacted = redact(target, self.secrets)
        following = Request(method, self.origin, target, headers, body, redacted_target=redacted, stream=self.stream)
        following.secrets = self.secrets
        return following

    def __repr__(self) -> str:
        return f"<Request {self.method} {self.redacted_url}>"


def _secrets_in_field(name: str, value: str) -> list[str]:
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
