"""Every error has one base class, survives pickling, and has a helpful message."""

from __future__ import annotations

import copy
import inspect
import pickle
import socket
import ssl
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from http import HTTPStatus
from multiprocessing import get_context
from typing import Any

import pytest
from example_service import AuthenticationApi, HTTPValidationError, TaskTreeSchema, stand_in
from misbehaving import Scenario, answer, hang_up, message, raw, redirect, refusing, reset, serving, silence
from urllib3 import HTTPHeaderDict

import gravscale
import gravscale.rest
from gravscale import ApiClient, ApiException, Configuration, OpenApiException, exceptions, tasks

TASK = TaskTreeSchema.model_validate(
    {"id": "t", "status": "failed", "createdAt": "2026-01-01T00:00:00Z", "updatedAt": "2026-01-01T00:00:00Z"}
)
FAULTS = {
    "detail": [
        {"loc": ["body", "email"], "msg": "Field required", "type": "missing"},
        {"loc": ["body", "tags", 3], "msg": "Input should be a valid string", "type": "string_type"},
    ]
}
HEADERS = HTTPHeaderDict([("X-Request-ID", "r-1"), ("Retry-After", "7"), ("Via", "a"), ("Via", "b")])

EVERY_KIND = [
    kind
    for _, kind in inspect.getmembers(exceptions, inspect.isclass)
    if issubclass(kind, Exception) and not issubclass(kind, Warning)
]


def examples() -> Iterator[OpenApiException]:
    for kind in EVERY_KIND:
        if issubclass(kind, ApiException):
            yield kind()
            yield kind(status=404, reason="x")
            yield kind(None, "no answer")
            yield kind(
                422,
                "Unprocessable",
                body="{}",
                data=HTTPValidationError.from_dict(FAULTS),
                headers=HEADERS,
                method="GET",
                url="http://h/p",
            )
        elif issubclass(kind, (tasks.TaskFailedError, tasks.TaskTimeoutError)):
            yield kind("task t failed", TASK)
        elif issubclass(kind, exceptions.ApiTypeError):
            yield kind("wrong", ["a", 0], (int, str), True)
        elif kind is OpenApiException:
            yield kind("wrong", 1)
        else:
            yield kind("wrong")
            yield kind("wrong", ["a", 0])


EXAMPLES = list(examples())


def with_cause(error: OpenApiException) -> OpenApiException:
    try:
        try:
            raise ConnectionRefusedError(111, "refused")
        except ConnectionRefusedError as cause:
            raise error from cause
    except OpenApiException as raised:
        return raised


def facts(error: BaseException) -> Any:
    attributes = {
        name: value
        for name in dir(error)
        if not name.startswith("__") and not callable(value := getattr(error, name, None))
    }
    return type(error), str(error), repr(error), error.args, attributes, repr(error.__cause__)


@pytest.mark.parametrize("kind", EVERY_KIND, ids=lambda kind: kind.__name__)
def test_every_error_is_an_openapi_exception(kind: type[Exception]) -> None:
    assert issubclass(kind, OpenApiException)
    assert kind is OpenApiException or kind.__doc__ != OpenApiException.__doc__


@pytest.mark.parametrize(
    ("kind", "builtin"),
    [
        (gravscale.ApiTypeError, TypeError),
        (gravscale.ApiValueError, ValueError),
        (gravscale.ApiKeyError, KeyError),
        (gravscale.ApiAttributeError, AttributeError),
        (gravscale.ApiTimeoutError, TimeoutError),
        (gravscale.ApiTimeoutError, gravscale.ApiConnectionError),
        (tasks.TaskTimeoutError, TimeoutError),
        *(
            (getattr(gravscale, name), ApiException)
            for name in dir(gravscale)
            if name.endswith("Exception") and name != "OpenApiException"
        ),
    ],
)
def test_errors_can_be_caught_as_pythons_own_classes(kind: type[Exception], builtin: type[Exception]) -> None:
    assert issubclass(kind, builtin)


