"""The request pipeline: build, authorize, send, parse. Each operation passes through here."""

from __future__ import annotations

import platform
import warnings
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, TypeVar

import pydantic_core

from gravscale.configuration import Configuration
from gravscale.contract import SECURITY_SCHEMES
from gravscale.exceptions import ApiException, ApiResponseError, ApiTypeError, ApiValueError
from gravscale.pipeline.body import encode_body, secrets_of
from gravscale.pipeline.files import file_body
from gravscale.pipeline.serialization import as_cookie, as_field, as_pairs, as_path, as_plain, as_text
from gravscale.rest import RESTClientObject, RESTResponse
from gravscale.schema.call_options import CALL_OPTIONS, CallOptions, Timeout
from gravscale.schema.model import describe
from gravscale.schema.operation import Operation
from gravscale.schema.parameters import Body, Cookie, Form, Path, Query
from gravscale.support.redaction import redact, redact_headers
from gravscale.support.text import decode, excerpt, format_number
from gravscale.support.type_guards import is_list, type_name
from gravscale.support.version import __version__
from gravscale.tracebacks import hide_sdk_frames
from gravscale.transport.deadline import Deadline
from gravscale.transport.request import (
    METHODS,
    Request,
    authority,
    caller_level,
    make_request,
    put_cookie,
    put_header,
    split_url,
)

if TYPE_CHECKING:
    from typing_extensions import Self
    from urllib3 import BaseHTTPResponse

    from gravscale.api_response import ApiResponse

T = TypeVar("T")

# Of a larger body an error keeps the beginning only.
_ERROR_BODY_MAX = 1024 * 1024
# Longer than any secret: an excerpt is taken from so much that no secret in it is cut off.
_EXCERPT_FROM = 65536


