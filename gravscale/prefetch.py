"""Fetch pages in parallel, a few ahead of the one that is being read."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
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
        # By process: a child doesn't have its parent's threads, whose pages would never arrive.
        self._by_process: dict[int, dict[int, tuple[threading.Thread, Future[T]]]] = {}

    @property
    def _in_flight(self) -> dict[int, tuple[threading.Thread, Future[T]]]:
        return self._by_process.setdefault(os.getpid(), {})

    def start(self, numbers: Iterable[int]) -> None:
        """Start to fetch pages in the given order, until the limit is reached."""
        in_flight = self._in_flight
        for number in numbers:
            if len(in_flight) >= self._ahead:
                return
            if number not in in_flight:
                future: Future[T] = Future()
                thread = threading.Thread(
                    # In the caller's context, so that a trace shows which operation the request belongs to.
                    target=copy_context().run,
                    args=(self._run, number, future),
                    name=f"gravscale page {number}",
                    daemon=True,
                )
                # If the system can't start another thread, `take` fetches the page.
                try:
                    thread.start()
                except RuntimeError:
                    return
                in_flight[number] = thread, future

    def _run(self, number: int, future: Future[T]) -> None:
        try:
            future.set_result(self._fetch(number))
        except BaseException as error:
            future.set_exception(error)

    def take(self, number: int) -> T:
        """Return a page. Raises the error if fetching it failed."""
        if number not in self._in_flight:
            return self._fetch(number)
        thread, future = self._in_flight.pop(number)
        thread.join()
        return future.result()

    def close(self) -> None:
        """Fetch nothing more, and wait a moment for the requests in flight."""
        # Daemon threads no longer run while the interpreter exits.
        until = 0.0 if sys.is_finalizing() else time.monotonic() + _CLOSE_SECONDS
        while self._in_flight:
            _, (thread, _) = self._in_flight.popitem()
            # The garbage collector may close a list from any thread, even from one of these, which can't join itself.
            with suppress(RuntimeError):
                thread.join(max(0.0, until - time.monotonic()))
