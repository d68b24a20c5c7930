"""Every error of the SDK.

    OpenApiException
    ├── ApiTypeError, ApiValueError, ApiKeyError, ApiAttributeError     the caller's arguments; nothing was sent
    ├── ApiException                                                    the service's answer, or its absence
    │   ├── BadRequestException 400, UnauthorizedException 401, ForbiddenException 403, NotFoundException 404,
    │   │   ConflictException 409, UnprocessableEntityException 422, TooManyRequestsException 429,
    │   │   ServiceException 5xx
    │   ├── ApiConnectionError          no answer: refused, reset, DNS, TLS
    │   │   └── ApiTimeoutError         no answer in time
    │   └── ApiResponseError            an answer that can't be used
    ├── TaskFailedError                 a task ended as failed           (gravscale.tasks)
    └── TaskTimeoutError                a task did not end in time       (gravscale.tasks)

All of them pickle and copy, and none of them holds a password or a token.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING, NoReturn, Protocol, TypeVar

from gravscale.support.text import EXCERPT_LENGTH, REQUEST_IDS, excerpt
from gravscale.support.times import parse_retry_after
from gravscale.support.type_guards import is_list, is_mapping

if TYPE_CHECKING:
    from pydantic import BaseModel, JsonValue
    from urllib3 import HTTPHeaderDict


_Error = TypeVar("_Error", bound="OpenApiException")


class _Response(Protocol):
    """An answer as it came from the network, such as gravscale.rest.RESTResponse."""

    status: int
    reason: str | None
    data: bytes | None

    @property
    def headers(self) -> HTTPHeaderDict: ...


def _restore(error: type[_Error], args: tuple[object, ...]) -> _Error:
    restored = error.__new__(error)
    restored.args = args
    return restored


class OpenApiException(Exception):
    """The base of every error that the SDK raises."""

    def __init__(self, *args: object) -> None:
        # Not handed on: a TimeoutError is an OSError, which would take the first two for an errno and its text.
        self.args = args

    def __reduce__(self) -> tuple[object, ...]:
        # By default an exception is rebuilt by calling its class with `args`, which holds no keyword arguments.
        cause = self.__cause__
        # One of another kind need not pickle.
        kept = {"__cause__": cause} if isinstance(cause, (OSError, OpenApiException)) else {}
        return _restore, (type(self), self.args), self.__dict__ | kept

    def _render_traceback_(self) -> list[str]:
        # What IPython shows, in notebooks and in its console.
        from gravscale.support.ipython import short_traceback

        return short_traceback(self)


class ApiTypeError(OpenApiException, TypeError):
    """An argument has the wrong type; nothing was sent.

    Args:
        msg: what was wrong.
        path_to_item: keys and indices that lead to the faulty part.
        valid_classes: the classes it should have been of.
        key_type: True if the fault is in a key rather than in a value.
    """

    def __init__(
        self,
        msg: str,
        path_to_item: Sequence[str | int] | None = None,
        valid_classes: tuple[type, ...] | None = None,
        key_type: bool | None = None,
    ) -> None:
        super().__init__(_at(msg, path_to_item))
        self.path_to_item = path_to_item
        self.valid_classes = valid_classes
        self.key_type = key_type


class ApiValueError(OpenApiException, ValueError):
    """An argument has the right type and a wrong value; nothing was sent.

    Args:
        msg: what was wrong.
        path_to_item: keys and indices that lead to the faulty part.
    """

    def __init__(self, msg: str, path_to_item: Sequence[str | int] | None = None) -> None:
        super().__init__(_at(msg, path_to_item))
        self.path_to_item = path_to_item


class ApiAttributeError(OpenApiException, AttributeError):
    """An attribute does not exist.

    Args:
        msg: what was wrong.
        path_to_item: keys and indices that lead to the faulty part.
    """

    def __init__(self, msg: str, path_to_item: Sequence[str | int] | None = None) -> None:
        super().__init__(_at(msg, path_to_item))
        self.path_to_item = path_to_item


class ApiKeyError(OpenApiException, KeyError):
    """A key does not exist.

    Args:
        msg: what was wrong.
        path_to_item: keys and indices that lead to the faulty part.
    """

    def __init__(self, msg: str, path_to_item: Sequence[str | int] | None = None) -> None:
        super().__init__(_at(msg, path_to_item))
        self.path_to_item = path_to_item

    # KeyError shows the repr of its argument, which is made for keys and not for sentences.
    def __str__(self) -> str:
        return Exception.__str__(self)


def _at(msg: str, path_to_item: Sequence[str | int] | None) -> str:
    return f"{msg} at {''.join(f'[{part!r}]' for part in path_to_item)}" if path_to_item else msg


class ApiException(OpenApiException):
    """The service answered a call with something else than success, or gave no usable answer.

    Attributes:
        status: the HTTP status code (RFC 9110, section 15), None where there was no answer.
        reason: the reason phrase, or what happened instead of an answer.
        headers: the answer's header fields.
        body: the answer's body as text.
        data: the body as the model that the contract names for this status, or as plain JSON.
        method, url: the request.
        request_id: the service's own name for the request, to be quoted to its support.
        retry_after: seconds after which the service asks to be called again (RFC 9110, section 10.2.3).
        hint: what to do about it, where the SDK knows; the second line of the message.
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
            self.reason = http_resp.reason if reason is None else reason
            self.headers = redact_headers(http_resp.headers or {}) if headers is None else headers
            if body is None and http_resp.data is not None:
                self.body = redact(http_resp.data.decode("utf-8", "replace"))
        super().__init__(self.status, self.reason)

    @property
    def request_id(self) -> str | None:
        """The service's own name for the request, or None."""
        return find_request_id(self.headers)

    @property
    def retry_after(self) -> float | None:
        """Seconds after which the service asks to be called again, or None (RFC 9110, section 10.2.3)."""
        return None if self.headers is None else parse_retry_after(self.headers.get("Retry-After"))

    @classmethod
    def from_response(cls, *, http_resp: _Response, body: str | None, data: BaseModel | JsonValue) -> NoReturn:
        """Raise the error that fits the status of an answer."""
        raise cls.of_status(http_resp.status)(http_resp=http_resp, body=body, data=data)

    @staticmethod
    def of_status(status: int) -> type[ApiException]:
        """The class of errors that an HTTP status stands for."""
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
    """400: the service could not make sense of the request (RFC 9110, section 15.5.1)."""


