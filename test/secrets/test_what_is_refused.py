"""Values that could change a request are refused before anything is sent, and errors do not repeat them."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from example_service import AuthenticationApi, LoginSchema
from misbehaving import answer, serving
from pydantic import ValidationError

import gravscale
from gravscale import ApiClient, Configuration, OpenApiException

CONTROLS = ["\n", "\r\nX-Smuggled: yes", "\0", "\x1b[31m", "\x7f", "\r"]


@pytest.fixture
def server() -> Any:
    with serving(answer()) as running:
        yield running
        assert running.connections == 0


def info(url: str, settings: Any = None, client: Any = None, options: Any = None) -> None:
    configuration = Configuration(host=url, **(settings or {"access_token": "token"}))
    with ApiClient(configuration, **(client or {})) as api_client:
        AuthenticationApi(api_client).info(**(options or {}))


@pytest.mark.parametrize("control", CONTROLS, ids=ascii)
@pytest.mark.parametrize(
    "place",
    [
        "access token",
        "access token of a callable",
        "header name",
        "header value",
        "default header name",
        "default header value",
        "cookie",
        "authorization of a call",
        "authorization's name",
        "authorization cookie",
    ],
)
def test_a_control_character_is_refused_before_anything_is_sent(place: str, control: str, server: Any) -> None:
    evil = f"hunter{control}2"
    arguments: dict[str, Any] = {
        "access token": {"settings": {"access_token": evil}},
        "access token of a callable": {"settings": {"access_token": lambda: evil}},
        "header name": {"options": {"_headers": {evil: "x"}}},
        "header value": {"options": {"_headers": {"X": evil}}},
        "default header name": {"client": {"header_name": evil, "header_value": "x"}},
        "default header value": {"client": {"header_name": "X", "header_value": evil}},
        "cookie": {"client": {"cookie": evil}},
        "authorization of a call": {"options": {"_request_auth": {"in": "header", "key": "X", "value": evil}}},
        "authorization's name": {"options": {"_request_auth": {"in": "header", "key": evil, "value": "x"}}},
        "authorization cookie": {"options": {"_request_auth": {"in": "cookie", "key": "x", "value": evil}}},
    }
    with pytest.raises(gravscale.ApiValueError) as caught:
        info(server.url, **arguments[place])
    assert control not in str(caught.value)
    assert "name" in place or "hunter" not in str(caught.value)


@pytest.mark.parametrize("control", CONTROLS, ids=ascii)
def test_a_control_character_in_a_content_type_is_refused_before_anything_is_sent(control: str, server: Any) -> None:
    evil = f"hunter{control}2"
    with ApiClient(Configuration(host=server.url)) as client:
        with pytest.raises(gravscale.ApiValueError, match=r"^header Content-Type: [\w\s-]+ \(sign_in\)$"):
            AuthenticationApi(client).sign_in({"email": "e", "password": "p"}, _content_type=evil)
        with pytest.raises(gravscale.ApiValueError, match=r"^header Content-Type: [\w\s-]+$"):
            client.call_api("POST", server.url, {"Content-Type": evil}, "text")


@pytest.mark.parametrize("name", ["Content-Length", "content-length", "Transfer-Encoding"])
@pytest.mark.parametrize("value", ["0", "5", "chunked", "identity"])
def test_framing_headers_of_the_user_are_refused(name: str, value: str, server: Any) -> None:
    with pytest.raises(gravscale.ApiValueError, match=name):
        info(server.url, options={"_headers": {name: value}})
    with pytest.raises(gravscale.ApiValueError, match=name), ApiClient(Configuration(host=server.url)) as client:
        client.call_api("POST", server.url, {name: value}, {"a": "b"})


def test_a_header_with_its_value_in_its_name_is_refused_without_the_value(server: Any) -> None:
    with pytest.raises(gravscale.ApiValueError) as caught:
        info(server.url, options={"_headers": {"Authorization: Bearer hunter2": ""}})
    assert "hunter2" not in str(caught.value)


def chain(error: BaseException | None) -> list[BaseException]:
    return [] if error is None else [error, *chain(error.__cause__ or error.__context__)]


@pytest.mark.parametrize(
    "make",
    [
        lambda: LoginSchema(email=1, password=["hunter2"]),  # type: ignore[arg-type]
        lambda: LoginSchema(password="hunter2"),  # type: ignore[call-arg]
        lambda: LoginSchema(email="e", password="p").__setattr__("password", ["hunter2"]),
        lambda: LoginSchema.model_validate({"email": None, "password": {"hunter2": "hunter2"}}),
        lambda: LoginSchema.model_validate_json('{"password": "hunter2'),
    ],
)
def test_pydantics_own_errors_do_not_repeat_the_input(make: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        make()
    assert "hunter2" not in f"{caught.value!r} {caught.value}"


@pytest.mark.parametrize(
    "make",
    [
        lambda _: LoginSchema.from_dict({"email": 1, "password": ["hunter2"]}),
        lambda _: LoginSchema.from_json('{"email": 1, "password": ["hunter2"]}'),
        lambda _: LoginSchema.from_json('{"email": 1, "password": "hunter2'),
        lambda api: api.sign_in({"email": 1, "password": ["hunter2"]}),
        lambda api: api.sign_in({"email": "e", "password": b"hunter2\xff"}),
        lambda api: api.sign_in("hunter2"),
        lambda api: api.sign_in(["hunter2"]),
        lambda api: api.refresh_token(["hunter2"]),
        lambda api: api.refresh_token({"token": "hunter2"}),
        lambda api: api.refresh_token("hunter2\ud800"),
        lambda api: api.sign_in({"email": "e", "password": "hunter2\ud800"}),
        lambda api: api.info(_request_auth={"in": "hunter2", "key": "hunter2", "value": "hunter2"}),
        lambda api: api.info(_request_auth={"in": "header", "key": "X", "value": ["hunter2"]}),
        lambda api: api.info(_request_auth={"in": "query", "key": "X", "value": ["hunter2"]}),
        lambda api: api.info(_request_auth="hunter2"),
        lambda api: api.sign_in({"email": 10**5000, "password": "hunter2"}),
        lambda api: api.api_client.request("GET", "/", query={"token": {"a": "hunter2"}}),
        lambda api: api.api_client.request("GET", "/", query={"filter": {"password": "hunter2"}}),
        lambda api: api.api_client.request("GET", "/", query={"password": ["hunter2", None]}),
        lambda api: api.api_client.request("GET", "/", query={"password": b"hunter2"}),
        lambda api: api.api_client.call_api("POST", "hunter2://hunter2"),
        lambda api: api.api_client.call_api(
            "POST", "http://127.0.0.1:1", body={"password": {"hunter2": "hunter2\ud800"}}
        ),
    ],
)
def test_an_argument_that_is_refused_is_not_repeated_in_the_error_or_its_chain(make: Any, server: Any) -> None:
    with ApiClient(Configuration(host=server.url)) as client, pytest.raises(OpenApiException) as caught:
        make(AuthenticationApi(client))
    for error in chain(caught.value):
        assert "hunter2" not in f"{error!r} {error} {vars(error)}"
        assert not isinstance(error, ValidationError), "its errors() hold the input"


def test_arguments_are_refused_in_many_threads_at_once(server: Any) -> None:
    outcomes: list[type[BaseException]] = []

    def call() -> None:
        try:
            info(server.url, {"access_token": "a\nb"})
        except OpenApiException as error:
            outcomes.append(type(error))

    threads = [threading.Thread(target=call) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == [gravscale.ApiValueError] * 8
