"""Event hooks: what they receive, what they may change, and that their errors reach the caller."""

from __future__ import annotations

import copy
import dataclasses
import pickle
import re
import time
import traceback
from collections.abc import Callable
from typing import Any

import pytest
from example_service import AccountApi, AuthenticationApi
from misbehaving import AUTHORIZATION, INFO, Server, answer, reset, serving
from recording import recording

from gravscale import (
    ApiClient,
    ApiConnectionError,
    ApiException,
    ApiResponseError,
    ApiTimeoutError,
    ApiTypeError,
    ApiValueError,
    BadRequestException,
    Configuration,
    ErrorEvent,
    NotFoundException,
    PasswordCredentials,
    RequestEvent,
    ResponseEvent,
    RetryEvent,
    ServiceException,
)

TOKEN = "an-access-token-1"
ALL = ("request", "response", "retry", "error")


def client_of(server: Server, events: list[Any], **settings: Any) -> ApiClient:
    hooks: Any = {event: [events.append] for event in ALL}
    return ApiClient(Configuration(server.url, **{"access_token": TOKEN, "event_hooks": hooks, **settings}))


def test_hooks_are_called_before_and_after_each_attempt() -> None:
    events: list[Any] = []
    with serving(answer(headers={"X-Request-ID": "r-1"})) as server, client_of(server, events) as api_client:
        AuthenticationApi(api_client).info()
    request, response = events
    assert isinstance(request, RequestEvent)
    url = f"{server.url}/api/auth/info"
    assert (request.operation, request.method, request.url, request.attempt) == ("info", "GET", url, 1)
    assert request.headers["user-agent"].startswith("gravscale/")
    assert isinstance(response, ResponseEvent)
    assert (response.operation, response.method, response.url, response.attempt) == ("info", "GET", url, 1)
    assert (response.status, response.request_id, response.headers["x-request-id"]) == (200, "r-1", "r-1")
    assert 0 < response.elapsed < 10


def test_the_retry_hook_is_called_before_the_pause_with_the_reason() -> None:
    events: list[Any] = []
    busy = answer({"detail": "busy"}, 503, {"Retry-After": "0.01"})
    with serving(busy, reset, answer()) as server, client_of(server, events) as api_client:
        AuthenticationApi(api_client).info()
    kinds = [(type(event), event.attempt) for event in events]
    assert kinds == [
        *((RequestEvent, 1), (ResponseEvent, 1), (RetryEvent, 1)),
        *((RequestEvent, 2), (RetryEvent, 2)),
        *((RequestEvent, 3), (ResponseEvent, 3)),
    ]
    first, second = (event for event in events if isinstance(event, RetryEvent))
    assert first.reason == "status 503"
    assert "no answer" in second.reason
    assert second.pause >= 0


@pytest.mark.parametrize(
    ("scenario", "error", "last"),
    [
        (answer({"detail": "none"}, 404), NotFoundException, 1),
        (answer({"detail": "down"}, 500), ServiceException, 1),
        (reset, ApiConnectionError, 3),
        (answer("not a user"), ApiResponseError, 1),
    ],
    ids=["refused", "failed", "no answer", "unusable"],
)
@pytest.mark.parametrize("form", ["info", "info_with_http_info"])
def test_the_error_hook_is_called_once_per_failed_call(
    scenario: Any, error: type[ApiException], last: int, form: str
) -> None:
    events: list[Any] = []
    with serving(scenario) as server, client_of(server, events) as api_client, pytest.raises(error) as caught:
        getattr(AuthenticationApi(api_client), form)()
    failed = [event for event in events if isinstance(event, ErrorEvent)]
    assert [(event.operation, event.error, event.attempt) for event in failed] == [("info", caught.value, last)]
    assert events[-1] is failed[0]
    assert failed[0].elapsed > 0


def test_calls_outside_the_contract_have_events_too() -> None:
    events: list[Any] = []
    with serving(answer()) as server, client_of(server, events) as api_client:
        api_client.call_api("GET", f"{server.url}/new")
        api_client.request("GET", "/new")
        AuthenticationApi(api_client).info_without_preload_content().close()
    told = [event.operation for event in events if isinstance(event, ResponseEvent)]
    assert told == ["call_api", "request", "info"]


