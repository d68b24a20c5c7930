"""The answer to a call with its status and headers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, SkipValidation
from urllib3 import HTTPHeaderDict

from gravscale.exceptions import find_request_id
from gravscale.support.redaction import mask

T = TypeVar("T")


class ApiResponse(BaseModel, Generic[T]):
    """An answer of the service.

    Attributes:
        status_code: The HTTP status code (RFC 9110, section 15).
        headers: The headers of the answer. Names match in any case.
        data: The body, as the operation's return type.
        raw_data: The body, as bytes.
        elapsed: How many seconds the call took, including retries and pauses.
        attempts: How many requests were sent.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(arbitrary_types_allowed=True)

    status_code: int
    headers: SkipValidation[HTTPHeaderDict | None] = None
    data: SkipValidation[T]
    raw_data: SkipValidation[bytes]
    elapsed: float = 0.0
    attempts: int = 1

    @property
    def request_id(self) -> str | None:
        """The service's id for the request, to give to its support team, or None if it sent none."""
        return find_request_id(self.headers)

    def __repr_args__(self) -> Iterator[tuple[str | None, object]]:
        yield "status_code", self.status_code
        yield "data", mask(self.data)
        # The raw data may contain tokens, and the headers may contain cookies.
        yield "raw_data", f"<{len(self.raw_data)} bytes>"
