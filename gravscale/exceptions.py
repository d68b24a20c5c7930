"""Every error that the SDK raises.

    OpenApiException
    ├── ApiTypeError, ApiValueError, ApiKeyError, ApiAttributeError     the caller's arguments; nothing was sent
    ├── ApiException                                                    an error from the service, or no answer
    │   ├── BadRequestException 400, UnauthorizedException 401, ForbiddenException 403, NotFoundException 404,
    │   │   ConflictException 409, UnprocessableEntityException 422, TooManyRequestsException 429,
    │   │   ServiceException 5xx
    │   ├── ApiConnectionError          no answer: refused, reset, DNS, TLS
    │   │   └── ApiTimeoutError         no answer in time
    │   └── ApiResponseError            an answer that can't be used
    ├── TaskFailedError                 a task ended as failed           (gravscale.tasks)
    └── TaskTimeoutError                a task did not end in time       (gravscale.tasks)

All of them can be pickled and copied. None of them holds a password or a token.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING, NoReturn, Protocol, TypeVar

from gravscale.support.text import EXCERPT_LENGTH, REQUEST_IDS, excerpt, printable
from gravscale.support.times import parse_retry_after
from gravscale.support.type_guards import is_list, is_mapping

if TYPE_CHECKING:
    from pydantic import BaseModel, JsonValue
    from urllib3 import HTTPHeaderDict

    class _Response(Protocol):
        """An HTTP response, such as gravscale.rest.RESTResponse."""

        status: int
        reason: str | None
        data: bytes | None

        @property
        def headers(self) -> HTTPHeaderDict: ...


_Error = TypeVar("_Error", bound="OpenApiException")


def _restore(error: type[_Error], args: tuple[object, ...]) -> _Error:
    restored = error.__new__(error)
    restored.args = args
    return restored


class OpenApiException(Exception):
    """Base class of every error that the SDK raises."""

    def __init__(self, *args: object) -> None:
        # Don't call super().__init__: a TimeoutError is an OSError, which reads its first two arguments as errno and
        # message.
        self.args = args

    def __reduce__(self) -> tuple[object, ...]:
        # By default, pickle rebuilds an exception by calling its class with `args`, which lacks keyword arguments.
        cause = self.__cause__
        # Other causes may not be picklable.
        kept = {"__cause__": cause} if isinstance(cause, (OSError, OpenApiException)) else {}
        return _restore, (type(self), self.args), self.__dict__ | kept

    def _render_traceback_(self) -> list[str]:
        # IPython calls this to display the error, in notebooks and in its console.
        from gravscale.support.ipython import short_traceback

        return short_traceback(self)


class _ArgumentError(OpenApiException):
    """Base class of the errors in a caller's arguments.

    Args:
        msg: What was wrong.
        path_to_item: The keys and indices that lead to the faulty part.
    """

    def __init__(self, msg: str, path_to_item: Sequence[str | int] | None = None) -> None:
        # The name or the value of an argument may contain control characters.
        message = printable(msg)
        super().__init__(f"{message} at {''.join(f'[{part!r}]' for part in path_to_item)}" if path_to_item else message)
        self.path_to_item = path_to_item


class ApiTypeError(_ArgumentError, TypeError):
    """Raised when an argument has the wrong type. Nothing was sent.

    Args:
        msg: What was wrong.
        path_to_item: The keys and indices that lead to the faulty part.
        valid_classes: The classes that were expected.
        key_type: True if the fault is in a key and not in a value.
    """

    def __init__(
        self,
        msg: str,
        path_to_item: Sequence[str | int] | None = None,
        valid_classes: tuple[type, ...] | None = None,
        key_type: bool | None = None,
    ) -> None:
        super().__init__(msg, path_to_item)
        self.valid_classes = valid_classes
        self.key_type = key_type


class ApiValueError(_ArgumentError, ValueError):
    """Raised when an argument has the right type and an invalid value. Nothing was sent."""


class ApiAttributeError(_ArgumentError, AttributeError):
    """Raised when an attribute does not exist."""


class ApiKeyError(_ArgumentError, KeyError):
    """Raised when a key does not exist."""

    # KeyError shows the repr of its argument. That suits keys, but not messages.
    def __str__(self) -> str:
        return Exception.__str__(self)


class ApiException(OpenApiException):
    """Raised when the service answers with an error, or gives no usable answer.

    Every argument except `http_resp` is also an attribute.

    Args:
        status: The HTTP status code (RFC 9110, section 15), or None if there was no answer.
        reason: The reason phrase, or what happened instead of an answer.
        http_resp: The response that supplies whatever the other arguments leave out.
        body: The body of the answer as text.
        data: The body as the contract's model for this status, or as plain JSON.
        headers: The headers of the answer.
        method: The HTTP method of the request.
        url: The URL of the request, with secrets masked.
    """

    hint: str | None = None

    def __init__(
        self,
        status: int | None = None,
        reason: str | None = None,
        http_resp: _Response | None = None,
        *,
        body: str | None = None,
        data: BaseModel | JsonValue = None,
        headers: HTTPHeaderDict | None = None,
        method: str | None = None,
        url: str | None = None,
    ) -> None:
        self.status = status
        self.reason = reason
        self.body = body
        self.data = data
        self.headers = headers
        self.method = method
        self.url = url
        if http_resp is not None:
            from gravscale.support.redaction import redact, redact_headers

            self.status = http_resp.status if status is None else status
            self.reason = redact(http_resp.reason) if reason is None and http_resp.reason else reason
            self.headers = redact_headers(http_resp.headers or {}) if headers is None else headers
            if body is None and http_resp.data is not None:
                self.body = redact(http_resp.data.decode(errors="replace"))
        super().__init__(self.status, self.reason)

    @property
    def request_id(self) -> str | None:
        """The service's id for the request, to give to its support team, or None if it sent none."""
        return find_request_id(self.headers)

    @property
    def retry_after(self) -> float | None:
        """How many seconds the service asks you to wait before you call again, or None (RFC 9110, section 10.2.3)."""
        return None if self.headers is None else parse_retry_after(self.headers.get("Retry-After"))

    @classmethod
    def from_response(cls, *, http_resp: _Response, body: str | None, data: BaseModel | JsonValue) -> NoReturn:
        """Raise the error that matches the status of a response."""
        raise cls.of_status(http_resp.status)(http_resp=http_resp, body=body, data=data)

    @staticmethod
    def of_status(status: int) -> type[ApiException]:
        """Return the exception class for an HTTP status."""
        return _BY_STATUS.get(status) or (ServiceException if 500 <= status <= 599 else ApiException)

    def __str__(self) -> str:
        reason = excerpt(str(self.reason), 3 * EXCERPT_LENGTH) if self.reason else _phrase(self.status)
        what = " ".join(str(part) for part in (self.status, reason) if part)
        request = f"{self.method} {excerpt(self.url or '')}: " if self.method else ""
        message = _service_message(self.data, self.body)
        reference = f" (request id {excerpt(self.request_id)})" if self.request_id else ""
        hint = f"\n{self.hint}" if self.hint else ""
        return f"{request}{what}{f': {message}' if message else ''}{reference}{hint}" or type(self).__name__


