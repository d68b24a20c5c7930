"""However a call ends, no password and no token shows anywhere."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any
from urllib.parse import quote, quote_plus, unquote

import pytest
from eavesdropper import ACCESS_TOKEN, PASSWORD, REFRESH_TOKEN, Eavesdropper
from every_operation import EVERY_CALL, Call
from example_service import AccountApi, AuthenticationApi, LoginSchema, TaskTreeSchema
from misbehaving import (
    Connection,
    Request,
    Scenario,
    answer,
    answer_and_hang_up,
    dripping,
    endless,
    hang_up,
    message,
    redirect,
    refusing,
    reset,
    serving,
    silence,
)

import gravscale
from gravscale import ApiClient, Configuration, OpenApiException
from gravscale.schema.operation import Operation
from gravscale.schema.parameters import Body
from gravscale.tasks import TaskFailedError


def as_received(request: Request) -> str:
    return f"{request.method} {request.target}\n{request.headers}\n{request.body.decode()}"


def as_understood(request: Request) -> Any:
    """The output of a debugging page: everything, decoded."""
    return {
        "target": unquote(request.target),
        "credentials": request.headers.get("authorization", "").encode("latin-1").decode("latin-1"),
        "input": json.loads(request.body) if request.body else None,
        "raw": request.body.decode(),
    }


def echo(
    write: Callable[[Request], bytes | str | Any],
    status: int = 200,
    headers: Callable[[Request], dict[str, str]] = lambda _: {},
) -> Scenario:
    """Answers with the request itself."""

    def scenario(connection: Connection, request: Request) -> None:
        body = write(request)
        connection.send(message(body.encode() if isinstance(body, str) else body, status, headers(request)))

    return scenario


def validation_errors(request: Request) -> Any:
    """Faults as FastAPI writes them, with the input."""
    seen = as_understood(request)
    fault = {"type": "string_type", "loc": ["body", "password"], "msg": f"not {seen}", "input": seen["input"]}
    return {"detail": [fault, {**fault, "loc": ["query", "refresh_token"], "input": seen["target"]}]}


def raw_echo(write: Callable[[Request], bytes]) -> Scenario:
    def scenario(connection: Connection, request: Request) -> None:
        connection.send(write(request))
        connection.close()

    return scenario


def first_line(request: Request) -> str:
    seen = as_understood(request)
    return " ".join(f"{seen['target']} {seen['credentials']} {seen['input']}".split())


JSON = {"detail": "no"}
LATIN_1 = {"Content-Type": "text/plain; charset=latin-1"}

# The possible outcomes of a call. All requests of an operation go to the same scenario.
FAULTS: dict[str, Scenario] = {
    **{
        f"{status} with {how}": echo(write, status)
        for status in (400, 401, 403, 404, 409, 418, 429, 500, 503)
        for how, write in {
            "what was sent as JSON": lambda request: {"detail": as_understood(request)},
            "what was sent as HTML": lambda request: f"<html><pre>{html.escape(as_received(request))}</pre>",
        }.items()
    },
    "422 with the input": echo(validation_errors, 422),
    "422 with JSON in JSON": echo(lambda request: {"detail": json.dumps(json.dumps(as_understood(request)))}, 422),
    "500 with Python's repr": echo(lambda request: repr(as_understood(request)), 500),
    "500 with a debugging page": echo(lambda request: html.escape(json.dumps(as_understood(request))), 500),
    "500 percent-encoded": echo(lambda request: quote(str(as_understood(request))), 500),
    "500 percent-encoded as a form": echo(lambda request: quote_plus(str(as_understood(request))), 500),
    "500 percent-encoded twice": echo(lambda request: quote(quote(str(as_understood(request)), safe="")), 500),
    "500 in latin-1": echo(lambda request: str(as_understood(request)).encode("latin-1", "replace"), 500),
    "500 with character references": echo(
        lambda request: str(as_understood(request)).encode("ascii", "xmlcharrefreplace"), 500
    ),
    "500 in a megabyte": echo(lambda request: "x" * (1 << 20) + str(as_understood(request)), 500),
    "500 over a megabyte, cut in a secret": echo(
        lambda request: "x" * ((1 << 20) - 200) + 40 * str(as_understood(request)), 500
    ),
    "400 with a reason": raw_echo(
        lambda request: f"HTTP/1.1 400 {first_line(request)}\r\nContent-Length: 0\r\n\r\n".encode()
    ),
    "400 with header fields": raw_echo(
        lambda request: (
            f"HTTP/1.1 400 Bad\r\nX-Echo: {first_line(request)}\r\n"
            f"Set-Cookie: session={first_line(request)}\r\nRetry-After: {first_line(request)}\r\n"
            f"WWW-Authenticate: {first_line(request)}\r\nContent-Length: 0\r\n\r\n"
        ).encode()
    ),
    "200 of another shape": echo(as_understood),
    "200 with HTML": echo(lambda request: f"<html>{html.escape(as_received(request))}"),
    "200 with HTML, raw": echo(lambda request: f"<html>{as_received(request)} {as_understood(request)}"),
    "200 with text": echo(as_received),
    "200 in an unknown coding": echo(
        as_received, 200, lambda request: {"Content-Encoding": quote(first_line(request))}
    ),
    "200 in an unknown coding, cut in a secret": echo(
        as_received, 200, lambda request: {"Content-Encoding": "x" * 185 + quote(as_understood(request)["credentials"])}
    ),
    "200 of a telling type": echo(as_received, 200, lambda request: {"Content-Type": quote(first_line(request))}),
    "200 with HTML after much space, cut in a secret": echo(
        lambda request: " " * ((1 << 16) - 14) + "<" + as_understood(request)["credentials"]
    ),
    "200 with broken compression": echo(as_received, 200, lambda _: {"Content-Encoding": "gzip"}),
    "200 cut short": raw_echo(
        lambda request: b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n" + as_received(request).encode()
    ),
    "200 with a broken chunk": raw_echo(
        lambda request: b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + as_received(request).encode()
    ),
    "200 with a malformed header field": raw_echo(
        lambda request: f"HTTP/1.1 200 OK\r\nX: x\r\n{first_line(request)}\r\nY: {first_line(request)}\r\n\r\n".encode()
    ),
    "200 with an odd length": echo(
        as_received, 200, lambda request: {"Content-Length": quote(first_line(request)), "X": "x"}
    ),
    "what was sent, and no HTTP": raw_echo(lambda request: as_received(request).encode()),
    "a malformed status": raw_echo(lambda request: f"HTTP/1.1 {first_line(request)}\r\n\r\n".encode()),
    "an unknown version": raw_echo(lambda request: f"HTTP/{first_line(request)} 200 OK\r\n\r\n".encode()),
    "reset": reset,
    "hung up": hang_up,
    "an answer and hung up": answer_and_hang_up,
    "silence": silence,
    "a dripping answer": dripping(message()),
    "an endless answer": endless(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 65536),
    "a redirect to nowhere": redirect("http://[::1"),
    "a redirect with a password": redirect(f"http://user:{quote(PASSWORD, safe='')}@127.0.0.1/"),
    "a redirect in circles": raw_echo(
        lambda request: f"HTTP/1.1 307 T\r\nLocation: {request.target}\r\nContent-Length: 0\r\n\r\n".encode("latin-1")
    ),
}


@pytest.fixture
def client_of() -> Any:
    with ExitStack() as stack:

        def make(url: str, **settings: Any) -> ApiClient:
            settings = {
                "access_token": ACCESS_TOKEN,
                "api_key": {"HTTPBearer": ACCESS_TOKEN},
                "username": "me",
                "password": PASSWORD,
                "debug": True,
                "timeout": 10.0,
                "max_response_size": 1 << 22,
                **settings,
            }
            return stack.enter_context(ApiClient(Configuration(host=url, **settings)))

        yield make


def call_and_look(eavesdropper: Eavesdropper, client: ApiClient, call: Call, form: str = "", **options: Any) -> None:
    """Call an operation, and inspect everything that can be seen, whether it succeeds or fails."""
    shown: list[object] = []
    send = client.transport.send

    def sending(request: object, *arguments: Any, **settings: Any) -> Any:
        shown.append(request)
        shown.append(sent := send(request, *arguments, **settings))
        return sent

    client.transport.send = sending  # type: ignore[method-assign]
    arguments = call.arguments(email="me@example.com", password=PASSWORD, token=REFRESH_TOKEN)
    if "login_schema" in arguments:
        arguments["login_schema"] = LoginSchema(**arguments["login_schema"])
        shown.append(arguments["login_schema"])
    try:
        answered = call(client, arguments, form, **options)
    except OpenApiException as error:
        eavesdropper.look_into(error)
    else:
        # Plain data belongs to the user, who may show it.
        if not isinstance(answered, (dict, list, str)):
            shown.append(answered)
        if form == "_without_preload_content":
            answered.close()
    finally:
        client.transport.send = send  # type: ignore[method-assign]
    eavesdropper.look_at(*shown, client, client.configuration, call.api(client))
    eavesdropper.seen.append(client.configuration.to_debug_report())


@pytest.mark.parametrize("form", ["", "_with_http_info", "_without_preload_content"])
def test_no_secret_shows_in_a_call_that_succeeds(form: str, eavesdropper: Eavesdropper, client_of: Any) -> None:
    for call in EVERY_CALL:
        body = call.answer(access_token=ACCESS_TOKEN, refresh_token=REFRESH_TOKEN)
        with serving(answer(body, headers={"Set-Cookie": f"token={quote(REFRESH_TOKEN)}"})) as server:
            call_and_look(eavesdropper, client_of(server.url), call, form)
            assert len(server.requests) == 1


@pytest.mark.parametrize("fault", FAULTS)
def test_no_secret_shows_in_a_call_that_fails(fault: str, eavesdropper: Eavesdropper, client_of: Any) -> None:
    impatient = fault in ("silence", "a dripping answer", "an endless answer")
    with serving(FAULTS[fault]) as server:
        client = client_of(server.url, timeout=0.1 if impatient else 10.0)
        for call in EVERY_CALL:
            call_and_look(eavesdropper, client, call)
        assert any("athead" in request.headers.get("authorization", "") for request in server.requests)


def test_no_secret_shows_without_an_answer(eavesdropper: Eavesdropper, client_of: Any) -> None:
    with refusing() as url:
        for call in EVERY_CALL:
            call_and_look(eavesdropper, client_of(url), call)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_secret_reaches_a_second_origin(status: int, eavesdropper: Eavesdropper, client_of: Any) -> None:
    with serving(answer()) as elsewhere:

        def send_elsewhere(connection: Connection, request: Request) -> None:
            redirect(elsewhere.url + request.target, status)(connection, request)

        with serving(send_elsewhere) as server:
            client = client_of(server.url)
            for call in EVERY_CALL:
                call_and_look(eavesdropper, client, call)
                call_and_look(eavesdropper, client, call, "_without_preload_content")
            assert len(server.requests) == 2 * len(EVERY_CALL)
        assert elsewhere.connections == 0


@pytest.mark.parametrize(
    "options",
    [
        {"_request_auth": {"in": "header", "key": "X-Signed", "value": ACCESS_TOKEN}},
        {"_request_auth": {"in": "query", "key": "sig", "value": REFRESH_TOKEN}},
        {"_request_auth": {"in": "cookie", "key": "sid", "value": ACCESS_TOKEN}},
        {"_headers": {"Authorization": f"Bearer {ACCESS_TOKEN}"}},
        {"_headers": {"authorization": f"Token {ACCESS_TOKEN}"}},
        {"_headers": {"X-API-Key": ACCESS_TOKEN}},
        {"_headers": {"Cookie": f"lang=en; sid={ACCESS_TOKEN}"}},
    ],
    ids=lambda options: "-".join(str(value) for value in next(iter(options.values()))),
)
def test_credentials_of_a_single_call_do_not_show(options: Any, eavesdropper: Eavesdropper, client_of: Any) -> None:
    def cookies_and_all(request: Request) -> Any:
        cookies = dict(pair.strip().partition("=")[::2] for pair in request.headers.get("cookie", "").split(";"))
        return {"detail": [as_received(request), unquote(request.target), request.headers, cookies]}

    with serving(echo(cookies_and_all, 400)) as server:
        client = client_of(server.url, access_token=None)
        for call in EVERY_CALL:
            call_and_look(eavesdropper, client, call, **options)
        assert len(server.requests) == len(EVERY_CALL)
        assert all("head" in request.target + str(request.headers) for request in server.requests)


def test_credentials_of_the_client_itself_do_not_show(eavesdropper: Eavesdropper) -> None:
    configuration = Configuration(access_token=lambda: ACCESS_TOKEN, debug=True)
    with serving(echo(lambda request: {"detail": as_received(request)}, 400)) as server:
        configuration.host = server.url
        with ApiClient(configuration, "X-Auth-Token", ACCESS_TOKEN, cookie=f"sid={ACCESS_TOKEN}") as client:
            for call in EVERY_CALL:
                call_and_look(eavesdropper, client, call)
            assert "athead" in server.requests[0].headers["cookie"]
            assert "athead" in server.requests[0].headers["x-auth-token"]


def test_secrets_of_a_call_by_url_do_not_show(eavesdropper: Eavesdropper, client_of: Any) -> None:
    with serving(echo(as_received, 400)) as server:
        client = client_of(server.url)
        url = f"{server.url}/x?apiKey={quote(ACCESS_TOKEN)}&refresh_token={quote(REFRESH_TOKEN)}"
        response = client.call_api("POST", url, {"Authorization": f"Bearer {ACCESS_TOKEN}"}, {"password": PASSWORD})
        eavesdropper.look_at(response, client)
        assert quote(REFRESH_TOKEN) in server.requests[0].target


def test_the_content_of_a_secret_in_a_body_does_not_show(eavesdropper: Eavesdropper, client_of: Any) -> None:
    with serving(echo(as_received, 400)) as server:
        client = client_of(server.url)
        body = {"private_key": {"pem": PASSWORD, "parts": [{"n": ACCESS_TOKEN}]}}
        operation = Operation[Any]("call", "POST", "/x", Body("key", dict[str, Any]), answer=Any)
        with pytest.raises(gravscale.ApiException) as caught:
            client.perform(operation, {}, body)
        eavesdropper.look_into(caught.value, variables=False)
        assert b"pwhead" in server.requests[0].body


def test_a_proxys_password_does_not_show(eavesdropper: Eavesdropper) -> None:
    encoded = base64.b64encode(f"user:{PASSWORD}".encode()).decode()

    with serving(echo(lambda request: f"<h1>407</h1> {request.headers}", 407)) as proxy:
        url = f"http://user:{quote(PASSWORD, safe='')}@{proxy.host}:{proxy.port}"
        for host in ("http://service.test", "https://service.test"):
            configuration = Configuration(host=host, proxy=url, access_token=ACCESS_TOKEN, debug=True, retries=0)
            with ApiClient(configuration) as client:
                call_and_look(eavesdropper, client, EVERY_CALL[0])
        assert [request.headers["proxy-authorization"] for request in proxy.requests] == [f"Basic {encoded}"] * 2
    assert not any(encoded in text for text in eavesdropper.seen)


@pytest.mark.parametrize(
    "url",
    [
        "http://user:pwhead#pwtail@127.0.0.1:1",
        "http://user:pwhead/pwtail@127.0.0.1:1",
        "http://user:pwhead?pwtail@127.0.0.1:1",
        "http://user:pwhead[pwtail@127.0.0.1:1",
        "user:pwhead@127.0.0.1:1",
        "http://user:pwhead@127.0.0.1:pwtail",
    ],
)
def test_a_url_that_is_malformed_by_its_password_is_refused_without_it(
    url: str, eavesdropper: Eavesdropper, monkeypatch: pytest.MonkeyPatch, client_of: Any
) -> None:
    client = client_of("http://127.0.0.1:1", no_proxy="")
    for use in (
        lambda: Configuration(proxy=url),
        lambda: Configuration(host=url),
        lambda: client.call_api("GET", url),
    ):
        with pytest.raises(gravscale.ApiValueError) as caught:
            use()
        # The URL is an argument of the function that raises the error.
        eavesdropper.look_into(caught.value, variables=False)
    monkeypatch.setenv("HTTP_PROXY", url)
    for name in ("http_proxy", "no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    call_and_look(eavesdropper, client, EVERY_CALL[0])


def test_a_task_that_failed_shows_no_secret_of_its_result() -> None:
    task = TaskTreeSchema.from_dict(
        {
            "id": "t",
            "status": "failed",
            "createdAt": "2026-01-01T00:00:00Z",
            "updatedAt": "2026-01-01T00:00:00Z",
            "result": {
                "root_password": "pwhead",
                "users": [{"tokens": ["athead"]}],
                "private_key": {"pem": "pkhead", "parts": [{"n": "pnhead"}]},
            },
        }
    )
    assert task is not None
    error = TaskFailedError("failed", task)
    shown = f"{task!r} {task} {task.to_str()} {error!r} {error}"
    assert "head" not in shown
    assert task.to_dict()["result"]["root_password"] == "pwhead"


@pytest.mark.parametrize("token", ["token", "a", "Unauthorized"])
def test_a_token_that_is_a_word_does_not_mask_messages(token: str, client_of: Any) -> None:
    detailed = {"detail": f"Bearer {token} and a password are needed", "given": [token, f"Bearer {token}"], "a": 1}
    wrong = answer(detailed, 401, {"X-Echo": f"Bearer {token}"})
    with serving(wrong) as server, pytest.raises(gravscale.UnauthorizedException) as caught:
        AccountApi(client_of(server.url, access_token=token)).list_accounts()
    error = caught.value
    assert (error.status, error.reason) == (401, "Unauthorized")
    assert error.data == {**detailed, "given": ["***", "***"]}
    assert error.body == json.dumps(detailed).replace(json.dumps(detailed["given"]), '["***", "***"]')
    assert error.headers is not None
    assert error.headers["X-Echo"] == "***"
    assert str(detailed["detail"]) in str(error)


def test_numbers_in_an_answer_stay_even_if_the_password_is_a_number(client_of: Any) -> None:
    detailed = {"detail": "no 1234567890", "count": 1234567890}
    login = LoginSchema(email="me@example.com", password="1234567890")
    with serving(answer(detailed, 400)) as server, pytest.raises(gravscale.BadRequestException) as caught:
        AuthenticationApi(client_of(server.url)).sign_in(login)
    assert caught.value.data == {"detail": "no ***", "count": 1234567890}
    assert json.loads(caught.value.body or "") == caught.value.data
