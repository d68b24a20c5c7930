"""Where time is kept: how long a call may take, and how long the attempt that this thread makes still has."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import NamedTuple

from gravscale.exceptions import ApiTypeError, ApiValueError
from gravscale.support.text import format_number

CONNECT_SECONDS = 5.0
FOREVER = float("inf")


class Limits(NamedTuple):
    """A timeout as the user gave it, in seconds: one for the whole call, or connect and read of each attempt."""

    total: float
    connect: float
    read: float

    @classmethod
    def of(cls, timeout: object, name: str) -> Limits:
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


NO_LIMITS = Limits(FOREVER, FOREVER, FOREVER)


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
    """The time of the current attempt is used up. Becomes an ApiTimeoutError before a user sees it."""


class Attempt:
    """One attempt of a call: how far it has come, and until when its current step may go on.

    urllib3 hands a connection no more than two relative timeouts, each of which starts anew with every recv; so the
    absolute deadline goes from the client to the socket through the thread's current attempt. A call stays in one
    thread from start to end, and one that interrupts it, in a signal handler, has an attempt of its own.
    """

    __slots__ = (
        "_answer_by",
        "_connect_by",
        "_outer",
        "_read_seconds",
        "phase",
        "sent",
        "socket",
        "until",
        "wire_target",
    )

    def __init__(self, over: float, limits: Limits, wire_target: str | None = None) -> None:
        self._answer_by = over
        self.until: float = over
        self._connect_by = min(over, time.monotonic() + limits.connect)
        self._read_seconds = limits.read
        self.phase: str = "waiting for a connection"
        self.sent: bool = False
        # The request target with its secrets; urllib3, which logs targets, is given one without.
        self.wire_target: str | None = wire_target
        self.socket: socket.socket | None = None

    def begin_connecting(self) -> None:
        self.phase = "connecting"
        self.until = self._connect_by

    def begin_sending(self) -> None:
        self.phase = "sending the request"
        self.sent = True
        self.until = self._answer_by
        if self._read_seconds != FOREVER:
            self.until = min(self._answer_by, time.monotonic() + self._read_seconds)

    def begin_waiting(self, sock: socket.socket | None) -> None:
        self.phase = "waiting for the answer"
        self.socket = sock

    def remaining(self) -> float | None:
        """Seconds left for the current step, in the form that sockets take. Raises Expired when there are none."""
        if self.until == FOREVER:
            return None
        left = self.until - time.monotonic()
        if left <= 0:
            raise Expired(self.phase)
        return left

    def __enter__(self) -> Attempt:
        self._outer, _thread.attempt = _thread.attempt, self
        return self

    def __exit__(self, *_: object) -> None:
        _thread.attempt = self._outer


class _Thread(threading.local):
    """What this thread is doing; no attempt is one without end."""

    attempt = Attempt(FOREVER, NO_LIMITS)
    call_ends = FOREVER


_thread = _Thread()


def current_attempt() -> Attempt:
    """The attempt that this thread is making."""
    return _thread.attempt


def call_ends() -> float:
    """The time.monotonic() moment at which the call around the present one is over."""
    return _thread.call_ends


class Deadline:
    """One call's time: from its start to the moment at which it must be over, whatever happens in between."""

    __slots__ = ("limits", "over", "started")

    def __init__(self, limits: Limits) -> None:
        self.limits: Limits = limits
        self.started: float = time.monotonic()
        # A call made on behalf of another (the renewal of a token) has no more time than that one.
        self.over: float = min(self.started + limits.total, _thread.call_ends)

    def elapsed(self) -> float:
        return time.monotonic() - self.started

    def left(self) -> float:
        """Seconds left, possibly negative."""
        return self.over - time.monotonic()

    def attempt(self, wire_target: str | None) -> Attempt:
        """A new attempt within what is left."""
        return Attempt(self.over, self.limits, wire_target)

    @contextmanager
    def encloses(self) -> Generator[None]:
        """Within this context every other call of this thread ends no later than this one."""
        outer, _thread.call_ends = _thread.call_ends, self.over
        try:
            yield
        finally:
            _thread.call_ends = outer