@pytest.mark.parametrize("error", EXAMPLES, ids=repr)
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_errors_pickle_to_the_same_type_text_attributes_and_cause(error: OpenApiException, protocol: int) -> None:
    error = with_cause(error)
    assert facts(pickle.loads(pickle.dumps(error, protocol))) == facts(error)


@pytest.mark.parametrize("error", EXAMPLES, ids=repr)
@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy])
def test_errors_copy_to_the_same_type_text_attributes_and_cause(error: OpenApiException, duplicate: Any) -> None:
    error = with_cause(error)
    assert facts(duplicate(error)) == facts(error)


def test_a_deep_copy_shares_nothing_that_changes() -> None:
    error = ApiException(400, data={"a": [1]}, headers=HEADERS)
    copied = copy.deepcopy(error)
    copied.data["a"].append(2)
    assert error.data == {"a": [1]}
    assert copied.headers is not error.headers


def test_an_error_with_an_unpicklable_cause_pickles() -> None:
    error = ApiException(400)
    error.__cause__ = RuntimeError(socket.socket)
    error.__cause__.args = (lambda: None,)
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def fail(url: str, **settings: Any) -> None:
    with ApiClient(Configuration(host=url, retries=0, **settings)) as client:
        AuthenticationApi(client).info()


def test_an_error_crosses_a_process_pool() -> None:
    body = {**FAULTS, "more": 1}
    with serving(answer(body, 422, {"X-Request-ID": "r-1"})) as server:
        pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=stand_in)
        with pool, pytest.raises(gravscale.UnprocessableEntityException) as there:
            pool.submit(fail, server.url).result(60)
        with pytest.raises(gravscale.UnprocessableEntityException) as here:
            fail(server.url)
    assert str(there.value) == str(here.value)
    assert there.value.headers == here.value.headers
    assert there.value.data == here.value.data


REAL: dict[str, tuple[Scenario, type[OpenApiException], type[BaseException] | None]] = {
    "reset": (reset, gravscale.ApiConnectionError, ConnectionResetError),
    "hung up": (hang_up, gravscale.ApiConnectionError, None),
    "silence": (silence, gravscale.ApiTimeoutError, TimeoutError),
    "not HTTP": (raw(b"SSH-2.0\r\n", close=True), gravscale.ApiResponseError, None),
    # Python's own error would contain the part of the body that has arrived.
    "truncated": (
        raw(message(length=999, headers={"X-Request-ID": "r-1"}), close=True),
        gravscale.ApiResponseError,
        None,
    ),
    "redirect elsewhere": (redirect("http://192.0.2.1/"), gravscale.ApiResponseError, None),
    "another shape": (answer([]), gravscale.ApiResponseError, None),
    "404": (answer({"detail": "no such task"}, 404), gravscale.NotFoundException, None),
    "500": (answer("<h1>oops\n</h1>", 500), gravscale.ServiceException, None),
}


@pytest.mark.parametrize("fault", REAL)
def test_an_error_names_the_request_keeps_its_cause_and_pickles(fault: str) -> None:
    scenario, kind, cause = REAL[fault]
    with serving(scenario) as server, pytest.raises(kind) as caught:
        fail(server.url, timeout=0.2)
    error = caught.value
    assert isinstance(error, ApiException)
    if fault == "truncated":
        assert (error.status, error.request_id) == (200, "r-1")
    assert error.__cause__ is None if cause is None else isinstance(error.__cause__, cause)
    assert error.__context__ is error.__cause__ or error.__context__ is None
    assert (error.method, error.url) == ("GET", f"{server.url}/api/auth/info")
    assert str(error).startswith(f"GET {server.url}/api/auth/info: ")
    assert 1 <= len(str(error).splitlines()) <= 2
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
    assert str(copy.deepcopy(error)) == str(error)


def test_the_cause_of_a_refused_connection_is_the_os_error() -> None:
    with refusing() as url, pytest.raises(gravscale.ApiConnectionError, match="refused") as caught:
        fail(url)
    assert isinstance(caught.value.__cause__, ConnectionRefusedError)
    assert caught.value.status is None


