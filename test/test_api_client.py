"""The options of a call, and calls outside the contract."""

from __future__ import annotations

import copy
import datetime
import json
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import urllib3
from example_service import AccountApi, AuthenticationApi, LoginSchema
from misbehaving import AUTHORIZATION, INFO, Server, answer, mute_listener, serving

from gravscale import (
    ApiClient,
    ApiConnectionError,
    ApiException,
    ApiResponseError,
    ApiTimeoutError,
    ApiTypeError,
    ApiValueError,
    Configuration,
    Deadline,
    PasswordCredentials,
    Request,
)
from gravscale.exceptions import ForbiddenException, UnauthorizedException

ENDLESS: list[Any] = []
ENDLESS.append(ENDLESS)


@pytest.fixture
def server() -> Iterator[Server]:
    with serving(answer()) as running:
        yield running


@pytest.fixture
def api_client(server: Server) -> Iterator[ApiClient]:
    with ApiClient(Configuration(server.url, access_token="an-access-token")) as made:
        yield made


def test_the_user_agent_can_be_read_and_replaced(server: Server, api_client: ApiClient) -> None:
    assert api_client.user_agent.startswith("gravscale/")
    api_client.user_agent += " cluster-tool/2"
    AuthenticationApi(api_client).info()
    assert server.requests[0].headers["user-agent"] == api_client.user_agent
    assert api_client.user_agent.endswith(" cluster-tool/2")


def test_a_client_may_have_its_own_header_and_cookie(server: Server) -> None:
    with ApiClient(Configuration(server.url), "X-Team", "blue", cookie="a=1") as api_client:
        AuthenticationApi(api_client).info()
    with ApiClient(Configuration(server.url), "X-Empty") as api_client:
        AuthenticationApi(api_client).info()
    assert (server.requests[0].headers["x-team"], server.requests[0].headers["cookie"]) == ("blue", "a=1")
    assert server.requests[1].headers["x-empty"] == ""


def test_header_fields_of_one_call_replace_those_of_the_client(server: Server, api_client: ApiClient) -> None:
    api_client.set_default_header("X-Team", "blue")
    AuthenticationApi(api_client).info(_headers={"x-team": "red"})
    AuthenticationApi(api_client).info()
    assert [request.headers["x-team"] for request in server.requests] == ["red", "blue"]


def test_a_call_may_go_to_a_server_of_the_contract(server: Server, api_client: ApiClient) -> None:
    auth = AuthenticationApi(api_client)
    assert auth.info(_host_index=0).nickname == "me"
    with pytest.raises(ApiValueError, match="_host_index: expected 0 to 0, got 1"):
        auth.info(_host_index=1)
    odd: Any = "0"
    for index in (odd, True):
        with pytest.raises(ApiTypeError, match="_host_index: expected an int, got"):
            auth.info(_host_index=index)
    assert len(server.requests) == 1


def test_unknown_options_arguments_and_fields_are_named(server: Server, api_client: ApiClient) -> None:
    auth: Any = AuthenticationApi(api_client)
    with pytest.raises(ApiTypeError, match=r"^info\(\) has no argument _timeout, trace, did you mean '_req"):
        auth.info(_timeout=1, trace=True)
    with pytest.raises(ApiTypeError, match=r"^list_accounts\(\) has no argument sizee, did you mean 'size'\?$"):
        AccountApi(api_client).list_accounts(sizee=5)  # type: ignore[call-arg]
    with pytest.raises(ApiTypeError, match=r"^request\(\) has no argument json; it accepts body, _request_timeout, "):
        api_client.request("POST", "/new", json={})  # type: ignore[call-overload]
    with pytest.raises(ApiTypeError, match="takes 1 positional argument but 2 were given"):
        auth.info("me")
    with pytest.raises(ApiTypeError, match="missing 1 required positional argument"):
        auth.sign_in_with_http_info()
    with pytest.raises(ApiValueError, match=r"^login_schema: 'mail' is not .*, did you mean 'email'\? \(sign_in\)$"):
        auth.sign_in({"mail": "me@example.com", "email": "me@example.com", "password": "p"})
    with pytest.raises(ApiValueError, match=r"^login_schema\.email: missing; 'mail' is not one of its fields, did"):
        auth.sign_in({"mail": "me@example.com", "password": "p"})
    with pytest.raises(ApiTypeError, match=r"^\w+: expected a LoginSchema, got None"):
        auth.sign_in(None)
    with pytest.raises(ApiTypeError, match="_headers: expected a dict of headers, got list"):
        auth.info(_headers=["X-Team"])
    with pytest.raises(ApiTypeError, match="header: expected a str for the field's name, got int"):
        auth.info(_headers={7: "x"})
    assert server.requests == []


