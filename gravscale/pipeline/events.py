"""The step that tells the user's event hooks of each attempt, and what tells them of pauses and failures."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypedDict, TypeVar

from urllib3 import BaseHTTPResponse

from gravscale.configuration import Configuration
from gravscale.exceptions import OpenApiException, find_request_id
from gravscale.pipeline.call import Call, Step
from gravscale.support.redaction import redact_headers
from gravscale.transport.deadline import limit_nested_calls

if TYPE_CHECKING:

    class _Facts(TypedDict):
        operation: str
        method: str
        url: str
        attempt: int


T = TypeVar("T")
E = TypeVar("E")


class Observe:
    """Tell the event hooks of a request before it is sent, and of its answer.

    Args:
        send: the next step.
        configuration: whose event hooks they are.
    """

    def __init__(self, send: Step, configuration: Configuration) -> None:
        self._send = send
        self._configuration = configuration

    def __call__(self, call: Call) -> BaseHTTPResponse:
        hooks = self._configuration.hooks
        if hooks.request:
            from gravscale.events import RequestEvent, RequestHeaders  # not needed without hooks

            facts = _facts(call, call.attempts + 1)
            _run(call, hooks.request, RequestEvent(**facts, headers=RequestHeaders(call.request)))
        started = time.monotonic() if hooks.response else 0.0
        answer = self._send(call)
        if hooks.response:
            from gravscale.events import ResponseEvent

            event = ResponseEvent(
                **_facts(call, call.attempts),
                headers=redact_headers(answer.headers, call.request.secrets),
                status=answer.status,
                elapsed=time.monotonic() - started,
                request_id=find_request_id(answer.headers),
            )
            try:
                _run(call, hooks.response, event)
            except BaseException:
                answer.close()
                raise
        return answer


def tell_of_retry(call: Call, pause: float, reason: str) -> None:
    """Tell the event hooks that a call pauses and is then sent again."""
    if hooks := call.client.configuration.hooks.retry:
        from gravscale.events import RetryEvent

        _run(call, hooks, RetryEvent(**_facts(call, call.attempts), pause=pause, reason=reason))


def telling_of_errors(call: Call, action: Callable[[], T]) -> T:
    """Do the whole of a call. Tell the event hooks of the error where it fails."""
    try:
        return action()
    except OpenApiException as error:
        if hooks := call.client.configuration.hooks.error:
            from gravscale.events import ErrorEvent

            # The SDK's frames know the request and its secrets.
            failed = error.with_traceback(None)
            _run(call, hooks, ErrorEvent(**_facts(call, call.attempts), error=failed, elapsed=call.deadline.elapsed()))
        raise


def _facts(call: Call, attempt: int) -> _Facts:
    return {
        "operation": call.operation.name if call.operation else "call_api",
        "method": call.request.method,
        "url": call.request.redacted_url,
        "attempt": attempt,
    }


def _run(call: Call, hooks: Sequence[Callable[[E], object]], event: E) -> None:
    """Call the hooks. What they raise is the user's, and ends the call."""
    try:
        with limit_nested_calls(call.deadline):
            for hook in hooks:
                hook(event)
    except BaseException:
        call.can_be_retried = False
        raise
