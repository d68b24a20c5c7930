"""The step that makes one attempt: it passes the request to the transport."""

from __future__ import annotations

import warnings

from urllib3 import BaseHTTPResponse

from gravscale.exceptions import ApiTypeError, InsecureTransportWarning
from gravscale.pipeline.call import Call
from gravscale.pipeline.errors import with_sdk_errors
from gravscale.support.frames import caller_level
from gravscale.support.type_guards import type_name
from gravscale.transport import Transport
from gravscale.transport.deadline import Deadline
from gravscale.transport.request import Request
from gravscale.transport.urls import is_loopback


class Send:
    """Send the request of a call once. Raise ApiConnectionError if there is no answer."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def __call__(self, call: Call) -> BaseHTTPResponse:
        request, deadline = call.request, call.deadline
        if request.secrets and request.origin.startswith("http:"):
            _warn_of_plain_http(request)
        call.attempts += 1
        deadline.begin_attempt()
        return with_sdk_errors(call, lambda: self._attempt(request, deadline))

    def _attempt(self, request: Request, deadline: Deadline) -> BaseHTTPResponse:
        # A hook or the credentials may have used up the time. Check before sending: after that, the outcome is unknown.
        deadline.check()
        answer: object = self._transport.send(request, deadline)
        if not isinstance(answer, BaseHTTPResponse):
            expected = "expected send() to return a urllib3.BaseHTTPResponse"
            raise ApiTypeError(f"transport: {expected}, got {type_name(answer)}")
        return answer


# Who issued the warning. `setdefault` is atomic, so no lock is needed that a fork could leave locked.
_warned: dict[str, object] = {}


def _warn_of_plain_http(request: Request) -> None:
    """Warn, once per process, that credentials are about to be sent unencrypted."""
    if _warned or is_loopback(request.origin):
        return
    mine = object()
    if _warned.setdefault("plain http", mine) is not mine:
        return
    try:
        warnings.warn(
            f"credentials are sent to {request.origin} over plain http, where anyone on the network path can read them",
            InsecureTransportWarning,
            stacklevel=caller_level(),
        )
    except BaseException:
        # If warnings are errors, no call may go through, so this one does not count as issued.
        _warned.clear()
        raise