def test_a_type_error_in_your_own_code_stays_a_type_error(server: Server) -> None:
    def token() -> str:
        raise TypeError("in the user's own callable")

    configuration = Configuration(server.url, access_token=token)
    with ApiClient(configuration) as api_client, pytest.raises(TypeError, match="user's own callable") as caught:
        AuthenticationApi(api_client).info()
    assert type(caught.value) is TypeError


def test_a_body_may_have_another_content_type(server: Server, api_client: ApiClient) -> None:
    login = LoginSchema(email="me@example.com", password="p")
    auth = AuthenticationApi(api_client)
    auth.sign_up_without_preload_content(login, _content_type="application/vnd.example+json").close()
    assert server.requests[0].headers["content-type"] == "application/vnd.example+json"
    assert json.loads(server.requests[0].body) == {"email": "me@example.com", "password": "p"}
    with pytest.raises(ApiTypeError, match="login_schema: expected str or bytes for text/plain, got dict"):
        auth.sign_up(login, _content_type="text/plain")
    assert len(server.requests) == 1


def test_a_body_has_one_content_type_despite_default_headers(api_client: ApiClient) -> None:
    api_client.set_default_header("content-type", "text/plain")
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as pool:
        api_client.configuration.host = "http://{}:{}".format(*listener.getsockname())
        call = pool.submit(AuthenticationApi(api_client).sign_up, LoginSchema(email="me@example.com", password="p"))
        with listener.accept()[0] as accepted:
            head = accepted.recv(65536).lower().partition(b"\r\n\r\n")[0]
        assert [line for line in head.split(b"\r\n") if line.startswith(b"content-type")] == [
            b"content-type: application/json"
        ]
        assert isinstance(call.exception(), ApiConnectionError)


@pytest.mark.parametrize(
    ("content_type", "body", "sent"),
    [
        (None, {"a": [1, None]}, b'{"a":[1,null]}'),
        (None, [datetime.date(2026, 1, 2)], b'["2026-01-02"]'),
        ("text/plain; charset=utf-8", "olá", "olá".encode()),
        ("application/octet-stream", b"\0\1", b"\0\1"),
    ],
)
def test_operations_outside_the_contract_can_be_called(
    server: Server, api_client: ApiClient, content_type: str | None, body: Any, sent: bytes
) -> None:
    given = {} if content_type is None else {"content-TYPE": content_type}
    response = api_client.call_api("put", f"{server.url}/x?y=%2F", {"X-Team": "blue", **given}, body)
    assert json.loads(response.read())["nickname"] == "me"
    (request,) = server.requests
    assert (request.method, request.target, request.body) == ("PUT", "/x?y=%2F", sent)
    assert request.headers["content-type"] == (content_type or "application/json")
    assert request.headers["x-team"] == "blue"
    assert "authorization" not in request.headers


def test_answers_outside_the_contract_are_returned_unchanged() -> None:
    with serving(answer({"detail": "no"}, 404, {"X-Trace": "7"})) as server, ApiClient() as api_client:
        response = api_client.call_api("GET", server.url)
        assert (response.status, response.reason) == (404, "Not Found")
        assert response.getheader("x-trace") == response.headers["X-Trace"] == response.getheaders()["X-TRACE"] == "7"
        assert response.getheader("X-Other", "none") == "none"
        assert json.loads(response.read()) == {"detail": "no"}
        assert repr(response) == "<RESTResponse 404>"
    assert server.requests[0].target == "/"


def test_the_repr_of_an_answer_has_its_data_without_secrets_and_the_size_of_its_body() -> None:
    with serving(answer(AUTHORIZATION)) as server, ApiClient(Configuration(server.url)) as api_client:
        response = AuthenticationApi(api_client).sign_in_with_http_info({"email": "e@example.com", "password": "p"})
    size = len(json.dumps(AUTHORIZATION))
    assert repr(response) == f"ApiResponse(status_code=200, data={response.data!r}, raw_data='<{size} bytes>')"
    assert "access_token='***'" in repr(response.data)


def test_a_form_can_be_sent(server: Server, api_client: ApiClient) -> None:
    def send(content_type: str, fields: Any) -> tuple[str, bytes]:
        api_client.call_api("POST", server.url, {"Content-Type": content_type}, post_params=fields).read()
        return server.requests[-1].headers["content-type"], server.requests[-1].body

    urlencoded = "application/x-www-form-urlencoded"
    assert send(urlencoded, {"a": "1 2", "b": "é"}) == (urlencoded, b"a=1+2&b=%C3%A9")
    assert send(urlencoded, [("a", "1"), ("a", "2")]) == (urlencoded, b"a=1&a=2")
    content_type, body = send("multipart/form-data", {"file": ("x.txt", b"content"), "about": {"a": 1}})
    assert content_type.startswith("multipart/form-data; boundary=")
    assert b'name="file"; filename="x.txt"' in body
    assert b'name="about"\r\n\r\n{"a": 1}\r\n' in body