class UnauthorizedException(ApiException):
    """401: no valid credentials (RFC 9110, section 15.5.2)."""


class ForbiddenException(ApiException):
    """403: not allowed with these credentials (RFC 9110, section 15.5.4)."""


class NotFoundException(ApiException):
    """404: there is no such thing (RFC 9110, section 15.5.5)."""


class ConflictException(ApiException):
    """409: at odds with the present state, such as a taken address (RFC 9110, section 15.5.10)."""


class UnprocessableEntityException(ApiException):
    """422: well-formed but invalid; `str()` names each field and its fault (RFC 9110, section 15.5.21)."""


class TooManyRequestsException(ApiException):
    """429: too many requests; see `retry_after` (RFC 6585, section 4)."""


class ServiceException(ApiException):
    """5xx: the service failed (RFC 9110, section 15.6)."""


class ApiConnectionError(ApiException):
    """No answer: the name was not resolved, the connection refused, reset or not trusted. `status` is None."""


class ApiTimeoutError(ApiConnectionError, TimeoutError):
    """No answer in time. `reason` says in which phase the time ran out, and how long the call took."""


class ApiResponseError(ApiException):
    """An answer that can't be used: truncated, not JSON, of another shape, too large, a redirect elsewhere."""


class InsecureTransportWarning(UserWarning):
    """Credentials travel over plain http, where anyone on the way can read them."""


class TokenStoreWarning(UserWarning):
    """A token store can't be read or written. The call goes on without it."""


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
    """Return the service's own name for a request, None if its answer has none."""
    return next((headers[name] for name in REQUEST_IDS if name in headers), None) if headers is not None else None


def _phrase(status: int | None) -> str:
    try:
        return HTTPStatus(status).phrase if status else ""
    except ValueError:
        return ""


def _service_message(data: object, body: str | None) -> str:
    """The service's own words: FastAPI's `detail`, field by field for a 422, or the start of a plain text."""
    detail = data.get("detail", data.get("message")) if is_mapping(data) else getattr(data, "detail", None)
    if is_list(detail):
        faults = "; ".join(_fault(fault) for fault in detail[:_FAULTS])
        return faults if len(detail) <= _FAULTS else f"{faults}; and {len(detail) - _FAULTS} more"
    if detail is not None:
        return excerpt(str(detail))
    return excerpt(body) if body else ""


def _fault(fault: object) -> str:
    """What is wrong with one field, such as `body.email: Field required`."""
    if is_mapping(fault):
        loc, msg = fault.get("loc"), fault.get("msg")
    else:
        loc, msg = getattr(fault, "loc", None), getattr(fault, "msg", None)
    if msg is None:
        return excerpt(str(fault))
    parts: Sequence[object] = loc if is_list(loc) else () if loc is None else (loc,)
    field = ".".join(str(getattr(part, "actual_instance", part)) for part in parts)
    return excerpt(f"{field}: {msg}" if field else str(msg))
