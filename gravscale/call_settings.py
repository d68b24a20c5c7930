"""The settings of each call: its timeout, its retries, and its event hooks."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import urllib3

from gravscale.exceptions import ApiTypeError, ApiValueError
from gravscale.schema.call_options import Timeout
from gravscale.support.text import did_you_mean, format_number
from gravscale.support.type_guards import is_async, is_list, is_mapping, type_name
from gravscale.tracebacks import hide_sdk_frames
from gravscale.transport.deadline import Timeouts

if TYPE_CHECKING:
    from gravscale.events import ErrorEvent, EventHooks, RequestEvent, ResponseEvent, RetryEvent

_EVENTS = ("request", "response", "retry", "error")


class CallSettings:
    """Hold the settings of a `Configuration` that the pipeline needs. See `Configuration` for each of them."""

    @property
    def timeout(self) -> Timeout:
        """Seconds for a whole call, a pair (connect, read) for each attempt, or None for no limit."""
        return self._timeout

    @timeout.setter
    def timeout(self, value: Timeout) -> None:
        self._timeouts = Timeouts.parse(value, "timeout")
        self._timeout = value

    @property
    def retries(self) -> int | urllib3.Retry | None:
        """The number of retries, or a `urllib3.Retry`. None means the SDK's own rules."""
        return self._retries

    @retries.setter
    def retries(self, value: int | urllib3.Retry | None) -> None:
        self._retries = _check_retries(value)

    @property
    def event_hooks(self) -> EventHooks:
        """The functions to call with each event of a call. Assign a new dict to change them."""
        return self.hooks.as_dict()

    @event_hooks.setter
    @hide_sdk_frames
    def event_hooks(self, value: EventHooks | None) -> None:
        self.hooks: Hooks = Hooks(value)

    def timeouts(self, request_timeout: object) -> Timeouts:
        """Return the time limits of a call: those of its `_request_timeout`, or else of the configured timeout."""
        return self._timeouts if request_timeout is None else Timeouts.parse(request_timeout, "_request_timeout")


def _check_retries(retries: object) -> int | urllib3.Retry | None:
    if retries is None or isinstance(retries, urllib3.Retry):
        return retries
    if isinstance(retries, bool) or not isinstance(retries, int):
        raise ApiTypeError(f"retries: expected an int, a urllib3.Retry or None, got {type(retries).__name__}")
    if retries < 0:
        raise ApiValueError(f"retries: expected 0 or more, got {format_number(retries)}")
    return retries


class Hooks:
    """Event hooks that have been checked. Copies of a configuration share them.

    Creating it raises ApiTypeError unless it gets a dict of lists of functions, and ApiValueError for unknown events.
    """

    def __init__(self, event_hooks: EventHooks | None = None) -> None:
        by_event: Any = {} if event_hooks is None else event_hooks
        if not is_mapping(by_event):
            raise ApiTypeError(f"event_hooks: expected a dict of lists of functions, got {type_name(by_event)}")
        for event, hooks in by_event.items():
            if event not in _EVENTS:
                hint = did_you_mean(event, _EVENTS)
                raise ApiValueError(f"event_hooks: expected {', '.join(_EVENTS)}; got {event!r}{hint}")
            # Not a set, because it has no order.
            if isinstance(hooks, (set, frozenset)) or not is_list(hooks) or not all(map(callable, hooks)):
                raise ApiTypeError(f"event_hooks[{event!r}]: expected a list of functions, got {hooks!r}")
            if any(map(is_async, hooks)):
                raise ApiTypeError(f"event_hooks[{event!r}]: expected functions, got one that is async")
        self.request: tuple[Callable[[RequestEvent], object], ...] = tuple(by_event.get("request", ()))
        self.response: tuple[Callable[[ResponseEvent], object], ...] = tuple(by_event.get("response", ()))
        self.retry: tuple[Callable[[RetryEvent], object], ...] = tuple(by_event.get("retry", ()))
        self.error: tuple[Callable[[ErrorEvent], object], ...] = tuple(by_event.get("error", ()))
        # Whether any hook needs to be called for an attempt.
        self.observes: bool = bool(self.request or self.response)

    def as_dict(self) -> EventHooks:
        """Return the functions by event."""
        return {"request": self.request, "response": self.response, "retry": self.retry, "error": self.error}
