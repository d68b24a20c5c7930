"""Fetching pages side by side, a few ahead of the one that is being read."""

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

# How long whoever stops early waits for the requests under way. A request can't be called back, and one that hangs must
# not keep its caller until its timeout.
_CLOSE_SECONDS = 2.0


class Prefetcher(Generic[T]):
    """Fetch pages by their numbers, some of them before they are asked for.

    Each page that is fetched ahead has a daemon thread of its own, which ends with its page: none is left between two
    pages, and none keeps a program from ending. A child process fetches for itself what its parent had under way.

    Args:
        fetch: fetches the page with a number. Called from several threads at once.
        ahead: how many pages may be fetched, or held, ahead of the one that was taken last.
    """

    def __init__(self, fetch: Callable[[int], T], ahead: int) -> None:
        self._fetch = fetch
        self._ahead = ahead
        self._process = os.getpid()
        self._under_way: dict[int, _Fetch[T]] = {}

    def start(self, numbers: Iterable[int]) -> None:
        """Begin to fetch pages, the first ones first, as far as there is room."""
        self._forget_parent()
        for number in numbers:
            if len(self._under_way) >= self._ahead:
                return
            if number not in self._under_way:
                fetch = _Fetch(self._fetch, number)
                # Where the system gives no more threads, the page is fetched once it is taken.
                try:
                    fetch.thread.start()
                except RuntimeError:
                    return
                self._under_way[number] = fetch

    def take(self, number: int) -> T:
        """Return a page. Raises what fetching it raised."""
        self._forget_parent()
        fetch = self._under_way.pop(number, None)
        return self._fetch(number) if fetch is None else fetch.result()

    def close(self) -> None:
        """Fetch nothing more, and wait a moment for what is under way."""
        self._forget_parent()
        under_way, self._under_way = self._under_way, {}
        # As the interpreter ends, daemon threads don't run any more.
        until = 0.0 if sys.is_finalizing() else time.monotonic() + _CLOSE_SECONDS
        for fetch in under_way.values():
            # The garbage collector may close a forgotten list from any thread, one of these too.
            with suppress(RuntimeError):
                fetch.thread.join(max(0.0, until - time.monotonic()))

    def _forget_parent(self) -> None:
        """In a child process, let go of pages that threads of its parent fetch. Their locks may never be released."""
        if self._process != os.getpid():
            self._process = os.getpid()
            self._under_way = {}


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
        # Within the context of the caller, so that a trace knows what the request belongs to.
        self.thread = threading.Thread(
            target=copy_context().run, args=(self._run,), name=f"gravscale page {number}", daemon=True
        )

    def _run(self) -> None:
        try:
            self._pages.append(self._fetch(self._number))
        except BaseException as error:
            self._error = error

    def result(self) -> T:
        """Wait for the page. Raises what fetching it raised."""
        self.thread.join()
        if self._error is not None:
            raise self._error
        return self._pages.pop()
