"""The client: it starts each call and hands it to the pipeline."""

from __future__ import annotations

import copy
import platform
import warnings
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, ClassVar, TypeVar, overload

from gravscale.configuration import Configuration
from gravscale.exceptions import ApiTypeError
from gravscale.pipeline import compose
from gravscale.pipeline.build import build_direct_request, build_request
from gravscale.pipeline.call import Call
from gravscale.pipeline.events import telling_of_errors
from gravscale.pipeline.parse import parse_answer
from gravscale.pipeline.response import RESTResponse
from gravscale.pipeline.serialization import as_plain
from gravscale.schema.call_options import CALL_OPTIONS, CLIENT_OPTIONS, CallOptions, ClientOptions, Timeout
from gravscale.schema.operation import Operation
from gravscale.support.frames import caller_level
from gravscale.support.type_guards import has_methods, type_name
from gravscale.support.version import __version__
from gravscale.tracebacks import hide_sdk_frames
from gravscale.transport import Transport
from gravscale.transport.deadline import Deadline
from gravscale.transport.fields import put_header, put_headers
from gravscale.transport.urllib3_transport import Urllib3Transport

if TYPE_CHECKING:
    from pydantic import JsonValue
    from typing_extensions import Self, Unpack
    from urllib3 import BaseHTTPResponse

    from gravscale.api_response import ApiResponse

T = TypeVar("T")