class BadRequestException(ApiException):
    """400: the service can't process the request (RFC 9110, section 15.5.1)."""


class UnauthorizedException(ApiException):
    """401: the credentials are missing, wrong or expired (RFC 9110, section 15.5.2)."""


class ForbiddenException(ApiException):
    """403: these credentials don't allow this (RFC 9110, section 15.5.4)."""


class NotFoundException(ApiException):
    """404: there is no such account, VPC, address or task (RFC 9110, section 15.5.5)."""


class ConflictException(ApiException):
    """409: the request conflicts with the current state; an address is in use, say (RFC 9110, section 15.5.10)."""


class UnprocessableEntityException(ApiException):
    """422: the request is invalid. `str(error)` names each faulty field (RFC 9110, section 15.5.21)."""


class TooManyRequestsException(ApiException):
    """429: too many requests. See `retry_after` (RFC 6585, section 4)."""


class ServiceException(ApiException):
    """5xx: the service failed (RFC 9110, section 15.6)."""


class ApiConnectionError(ApiException):
    """Raised when there was no answer: a DNS or TLS failure, a refused or a reset connection. `status` is None."""


class ApiTimeoutError(ApiConnectionError, TimeoutError):
    """Raised when there was no answer in time. `reason` says what the call was doing, and how long it took."""


class ApiResponseError(ApiException):
    """Raised when an answer can't be used: truncated, not JSON, of another shape, too large, a redirect elsewhere."""


class InsecureTransportWarning(UserWarning):
    """Issued when credentials are sent over plain http, where anyone on the network path can read them."""


class TokenStoreWarning(UserWarning):
    """Issued when a token store can't be read or written. The call goes on without it."""


_BY_STATUS: Mapping[int, type[ApiException]] = {
    400: BadRequestException,
    401: UnauthorizedException,
    403: ForbiddenException,
    404: NotFoundException,
    409: ConflictException,
    422: UnprocessableEntityException,
    429: TooManyRequestsException,
}

_FAULTS = 20


def find_request_id(headers: HTTPHeaderDict | None) -> str | None:
    """Return the service's id for a request, or None if its answer has none."""
    return next((headers[name] for name in REQUEST_IDS if name in headers), None) if headers is not None else None


def _phrase(status: int | None) -> str:
    try:
        return HTTPStatus(status).phrase if status else ""
    except ValueError:
        return ""


def _service_message(data: object, body: str | None) -> str:
    """Return the service's own message: FastAPI's `detail` (field by field for a 422), or the start of a plain text."""
    detail = next((found for name in ("detail", "message") if (found := _member(data, name)) is not None), None)
    if is_list(detail):
        faults = "; ".join(_fault(fault) for fault in detail[:_FAULTS])
        return faults if len(detail) <= _FAULTS else f"{faults}; and {len(detail) - _FAULTS} more"
    if detail is not None:
        return excerpt(str(detail))
    return excerpt(body) if body else ""


def _fault(fault: object) -> str:
    """Return what is wrong with one field, such as `body.email: Field required`."""
    loc, msg = _member(fault, "loc"), _member(fault, "msg")
    if msg is None:
        return excerpt(str(fault))
    parts: Sequence[object] = loc if is_list(loc) else () if loc is None else (loc,)
    field = ".".join(str(getattr(part, "actual_instance", part)) for part in parts)
    return excerpt(f"{field}: {msg}" if field else str(msg))


def _member(data: object, name: str) -> object:
    """Return a field of plain JSON or of a model, or None."""
    return data.get(name) if is_mapping(data) else getattr(data, name, None)
