"""Refresh a token once, however many threads need it and whatever interrupts them."""

from __future__ import annotations

import copy
import inspect
import os
import threading
import time
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from types import FrameType
from typing import TypeVar
from weakref import WeakValueDictionary

from gravscale.exceptions import ApiTimeoutError
from gravscale.tracebacks import import_failure
from gravscale.transport.deadline import Deadline, Timeouts, limit_nested_calls, nested_calls_end

T = TypeVar("T")

# How often a waiting thread checks whether the owner is still at work. The owner wakes it when it finishes; polling is
# needed only after an interrupt.
_POLL_SECONDS = 0.05
# If the refresh times out, a waiting call tries again itself if it has this much more time than that refresh had.
# A refresh that runs longer than its deadline by this much counts as abandoned.
_GRACE_SECONDS = 1.0
# An early refresh, made while the old token is still valid, may take this long.
_EARLY_SECONDS = 5.0


class InFlightRefresh:
    """A refresh, carried out by one thread: its owner.

    An exception from a signal handler may end the owner between any two bytecodes, even before its first `try`. So
    nothing here relies on the owner cleaning up: it holds no lock, and its frame shows whether it is still at work.
    Refreshes form a chain. Appending to it is one atomic operation, and only the thread that appended a refresh owns
    it.

    Args:
        expires_at: The time.monotonic() at which the owner's call times out.
        owner: The frame that runs the refresh, or None for one that is already over.
    """

    def __init__(self, expires_at: float = 0.0, owner: FrameType | None = None) -> None:
        self.expires_at = expires_at
        self.error: Exception | None = None
        self._owner = owner
        self._thread = threading.get_ident()
        self._process = os.getpid()
        # Only wakes waiting threads. Nothing depends on its state.
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
        """Return whether no thread is working on this refresh any more, for whatever reason."""
        owner = self._owner
        # After a fork the owner may be a thread that the child does not have. No fork hook runs under uWSGI, so the
        # process id is compared.
        if owner is None or self._process != os.getpid() or time.monotonic() > self.expires_at + _GRACE_SECONDS:
            return True
        try:
            # Python raises RuntimeError for a frame that is executing. Otherwise an exception has ended the owner.
            owner.clear()
        except RuntimeError:
            return False
        self._owner = None
        return True

    def is_own(self) -> bool:
        """Return whether the calling thread is the owner itself, as in a signal handler or a log handler."""
        return self._thread == threading.get_ident()

    def wait(self, expires_at: float) -> bool:
        """Wait until this refresh is over. Return False if time.monotonic() reaches `expires_at` first."""
        while not self.is_over():
            left = expires_at - time.monotonic()
            if left <= 0:
                return False
            if self._gate.acquire(timeout=min(left, _POLL_SECONDS)):
                self._gate.release()
        return True

    def finish(self) -> None:
        """Mark this refresh as over and wake the waiting threads."""
        self._owner = None
        self._gate.release()


class RefreshChain:
    """The refreshes of one session. At most one of them is in flight."""

    def __init__(self) -> None:
        # Any refresh that leads to the latest one will do, so it does no harm if a thread writes an older one.
        self.recent: InFlightRefresh = InFlightRefresh()


def refresh_single_flight(
    chain: RefreshChain,
    ready: Callable[[bool], T | None],
    refresh: Callable[[], T],
    expires_at: float,
    *,
    shares_errors: bool = True,
) -> T:
    """Return the value that is ready, or else have one thread refresh it while all others wait.

    Args:
        chain: The session's refreshes.
        ready: Returns the value if it needs no refresh, or None. Its argument says whether a refresh is in flight.
        refresh: Does the work. It may interrupt a refresh in its own thread, which can't go on until this one returns.
        expires_at: The time.monotonic() at which the call times out.
        shares_errors: Whether an error of one thread is also that of those that wait. It is not if they do other work.

    Returns:
        The value that was ready, or the result of the refresh.

    Raises:
        ApiTimeoutError: The call timed out while another thread was refreshing.
        Exception: Whatever the refresh raised. Each waiting thread gets a copy.
    """
    started = time.monotonic()
    while True:
        latest = chain.recent.latest()
        # Check this first, so that `ready` sees the result of a refresh that has just ended.
        is_over = latest.is_over()
        if (value := ready(not is_over)) is not None:
            return value
        if is_over:
            mine = InFlightRefresh(expires_at, inspect.currentframe())
            if latest.append(mine):
                break
            mine.finish()
        elif latest.is_own():
            return refresh()
        elif not latest.wait(expires_at):
            waited = time.monotonic() - started
            raise ApiTimeoutError(reason=f"timed out after {waited:.1f} s while waiting for a renewed token")
        elif latest.error is not None and shares_errors:
            has_more_time = expires_at > latest.expires_at + _GRACE_SECONDS
            if not (has_more_time and isinstance(latest.error, ApiTimeoutError)):
                raise _copy(latest.error)
    try:
        chain.recent = mine
        return refresh()
    except Exception as error:
        if shares_errors:
            mine.error = _copy(import_failure(error) or error)
        raise
    finally:
        mine.finish()


class _Hold:
    """A store's lock that a thread holds or waits for, for the lifetime of this object."""


class _Thread(threading.local):
    """The locks of this thread. The references are weak, so an interrupted renewal leaves none behind."""

    def __init__(self) -> None:
        self.holds: WeakValueDictionary[str, _Hold] = WeakValueDictionary()


_thread = _Thread()


@contextmanager
def hold_lock(lock: Callable[[str], AbstractContextManager[object]], key: str) -> Generator[None]:
    """Hold a store's lock of a key, unless this thread holds it or waits for it already.

    A signal handler or an event hook that runs during a renewal may call too, even with other credentials of the same
    account. The renewal that it interrupted can't release the lock until that call returns.
    """
    if key in _thread.holds:
        yield
        return
    _thread.holds[key] = mine = _Hold()
    try:
        with lock(key):
            yield
    finally:
        # The traceback of an error keeps this frame alive.
        del mine


@contextmanager
def limit_early_refresh() -> Generator[None]:
    """Leave at least half of the call's time for the request after an early refresh."""
    seconds = max(0.001, min(_EARLY_SECONDS, (nested_calls_end() - time.monotonic()) / 2))
    deadline = Deadline(Timeouts.parse(seconds, "leeway"))
    with limit_nested_calls(deadline):
        yield


def _copy(error: Exception) -> Exception:
    """Return a copy of an error for one thread: a shared one would collect the tracebacks of all threads."""
    try:
        return copy.copy(error)
    except Exception:
        # An error from the user's own store or callable may not be copyable.
        return error