def test_wrong_arguments_cause_no_event() -> None:
    events: list[Any] = []
    with serving(answer()) as server, client_of(server, events) as api_client, pytest.raises(ApiTypeError):
        AccountApi(api_client).list_accounts(page="1")  # type: ignore[arg-type]
    assert events == []


def test_a_request_hook_adds_header_fields_to_each_attempt() -> None:
    def trace(event: RequestEvent) -> None:
        event.headers["X-Trace"] = f"trace-{event.attempt}"
        event.headers["user-agent"] = "cluster-tool/2"

    with (
        serving(answer({}, 503, {"Retry-After": "0.01"}), answer()) as server,
        ApiClient(Configuration(server.url, event_hooks={"request": [trace]})) as api_client,
    ):
        AuthenticationApi(api_client).info()
    assert [request.headers["x-trace"] for request in server.requests] == ["trace-1", "trace-2"]
    assert [request.headers["user-agent"] for request in server.requests] == ["cluster-tool/2"] * 2


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("X-Bad", "a\r\nHost: evil", ApiValueError),
        ("Bad Name", "a", ApiValueError),
        ("Host", "evil.example", ApiValueError),
        ("Content-Length", "0", ApiValueError),
        ("X-Bad", None, ApiTypeError),
    ],
)
def test_an_invalid_header_from_a_request_hook_is_refused_before_sending(
    name: str, value: Any, error: type[Exception]
) -> None:
    def add(event: RequestEvent) -> None:
        event.headers[name] = value

    with (
        serving(answer()) as server,
        ApiClient(Configuration(server.url, event_hooks={"request": [add]})) as api_client,
        pytest.raises(error),
    ):
        AuthenticationApi(api_client).info()
    assert server.requests == []


def test_the_header_fields_of_a_request_are_a_mapping_in_any_case_with_secrets_masked() -> None:
    seen: list[Any] = []

    def look(event: RequestEvent) -> None:
        headers = event.headers
        seen.extend(("AUTHORIZATION" in headers, headers["authorization"], headers.get("X-None"), 1 in headers))
        seen.append(len(headers) == len(dict(headers)) == len(list(headers)))
        headers["X-Api-Key"] = "k3y-of-the-service"
        seen.extend((repr(headers), repr(event)))
        with pytest.raises(KeyError, match="'X-None'"):
            headers["X-None"]

    with (
        serving(
            lambda connection, _: connection.send(b"HTTP/1.1 400 k3y-of-the-service\r\nContent-Length: 0\r\n\r\n")
        ) as server,
        ApiClient(Configuration(server.url, access_token=TOKEN, event_hooks={"request": [look]})) as api_client,
        pytest.raises(ApiException) as caught,
    ):
        AuthenticationApi(api_client).info()
    assert seen[:5] == [True, "***", None, False, True]
    for shown in seen[5:]:
        assert "'Authorization': '***'" in shown
        assert "'X-Api-Key': '***'" in shown
    assert TOKEN not in "".join(seen[5:])
    assert "k3y" not in "".join(seen[5:]) + str(caught.value)


def test_no_event_shows_a_secret() -> None:
    events: list[Any] = []
    echo = answer({"detail": TOKEN}, 400, {"X-Echo": TOKEN, "Set-Cookie": "session=0123456789"})
    with serving(echo) as server, client_of(server, events) as api_client, pytest.raises(ApiException):
        api_client.request("GET", "/new", query={"token": "s3cret-token"})
    assert len(events) == 3
    for text in map(repr, events):
        assert TOKEN not in text
        assert "s3cret" not in text
        assert "0123456789" not in text
    assert "token=***" in events[0].url
    assert events[-1].error.__traceback__ is None or "gravscale" not in repr(events[-1].error.__traceback__.tb_frame)


