"""Pages of lists."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Query
from fastapi_pagination import Page, Params, paginate

from gravscale.sandbox import schemas

T = TypeVar("T")
P = TypeVar("P", bound=schemas.Page[Any])


async def _paging(
    page: Annotated[int, Query(ge=1, description="Number of the page, counted from 1.")] = 1,
    size: Annotated[int, Query(ge=1, le=100, description="Number of items on a page, at most 100.")] = 50,
) -> Params:
    return Params(page=page, size=size)


Paging = Annotated[Params, Depends(_paging)]


def page_of(
    kind: type[P], items: list[T], paging: Params, convert: Callable[[Sequence[T]], Sequence[Any]] | None = None
) -> P:
    """Return the requested page of the items, converted by `convert`."""
    page: Page[Any] = paginate(items, paging, transformer=convert)
    return kind(items=list(page.items), total=page.total, page=page.page, size=page.size, pages=page.pages)
