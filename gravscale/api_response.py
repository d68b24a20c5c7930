"""The answer with its status and headers, for those who need more than the data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, SkipValidation
from urllib3 import HTTPHeaderDict

from gravscale.support.redaction import mask

T = TypeVar("T")


class ApiResponse(BaseModel, Generic[T]):
    """An answer of the service.

    Attributes:
        status_code: the HTTP status code (RFC 9110, section 15).
        headers: the answer's header fields, by any case of their names.
        data: the body as the operation's answer type.
        raw_data: the body's bytes.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(arbitrary_types_allowed=True)

    status_code: int
    headers: SkipValidation[HTTPHeaderDict | None] = None
    data: SkipValidation[T]
    raw_data: SkipValidation[bytes]

    def __repr_args__(self) -> Iterator[tuple[str | None, object]]:
        yield "status_code", self.status_code
        yield "data", mask(self.data)
        # The raw data may hold tokens, and the headers cookies.
        yield "raw_data", f"<{len(self.raw_data)} bytes>"
