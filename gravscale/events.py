"""What event hooks are told of a call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gravscale.support.redaction import MASK, is_secret
from gravscale.transport.fields import put_header

if TYPE_CHECKING:
    from urllib3 import HTTPHeaderDict

    from gravscale.exceptions import OpenApiException
    from gravscale.transport.request import Request


class RequestHeaders(Mapping[str, str]):
    """The header fields of a request that is about to be sent. A hook may add fields, and replace them.

    Names match in any case (RFC 9110, section 5.1). The values of secret fields, such as Authorization, read as `***`.

    Args:
        request: the request whose fields they are.
    """

    def __init__(self, request: Request) -> None:
        self._request = request

    def __getitem__(self, name: str) -> str:
        for present, value in self._request.headers.items():
            if present.lower() == name.lower():
                return MASK if is_secret(name) else value
        raise KeyError(name)

    def __setitem__(self, name: str, value: str) -> None:
        """Add a header field. Raises ApiTypeError or ApiValueError for what can't be one."""
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


@dataclass(frozen=True, kw_only=True)
class Event:
    """What every event says.

    Attributes:
        operation: the operation's name, such as `list_tasks`; `request` or `call_api` for a call outside the contract.
        method: the HTTP method.
        url: the URL, with secrets masked.
        attempt: which attempt of the call it is, from 1. A redirect that is followed counts as one.
    """

    operation: str
    method: str
    url: str
    attempt: int


@dataclass(frozen=True, kw_only=True)
class RequestEvent(Event):
    """A request is about to be sent.

    Attributes:
        headers: the request's header fields, to which the hook may add: `event.headers["X-Trace"] = "…"`.
    """

    headers: RequestHeaders


@dataclass(frozen=True, kw_only=True)
class ResponseEvent(Event):
    """An attempt was answered, with whatever status.

    Attributes:
        headers: the answer's header fields, with secrets masked.
        status: the HTTP status code.
        elapsed: seconds from sending the request to its answer.
        request_id: the service's own name for the request, None if it gave none.
    """

    headers: HTTPHeaderDict
    status: int
    elapsed: float
    request_id: str | None


@dataclass(frozen=True, kw_only=True)
class RetryEvent(Event):
    """An attempt failed, and there will be another.

    Attributes:
        pause: seconds until then.
        reason: what was wrong, such as `status 503`.
    """

    pause: float
    reason: str


@dataclass(frozen=True, kw_only=True)
class ErrorEvent(Event):
    """A call failed for good. `attempt` is the last one, 0 where nothing was sent.

    Attributes:
        error: what the caller gets.
        elapsed: seconds since the call began, with its retries and pauses.
    """

    error: OpenApiException
    elapsed: float