def test_no_event_and_no_copy_of_one_holds_a_secret() -> None:
    events: list[Any] = []
    fields = {"X-Echo": TOKEN, "Referer": "https://me:s3cret-1@example.com/?token=s3cret-2", "X-Plain": "as it is"}
    with serving(answer()) as server, client_of(server, events) as api_client:
        AuthenticationApi(api_client).info(_headers=fields)
        assert server.requests[0].headers["x-echo"] == TOKEN
    copies = [pickle.loads(pickle.dumps(events)), copy.deepcopy(events), [dataclasses.asdict(each) for each in events]]
    text = f"{events} {copies} {pickle.dumps(events, 0)!r} {dict(events[0].headers)}"
    assert TOKEN not in text
    assert "s3cret" not in text
    for request in (events[0], copies[0][0], copies[1][0]):
        assert (request.headers["x-echo"], request.headers["x-plain"]) == ("***", "as it is")


@pytest.mark.parametrize("event", ["request", "response", "retry", "error"])
@pytest.mark.parametrize(
    "error", [RuntimeError("mine"), ApiConnectionError(reason="mine"), KeyboardInterrupt("mine")], ids=type
)
def test_an_error_in_a_hook_propagates_and_nothing_more_is_sent(event: str, error: BaseException) -> None:
    def hook(_: object) -> None:
        raise copy.copy(error)

    statuses = (200,) if event in ("request", "response") else (404,) if event == "error" else (503,)
    hooks: Any = {event: [hook]}
    with serving(answer(INFO, *statuses)) as server:
        with (
            ApiClient(Configuration(server.url, event_hooks=hooks)) as api_client,
            pytest.raises(type(error), match="mine"),
        ):
            AuthenticationApi(api_client).info()
        assert len(server.requests) == (0 if event == "request" else 1)


def test_a_client_works_after_a_hook_has_raised() -> None:
    raising = True

    def hook(_: ResponseEvent) -> None:
        if raising:
            raise RuntimeError("mine")

    with (
        serving(answer()) as server,
        ApiClient(Configuration(server.url, event_hooks={"response": [hook]})) as api_client,
    ):
        with pytest.raises(RuntimeError, match="mine"):
            AuthenticationApi(api_client).info()
        raising = False
        assert AuthenticationApi(api_client).info().nickname == "me"


def test_hooks_are_called_in_order_until_one_raises() -> None:
    called: list[str] = []

    def hook(name: str, *, fail: bool = False) -> Callable[[object], None]:
        def told(_: object) -> None:
            called.append(name)
            if fail:
                raise RuntimeError("mine")

        return told

    hooks: Any = {"request": [hook("a"), hook("b", fail=True), hook("c")]}
    with (
        serving(answer()) as server,
        ApiClient(Configuration(server.url, event_hooks=hooks)) as api_client,
        pytest.raises(RuntimeError),
    ):
        AuthenticationApi(api_client).info()
    assert called == ["a", "b"]


def test_a_sign_in_for_a_call_has_events_with_its_own_name() -> None:
    events: list[Any] = []
    authorization = {"accessToken": "a" * 20, "refreshToken": "r" * 20, "type": "Bearer"}
    given = answer({**authorization, "expiresAt": "2100-01-01T00:00:00Z"})
    credentials = PasswordCredentials("me@example.com", "C0rrect!horse")
    with (
        serving(given, answer()) as server,
        client_of(server, events, access_token=None, credentials=credentials) as api_client,
    ):
        AuthenticationApi(api_client).info()
    assert [event.operation for event in events] == ["sign_in", "sign_in", "info", "info"]
    assert "C0rrect" not in repr(events)


def test_a_call_in_a_hook_has_no_more_time_than_the_outer_call() -> None:
    def ask(event: RequestEvent) -> None:
        if event.operation == "info":
            api_client.request("GET", "/slow", _request_timeout=60)

    def never(connection: Any, _: object) -> None:
        connection.hold()

    with (
        serving(never) as server,
        ApiClient(Configuration(server.url, timeout=0.3, event_hooks={"request": [ask]})) as api_client,
    ):
        started = time.monotonic()
        with pytest.raises(ApiConnectionError):
            AuthenticationApi(api_client).info()
        assert time.monotonic() - started < 5
        assert [request.target for request in server.requests] == ["/slow"]


async def never_run(_: object) -> None: ...


class NeverAwaited:
    """A callable that is async."""

    async def __call__(self, _: object) -> None: ...


