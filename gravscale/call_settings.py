"""The settings of each call: its timeout, its retries, and its event hooks."""

from __future__ import annotations

import urllib3

from gravscale.event_hooks import EventHooks, Hooks
from gravscale.exceptions import ApiTypeError, ApiValueError
from gravscale.schema.call_options import Timeout
from gravscale.support.text import format_number
from gravscale.tracebacks import hide_sdk_frames
from gravscale.transport.deadline import Timeouts


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