@pytest.mark.parametrize("own", [KeyError("own"), TimeoutError("own"), ValueError("own"), OSError("own")], ids=repr)
def test_an_error_does_not_mention_another_that_was_being_handled(own: Exception) -> None:
    with refusing() as url:
        try:
            raise own
        except type(own):
            with pytest.raises(gravscale.ApiConnectionError, match="refused") as caught:
                fail(url)
    assert type(caught.value) is gravscale.ApiConnectionError
    assert isinstance(caught.value.__cause__, ConnectionRefusedError)
    assert caught.value.__cause__.__context__ is None
    # Python does this for any error.
    assert caught.value.__context__ is own


def test_a_call_in_an_except_clause_is_retried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gravscale.pipeline.retry.BACKOFF_SECONDS", 0.001)
    with serving(reset, answer()) as server, gravscale.ApiClient(gravscale.Configuration(server.url)) as client:
        try:
            raise TimeoutError("own")
        except TimeoutError:
            assert AuthenticationApi(client).info().nickname == "me"
        assert len(server.requests) == 2


def test_a_cause_that_holds_a_secret_is_not_kept() -> None:
    not_http = raw(b"Bearer hunter2\r\n", close=True)
    with serving(not_http) as server, pytest.raises(gravscale.ApiResponseError) as caught:
        fail(server.url, access_token="hunter2")
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


SAID = {
    "faults": (FAULTS, "body.email: Field required; body.tags.3: Input should be a valid string"),
    "detail": ({"detail": "the address is taken"}, ": the address is taken"),
    "message": ({"message": "the address is taken"}, ": the address is taken"),
    "details": ({"detail": ["first", {"second": 2}]}, ": first; {'second': 2}"),
    "fault of a name": ({"detail": [{"loc": "body", "msg": "bad"}]}, ": body: bad"),
    "fault of nothing": ({"detail": [{"msg": "bad"}]}, ": bad"),
    "no faults": ({"detail": []}, f"422 {HTTPStatus(422).phrase}"),
    "no detail": ({"detail": None}, ': {"detail": null}'),
    "a list": ([1, 2], ": [1, 2]"),
    "text": (b"plain\n\n\ttext \x1b[31m\x07", ": plain text [31m"),
    "nothing": (b"", f"422 {HTTPStatus(422).phrase}"),
    "a long text": (b"x" * 100_000, "x" * 200 + "…"),
}


@pytest.mark.parametrize("fault", SAID)
def test_the_message_is_the_services_own_field_by_field(fault: str) -> None:
    body, expected = SAID[fault]
    with serving(answer(body, 422)) as server, pytest.raises(gravscale.UnprocessableEntityException) as caught:
        fail(server.url)
    assert str(caught.value).endswith(expected)
    assert len(str(caught.value).splitlines()) == 1


def test_a_hundred_faults_are_not_all_listed() -> None:
    fault = {"loc": ["body", "x" * 1000], "msg": "bad", "type": "t"}
    refused = answer({"detail": [fault] * 100}, 422)
    with serving(refused) as server, pytest.raises(ApiException, match="and 80 more") as caught:
        fail(server.url)
    assert len(str(caught.value)) < 5000
    assert len(caught.value.data["detail"]) == 100


def test_the_request_id_is_in_the_message_and_control_characters_are_not() -> None:
    headers = {"X-Request-ID": "r-1\x1b[31m", "Retry-After": "7"}
    failed = answer({"detail": "no"}, 500, headers)
    with serving(failed) as server, pytest.raises(ApiException, match=r"\(request id r-1 \[31m\)$") as caught:
        fail(server.url)
    assert caught.value.retry_after == 7