@pytest.mark.parametrize(
    ("arguments", "error", "complaint"),
    [
        ({"method": "BREW"}, ApiValueError, "method: expected one of DELETE, GET, HEAD, .*, got 'BREW'"),
        ({"method": 7}, ApiValueError, "method: expected one of"),
        ({"url": 7}, ApiTypeError, "url: expected a str, got int"),
        ({"url": "/api/auth/info"}, ApiValueError, "url: expected an http or https URL with a host"),
        ({"body": object}, ApiTypeError, "body: expected a model or plain data, got the class object"),
        (
            {"post_params": 7, "header_params": {"Content-Type": "application/x-www-form-urlencoded"}},
            ApiValueError,
            "post_params: can't be written as application/x-",
        ),
        ({"body": ENDLESS}, ApiValueError, "body: nested too deeply, or containing itself"),
        ({"body": {"x": "\ud800"}}, ApiValueError, "body: can't be written as application/json"),
        ({"body": {}, "post_params": {"a": "1"}}, ApiValueError, "post_params: can't be used together with body"),
        ({"header_params": {"Content-Length": "3"}}, ApiValueError, "header Content-Length: can't be set, because"),
        ({"_request_timeout": -1}, ApiValueError, "_request_timeout: expected seconds above 0"),
    ],
    ids=lambda value: str(value)[:40] if isinstance(value, dict) else "",
)
def test_an_invalid_call_is_refused(
    server: Server, api_client: ApiClient, arguments: dict[str, Any], error: type[Exception], complaint: str
) -> None:
    with pytest.raises(error, match=f"^{complaint}"):
        api_client.call_api(**{"method": "POST", "url": server.url, **arguments})
    assert server.requests == []


def test_a_refused_token_that_cannot_be_renewed_is_the_error() -> None:
    with (
        serving(answer({"detail": "who?"}, 401)) as server,
        ApiClient(Configuration(server.url, access_token="an-access-token")) as api_client,
        pytest.raises(UnauthorizedException, match=r"401 Unauthorized: who\?"),
    ):
        AuthenticationApi(api_client).info()
    assert len(server.requests) == 1


def test_basic_authentication_for_one_call_shows_nowhere() -> None:
    def refuse(authorization: str) -> str:
        echoed = answer({"detail": f"not {authorization} alone, nor hunter2hunter2"}, 403)
        with serving(echoed) as server, ApiClient(Configuration(server.url)) as api_client:
            setting = {"in": "header", "key": "Authorization", "value": authorization}
            with pytest.raises(ForbiddenException) as caught:
                AuthenticationApi(api_client).info(_request_auth=setting)
            assert server.requests[0].headers["authorization"] == authorization
        return str(caught.value)

    text = refuse("Basic bWU6aHVudGVyMmh1bnRlcjI=")  # me:hunter2hunter2
    assert "bWU6" not in text
    assert "hunter2hunter2" not in text
    # A value that is not base64 is a secret itself.
    text = refuse("Basic a-secret-that-is-no-base64")
    assert "a-secret" not in text
    assert "nor hunter2hunter2" in text


def test_a_client_with_other_options_shares_connections_and_credentials(server: Server, api_client: ApiClient) -> None:
    api_client.set_default_header("X-Team", "blue")
    other = api_client.with_options(timeout=2.5, retries=0, headers={"x-team": "red", "X-Run": "7"})
    AuthenticationApi(api_client).info()
    AuthenticationApi(other).info()
    first, second = server.requests
    assert first.headers["authorization"] == second.headers["authorization"] == "Bearer an-access-token"
    assert (first.headers["x-team"], second.headers["x-team"], second.headers["x-run"]) == ("blue", "red", "7")
    assert "x-run" not in first.headers
    assert server.connections == 1
    assert (other.configuration.timeout, other.configuration.retries) == (2.5, 0)
    assert (api_client.configuration.timeout, api_client.configuration.retries) == (30.0, None)
    assert (other.with_options(timeout=None).configuration.timeout, other.configuration.timeout) == (None, 2.5)


def test_the_options_of_a_client_apply_to_its_calls() -> None:
    with (
        serving(answer({}, 503, {"Retry-After": "0.01"})) as server,
        ApiClient(Configuration(server.url, retries=1)) as api_client,
    ):
        with pytest.raises(ApiException):
            AuthenticationApi(api_client.with_options(retries=0)).info()
        assert len(server.requests) == 1
        with pytest.raises(ApiException):
            AuthenticationApi(api_client).info()
        assert len(server.requests) == 3
    with mute_listener() as url, ApiClient(Configuration(url)) as api_client, pytest.raises(ApiTimeoutError):
        AuthenticationApi(api_client.with_options(timeout=0.2)).info()