def test_nothing_is_sent_once_a_hook_has_used_up_the_time() -> None:
    def wait(event: RequestEvent) -> None:
        if event.operation == "request":
            time.sleep(0.25)

    with (
        serving(answer()) as server,
        ApiClient(Configuration(server.url, event_hooks={"request": [wait]})) as api_client,
    ):
        AuthenticationApi(api_client).info()
        with pytest.raises(ApiTimeoutError):
            api_client.request("POST", "/new", _request_timeout=0.2)
        assert [request.method for request in server.requests] == ["GET"]


@pytest.mark.parametrize(
    ("hooks", "error", "message"),
    [
        ([print], ApiTypeError, "event_hooks: expected a dict of lists of functions, got list"),
        (
            {"requests": [print]},
            ApiValueError,
            "event_hooks: expected request, response, retry, error; got 'requests', did you mean 'request'?",
        ),
        ({"request": print}, ApiTypeError, f"event_hooks['request']: expected a list of functions, got {print}"),
        (
            {"retry": [print, never_run]},
            ApiTypeError,
            "event_hooks['retry']: expected functions, got one that is async",
        ),
        (
            {"response": [NeverAwaited()]},
            ApiTypeError,
            "event_hooks['response']: expected functions, got one that is async",
        ),
        ({"error": {print}}, ApiTypeError, f"event_hooks['error']: expected a list of functions, got {{{print}}}"),
        (
            {"request": frozenset([print])},
            ApiTypeError,
            f"event_hooks['request']: expected a list of functions, got frozenset({{{print}}})",
        ),
        ({"request": ["print"]}, ApiTypeError, "event_hooks['request']: expected a list of functions, got ['print']"),
    ],
)
def test_invalid_hooks_are_refused_by_name(hooks: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        Configuration(event_hooks=hooks)
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        Configuration().event_hooks = hooks


class Counter:
    """A hook with state."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, _: object) -> None:
        self.count += 1


def test_hooks_can_be_read_and_changed_and_are_shared_by_copies() -> None:
    counter = Counter()
    with serving(answer()) as server:
        configuration = Configuration(server.url, event_hooks={"request": (counter,)})
        assert configuration.event_hooks == {"request": (counter,), "response": (), "retry": (), "error": ()}
        for each in (configuration, copy.copy(configuration), copy.deepcopy(configuration)):
            with ApiClient(each) as api_client:
                AuthenticationApi(api_client).info()
        assert counter.count == 3
        with ApiClient(configuration) as api_client:
            configuration.event_hooks = {}
            AuthenticationApi(api_client).info()
        assert counter.count == 3


def frames(error: BaseException) -> list[str]:
    return [frame.name for frame in traceback.extract_tb(error.__traceback__)]


class Hook:
    """A hook that raises one of the SDK's own errors for an operation, directly or in a nested function."""

    def __init__(self, operation: str, status: int = 404) -> None:
        self.operation, self.error = operation, NotFoundException(status, "mine")

    def __call__(self, event: Any) -> None:
        if event.operation == self.operation:
            self._raise("a variable of the hook's")

    def _raise(self, mine: str) -> None:
        raise self.error


@pytest.mark.parametrize("event", ["request", "response", "retry"])
@pytest.mark.parametrize("operation", ["info", "sign_in"])
def test_an_sdk_error_in_a_hook_keeps_its_frames_and_causes_no_event(event: str, operation: str) -> None:
    hook, told = Hook(operation), []
    hooks: Any = {event: [hook], "error": [told.append]}
    with (
        serving(answer({"detail": "busy"}, 503) if event == "retry" else answer(AUTHORIZATION)) as server,
        ApiClient(Configuration(server.url, event_hooks=hooks)) as api_client,
    ):
        if event == "retry":
            # A sign-in is a POST, which is not sent again.
            hook.operation = "info"
        elif operation == "sign_in":
            api_client.configuration.credentials = PasswordCredentials("me@example.com", "C0rrect!horse")
        with pytest.raises(NotFoundException) as caught:
            AuthenticationApi(api_client).info(_headers={"X-Secret": "C0rrect!horse"})
    assert caught.value is hook.error
    assert told == []
    assert frames(caught.value)[-2:] == ["__call__", "_raise"]
    shown = "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format())
    assert 'mine = "a variable of the hook\'s"' in shown
    assert "C0rrect" not in shown.partition("_headers=")[2].partition("\n")[2]


def test_an_sdk_error_of_an_error_hook_keeps_its_frames_and_the_others_context() -> None:
    hook = Hook("info")
    with (
        serving(answer({"detail": "none"}, 400)) as server,
        ApiClient(Configuration(server.url, event_hooks={"error": [hook]})) as api_client,
        pytest.raises(NotFoundException) as caught,
    ):
        AuthenticationApi(api_client).info()
    assert frames(caught.value)[-2:] == ["__call__", "_raise"]
    assert isinstance(caught.value.__context__, BadRequestException)


def test_an_sdk_error_of_a_call_that_a_hook_makes_keeps_the_hooks_frame() -> None:
    def look_up(event: RequestEvent) -> None:
        if event.operation == "info":
            AccountApi(api_client).list_accounts(page=0)

    told: list[ErrorEvent] = []
    hooks: Any = {"request": [look_up], "error": [told.append]}
    with (
        serving(answer()) as server,
        ApiClient(Configuration(server.url, event_hooks=hooks)) as api_client,
        pytest.raises(ApiValueError) as caught,
    ):
        AuthenticationApi(api_client).info()
    assert "look_up" in frames(caught.value)
    assert told == []


@pytest.mark.parametrize("status", [401, 500])
def test_an_error_in_a_hook_is_not_taken_for_a_refused_refresh_token(status: int) -> None:
    hook = Hook("refresh_token", status)
    with recording() as service:
        credentials = PasswordCredentials("me@example.com", "C0rrect!horse")
        configuration = Configuration(service.url, credentials=credentials)
        with ApiClient(configuration) as api_client:
            AuthenticationApi(api_client).info()
            service.forget()
            configuration.event_hooks = {"request": [hook]}
            with pytest.raises(NotFoundException) as caught:
                credentials.renew(api_client, "access-1")
            assert caught.value is hook.error
        assert service.counts() == {}


@pytest.mark.parametrize("error", [RuntimeError("mine"), ApiException(status=400, reason="mine")], ids=type)
def test_an_error_in_an_access_token_function_causes_one_event_and_keeps_its_frames(error: Exception) -> None:
    def token() -> str:
        raise error

    told: list[Any] = []
    with (
        serving(answer()) as server,
        client_of(server, told, access_token=token) as api_client,
        pytest.raises(type(error)) as caught,
    ):
        AuthenticationApi(api_client).info(_headers={"X-Secret": "C0rrect!horse"})
    assert server.requests == []
    (event,) = told
    assert isinstance(event, ErrorEvent)
    assert (event.error, event.attempt, caught.value) == (error, 0, error)
    assert frames(error)[-1] == "token"


def test_an_error_event_shows_no_secret_of_the_sdks_frames() -> None:
    shown: list[str] = []

    class Credentials:
        def access_token(self, api_client: ApiClient) -> str:
            return "".join(reversed("1-nekot-a-terces"))

        def renew(self, api_client: ApiClient, rejected: str) -> str | None:
            del rejected
            raise RuntimeError("mine")

    def report(event: ErrorEvent) -> None:
        failed = traceback.TracebackException.from_exception(event.error, capture_locals=True)
        shown.append("".join(failed.format()))

    with (
        serving(answer({"detail": "old"}, 401)) as server,
        ApiClient(Configuration(server.url, credentials=Credentials(), event_hooks={"error": [report]})) as api_client,
        pytest.raises(RuntimeError),
    ):
        AuthenticationApi(api_client).info()
    assert "mine" in shown[0]
    assert "secret-a-token-1" not in shown[0]


def test_an_interrupt_causes_no_error_event() -> None:
    def token() -> str:
        raise KeyboardInterrupt

    told: list[Any] = []
    with (
        serving(answer()) as server,
        client_of(server, told, access_token=token) as api_client,
        pytest.raises(KeyboardInterrupt),
    ):
        AuthenticationApi(api_client).info()
    assert told == []
