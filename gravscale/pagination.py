"""Iterate over lists without page numbers."""

from __future__ import annotations

import copy
import hashlib
import inspect
import logging
from collections import OrderedDict
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import suppress
from typing import Any, Literal, ParamSpec, Protocol, TypeVar

import pydantic_core
from pydantic import BaseModel
from urllib3 import BaseHTTPResponse

from gravscale.api_base import hints_of
from gravscale.exceptions import ApiResponseError, ApiTypeError, ApiValueError
from gravscale.iteration import FrameHidingIterator
from gravscale.prefetch import Prefetcher
from gravscale.schema.operation import Operation
from gravscale.support.logs import logger
from gravscale.support.type_guards import type_name
from gravscale.tracebacks import calls_user_code, hide_sdk_frames

log: logging.Logger = logger("pagination")

# How many empty pages in a row are skipped if the service says that more follow.
EMPTY_PAGES_MAX = 32
_REPEATED_MAX = 1

P = ParamSpec("P")
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Page(Protocol[T_co]):
    """An answer that is one page of a list."""

    @property
    def items(self) -> Sequence[T_co]: ...


class Pages(Iterator[T_co]):
    """Iterate over the items of a list. Pages are fetched as you reach them; pages you don't reach aren't fetched.

    Each loop starts from the first page again. If you call `next()`, the object becomes a plain iterator, and a loop
    continues where `next()` stopped.

    Args:
        fetch: Fetches the page with a number.
        name: The operation's name, for messages.
        first: The number of the page to start from.
        size: How many items per page the caller asked for, or None.
    """

    def __init__(self, fetch: Callable[[int], Page[T_co]], name: str, first: int, size: int | None) -> None:
        self._fetch = fetch
        self._name = name
        self._first = first
        self._size = size
        self._workers = 1
        self._cursor: Iterator[T_co] | None = None
        # The last page that was fetched, and the first page if only `total` has used it so far.
        self._seen: Page[T_co] | None = None
        self._unread: Page[T_co] | None = None

    def __iter__(self) -> Iterator[T_co]:
        """Iterate over the items.

        Returns:
            An iterator.

        Raises:
            ApiException: A page could not be fetched. Raised when you reach that page.
        """
        return FrameHidingIterator(self._items()) if self._cursor is None else self._cursor

    def __next__(self) -> T_co:
        """Return the next item."""
        if self._cursor is None:
            self._cursor = iter(self)
        return next(self._cursor)

    def pages(self) -> Iterator[Page[T_co]]:
        """Iterate over whole pages, from the first one, as the operation returns them.

        Returns:
            An iterator.

        Raises:
            ApiException: A page could not be fetched. Raised when you reach that page.
        """
        return FrameHidingIterator(self._walk())

    @property
    @hide_sdk_frames
    def total(self) -> int | None:
        """The number of items in the list as the service reports it, or None if it doesn't.

        The latest page supplies the number. If no page has been fetched yet, this fetches the first one, and the next
        loop uses it.

        Raises:
            ApiException: The first page could not be fetched.
        """
        if self._seen is None:
            self._seen = self._unread = self._fetch(self._first)
        total: object = getattr(self._seen, "total", None)
        return total if isinstance(total, int) else None

    @hide_sdk_frames
    def parallel(self, workers: int = 4) -> Pages[T_co]:
        """Return the same list with the pages after the first fetched in parallel. The items keep their order.

        Threads fetch the pages. An error is raised when you reach its page, and the timeout of a call applies to each
        page. If the service reports neither `pages` nor `total`, the pages are fetched one after the other.

        Args:
            workers: How many pages to fetch at the same time, and at most ahead of the page you are reading.

        Returns:
            The list.

        Raises:
            ApiTypeError: `workers` is not an int.
            ApiValueError: `workers` is less than 1.
        """
        if isinstance(workers, bool) or not isinstance(workers, int):
            raise ApiTypeError(f"workers: expected an int, got {type_name(workers)}")
        if workers < 1:
            raise ApiValueError(f"workers: expected 1 or more, got {workers}")
        pages = copy.copy(self)
        pages._workers = workers
        pages._cursor = None
        return pages

    def __repr__(self) -> str:
        return f"<Pages of {self._name}>"

    def _items(self) -> Generator[T_co]:
        for page in self._walk():
            yield from page.items

    def _walk(self) -> Generator[Page[T_co]]:
        number = self._first
        end = _ListEnd(self._name, number, self._size)
        prefetcher = Prefetcher(self._fetch, self._workers)
        try:
            while True:
                unread: Page[T_co] | None = None
                if number == self._first:
                    unread, self._unread = self._unread, None
                page = prefetcher.take(number) if unread is None else unread
                place = end.see(number, page)
                if place == "repeated":
                    return
                self._seen = page
                if self._workers > 1 and place == "more follow" and end.promised is not None:
                    prefetcher.start(range(number + 1, end.promised + 1))
                yield page
                if place == "last":
                    return
                number += 1
        finally:
            prefetcher.close()