class ApiClient:
    """Calls the service. One client may be shared by any number of threads.

    Args:
        configuration: where the service is and how to talk to it; the default one if left out.
        header_name, header_value: a header field for every request.
        cookie: the Cookie field of every request.
    """

    _default: ClassVar[ApiClient | None] = None

    @hide_sdk_frames
    def __init__(
        self,
        configuration: Configuration | None = None,
        header_name: str | None = None,
        header_value: str | None = None,
        cookie: str | None = None,
    ) -> None:
        if configuration is not None and not isinstance(configuration, Configuration):
            raise ApiTypeError(f"configuration: expected a Configuration, got {type_name(configuration)}")
        self.configuration: Configuration = Configuration.get_default() if configuration is None else configuration
        self.rest_client: RESTClientObject = RESTClientObject(self.configuration)
        self.default_headers: dict[str, str] = {}
        self.cookie = cookie
        self.user_agent = f"gravscale/{__version__} python/{platform.python_version()}"
        if header_name is not None:
            self.set_default_header(header_name, header_value or "")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection. A later call opens new ones."""
        self.rest_client.close()

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
        """The client that API classes without one use."""
        if cls._default is None:
            cls._default = ApiClient()
        return cls._default

    @classmethod
    def set_default(cls, default: ApiClient | None) -> None:
        """Make a client the one that API classes without one use."""
        cls._default = default

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
        response, request = self._answered(operation, options, arguments, preload=True)
        return _data(operation, request, response)

    def perform_with_http_info(
        self, operation: Operation[T], options: CallOptions, *arguments: object
    ) -> ApiResponse[T]:
        """Like `perform`, with the status and the headers of the answer."""
        response, request = self._answered(operation, options, arguments, preload=True)
        from gravscale.api_response import ApiResponse

        data = _data(operation, request, response)
        return ApiResponse(status_code=response.status, headers=response.headers, data=data, raw_data=response.read())

    def perform_without_preload_content(
        self, operation: Operation[object], options: CallOptions, *arguments: object
    ) -> BaseHTTPResponse:
        """Like `perform`, giving the open answer, whatever its status, its body unread."""
        return self._answered(operation, options, arguments, preload=False)[0].response

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
        if not isinstance(method, str) or method.upper() not in METHODS:
            raise ApiValueError(f"method: expected one of {', '.join(sorted(METHODS))}, got {method!r}")
        if not isinstance(url, str):
            raise ApiTypeError(f"url: expected a str, got {type(url).__name__}")
        origin, target = split_url(url)
        headers = self._headers(origin, header_params)
        plain = as_plain(body, "body")
        content_type = next((headers.pop(name) for name in list(headers) if name.lower() == "content-type"), None)
        content, content_type = encode_body(plain, content_type or "application/json", post_params)
        secrets = secrets_of(plain) + secrets_of(post_params)
        if content_type:
            headers["Content-Type"] = content_type
        request = make_request(method.upper(), origin, target or "/", [], headers, content, secrets)
        return self.rest_client.send(request, Deadline(self.configuration.limits(_request_timeout)))

    @hide_sdk_frames
    def sanitize_for_serialization(self, obj: object) -> object:
        """Turn models, times and other known types into plain data that JSON can hold.

        Raises ApiTypeError for what can't be turned.
        """
        return as_plain(obj, "obj")

    def __getstate__(self) -> dict[str, object]:
        return {name: value for name, value in self.__dict__.items() if name != "rest_client"}

    def __setstate__(self, state: dict[str, object]) -> None:
        self.__dict__.update(state)
        # Connections stay where they were opened.
        self.rest_client = RESTClientObject(self.configuration)

    def __repr__(self) -> str:
        # One whose making failed may be shown by what reports the error.
        return f"<ApiClient {self.configuration.host}>" if "configuration" in vars(self) else "<ApiClient>"

    def _answered(
        self, operation: Operation[object], options: CallOptions, arguments: tuple[object, ...], *, preload: bool
    ) -> tuple[RESTResponse, Request]:
        """Check, build, authorize and send."""
        if options and not options.keys() <= CALL_OPTIONS:
            unknown = ", ".join(sorted(options.keys() - CALL_OPTIONS))
            raise ApiTypeError(f"{operation.name}() has no argument {unknown}")
        if operation.deprecated:
            warnings.warn(f"{operation.name}() is deprecated", DeprecationWarning, stacklevel=caller_level())
        deadline = Deadline(self.configuration.limits(options.get("_request_timeout")))
        request = self._build(operation, options, arguments)
        token = self._authorize(request, operation, options, deadline)
        response = self.rest_client.send(request, deadline, preload=preload)
        if response.status == 401 and token is not None:
            # A 401 means that nothing was done, so that a POST too can be repeated (RFC 9110, section 15.5.2).
            try:
                renewed = self._token(deadline, rejected=token)
            except BaseException:
                response.response.close()
                raise
            if renewed is not None and renewed != token:
                response.response.close()
                response.response.release_conn()
                request.authorize("Authorization", f"Bearer {renewed}")
                response = self.rest_client.send(request, deadline, preload=preload)
        return response, request

    def _build(self, operation: Operation[object], options: CallOptions, arguments: tuple[object, ...]) -> Request:
        """The request that an operation is with these arguments, not authorized yet."""
        index = options.get("_host_index", 0)
        origin, base = split_url(self.configuration.host if index == 0 else self._server(index), "host")
        path = operation.path
        query: list[tuple[str, str]] = []
        headers = self._headers(origin, None, accept=operation.accept)
        content: Any = None
        form: list[tuple[str, object]] = []
        content_type: str | None = None
        body_name = "body"
        body: Any = None
        secrets: list[str] = []
        for parameter, argument in zip(operation.parameters, arguments, strict=True):
            value = parameter.check(argument)
            if value is None:
                continue
            if isinstance(parameter, Query):
                query += as_pairs(parameter, value, self.configuration)
            elif isinstance(parameter, Path):
                path = path.replace(f"{{{parameter.wire}}}", as_path(value, parameter.name, self.configuration))
            elif isinstance(parameter, Body):
                body_name = parameter.name
                content = file_body(value, body_name) if parameter.is_file else as_plain(value, body_name)
                content_type = parameter.content_type
            elif isinstance(parameter, Form):
                values = value if is_list(value) else [value]
                form += [(parameter.wire, as_field(parameter, item, self.configuration)) for item in values]
                content_type = parameter.content_type
            elif isinstance(parameter, Cookie):
                put_cookie(headers, parameter.wire, as_cookie(value, parameter.name, self.configuration))
            else:
                put_header(headers, parameter.wire, as_text(value, parameter.name, self.configuration))
        if content_type is not None:
            body, content_type = encode_body(content, options.get("_content_type") or content_type, form, body_name)
            put_header(headers, "Content-Type", content_type)
            secrets += secrets_of(content) + secrets_of(dict(form))
        if given := options.get("_headers"):
            _replace(headers, given, "_headers")
        return make_request(operation.method, origin, base.rstrip("/") + path, query, headers, body, secrets)

    def _server(self, index: object) -> str:
        if isinstance(index, bool) or not isinstance(index, int):
            raise ApiTypeError(f"_host_index: expected an int, got {type(index).__name__}")
        last = len(self.configuration.get_host_settings()) - 1
        if not 0 <= index <= last:
            raise ApiValueError(f"_host_index: expected 0 to {last}, got {format_number(index)}")
        return self.configuration.get_host_from_settings(index, self.configuration.server_variables)

    def _authorize(
        self, request: Request, operation: Operation[object], options: CallOptions, deadline: Deadline
    ) -> str | None:
        """Add the credentials to a request. Gives the token if it is one that can be renewed."""
        setting = options.get("_request_auth")
        if setting is not None:
            request.authorize_as(setting)
            return None
        token = None
        for name in operation.security:
            scheme = SECURITY_SCHEMES[name]
            if request.has_header(scheme["key"]):
                continue
            if scheme["type"] in ("bearer", "oauth2"):
                token = self._token(deadline)
                if token is not None:
                    request.authorize("Authorization", f"Bearer {token}")
            elif (configured := self.configuration.auth_setting(name)) is not None:
                request.authorize_as(configured)
        return token

    def _token(self, deadline: Deadline, rejected: str | None = None) -> str | None:
        """The access token to call with, or another in place of one that was rejected; None if there is none."""
        credentials, token = self.configuration.credentials, self.configuration.access_token
        source = "access_token" if credentials is None else "credentials"
        if credentials is None and not callable(token):
            if token is None or rejected is not None:
                return None
            given: object = token
        else:
            # What renews a token calls the service too, within the time of the call that needs it.
            with deadline.encloses():
                if credentials is None:
                    given = token() if callable(token) else token
                elif rejected is None:
                    given = credentials.access_token(self)
                else:
                    given = credentials.renew(self, rejected)
        if not given and rejected is not None:
            return None
        if not isinstance(given, str):
            raise ApiTypeError(f"{source}: expected a token, a str, got {type(given).__name__}")
        if given != given.strip() or not given:
            raise ApiValueError(f"{source}: expected a token, got one that is empty or has white space around it")
        return given

    def _headers(
        self, origin: str, given: Mapping[str, str] | None, accept: str = "application/json"
    ) -> dict[str, str]:
        """The default header fields, replaced and completed by those given."""
        headers = {"Host": authority(origin), "Accept-Encoding": "identity", "Accept": accept}
        # The dict is the user's too, who may have put anything there.
        _replace(headers, self.default_headers, "default_headers")
        if self.cookie is not None:
            put_header(headers, "Cookie", self.cookie)
        if given:
            _replace(headers, given, "header_params")
        return headers


def _replace(headers: dict[str, str], given: Mapping[str, str], name: str) -> None:
    if not isinstance(given, Mapping):
        raise ApiTypeError(f"{name}: expected a dict of header fields, got {type(given).__name__}")
    for field, value in given.items():
        put_header(headers, field, value)


def _data(operation: Operation[T], request: Request, response: RESTResponse) -> T:
    """The data of a successful answer. Raises the ApiException of any other."""
    raw = response.read()
    if not 200 <= response.status < 300:
        _raise(operation, request, response)
    media = response.getheader("Content-Type") or "no Content-Type"
    try:
        return operation.read_answer(raw, media, response.status)
    except pydantic_core.ValidationError as error:
        reason = describe(error)
    except ValueError as error:
        reason = str(error)
    start = raw.lstrip()[:_EXCERPT_FROM].decode("utf-8", "replace")
    # Of what is no JSON, such as the page of a captive portal, the start tells most; JSON may hold tokens.
    shown = f"; it starts {excerpt(redact(start, request.secrets))[:80]!r}" if start[:1] == "<" else ""
    media, reason = (excerpt(redact(text, request.secrets)) for text in (media, reason))
    raise ApiResponseError(
        response.status,
        f"an answer of {len(raw)} bytes ({media}) that is no {operation.answer_name}: {reason}{shown}",
        headers=redact_headers(response.headers, request.secrets),
        method=request.method,
        url=request.origin + request.shown,
    )


def _raise(operation: Operation[object], request: Request, response: RESTResponse) -> NoReturn:
    # The data are read from the text without secrets, and so have none either.
    raw = response.data or b""
    media = response.getheader("Content-Type") or ""
    body = redact(decode(raw[:_ERROR_BODY_MAX], media, "replace"), request.secrets)
    if len(raw) > _ERROR_BODY_MAX:
        # The cut may have gone through a secret, of which no half shall stay.
        body = body[:-_EXCERPT_FROM]
    raise ApiException.of_status(response.status)(
        response.status,
        redact(response.reason or "", request.secrets),
        body=body,
        data=operation.read_error(response.status, body),
        headers=redact_headers(response.headers, request.secrets),
        method=request.method,
        url=request.origin + request.shown,
    )
