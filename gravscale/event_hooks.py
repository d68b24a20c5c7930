"""Event hooks: the user's functions that are called for each attempt, pause and failure of a call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from typing_extensions import TypedDict

from gravscale.exceptions import ApiTypeError, ApiValueError
from gravscale.support.text import did_you_mean
from gravscale.support.type_guards import is_async, is_list, is_mapping, type_name

if TYPE_CHECKING:
    from gravscale.events import ErrorEvent, RequestEvent, ResponseEvent, RetryEvent


class EventHooks(TypedDict, total=False):
    """List the functions to call with each kind of event, in order.

    Attributes:
        request: Called before each attempt.
        response: Called after each attempt that was answered.
        retry: Called before each pause.
        error: Called once for a call that fails.
    """

    request: Sequence[Callable[[RequestEvent], object]]
    """Called before each attempt."""
    response: Sequence[Callable[[ResponseEvent], object]]
    """Called after each attempt that was answered."""
    retry: Sequence[Callable[[RetryEvent], object]]
    """Called before each pause."""
    error: Sequence[Callable[[ErrorEvent], object]]
    """Called once for a call that fails."""


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


_EVENTS = tuple(EventHooks.__annotations__)