class _ListEnd:
    """Find out where a list ends, from the numbers on its pages and the items they contain.

    Args:
        name: The operation's name, for messages.
        first: The number of the page to start from.
        size: How many items per page the caller asked for, or None.

    Attributes:
        promised: The number of the last page according to the latest page, or None if the service doesn't tell.
    """

    def __init__(self, name: str, first: int, size: int | None) -> None:
        self._name = name
        self._first = first
        self._size = size
        self._count = 0
        self._empty = 0
        self._contents: set[bytes] = set()
        self._repeated = 0
        self._promised_at_first: int | None = None
        self.promised: int | None = None

    def see(self, number: int, page: object) -> Literal["more follow", "last", "repeated"]:
        """Take note of the next page, and return where in the list it is.

        "repeated" means that the list ended before it, because the service repeats itself. Raises ApiResponseError
        after too many empty pages.
        """
        if self._is_repeated(number, page):
            return "repeated"
        return "last" if self._is_last(number, page) else "more follow"

    def _is_repeated(self, number: int, page: object) -> bool:
        items = self._items_of(page)
        pages, total, size = (getattr(page, field, None) for field in ("pages", "total", "size"))
        # The page's own size comes first: a service may return fewer items per page than it was asked for.
        self._size = size or self._size or len(items) or None
        self.promised = pages
        if pages is None and total is not None and self._size:
            self.promised = -(-total // self._size)
        if number == self._first:
            self._promised_at_first = self.promised
        if not items:
            return False
        content = _fingerprint(items)
        self._repeated = self._repeated + 1 if content in self._contents else 0
        self._contents.add(content)
        # If items are added at the start of the list meanwhile, a page may move by one and appear again, within the
        # number of pages that the first page promised. Any more than that means that the service repeats itself.
        is_promised = self._promised_at_first is not None and number <= self._promised_at_first
        if self._repeated <= (_REPEATED_MAX if is_promised else 0):
            return False
        log.warning("%s: page %d repeats an earlier page; the list ends here", self._name, number)
        return True

    def _is_last(self, number: int, page: object) -> bool:
        items = self._items_of(page)
        pages, total = (getattr(page, field, None) for field in ("pages", "total"))
        self._count += len(items)
        self._empty = 0 if items else self._empty + 1
        if pages is not None:
            is_last = bool(number >= pages)
        elif total is not None:
            # Count items rather than pages, in case a page has fewer items than the service says. An empty page beyond
            # the last one ends the list too.
            is_last = (self._first - 1) * (self._size or 0) + self._count >= total
            is_last = is_last or (not items and self.promised is not None and number >= self.promised)
        else:
            is_last = len(items) < (self._size or 1)
        if self._empty >= EMPTY_PAGES_MAX and not is_last:
            raise ApiResponseError(
                reason=f"{self._name}: page {number} is empty, like the {self._empty - 1} before it, although the "
                f"service says that there are more; to continue, start with page={number + 1}"
            )
        return is_last

    def _items_of(self, page: object) -> Sequence[object]:
        items = getattr(page, "items", None)
        if items is None or callable(items):
            got = type(page).__name__
            raise ApiTypeError(f"operation: expected one that returns pages, but {self._name} returned {got}")
        found: Sequence[object] = items
        return found


@hide_sdk_frames
def paginate(operation: Callable[P, Page[T]], /, *args: P.args, **kwargs: P.kwargs) -> Pages[T]:
    """Iterate over the items of a list of any length.

        for task in gravscale.paginate(task_api.list_tasks, client_id=7):
            ...

    Args:
        operation: An operation that takes a `page` and returns one, such as `list_tasks`.
        *args: The operation's own arguments.
        **kwargs: The operation's own arguments and options. `size` sets how many items to fetch at once; the default is
            the contract's maximum. `page` sets the page to start from. `_request_timeout` and other options apply to
            each page.

    Returns:
        The items. Nothing is fetched until you ask for the first one.

    Raises:
        ApiTypeError: The operation does not return pages, or does not take these arguments; nothing was sent.
    """
    if not callable(operation):
        got = type_name(operation)
        raise ApiTypeError(f"operation: expected a method, such as task_api.list_tasks without (), got {got}")
    name = getattr(operation, "__name__", type(operation).__name__)
    signature = inspect.signature(operation)
    if "page" not in signature.parameters or not _answers_with_page(operation):
        raise ApiTypeError(f"operation: expected one that returns pages, such as list_tasks, got {name}")
    try:
        call = signature.bind(*args, **kwargs)
    except TypeError as error:
        refused = ApiTypeError(f"{name}() {error}")
    else:
        return _pages_of(operation, name, call)
    # Raised outside the except clause, so that it is not chained to an error that holds the arguments.
    raise refused


def _pages_of(operation: Callable[..., Page[T]], name: str, call: inspect.BoundArguments) -> Pages[T]:
    first, size = call.arguments.get("page"), call.arguments.get("size")
    if size is None and (maximum := _maximum_size(operation)) is not None:
        call.arguments["size"] = maximum

    @calls_user_code
    def fetch(number: int) -> Page[T]:
        # Each page gets its own copy, because several may be fetched at once.
        bound = inspect.BoundArguments(call.signature, OrderedDict(call.arguments, page=number))
        return operation(*bound.args, **bound.kwargs)

    return Pages(fetch, name, 1 if first is None else first, size)


def _fingerprint(items: Sequence[object]) -> bytes:
    """Return a hash that distinguishes pages."""
    if all(isinstance(item, BaseModel) for item in items):
        # Not of the repr: it masks secrets, which may be all that differs.
        with suppress(ValueError):
            return hashlib.sha256(pydantic_core.to_json(items)).digest()
    return hashlib.sha256(repr(items).encode(errors="surrogatepass")).digest()


def _maximum_size(operation: Callable[..., object]) -> int | None:
    """Return the contract's maximum page size, or None if the function is not an operation of the contract."""
    name = getattr(operation, "__name__", None)
    for base in type(getattr(operation, "__self__", None)).__mro__:
        members: list[Operation[Any]] = [member for member in vars(base).values() if isinstance(member, Operation)]
        for member in members:
            if member.name == name:
                maximums = {parameter.name: parameter.constraints.get("le") for parameter in member.parameters}
                return maximums.get("size")
    return None


def _answers_with_page(operation: Callable[..., object]) -> bool:
    """Return whether an operation may return a page. A model's fields tell; for any other class only the answer can."""
    try:
        answer = hints_of(operation).get("return")
    except (NameError, TypeError, AttributeError):
        return True
    if isinstance(answer, type) and issubclass(answer, (BaseModel, BaseHTTPResponse)):
        return "items" in getattr(answer, "model_fields", ())
    return True
