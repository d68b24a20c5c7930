"""One refresh of a token at a time, however many threads need it, and whatever interrupts them."""

from __future__ import annotations

import copy
import inspect
import os
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import FrameType
from typing import TypeVar

from gravscale.exceptions import ApiTimeoutError
from gravscale.tracebacks import import_failure
from gravscale.transport.deadline import Deadline, Timeouts, limit_nested_calls, nested_calls_end

T = TypeVar("T")

# How often a waiting thread looks whether the owner is still at work. It is woken when the owner finishes; only after
# an interrupt does it have to find out for itself.
_POLL_SECONDS = 0.05
# A waiting call tries for itself after a refresh that timed out if it has this much more time than that one had.
# A refresh that has not ended by then counts as given up.
_GRACE_SECONDS = 1.0
# A refresh that is made early, while the old token is still good, may take this long.
_EARLY_SECONDS = 5.0


class InFlightRefresh:
    """A refresh that one thread, its owner, carries out.

    An exception from a signal handler may end the owner between any two bytecodes, even before its first `try`. So
    nothing here relies on the owner tidying up: there is no lock to lose, and whether the owner is still at work is
    read off its frame. Refreshes form a chain; appending to it is one atomic operation, and only the thread that
    appended a refresh owns it.

    Args:
        expires_at: the time.monotonic() moment at which the owner's call is over.
        owner: the frame that runs the refresh; None for one that is over already.
    """

    def __init__(self, expires_at: float = 0.0, owner: FrameType | None = None) -> None:
        self.expires_at = expires_at
        self.error: Exception | None = None
        self._owner = owner
        self._thread = threading.get_ident()
        self._process = os.getpid()
        # Only wakes those who wait; nothing depends on its state.
        self._gate = threading.Lock()
        self._gate.acquire()
        self._next: dict[str, InFlightRefresh] = {}

    def latest(self) -> InFlightRefresh:
        """Return the end of the chain."""
        latest = self
        while (following := latest._next.get("next")) is not None:
            latest = following
        return latest

    def append(self, refresh: InFlightRefresh) -> bool:
        """Append a refresh to this one. Return False if another thread was faster."""
        # `dict.setdefault` is atomic.
        return self._next.setdefault("next", refresh) is refresh

    def is_over(self) -> bool:
        """Return whether nobody is working on this refresh any more, for whatever reason."""
        owner = self._owner
        # After a fork the owner may be a thread that the child does not have. No fork hook runs under uWSGI, so the
        # process id is compared.
        if owner is None or self._process != os.getpid() or time.monotonic() > self.expires_at + _GRACE_SECONDS:
            return True
        try:
            # Python refuses this for a frame that is executing. A frame that is not was left by an exception.
            owner.clear()
        except RuntimeError:
            return False
        self._owner = None
        return True

    def is_own(self) -> bool:
        """Return whether the calling thread itself is the owner, as in a signal handler or a log handler."""
        return self._thread == threading.get_ident()

    def wait(self, expires_at: float) -> bool:
        """Wait until this refresh is over. Return False if the time.monotonic() moment comes first."""
        while not self.is_over():
            left = expires_at - time.monotonic()
            if left <= 0:
                return False
            if self._gate.acquire(timeout=min(left, _POLL_SECONDS)):
                self._gate.release()
        return True

    def finish(self) -> None:
        """Mark this refresh as over and wake those who wait."""
        self._owner = None
        self._gate.release()


class RefreshChain:
    """The refreshes of one session, of which at most one is in flight."""

    def __init__(self) -> None:
        # Any refresh from which the latest can be reached: a thread that writes an older one does no harm.
        self.recent: InFlightRefresh = InFlightRefresh()


def refresh_single_flight(
    chain: RefreshChain, ready: Callable[[bool], T | None], refresh: Callable[[bool], T], expires_at: float
) -> T:
    """Return what is ready, or what one thread's refresh gives while all others wait for it.

    Args:
        chain: the session's refreshes.
        ready: gives what can be had without a refresh, or None. Its argument says whether a refresh is in flight.
        refresh: does the work. Its argument says whether it is nested, that is, whether it interrupted a refresh of
            its own thread, which can't go on until this one returns.
        expires_at: the time.monotonic() moment at which the call is over.

    Returns:
        What is ready, or what the refresh returned.

    Raises:
        ApiTimeoutError: the time was over while another thread was refreshing.
        Exception: whatever the refresh raised; each waiting thread gets a copy.
    """
    started = time.monotonic()
    while True:
        latest = chain.recent.latest()
        # In this order: what a refresh that is over by now has brought is seen by `ready`.
        is_over = latest.is_over()
        if (value := ready(not is_over)) is not None:
            return value
        if is_over:
            mine = InFlightRefresh(expires_at, inspect.currentframe())
            if latest.append(mine):
                break
            mine.finish()
        elif latest.is_own():
            return refresh(True)
        elif not latest.wait(expires_at):
            waited = time.monotonic() - started
            raise ApiTimeoutError(reason=f"timed out after {waited:.1f} s while waiting for a renewed token")
        elif latest.error is not None:
            has_more_time = expires_at > latest.expires_at + _GRACE_SECONDS
            if not (has_more_time and isinstance(latest.error, ApiTimeoutError)):
                raise _copy(latest.error)
    try:
        chain.recent = mine
        return refresh(False)
    except Exception as error:
        mine.error = _copy(import_failure(error) or error)
        raise
    finally:
        mine.finish()


@contextmanager
def limit_early_refresh() -> Generator[None]:
    """Leave at least half of the call's time to what comes after an early refresh."""
    seconds = max(0.001, min(_EARLY_SECONDS, (nested_calls_end() - time.monotonic()) / 2))
    deadline = Deadline(Timeouts.parse(seconds, "leeway"))
    with limit_nested_calls(deadline):
        yield


def _copy(error: Exception) -> Exception:
    """Return an error for one thread alone: tracebacks grow on errors, and keep what their frames know."""
    try:
        return copy.copy(error)
    except Exception:
        # An error of the user's own store or callable that can't be made from its arguments.
        return error
