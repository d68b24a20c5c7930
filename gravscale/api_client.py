"""The client. It starts each call and passes it to the pipeline."""

from __future__ import annotations

import copy
import platform
import warnings
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, ClassVar, TypeVar, overload

from gravscale.configuration import Configuration
from gravscale.exceptions import ApiTypeError, ApiValueError
from gravscale.pipeline import compose
from gravscale.pipeline.build import build_direct_request, build_request
from gravscale.pipeline.call import Call
from gravscale.pipeline.parse import parse_answer
from gravscale.pipeline.response import RESTResponse
from gravscale.pipeline.serialization import as_plain
from gravscale.schema.call_options import (
    CALL_OPTIONS,
    CLIENT_OPTIONS,
    CallOptions,
    ClientOptions,
    Timeout,
    check_names,
)
from gravscale.schema.operation import Operation
from gravscale.support.frames import caller_level
from gravscale.support.type_guards import has_methods, type_name
from gravscale.support.version import __version__
from gravscale.tracebacks import hide_sdk_frames
from gravscale.transport import Transport
from gravscale.transport.deadline import Deadline
from gravscale.transport.fields import find_header, put_header, put_headers
from gravscale.transport.urllib3_transport import Urllib3Transport

if TYPE_CHECKING:
    from pydantic import JsonValue
    from typing_extensions import Self, Unpack
    from urllib3 import BaseHTTPResponse

    from gravscale.api_response import ApiResponse

T = TypeVar("T")

_SETTINGS = ("configuration", "default_headers")