def test_a_client_with_other_options_keeps_its_class_and_transport() -> None:
    class Mine(ApiClient):
        """A user's own client class."""

    with Mine(Configuration()) as api_client:
        other = api_client.with_options(retries=3)
        assert type(other) is Mine
        assert other.transport is api_client.transport


def test_a_client_with_other_options_has_its_own_settings() -> None:
    configuration = Configuration(api_key={"a": "first"}, server_variables={"b": "first"})
    with ApiClient(configuration) as api_client:
        other = api_client.with_options(retries=3).configuration
        other.api_key["a"] = other.server_variables["b"] = "other"
    assert (configuration.api_key, configuration.server_variables) == ({"a": "first"}, {"b": "first"})


def test_a_falsy_transport_is_used_too(server: Server) -> None:
    class Recorded(list[str]):
        """A transport that is a list of answers, and empty at first."""

        def send(self, request: Request, deadline: Deadline) -> Any:
            self.append(request.target)
            return urllib3.HTTPResponse(json.dumps(INFO).encode(), {"Content-Type": "application/json"}, 200)

        def close(self) -> None: ...

    transport = Recorded()
    with ApiClient(Configuration(server.url), transport=transport) as api_client:
        AuthenticationApi(api_client).info()
    assert (transport, server.requests) == (["/api/auth/info"], [])


class Own:
    """Something of the user's that can't be copied: a transport, credentials, a store, a callable, an event hook."""

    def __init__(self) -> None:
        self.mutex = threading.Lock()

    def send(self, request: Request, deadline: Deadline) -> Any: ...

    def close(self) -> None: ...

    def access_token(self, api_client: ApiClient) -> str:
        return "of-its-own"

    def renew(self, api_client: ApiClient, rejected: str) -> None: ...

    def load(self, key: str) -> None: ...

    def save(self, key: str, authorization: Any) -> None: ...

    def lock(self, key: str) -> Any:
        return self.mutex

    def __call__(self, *_: object) -> str:
        return "of-its-own"


def test_a_deep_copy_of_a_client_has_its_own_settings_and_shares_what_is_yours() -> None:
    own = Own()
    stored = PasswordCredentials("me@example.com", "hunter2hunter2", store=own)
    for settings in ({"credentials": own}, {"credentials": stored}, {"access_token": own}):
        configuration = Configuration(event_hooks={"error": [own]}, **settings)  # type: ignore[arg-type]  # any setting
        api_client = ApiClient(configuration, "X-Run", "7", transport=own)
        copied = copy.deepcopy(AccountApi(api_client)).api_client
        copied.set_default_header("X-Run", "8")
        copied.configuration.timeout = 1.5
        assert (api_client.default_headers["X-Run"], api_client.configuration.timeout) == ("7", 30.0)
        assert copied.transport is own
        assert copied.configuration.event_hooks["error"] == (own,)
        assert copied.configuration.credentials in (None, own, stored)
        assert copied.configuration.access_token in (None, own)


def test_settings_count_from_the_next_call_on(api_client: ApiClient) -> None:
    seen: list[str] = []
    auth = AuthenticationApi(api_client)
    auth.info()
    api_client.configuration = copy.copy(api_client.configuration)
    api_client.configuration.event_hooks = {"request": [lambda event: seen.append(event.operation)]}
    auth.info()
    assert seen == ["info"]
    other = api_client.with_options()
    other.configuration.max_response_size = 5
    with pytest.raises(ApiResponseError, match="a body larger than 5 bytes"):
        AuthenticationApi(other).info()
    assert auth.info().email == INFO["email"]


def test_a_deep_copy_of_a_client_has_its_own_connections(api_client: ApiClient) -> None:
    with copy.deepcopy(api_client) as copied:
        assert copied.transport is not api_client.transport
        assert AuthenticationApi(copied).info().email == INFO["email"]
    assert AuthenticationApi(api_client).info().email == INFO["email"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"headers": []}, "^headers: expected a dict of headers, got list"),
        ({"retry": 3}, r"with_options\(\) has no argument retry, did you mean 'retries'\?"),
        ({"timeout": "3"}, "^timeout: expected seconds"),
        ({"timeout": 0}, "^timeout: expected seconds above 0"),
        ({"retries": -1}, "^retries: expected 0 or more"),
        ({"retries": "3"}, "^retries: expected an int"),
        ({"headers": ["X-Run"]}, "^headers: expected a dict of headers, got list"),
        ({"headers": {"X Run": "7"}}, "^header: expected a name of letters"),
    ],
)
def test_an_invalid_option_is_named(api_client: ApiClient, options: Any, message: str) -> None:
    with pytest.raises((ApiTypeError, ApiValueError), match=message):
        api_client.with_options(**options)