def test_a_long_reason_phrase_is_cut() -> None:
    teapot = raw(b"HTTP/1.1 418 " + b"tea " * 10_000 + b"\r\nContent-Length: 0\r\n\r\n")
    with serving(teapot) as server, pytest.raises(ApiException, match=r"418 tea tea .*…$") as caught:
        fail(server.url)
    assert len(str(caught.value)) < 1000


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, "BadRequestException"),
        (401, "UnauthorizedException"),
        (403, "ForbiddenException"),
        (404, "NotFoundException"),
        (409, "ConflictException"),
        (418, "ApiException"),
        (422, "UnprocessableEntityException"),
        (429, "TooManyRequestsException"),
        (500, "ServiceException"),
        (599, "ServiceException"),
        (600, "ApiException"),
        (999, "ApiException"),
    ],
)
def test_each_status_has_its_error(status: int, kind: str) -> None:
    with serving(answer({"detail": "no"}, status)) as server, pytest.raises(ApiException) as caught:
        fail(server.url)
    assert type(caught.value) is getattr(gravscale, kind)
    assert caught.value.status == status
    assert caught.value.body == '{"detail": "no"}'


def test_programs_written_for_the_generated_client_still_work() -> None:
    error = ApiException(status=404, reason="x")
    assert (error.status, error.reason, error.body, error.data, error.headers) == (404, "x", None, None, None)
    assert str(error) == "404 x"
    assert str(ApiException(404)) == "404 Not Found"
    assert str(ApiException()) == "ApiException"
    assert gravscale.rest.ApiException is ApiException
    assert str(gravscale.ApiTypeError("wrong", path_to_item=["a", 0])) == "wrong at ['a'][0]"
    assert str(gravscale.ApiKeyError("no such key")) == "no such key"
    error.status, error.reason = 500, "changed"
    assert str(error) == "500 changed"


def test_an_error_can_be_created_from_an_answer() -> None:
    missing = answer({"detail": "no"}, 404, {"Set-Cookie": "s=hunter2"})
    with serving(missing) as server, ApiClient(Configuration(host=server.url)) as client:
        response = client.call_api("GET", server.url)
        response.read()
    with pytest.raises(gravscale.NotFoundException, match="404 Not Found: no") as caught:
        ApiException.from_response(http_resp=response, body='{"detail": "no"}', data={"detail": "no"})
    assert caught.value.headers is not None
    assert caught.value.headers["Content-Type"] == "application/json"
    assert "hunter2" not in repr(vars(caught.value))
    of_response = ApiException(http_resp=response)
    assert (of_response.status, of_response.reason, of_response.body) == (404, "Not Found", '{"detail": "no"}')


def test_a_failed_tasks_error_has_the_task() -> None:
    error = tasks.TaskFailedError("task t failed: no address left", TASK)
    assert str(error) == "task t failed: no address left"
    assert error.task is TASK
    assert tasks.TaskTimeoutError("late", None).task is None


def test_if_the_server_speaks_no_tls_the_cause_is_pythons_ssl_error() -> None:
    with (
        serving(hang_up, greet=lambda connection: connection.send(b"220 Hello\r\n")) as server,
        pytest.raises(gravscale.ApiConnectionError) as caught,
    ):
        fail(server.url.replace("http:", "https:"))
    assert isinstance(caught.value.__cause__, ssl.SSLError)


@pytest.mark.parametrize("status", [401, 403])
def test_a_401_without_credentials_says_what_to_do(status: int) -> None:
    with serving(answer({"detail": "Not authenticated"}, status)) as server:
        with ApiClient(Configuration(server.url)) as api_client:
            with pytest.raises(ApiException) as caught:
                AuthenticationApi(api_client).info()
            first, second = str(caught.value).splitlines()
            assert first.endswith(": Not authenticated")
            assert second.startswith("info() needs credentials, and the configuration has none: ")
            assert "PasswordCredentials(email, password)" in second
            assert "GRAVSCALE_EMAIL" in second
            assert "gravscale login" in second
            with pytest.raises(ApiException, match=r"\nrequest\(\) needs credentials"):
                api_client.request("GET", "/api/new")
            # Credentials would not help an operation that takes none.
            with pytest.raises(ApiException) as caught:
                AuthenticationApi(api_client).sign_in({"email": "e", "password": "p"})
            assert caught.value.hint is None
        with ApiClient(Configuration(server.url, access_token="a-token")) as api_client:
            with pytest.raises(ApiException) as caught:
                AuthenticationApi(api_client).info()
            assert "\n" not in str(caught.value)
            assert caught.value.hint is None