class ApiClient:
    """Send calls to the service.

    Any number of threads can share one client. Use it in a `with` statement, or call `close()` when you are done.

    Args:
        configuration: The settings. Default: `Configuration.get_default()`.
        header_name: The name of a header to send with every request.
        header_value: The value of that header.
        cookie: The Cookie header of every request.
        transport: An object that sends the requests instead of the SDK. See `gravscale.transport.Transport`.

    Raises:
        ApiTypeError: An argument has the wrong type.
        ApiValueError: A header has an invalid name or value.
    """

    _default: ClassVar[ApiClient | None] = None

    @hide_sdk_frames
    def __init__(
        self,
        configuration: Configuration | None = None,
        header_name: str | None = None,
        header_value: str | None = None,
        cookie: str | None = None,
        *,
        transport: Transport | None = None,
    ) -> None:
        if configuration is not None and not isinstance(configuration, Configuration):
            raise ApiTypeError(f"configuration: expected a Configuration, got {type_name(configuration)}")
        if transport is not None and not has_methods(transport, "send", "close"):
            raise ApiTypeError(f"transport: expected an object with send() and close(), got {type_name(transport)}")
        self.configuration: Configuration = Configuration.get_default() if configuration is None else configuration
        self._own_transport = transport
        self._open()
        self.default_headers: dict[str, str] = {}
        self.cookie = cookie
        self.user_agent = f"gravscale/{__version__} python/{platform.python_version()}"
        if header_name is not None:
            self.set_default_header(header_name, header_value or "")

    def _open(self) -> None:
        own = self._own_transport
        self.transport: Transport = Urllib3Transport(self.configuration) if own is None else own
        self._send = compose(self.transport)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close every idle connection. One that is still being read closes after that. A later call opens new ones."""
        self.transport.close()

    @property
    def user_agent(self) -> str:
        """The User-Agent header of every request (RFC 9110, section 10.1.5)."""
        name = find_header(self.default_headers, "User-Agent")
        return "" if name is None else self.default_headers[name]

    @user_agent.setter
    @hide_sdk_frames
    def user_agent(self, value: str) -> None:
        self.set_default_header("User-Agent", value)

    @hide_sdk_frames
    def set_default_header(self, header_name: str, header_value: str) -> None:
        """Send a header with every request.

        Args:
            header_name: The name of the header.
            header_value: Its value.

        Raises:
            ApiTypeError: An argument is not a str.
            ApiValueError: The name or the value can't be sent as a header.
        """
        put_header(self.default_headers, header_name, header_value)

    @classmethod
    def get_default(cls) -> ApiClient:
        """Return the client for API classes that are created without one."""
        if cls._default is None:
            cls._default = ApiClient()
        return cls._default

    @classmethod
    def set_default(cls, default: ApiClient | None) -> None:
        """Set the client for API classes that are created without one."""
        cls._default = default

    @hide_sdk_frames
    def perform(self, operation: Operation[T], options: CallOptions, *arguments: object) -> T:
        """Call an operation and return the data of its answer. The methods of the API classes call this."""
        call = self._start(operation, options, arguments)
        return parse_answer(call, operation, self._send(call))

    @hide_sdk_frames
    def perform_with_http_info(
        self, operation: Operation[T], options: CallOptions, *arguments: object
    ) -> ApiResponse[T]:
        """Call an operation like `perform`, but return the status, the headers and other facts too."""
        from gravscale.api_response import ApiResponse

        call = self._start(operation, options, arguments)
        response = self._send(call)
        data = parse_answer(call, operation, response)
        answer = ApiResponse(status_code=response.status, headers=response.headers, data=data, raw_data=response.read())
        answer.elapsed, answer.attempts = call.deadline.elapsed(), call.attempts
        return answer

    @hide_sdk_frames
    def perform_without_preload_content(
        self, operation: Operation[object], options: CallOptions, *arguments: object
    ) -> BaseHTTPResponse:
        """Call an operation like `perform`, but return the open response with its body unread, whatever its status."""
        call = self._start(operation, options, arguments)
        call.request.stream = True
        return self._send(call).response

    @overload
    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, object] | None = None,
        body: object = None,
        answer: type[T],
        **options: Unpack[CallOptions],
    ) -> T: ...

    @overload
    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, object] | None = None,
        body: object = None,
        answer: None = None,
        **options: Unpack[CallOptions],
    ) -> JsonValue: ...

    # For a union such as `Task | None`, which is not a class.
    @overload
    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, object] | None = None,
        body: object = None,
        answer: object,
        **options: Unpack[CallOptions],
    ) -> object: ...

    @hide_sdk_frames
    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, object] | None = None,
        body: object = None,
        answer: object = None,
        **options: Unpack[CallOptions],
    ) -> object:
        """Send a request that the SDK has no method for. Credentials, retries, timeouts and errors work as always.

        Args:
            method: The HTTP method.
            path: The path below the configured host, such as `/api/new`.
            query: Query parameters. A list repeats its parameter, and None leaves it out.
            body: Models, dataclasses and plain data are sent as JSON, bytes unchanged. `_content_type` sets the type.
                A dict is also sent as a form. In `multipart/form-data`, a value can be a file: (name, content).
            answer: The type to return, such as `dict` or a pydantic model. Without it, you get plain data for JSON,
                text for any other answer, and None for an answer without a body.
            **options: The options of this call. See `CallOptions`.

        Returns:
            The answer as that type.

        Raises:
            ApiTypeError: An argument has the wrong type; nothing was sent.
            ApiValueError: An argument has an invalid value; nothing was sent.
            ApiException: The service answered with an error, did not answer, or sent an answer that can't be used.
        """
        from gravscale.pipeline.raw import raw_operation

        operation, arguments = raw_operation(method, path, query, body, answer, options.get("_content_type"))
        return self.perform(operation, options, *arguments)

    @hide_sdk_frames
    def with_options(self, **options: Unpack[ClientOptions]) -> Self:
        """Return a client with other settings that shares the connections and credentials of this one.

        Later changes to the configuration of one don't affect the other. Closing one closes the connections of both.

        Args:
            **options: The settings to change. See `ClientOptions`.

        Returns:
            The new client.

        Raises:
            ApiTypeError: An option has the wrong type, or does not exist.
            ApiValueError: An option has an invalid value.
        """
        check_names("with_options", options, CLIENT_OPTIONS)
        client = type(self).__new__(type(self))
        client.__dict__.update(self.__dict__)
        client.configuration = copy.copy(self.configuration)
        if "timeout" in options:
            client.configuration.timeout = options["timeout"]
        if "retries" in options:
            client.configuration.retries = options["retries"]
        client.default_headers = dict(self.default_headers)
        if (headers := options.get("headers")) is not None:
            put_headers(client.default_headers, headers, "headers")
        return client

    @hide_sdk_frames
    def call_api(
        self,
        method: str,
        url: str,
        header_params: Mapping[str, str] | None = None,
        body: object = None,
        post_params: Mapping[str, object] | Iterable[tuple[str, object]] | None = None,
        _request_timeout: Timeout = None,
    ) -> RESTResponse:
        """Send a request to any URL, without credentials. Error statuses don't raise. To call Gravscale, use `request`.

        Args:
            method: The HTTP method.
            url: The absolute URL.
            header_params: Headers.
            body: Models and plain data are sent as JSON. With another Content-Type, text and bytes are sent unchanged.
            post_params: The fields of a form, for the two Content-Types of forms.
            _request_timeout: Seconds for the whole call, or a pair (connect, read) of seconds for each attempt.

        Returns:
            The answer, with its body in `data`.

        Raises:
            ApiTypeError: An argument has the wrong type; nothing was sent.
            ApiValueError: An argument has an invalid value; nothing was sent.
            ApiConnectionError: There was no answer.
            ApiTimeoutError: There was no answer in time.
            ApiResponseError: The answer can't be used.
        """
        deadline = Deadline(self.configuration.timeouts(_request_timeout))
        request = build_direct_request(self, method, url, header_params, body, post_params)
        call = Call(self, request, deadline)
        return self._send(call)

    @hide_sdk_frames
    def sanitize_for_serialization(self, obj: object) -> object:
        """Convert models, datetimes and other known types to plain data for JSON. Raises ApiTypeError for any other."""
        return as_plain(obj, "obj")

    def _start(self, operation: Operation[object], options: CallOptions, arguments: tuple[object, ...]) -> Call:
        """Start the clock of a call and build its request."""
        if options:
            check_names(operation.name, options, CALL_OPTIONS, operation.parameters)
        if operation.deprecated:
            warnings.warn(f"{operation.name}() is deprecated", DeprecationWarning, stacklevel=caller_level())
        deadline = Deadline(self.configuration.timeouts(options.get("_request_timeout")))
        try:
            request = build_request(self, operation, options, arguments)
        except (ApiTypeError, ApiValueError) as error:
            refused = type(error)(f"{error} ({operation.name})")
        else:
            return Call(self, request, deadline, operation, options.get("_request_auth"))
        raise refused

    def __getstate__(self) -> dict[str, object]:  # without connections, which can't leave their process
        return {name: value for name, value in self.__dict__.items() if name not in ("transport", "_send")}

    def __setstate__(self, state: dict[str, object]) -> None:
        self.__dict__.update(state)
        self._open()

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        # Settings are copied. Everything else, such as your own transport, is meant to be shared.
        copied = memo[id(self)] = type(self).__new__(type(self))
        state = self.__getstate__().items()
        copied.__setstate__({name: copy.deepcopy(value, memo) if name in _SETTINGS else value for name, value in state})
        return copied

    def __repr__(self) -> str:
        # An error reporter may show an object whose __init__ failed.
        return f"<ApiClient {self.configuration.host}>" if "configuration" in vars(self) else "<ApiClient>"
