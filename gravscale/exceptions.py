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
    ├── TaskFailedError                 a task ended as failed
    └── TaskTimeoutError                a task did not end in time

All of them pickle and copy, and none of them holds a password or a token.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone, tzinfo
from http import HTTPStatus
from typing import TYPE_CHECKING, NoReturn, TypeVar

from gravscale._guards import is_list, is_mapping

if TYPE_CHECKING:
    from pydantic import JsonValue
    from urllib3 import HTTPHeaderDict

    from gravscale.model import Model
    from gravscale.models import TaskTreeSchema
    from gravscale.rest import RESTResponse

_Error = TypeVar("_Error", bound="OpenApiException")


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
        from gravscale.notebook import short_traceback

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
    """

    def __init__(
        self,
        status: int | None = None,
        reason: str | None = None,
        http_resp: RESTResponse | None = None,
        *,
        body: str | None = None,
        data: Model | JsonValue = None,
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
            from gravscale.redaction import redact, redact_headers

            self.status = http_resp.status if status is None else status
            self.reason = http_resp.reason if reason is None else reason
            self.headers = redact_headers(http_resp.headers or {}) if headers is None else headers
            if body is None and http_resp.data is not None:
                self.body = redact(http_resp.data.decode("utf-8", "replace"))
        super().__init__(self.status, self.reason)

    @property
    def request_id(self) -> str | None:
        """The service's own name for the request, or None."""
        if self.headers is None:
            return None
        return next((self.headers[name] for name in _REQUEST_IDS if name in self.headers), None)

    @property
    def retry_after(self) -> float | None:
        """Seconds after which the service asks to be called again, or None (RFC 9110, section 10.2.3)."""
        return None if self.headers is None else parse_retry_after(self.headers.get("Retry-After"))

    @classmethod
    def from_response(cls, *, http_resp: RESTResponse, body: str | None, data: Model | JsonValue) -> NoReturn:
        """Raise the error that fits the status of an answer."""
        raise cls.of_status(http_resp.status)(http_resp=http_resp, body=body, data=data)

    @staticmethod
    def of_status(status: int) -> type[ApiException]:
        """The class of errors that an HTTP status stands for."""
        return _BY_STATUS.get(status) or (ServiceException if 500 <= status <= 599 else ApiException)

    def __str__(self) -> str:
        reason = excerpt(str(self.reason), 3 * _EXCERPT) if self.reason else _phrase(self.status)
        what = " ".join(str(part) for part in (self.status, reason) if part)
        request = f"{self.method} {excerpt(self.url or '')}: " if self.method else ""
        message = _service_message(self.data, self.body)
        reference = f" (request id {excerpt(self.request_id)})" if self.request_id else ""
        return f"{request}{what}{f': {message}' if message else ''}{reference}" or type(self).__name__


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


class TaskFailedError(OpenApiException):
    """A task ended as failed. `task` is its last state; the message has its error and its failed sub-tasks."""

    def __init__(self, message: str, task: TaskTreeSchema) -> None:
        super().__init__(message, task)
        self.task = task

    def __str__(self) -> str:
        return str(self.args[0])


class TaskTimeoutError(OpenApiException, TimeoutError):
    """A task did not end in time; it goes on. `task` is the last state seen, None if there was none."""

    def __init__(self, message: str, task: TaskTreeSchema | None) -> None:
        super().__init__(message, task)
        self.task = task

    def __str__(self) -> str:
        return str(self.args[0])


_BY_STATUS: Mapping[int, type[ApiException]] = {
    400: BadRequestException,
    401: UnauthorizedException,
    403: ForbiddenException,
    404: NotFoundException,
    409: ConflictException,
    422: UnprocessableEntityException,
    429: TooManyRequestsException,
}

_REQUEST_IDS = ("X-Request-ID", "X-Correlation-ID", "Request-ID")
_EXCERPT = 200
_FAULTS = 20
_SHOWN_MAX = 10**30
_WEEKDAYS = frozenset(("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"))
# Two moments that differ in each part.
_FILLINGS = (datetime(2000, 1, 1, tzinfo=timezone.utc), datetime(2001, 2, 2, 1, 1, 1, tzinfo=timezone.utc))
NESTED_TOO_DEEPLY = "nested too deeply, or containing itself"


def excerpt(text: str, most: int = _EXCERPT) -> str:
    """At most a line of a text that may hold anything, without control characters."""
    flat = " ".join("".join(c if c.isprintable() else " " for c in text[: 2 * most]).split())
    return flat if len(flat) <= most and len(text) <= 2 * most else f"{flat[:most]}…"


def shown(number: float) -> str:
    """A number as a message shows it. Python writes out no integer of more than some thousand digits."""
    return excerpt(str(number)) if abs(number) < _SHOWN_MAX or number != number else "one far beyond that"


def parse_time(text: str, default: datetime | None = None) -> datetime | None:
    """A time as people write it, None for what is none or whose time zone is not known.

    Args:
        default: what is missing is taken from.
    """
    from dateutil import parser, tz

    def zone(name: str | None, offset: int | None) -> tzinfo | None:
        if offset is not None:
            return tz.tzoffset(None, offset) if offset else tz.UTC
        if name is None:
            return default.tzinfo if default else None
        # One that is not known dateutil warns of and leaves out, or takes for this machine's own.
        raise ValueError

    try:
        time_ = parser.parse(text, default=default, tzinfos=zone)
        # An offset of a day or more is refused no earlier than when it is used.
        time_.utcoffset()
    except (ValueError, OverflowError):
        return None
    return time_


def parse_retry_after(value: str | None) -> float | None:
    """Seconds from now in a Retry-After field, be it a number or an HTTP date (RFC 9110, section 10.2.3).

    None for anything else: a malformed field is as good as none.
    """
    if value is None:
        return None
    value = value.strip()
    if value.isascii() and value.isdigit():
        return float(value)
    # All three forms of an HTTP date begin with the day of the week; dateutil takes much that is no date at all.
    if value[:3] not in _WEEKDAYS:
        return None
    moment, same = (parse_time(value, filling) for filling in _FILLINGS)
    # They differ where a part of the date is missing.
    return max(0.0, moment.timestamp() - time.time()) if moment is not None and moment == same else None


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
