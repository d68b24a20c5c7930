"""Lists without page numbers."""

from __future__ import annotations

import hashlib
import inspect
import logging
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import ParamSpec, Protocol, TypeVar

from pydantic import BaseModel
from urllib3 import BaseHTTPResponse

from gravscale.api_base import hints_of
from gravscale.exceptions import ApiTypeError
from gravscale.support.logs import logger
from gravscale.tracebacks import hide_sdk_frames

log: logging.Logger = logger("pagination")

_REPEATED_MAX = 1
# A list that shrinks while it is read may have an empty page before its end. So many in a row are none of a list.
_EMPTY_MAX = 10

P = ParamSpec("P")
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Page(Protocol[T_co]):
    """An answer that is one page of a list."""

    @property
    def items(self) -> Sequence[T_co]: ...


class Items(Iterator[T]):
    """The items of a list. What goes wrong as a page is fetched shows none of the SDK's frames, which know tokens.

    Args:
        items: gives them.
    """

    def __init__(self, items: Generator[T]) -> None:
        self._items = items

    @hide_sdk_frames
    def __next__(self) -> T:
        return next(self._items)

    def close(self) -> None:
        """Fetch no more pages."""
        self._items.close()


@hide_sdk_frames
def paginate(operation: Callable[P, Page[T]], /, *args: P.args, **kwargs: P.kwargs) -> Iterator[T]:
    """Return the items of a list, its pages fetched as they are needed.

        for task in gravscale.paginate(task_api.list_tasks, client_id=7):
            ...

    Args:
        operation: an operation that takes a `page` and answers with one, such as `list_tasks`.
        args, kwargs: the operation's own arguments and options. `size` says how many items to fetch at once;
            `page` the page to begin with; `_request_timeout` and the like hold for each page.

    Returns:
        An iterator; nothing is fetched before its first item is asked for.

    Raises:
        ApiTypeError: the operation has no pages, or the arguments are not its own; nothing was sent.
        ApiException: a page could not be had; raised as that page is reached.
    """
    if not callable(operation):
        got = type(operation).__name__
        raise ApiTypeError(f"operation: expected one to be called, such as list_tasks without (), got {got}")
    name = getattr(operation, "__name__", type(operation).__name__)
    signature = inspect.signature(operation)
    if "page" not in signature.parameters or not _answers_with_page(operation):
        raise ApiTypeError(f"operation: expected one whose answer is a page, got {name}")
    try:
        call = signature.bind(*args, **kwargs)
    except TypeError as error:
        refused = ApiTypeError(f"{name}() {error}")
    else:
        return Items(_items(operation, name, call))
    raise refused


def _items(operation: Callable[..., Page[T]], name: str, call: inspect.BoundArguments) -> Generator[T]:
    given = call.arguments.get("page")
    number = first = 1 if given is None else given
    promised: int | None = None
    seen: set[str] = set()
    count = repeated = empty = 0
    size: int | None = None
    while True:
        call.arguments["page"] = number
        page = operation(*call.args, **call.kwargs)
        items: Sequence[T] | None = getattr(page, "items", None)
        if items is None or callable(items):
            raise ApiTypeError(f"operation: expected one whose answer is a page, but {name} gave {type(page).__name__}")
        pages, total, said = (getattr(page, field, None) for field in ("pages", "total", "size"))
        # A service may give fewer at once than it was asked for; what it says goes. Then what it does.
        size = at_once = said or size or call.arguments.get("size") or len(items)
        if promised is None:
            promised = pages or (-(-total // at_once) if total is not None and at_once else None)
        empty = 0 if items else empty + 1
        if empty > _EMPTY_MAX:
            log.warning("%s: %d empty pages in a row; the list ends here", name, empty)
            return
        content = hashlib.sha256(repr(items).encode("utf-8", "surrogatepass")).hexdigest()
        repeated = repeated + 1 if items and content in seen else 0
        seen.add(content)
        # A list that grows at its beginning meanwhile may show a page again that has moved on by one, within what the
        # first page promised. Anything more is a service that repeats itself.
        if repeated > (_REPEATED_MAX if promised is not None and number <= promised else 0):
            log.warning("%s: page %d is the same as one before it; the list ends here", name, number)
            return
        yield from items
        count += len(items)
        if not items and pages is None and total is None:
            return
        if pages is not None:
            if number >= pages:
                return
        elif total is not None:
            if (first - 1) * at_once + count >= total:
                return
        elif len(items) < at_once:
            return
        number += 1


def _answers_with_page(operation: Callable[..., object]) -> bool:
    """Whether an operation may answer with a page. Of a model its fields tell, of any other class only the answer."""
    try:
        answer = hints_of(operation).get("return")
    except (NameError, TypeError, AttributeError):
        return True
    if isinstance(answer, type) and issubclass(answer, (BaseModel, BaseHTTPResponse)):
        return "items" in getattr(answer, "model_fields", ())
    return True
