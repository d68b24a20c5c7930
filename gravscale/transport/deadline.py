"""The deadline of a call, and of its current step."""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Generator
from contextlib import contextmanager

from gravscale.exceptions import ApiTypeError, ApiValueError
from gravscale.support.text import format_number

CONNECT_SECONDS = 5.0
FOREVER = float("inf")


class Timeouts:
    """A timeout from the user, in seconds: for the whole call, or for connecting and reading in each attempt.

    Args:
        total: The limit for the whole call.
        connect: The limit for connecting, in each attempt.
        read: The limit for reading, in each attempt.
    """

    def __init__(self, total: float, connect: float, read: float) -> None:
        self.total: float = total
        self.connect: float = connect
        self.read: float = read

    @classmethod
    def parse(cls, timeout: object, name: str) -> Timeouts:
        """Check a timeout. Raises ApiTypeError or ApiValueError, naming the argument `name`."""
        if timeout is None:
            return cls(FOREVER, CONNECT_SECONDS, FOREVER)
        if isinstance(timeout, (tuple, list)):
            pair: tuple[object, ...] = tuple(timeout)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
            if len(pair) != 2:
                raise ApiValueError(f"{name}: expected seconds or a pair (connect, read), got {len(pair)} values")
            return cls(FOREVER, _seconds(pair[0], name), _seconds(pair[1], name))
        total = _seconds(timeout, name)
        return cls(total, min(CONNECT_SECONDS, total), FOREVER)


def _seconds(value: object, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ApiTypeError(f"{name}: expected seconds as a number, got {type(value).__name__}")
    try:
        seconds = float(value)
    except OverflowError:
        seconds = FOREVER
    if not 0 < seconds <= threading.TIMEOUT_MAX:
        raise ApiValueError(
            f"{name}: expected seconds above 0 and at most {threading.TIMEOUT_MAX:.0f}, got {format_number(value)}"
        )
    return seconds


class Expired(TimeoutError):
    """The current step has timed out. The user gets an ApiTimeoutError instead."""


class Deadline:
    """The deadline of one call, and of its current step.

    It accompanies the request from the client to the socket. A socket's own timeout starts again with every recv, so a
    server that sends one byte at a time would never run into it.

    Args:
        timeouts: The time limits of the call.

    Attributes:
        expires_at: The time.monotonic() at which the call times out.
        until: The time.monotonic() at which the current step times out.
        phase: What the call is doing, for the message of a timeout.
        sent: Whether the service may have received the request of the current attempt.
    """

    def __init__(self, timeouts: Timeouts) -> None:
        self._timeouts = timeouts
        self.started: float = time.monotonic()
        # A call within another one, such as the renewal of a token, has no more time than the outer call.
        self.expires_at: float = min(self.started + timeouts.total, nested_calls_end())
        self.silence: float | None = None
        self.begin_attempt()

    def elapsed(self) -> float:
        """Return the seconds since the call began."""
        return time.monotonic() - self.started

    def remaining(self) -> float:
        """Return the seconds left for the whole call, which may be negative."""
        return self.expires_at - time.monotonic()

    def begin_attempt(self) -> None:
        """Start an attempt: the first one, or a retry."""
        self.until: float = self.expires_at
        self.phase: str = "waiting for a connection"
        self.sent: bool = False
        self._connect_until = FOREVER

    def begin_connecting(self) -> None:
        """Start to open a connection. The time to connect is for the whole attempt, not for each address."""
        self.phase = "connecting"
        self._connect_until = min(self._connect_until, time.monotonic() + self._timeouts.connect)
        self.until = min(self.expires_at, self._connect_until)

    def begin_sending(self) -> None:
        """Start to send. From now on, the service may have received the request."""
        self.phase = "sending the request"
        self.sent = True
        self.until = min(self.expires_at, time.monotonic() + self._timeouts.read)

    def hand_over(self) -> None:
        """Let the user read at their own pace. Only the gap between two reads can time out."""
        self.until = FOREVER
        silence = min(self._timeouts.total, self._timeouts.read)
        self.silence = None if silence == FOREVER else silence

    def check(self, needed: float = 0.0) -> None:
        """Raise Expired if the whole call has timed out, or has fewer seconds left than needed."""
        left = self.remaining()
        if left > needed:
            return
        if left > 0:
            self.phase += f": it may take {needed:.1f} s more"
        raise Expired(self.phase)

    def step_seconds(self) -> float | None:
        """Return the seconds left for the current step, or None for no limit. Raises Expired if none are left."""
        if self.until == FOREVER:
            return self.silence
        left = self.until - time.monotonic()
        if left <= 0:
            raise Expired(self.phase)
        return left


class _Thread(threading.local):
    """The deadline of the outer call that this thread's calls are made in, if there is one.

    The reference is weak, so that an interrupted call no longer limits anything once it is gone.
    """

    enclosing: weakref.ref[Deadline] | None = None


_thread = _Thread()


def nested_calls_end() -> float:
    """Return the time.monotonic() at which the outer call times out."""
    enclosing = None if _thread.enclosing is None else _thread.enclosing()
    return FOREVER if enclosing is None else enclosing.expires_at


def nested_calls_remaining() -> float | None:
    """Return the seconds left of the outer call, 0 if it is over, or None if there is no limit."""
    end = nested_calls_end()
    return None if end == FOREVER else max(0.0, end - time.monotonic())


@contextmanager
def limit_nested_calls(deadline: Deadline) -> Generator[None]:
    """Make all other calls in this thread end no later than this one.

    This is needed where a call runs the user's code, such as credentials, which may call the service itself.
    """
    outer = _thread.enclosing
    try:
        _thread.enclosing = weakref.ref(deadline)
        yield
    finally:
        _thread.enclosing = outer