class ApiClient:
    """Calls the service. One client may be shared by any number of threads.

    Args:
        configuration: where the service is and how to talk to it; the default one if left out.
        header_name, header_value: a header field for every request.
        cookie: the Cookie field of every request.
        transport: what carries the requests, instead of the network; see gravscale.transport.Transport.

    Raises:
        ApiTypeError, ApiValueError: an argument is not what it should be.
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
        self.transport: Transport = self._own_transport or Urllib3Transport(self.configuration)
        self._send = compose(self.configuration, self.transport)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection. A later call opens new ones."""
        self.transport.close()

    @property
    def user_agent(self) -> str:
        """The User-Agent field of every request (RFC 9110, section 10.1.5)."""
        return next((value for name, value in self.default_headers.items() if name.lower() == "user-agent"), "")

    @user_agent.setter
    @hide_sdk_frames
    def user_agent(self, value: str) -> None:
        self.set_default_header("User-Agent", value)

    @hide_sdk_frames
    def set_default_header(self, header_name: str, header_value: str) -> None:
        """Send a header field with every request. Raises ApiTypeError or ApiValueError for what is none."""
        put_header(self.default_headers, header_name, header_value)

    @classmethod
    def get_default(cls) -> ApiClient:
        """Return the client that API classes without one use."""
        if cls._default is None:
            cls._default = ApiClient()
        return cls._default

    @classmethod
    def set_default(cls, default: ApiClient | None) -> None:
        """Make a client the one that API classes without one use."""
        cls._default = default

    @hide_sdk_frames
    def perform(self, operation: Operation[T], options: CallOptions, *arguments: object) -> T:
        """Call an operation.

        Args:
            operation: which.
            options: what the call is told besides its parameters.
            arguments: a value for each of the operation's parameters, in their order.

        Returns:
            The answer's data.

        Raises:
            ApiTypeError, ApiValueError: an argument is not what it should be; nothing was sent.
            ApiException: the service refused, did not answer, or gave an answer that can't be used.
        """
        call = self._start(operation, options, arguments)
        return telling_of_errors(call, lambda: parse_answer(call, operation, self._send(call)))

    @hide_sdk_frames
    def perform_with_http_info(
        self, operation: Operation[T], options: CallOptions, *arguments: object
    ) -> ApiResponse[T]:
        """Like `perform`, with the status, the header fields and other facts of the answer."""
        from gravscale.api_response import ApiResponse

        def answer() -> ApiResponse[T]:
            response = self._send(call)
            data = parse_answer(call, operation, response)
            facts = ApiResponse(
                status_code=response.status, headers=response.headers, data=data, raw_data=response.read()
            )
            facts.elapsed, facts.attempts = call.deadline.elapsed(), call.attempts
            return facts

        call = self._start(operation, options, arguments)
        return telling_of_errors(call, answer)

    @hide_sdk_frames
    def perform_without_preload_content(
        self, operation: Operation[object], options: CallOptions, *arguments: object
    ) -> BaseHTTPResponse:
        """Like `perform`, giving the open answer, whatever its status, its body unread."""
        call = self._start(operation, options, arguments)
        call.request.stream = True
        return telling_of_errors(call, lambda: self._send(call).response)

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

    # Of a union, such as `Task | None`, which is no class.
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
        """Call what the SDK does not cover yet, with credentials, retries, deadline and errors as any other call.

        Args:
            method: the HTTP method.
            path: the path below the configured host, such as `/api/new`.
            query: query parameters. A list repeats its parameter, and None leaves it out.
            body: models and plain data go as JSON, bytes as they are. `_content_type` says what they are otherwise.
            answer: the type to read the answer as, such as dict or a pydantic model. Without one the answer is JSON's
                plain data, or text where it is no JSON, or None where it has no body.
            options: see CallOptions.

        Returns:
            The answer as that type.

        Raises:
            ApiTypeError, ApiValueError: an argument is not what it should be; nothing was sent.
            ApiException: the service refused, did not answer, or gave an answer that can't be used.
        """
        from gravscale.pipeline.raw import raw_operation

        operation, arguments = raw_operation(method, path, query, body, answer)
        return self.perform(operation, options, *arguments)

    @hide_sdk_frames
    def with_options(self, **options: Unpack[ClientOptions]) -> Self:
        """Return a client with other settings on the same connections, with the same credentials.

        Settings that are changed later, on one client's configuration, don't reach the other. Closing either closes
        the connections of both.

        Args:
            options: see ClientOptions.

        Raises:
            ApiTypeError, ApiValueError: an option is not what it should be.
        """
        if not options.keys() <= CLIENT_OPTIONS:
            unknown = ", ".join(sorted(options.keys() - CLIENT_OPTIONS))
            raise ApiTypeError(f"with_options() has no argument {unknown}; it takes {', '.join(CLIENT_OPTIONS)}")
        client = type(self).__new__(type(self))
        client.__dict__.update(self.__dict__)
        client.configuration = copy.copy(self.configuration)
        if "timeout" in options:
            client.configuration.timeout = options["timeout"]
        if "retries" in options:
            client.configuration.retries = options["retries"]
        client.default_headers = dict(self.default_headers)
        put_headers(client.default_headers, options.get("headers") or {}, "headers")
        client._send = compose(client.configuration, client.transport)
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
        """Reach what the contract does not cover. No credentials are added, and no status is an error.

        Args:
            method: the HTTP method.
            url: the absolute URL.
            header_params: header fields.
            body: models and plain data go as JSON; with another Content-Type, text or bytes go as they are.
            post_params: fields of a form, for the two form types.
            _request_timeout: seconds for the whole call, or a pair (connect, read) for each attempt.

        Returns:
            The answer, its body read into `data` by `read()`.

        Raises:
            ApiTypeError, ApiValueError: an argument is not what it should be; nothing was sent.
            ApiConnectionError, ApiTimeoutError, ApiResponseError: no usable answer.
        """
        deadline = Deadline(self.configuration.timeouts(_request_timeout))
        request = build_direct_request(self, method, url, header_params, body, post_params)
        call = Call(self, request, deadline)
        return telling_of_errors(call, lambda: self._send(call))

    @hide_sdk_frames
    def sanitize_for_serialization(self, obj: object) -> object:
        """Turn models, times and other known types into plain data that JSON can hold.

        Raises ApiTypeError for what can't be turned.
        """
        return as_plain(obj, "obj")

    def _start(self, operation: Operation[object], options: CallOptions, arguments: tuple[object, ...]) -> Call:
        """Start the clock of a call and build its request."""
        if options and not options.keys() <= CALL_OPTIONS:
            unknown = ", ".join(sorted(options.keys() - CALL_OPTIONS))
            raise ApiTypeError(f"{operation.name}() has no argument {unknown}")
        if operation.deprecated:
            warnings.warn(f"{operation.name}() is deprecated", DeprecationWarning, stacklevel=caller_level())
        deadline = Deadline(self.configuration.timeouts(options.get("_request_timeout")))
        request = build_request(self, operation, options, arguments)
        return Call(self, request, deadline, operation, options.get("_request_auth"))

    def __getstate__(self) -> dict[str, object]:
        # Connections stay where they were opened.
        return {name: value for name, value in self.__dict__.items() if name not in ("transport", "_send")}

    def __setstate__(self, state: dict[str, object]) -> None:
        self.__dict__.update(state)
        self._open()

    def __repr__(self) -> str:
        # One whose making failed may be shown by what reports the error.
        return f"<ApiClient {self.configuration.host}>" if "configuration" in vars(self) else "<ApiClient>"
