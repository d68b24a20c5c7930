"""Call the user's event hooks: a step for each attempt, and functions for pauses and failures."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from traceback import walk_tb
from typing import Any, TypeVar

from urllib3 import BaseHTTPResponse

from gravscale.exceptions import find_request_id
from gravscale.pipeline.call import Call, Step
from gravscale.support.redaction import redact_headers
from gravscale.tracebacks import calls_user_code, hide_frames, import_failure
from gravscale.transport.deadline import limit_nested_calls

E = TypeVar("E")


class Observe:
    """Call the configured event hooks before a request is sent, and after its answer."""

    def __init__(self, send: Step) -> None:
        self._send = send

    def __call__(self, call: Call) -> BaseHTTPResponse:
        hooks = call.client.configuration.hooks
        if not hooks.observes:
            return self._send(call)
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
    """Call the event hooks before a call pauses and is then sent again."""
    if hooks := call.client.configuration.hooks.retry:
        from gravscale.events import RetryEvent

        _run(call, hooks, RetryEvent(**_facts(call, call.attempts), pause=pause, reason=reason))


def tell_of_error(call: Call, error: Exception) -> None:
    """Call the event hooks with the error that the calling function has just caught, unless a hook raised it."""
    hooks = call.client.configuration.hooks.error
    if hooks and not any(frame.f_code is _run.__code__ for frame, _ in walk_tb(error.__traceback__)):
        from gravscale.events import ErrorEvent

        # The user gets this error for an import that failed.
        failure = import_failure(error) or error
        # The SDK's frames hold the request and its secrets.
        hide_frames(failure)
        event = ErrorEvent(**_facts(call, call.attempts), error=failure, elapsed=call.deadline.elapsed())
        _run(call, hooks, event)


def _facts(call: Call, attempt: int) -> dict[str, Any]:
    """Return the fields that all events have."""
    return {
        "operation": call.operation.name if call.operation else "call_api",
        "method": call.request.method,
        "url": call.request.redacted_url,
        "attempt": attempt,
    }


@calls_user_code
def _run(call: Call, hooks: Sequence[Callable[[E], object]], event: E) -> None:
    """Call the hooks. An error in a hook reaches the user and ends the call."""
    try:
        with limit_nested_calls(call.deadline):
            for hook in hooks:
                hook(event)
    except BaseException:
        call.can_be_retried = False
        raise
