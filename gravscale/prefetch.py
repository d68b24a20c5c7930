"""Fetch pages in parallel, a few ahead of the one that is being read."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from contextvars import copy_context
from typing import Generic, TypeVar

T = TypeVar("T")

# How long closing waits for requests in flight. They can't be cancelled, and one that hangs must not block its caller
# until its timeout.
_CLOSE_SECONDS = 2.0


class Prefetcher(Generic[T]):
    """Fetch pages by number, some of them before they are needed.

    Each prefetched page has its own daemon thread, which ends as soon as the page is there. So no thread stays around
    between pages, and none keeps the program from exiting. After a fork, the child fetches again what its parent had
    in flight.

    Args:
        fetch: Fetches the page with a number. Called from several threads at once.
        ahead: How many pages may be in flight, or held, ahead of the last one taken.
    """

    def __init__(self, fetch: Callable[[int], T], ahead: int) -> None:
        self._fetch = fetch
        self._ahead = ahead
        self._process = os.getpid()
        self._in_flight: dict[int, _Fetch[T]] = {}

    def start(self, numbers: Iterable[int]) -> None:
        """Start to fetch pages in the given order, until the limit is reached."""
        self._forget_parent()
        for number in numbers:
            if len(self._in_flight) >= self._ahead:
                return
            if number not in self._in_flight:
                fetch = _Fetch(self._fetch, number)
                # If the system can't start another thread, `take` fetches the page.
                try:
                    fetch.thread.start()
                except RuntimeError:
                    return
                self._in_flight[number] = fetch

    def take(self, number: int) -> T:
        """Return a page. Raises the error if fetching it failed."""
        self._forget_parent()
        fetch = self._in_flight.pop(number, None)
        return self._fetch(number) if fetch is None else fetch.result()

    def close(self) -> None:
        """Fetch nothing more, and wait a moment for the requests in flight."""
        self._forget_parent()
        in_flight, self._in_flight = self._in_flight, {}
        # Daemon threads no longer run while the interpreter exits.
        until = 0.0 if sys.is_finalizing() else time.monotonic() + _CLOSE_SECONDS
        for fetch in in_flight.values():
            # The garbage collector may close a list from any thread, even from one of these, which can't join itself.
            with suppress(RuntimeError):
                fetch.thread.join(max(0.0, until - time.monotonic()))

    def _forget_parent(self) -> None:
        """In a child process, drop the parent's pages in flight. Its threads are gone, so they would never arrive."""
        if self._process != os.getpid():
            self._process = os.getpid()
            self._in_flight = {}


class _Fetch(Generic[T]):
    """Fetch one page in a thread.

    Args:
        fetch: Fetches the page with a number.
        number: The number of the page.

    Attributes:
        thread: The thread.
    """

    def __init__(self, fetch: Callable[[int], T], number: int) -> None:
        self._fetch = fetch
        self._number = number
        self._error: BaseException | None = None
        self._pages: list[T] = []
        # In the caller's context, so that a trace shows which operation the request belongs to.
        self.thread = threading.Thread(
            target=copy_context().run, args=(self._run,), name=f"gravscale page {number}", daemon=True
        )

    def _run(self) -> None:
        try:
            self._pages.append(self._fetch(self._number))
        except BaseException as error:
            self._error = error

    def result(self) -> T:
        """Wait for the page. Raises the error if fetching it failed."""
        self.thread.join()
        if self._error is not None:
            raise self._error
        return self._pages.pop()
