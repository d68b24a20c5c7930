"""Convert errors of the network to the SDK's errors."""

from __future__ import annotations

import http.client
import socket
import ssl
import time
from collections.abc import Callable
from typing import Any, TypeVar

from urllib3 import BaseHTTPResponse
from urllib3.exceptions import HTTPError, ProxyError

from gravscale.exceptions import ApiConnectionError, ApiException, ApiResponseError, ApiTimeoutError
from gravscale.pipeline.call import Call
from gravscale.support.redaction import redact, redact_headers
from gravscale.support.text import excerpt
from gravscale.transport.deadline import Deadline
from gravscale.transport.http1 import MalformedAnswer, NoAnswer

T = TypeVar("T")

# An unused answer is read for up to this long, so that its connection can be reused.
_DISCARD_SECONDS = 0.05
_DISCARD_BYTES = 65536
_MESSAGE_LENGTH = 300
_UNREADABLE = (MalformedAnswer, http.client.HTTPException)
_NETWORK_ERRORS = (HTTPError, OSError, *_UNREADABLE)


def with_sdk_errors(call: Call, action: Callable[[], T], answer: BaseHTTPResponse | None = None) -> T:
    """Run an action that uses the network, and convert its errors to ApiConnectionError or ApiResponseError.

    Args:
        call: The call that the action belongs to.
        action: The action.
        answer: The answer that is being read. It is closed on an error, so that its rest is not read as the next one.

    Returns:
        The result of the action.
    """
    try:
        return action()
    except (*_NETWORK_ERRORS, ApiResponseError) as error:
        failure = _failure(error, call, answer)
        if answer is not None:
            answer.close()
    except BaseException:
        if answer is not None:
            answer.close()
        raise
    # Raised outside the except clause, so that it is not chained to urllib3's error, which holds the whole request.
    try:
        raise failure
    finally:
        # The traceback refers to this frame; a cycle would keep both alive.
        del failure


def unusable(call: Call, answer: BaseHTTPResponse, reason: str) -> ApiResponseError:
    """Return the error for an answer that can't be used, and close the answer."""
    answer.close()
    # Redact before cutting, or half of a secret might remain.
    text = excerpt(redact(reason, call.request.secrets))
    return ApiResponseError(answer.status, text, **about(call, answer))


def about(call: Call, answer: BaseHTTPResponse | None) -> dict[str, Any]:
    """Return the arguments of an error that describe the request, and the headers of the answer."""
    facts: dict[str, Any] = {"method": call.request.method, "url": call.request.redacted_url}
    if answer is not None:
        facts["headers"] = redact_headers(answer.headers, call.request.secrets)
    return facts


def discard(answer: BaseHTTPResponse, deadline: Deadline) -> None:
    """Read the rest of an answer, so that its connection can be reused. If there is too much, close it."""
    deadline.until = min(deadline.until, time.monotonic() + _DISCARD_SECONDS)
    try:
        if len(answer.read(_DISCARD_BYTES, decode_content=False)) == _DISCARD_BYTES:
            answer.close()
    except _NETWORK_ERRORS:
        answer.close()


def _failure(error: Exception, call: Call, answer: BaseHTTPResponse | None) -> ApiException:
    """Return the SDK's error for an error of the network, with the root cause as its cause."""
    root = _root_cause(error)
    deadline = call.deadline
    call.can_be_retried = not _is_final(root)
    status = None if answer is None else answer.status
    failure: ApiException
    if isinstance(root, TimeoutError):
        reason = f"timed out after {deadline.elapsed():.1f} s while {deadline.phase}"
        failure = ApiTimeoutError(reason=reason, **about(call, answer))
    elif isinstance(error, ApiResponseError):
        reason = excerpt(redact(error.reason or "", call.request.secrets))
        failure = ApiResponseError(error.status if status is None else status, reason, **about(call, answer))
    elif isinstance(root, (NoAnswer, http.client.RemoteDisconnected)) or (
        answer is None and not isinstance(root, _UNREADABLE)
    ):
        what = "the proxy failed" if isinstance(error, ProxyError) else "no answer"
        phase = "resolving the host's name" if isinstance(root, socket.gaierror) else deadline.phase
        failure = ApiConnectionError(reason=f"{what} while {phase}: {_message(root, call)}", **about(call, answer))
    else:
        failure = ApiResponseError(
            status, f"an answer that can't be read: {_message(root, call)}", **about(call, answer)
        )
    if isinstance(root, (OSError, http.client.HTTPException)) and _is_harmless(root, call):
        # Without its frames, cause and context, which hold the whole request.
        root.__cause__ = root.__context__ = None
        failure.__cause__ = root.with_traceback(None)
    return failure


def _is_harmless(error: BaseException, call: Call) -> bool:
    """Return whether an error can be shown. Some contain pieces of the answer, which may include tokens."""
    held = (*error.args, *vars(error).values())
    text = repr(held)
    return (
        all(part is None or isinstance(part, (int, str)) for part in held)
        and redact(text, call.request.secrets) == text
    )


def _is_final(root: BaseException) -> bool:
    """Return whether TLS or the certificate was rejected, which another attempt would not change."""
    # urllib3's own CertificateError is a ValueError. A handshake that broke off is only a failed connection.
    return isinstance(root, (ssl.SSLError, ValueError)) and not isinstance(root, ssl.SSLEOFError)


def _root_cause(error: BaseException) -> BaseException:
    """Return the innermost error: urllib3 wraps the socket's error several times."""
    # Ignore the context: it may be the program's own error, if it makes this call in an except clause.
    while not isinstance(error, http.client.HTTPException):
        inner = error.__cause__ or next((part for part in error.args if isinstance(part, Exception)), None)
        if inner is None:
            break
        error = inner
    return error


def _message(error: BaseException, call: Call) -> str:
    return excerpt(redact(str(error), call.request.secrets), _MESSAGE_LENGTH) or type(error).__name__
