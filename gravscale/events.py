"""The events that hooks receive, and the type of the hooks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from typing_extensions import TypedDict
from urllib3 import HTTPHeaderDict

from gravscale.support.redaction import is_secret, redact_headers
from gravscale.transport.fields import put_header

if TYPE_CHECKING:
    from gravscale.transport.request import Request


class RequestHeaders(Mapping[str, str]):
    """The headers of a request that is about to be sent. A hook may add headers, and replace them.

    Names match in any case (RFC 9110, section 5.1). The values of secret headers, such as Authorization, read as
    `***`, and so do secrets in other headers. Copying and pickling keep only these masked values.
    """

    def __init__(self, request: Request) -> None:
        self._request = request

    def __getitem__(self, name: str) -> str:
        for present, value in self._request.headers.items():
            if present.lower() == name.lower():
                return redact_headers({present: value}, self._request.secrets)[present]
        raise KeyError(name)

    def __setitem__(self, name: str, value: str) -> None:
        """Add a header. Raises ApiTypeError or ApiValueError if the name or the value is not valid."""
        if is_secret(name):
            self._request.authorize(name, value)
        else:
            put_header(self._request.headers, name, value)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self._request.has_header(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._request.headers)

    def __len__(self) -> int:
        return len(self._request.headers)

    def __repr__(self) -> str:
        return repr(dict(self))

    def __reduce__(self) -> tuple[object, ...]:
        return HTTPHeaderDict, (dict(self),)


@dataclass(frozen=True, kw_only=True)
class Event:
    """Base class of all events.

    Attributes:
        operation: The operation, such as `list_tasks`. `request` or `call_api` for a call that is not in the contract.
        method: The HTTP method.
        url: The URL, with secrets masked.
        attempt: The number of this attempt of the call, from 1. Following a redirect counts as an attempt.
    """

    operation: str
    method: str
    url: str
    attempt: int


@dataclass(frozen=True, kw_only=True)
class RequestEvent(Event):
    """A request is about to be sent.

    Attributes:
        headers: The headers of the request. A hook can add to them: `event.headers["X-Trace"] = "…"`.
    """

    headers: RequestHeaders


@dataclass(frozen=True, kw_only=True)
class ResponseEvent(Event):
    """An attempt was answered, with any status.

    Attributes:
        headers: The headers of the answer, with secrets masked.
        status: The HTTP status code.
        elapsed: Seconds between sending the request and the answer.
        request_id: The service's id for the request, or None if it sent none.
    """

    headers: HTTPHeaderDict
    status: int
    elapsed: float
    request_id: str | None


@dataclass(frozen=True, kw_only=True)
class RetryEvent(Event):
    """An attempt failed, and the call will be tried again.

    Attributes:
        pause: Seconds until the next attempt.
        reason: What was wrong, such as `status 503`.
    """

    pause: float
    reason: str


@dataclass(frozen=True, kw_only=True)
class ErrorEvent(Event):
    """A call failed and is not tried again. `attempt` is the last attempt, or 0 if nothing was sent.

    Attributes:
        error: The error that the caller gets: an `OpenApiException`, or what an `access_token` function raised.
        elapsed: Seconds since the call began, including retries and pauses.
    """

    error: Exception
    elapsed: float


class EventHooks(TypedDict, total=False):
    """List the functions to call with each kind of event, in order.

    Attributes:
        request: Called before each attempt.
        response: Called after each attempt that was answered.
        retry: Called before each pause.
        error: Called once for a call that fails.
    """

    request: Sequence[Callable[[RequestEvent], object]]
    """Called before each attempt."""
    response: Sequence[Callable[[ResponseEvent], object]]
    """Called after each attempt that was answered."""
    retry: Sequence[Callable[[RetryEvent], object]]
    """Called before each pause."""
    error: Sequence[Callable[[ErrorEvent], object]]
    """Called once for a call that fails."""
