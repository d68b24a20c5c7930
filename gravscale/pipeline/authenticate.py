"""The step that adds credentials, and renews the access token once if it is rejected."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from urllib3 import BaseHTTPResponse

from gravscale.contract import SECURITY_SCHEMES
from gravscale.exceptions import ApiTypeError, ApiValueError
from gravscale.pipeline.call import Call, Caller, Step
from gravscale.pipeline.errors import discard
from gravscale.tracebacks import calls_user_code
from gravscale.transport.deadline import limit_nested_calls

if TYPE_CHECKING:
    from gravscale.schema.service import TokenSource


class Authenticate:
    """Add credentials to a request. On a 401, renew them once and send the request again.

    If the new token gets a 401 too, that is the answer, unless the service has accepted other calls since the first
    401. Then another thread may have replaced the token, or not all hosts of the service may know it yet, so the
    request is sent one last time.
    """

    def __init__(self, send: Step) -> None:
        self._send = send
        # The time.monotonic() at which the service last accepted the token of a call, in any thread.
        self._accepted_at = 0.0

    def __call__(self, call: Call) -> BaseHTTPResponse:
        token = _authorize(call)
        answer = self._send_with(token, call)
        if answer.status != 401 or token is None:
            return answer
        refused_at = time.monotonic()
        renewed = _another_token(call, answer, rejected=token)
        if renewed in (None, token):
            return answer
        answer = self._send_again(renewed, call, answer)
        if answer.status != 401 or self._accepted_at <= refused_at:
            return answer
        last = _another_token(call, answer)
        return self._send_again(renewed if last in (None, token) else last, call, answer)

    def _send_again(self, token: str | None, call: Call, refused: BaseHTTPResponse) -> BaseHTTPResponse:
        # A 401 means that nothing was done, so a POST can be repeated too (RFC 9110, section 15.5.2).
        discard(refused, call.deadline)
        call.request.authorize("Authorization", f"Bearer {token}")
        return self._send_with(token, call)

    def _send_with(self, token: str | None, call: Call) -> BaseHTTPResponse:
        answer = self._send(call)
        if token is not None and answer.status < 400:
            self._accepted_at = time.monotonic()
        return answer


def _another_token(call: Call, refused: BaseHTTPResponse, rejected: str | None = None) -> str | None:
    """Return the token to repeat a call with, or None if there is none."""
    try:
        return _token(call, rejected)
    except BaseException:
        refused.close()
        raise


def _authorize(call: Call) -> str | None:
    """Add credentials to a request. Return the token if it can be renewed."""
    if call.auth is not None:
        call.request.authorize_as(call.auth)
        return None
    token = None
    security = call.operation.security if call.operation else ()
    call.is_anonymous = bool(security)
    for name in security:
        scheme = SECURITY_SCHEMES[name]
        if call.request.has_header(scheme["key"]):
            call.is_anonymous = False
            continue
        if scheme["type"] in ("bearer", "oauth2"):
            token = _token(call)
            if token is not None:
                call.is_anonymous = False
                call.request.authorize("Authorization", f"Bearer {token}")
        elif (configured := call.client.configuration.auth_setting(name)) is not None:
            call.is_anonymous = False
            call.request.authorize_as(configured)
    return token


@calls_user_code
def _ask(token: object, credentials: TokenSource[Caller] | None, client: Caller, rejected: str | None) -> object:
    """Return a token from the credentials, or from the `access_token` function if there are none."""
    if credentials is None:
        return token() if callable(token) else token
    return credentials.access_token(client) if rejected is None else credentials.renew(client, rejected)


def _token(call: Call, rejected: str | None = None) -> str | None:
    """Return the access token, or another one in place of a rejected one. None if there is none."""
    configuration = call.client.configuration
    credentials: TokenSource[Any] | None = configuration.credentials
    token = configuration.access_token
    source = "access_token" if credentials is None else "credentials"
    if credentials is None and not callable(token):
        if token is None or rejected is not None:
            return None
        current: object = token
    else:
        # Credentials may call the service too, within the time of the call that needs the token.
        with limit_nested_calls(call.deadline):
            current = _ask(token, credentials, call.client, rejected)
    if not current and rejected is not None:
        return None
    if not isinstance(current, str):
        raise ApiTypeError(f"{source}: expected a token, a str, got {type(current).__name__}")
    if current != current.strip() or not current:
        raise ApiValueError(f"{source}: expected a token, got one that is empty or has white space around it")
    return current
