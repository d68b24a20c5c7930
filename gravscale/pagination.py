"""Lists without page numbers."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Any, ParamSpec, Protocol, TypeVar

from gravscale.exceptions import ApiTypeError

log = logging.getLogger("gravscale.pagination")

P = ParamSpec("P")
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Page(Protocol[T_co]):
    """An answer that is one page of a list."""

    @property
    def items(self) -> Sequence[T_co]: ...


def paginate(operation: Callable[P, Page[T]], /, *args: P.args, **kwargs: P.kwargs) -> Iterator[T]:
    """The items of a list, its pages fetched as they are needed.

        for task in gravscale.paginate(task_api.list_tasks, client_id=7):
            ...

    Args:
        operation: an operation that takes a `page` and answers with one, such as `list_tasks`.
        args, kwargs: the operation's own arguments and options. `size` says how many items to fetch at once;
            `page` the page to begin with; `_request_timeout` and the like hold for each page.

    Returns:
        An iterator; nothing is fetched before its first item is asked for.

    Raises:
        ApiTypeError: the operation has no pages.
        ApiException: a page could not be had; raised as that page is reached.
    """
    name = getattr(operation, "__name__", repr(operation))
    if not callable(operation) or "page" not in inspect.signature(operation).parameters:
        raise ApiTypeError(f"operation: expected one whose answer is a page, got {name}")
    return _items(operation, name, args, dict(kwargs))


def _items(operation: Callable[..., Page[T]], name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Iterator[T]:
    number = first = kwargs.pop("page", None) or 1
    promised: int | None = None
    before: list[Sequence[T]] = []
    count = 0
    while True:
        page = operation(*args, page=number, **kwargs)
        items: Sequence[T] | None = getattr(page, "items", None)
        if items is None or callable(items):
            raise ApiTypeError(f"operation: expected one whose answer is a page, but {name} gave {type(page).__name__}")
        pages, total, size = (getattr(page, field, None) for field in ("pages", "total", "size"))
        size = kwargs.get("size") or size
        if promised is None:
            promised = pages or (-(-total // size) if total is not None and size else None)
        # Beyond what the first page promised, one that was there before means a service that repeats itself.
        if (promised is None or number > promised) and items in before:
            log.warning("%s: page %d is the same as one before it; the list ends here", name, number)
            return
        yield from items
        count += len(items)
        if not items or (pages is not None and number >= pages):
            return
        if pages is None and total is not None and (first == 1 and count >= total):
            return
        if pages is None and total is None and (size is None or len(items) < size):
            return
        if promised is None or number >= promised:
            before.append(items)
        number += 1
