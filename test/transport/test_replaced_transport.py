"""A user's own transport: every feature of the SDK works over it, and no other network is used."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
import urllib3
from every_operation import EVERY_CALL, Call

import gravscale
from gravscale import ApiClient, ApiConnectionError, ApiTimeoutError, Configuration
from gravscale.sandbox import Sandbox

Answer = tuple[str, int, dict[str, str], bytes]


class Recorder:
    """Sends requests with another transport, and records the answers."""

    def __init__(self, network: gravscale.Transport) -> None:
        self.network = network
        self.answers: list[Answer] = []

    def send(self, request: gravscale.Request, deadline: gravscale.Deadline) -> urllib3.BaseHTTPResponse:
        response = self.network.send(request, deadline)
        body = response.read(decode_content=False)
        self.answers.append((f"{request.method} {request.target}", response.status, dict(response.headers), body))
        return urllib3.HTTPResponse(io.BytesIO(body), response.headers, response.status, preload_content=False)

    def close(self) -> None:
        self.network.close()


class Player:
    """Answers each request with the next recorded answer."""

    def __init__(self, answers: list[Answer]) -> None:
        self.answers = list(answers)

    def send(self, request: gravscale.Request, deadline: gravscale.Deadline) -> urllib3.BaseHTTPResponse:
        target, status, headers, body = self.answers.pop(0)
        assert target == f"{request.method} {request.target}"
        return urllib3.HTTPResponse(body, headers, status, preload_content=False)

    def close(self) -> None: ...


def session(configuration: Configuration, transport: gravscale.Transport) -> list[object]:
    """A typical program: sessions, lists, tasks, errors, options and raw calls. Returns all results."""
    with ApiClient(configuration, transport=transport) as api_client:
        api = gravscale.AuthenticationApi(api_client)
        learnt: list[object] = [api.sign_up({"email": "me@example.com", "password": "C0rrect!horse"})]
        learnt += [api.info(), api.info_with_http_info().status_code, api_client.request("GET", "/api/auth/info")]
        learnt.append(json.loads(api.info_without_preload_content().data))
        accounts = gravscale.paginate(gravscale.AccountApi(api_client).list_accounts, size=1)
        learnt += [*accounts, accounts.total]
        client_id = gravscale.AccountApi(api_client).list_accounts().items[0].client_id
        network_api = gravscale.NetworkApi(api_client)
        for address in ("10.0.0.10", "192.0.2.10"):
            task = network_api.create_public_ip(client_id, {"vpc_name": "vpc-main", "address": address})
            try:
                learnt.append(gravscale.wait_for_task(api_client, task, poll_interval=0.01).status)
            except gravscale.TaskFailedError as error:
                learnt.append(str(error))
        learnt += list(gravscale.paginate(network_api.list_all_public_ips, client_id, "vpc-main").parallel(2))
        for wrong in ("no-uuid", "00000000-0000-0000-0000-000000000000"):
            try:
                gravscale.AccountApi(api_client.with_options(retries=0)).get_account(wrong)
            except gravscale.ApiException as error:
                learnt += [type(error), error.status, error.data]
    return learnt


def test_a_recorded_session_can_be_replayed_without_a_network() -> None:
    def configuration(host: str) -> Configuration:
        credentials = gravscale.PasswordCredentials("me@example.com", "C0rrect!horse")
        return Configuration(host, credentials=credentials)

    with Sandbox(task_duration=0.02) as sandbox, ApiClient(Configuration(sandbox.url)) as direct:
        recorder = Recorder(direct.transport)
        first = session(configuration(sandbox.url), recorder)
    player = Player(recorder.answers)
    # This host never exists (RFC 6761, section 6.4).
    again = session(configuration("https://service.invalid"), player)
    assert [str(each) for each in again] == [str(each) for each in first]
    assert player.answers == []


class Canned:
    """Answers every request alike."""

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.methods: list[str] = []

    def send(self, request: gravscale.Request, deadline: gravscale.Deadline) -> urllib3.BaseHTTPResponse:
        self.methods.append(request.method)
        return urllib3.HTTPResponse(self.body, {"Content-Type": "application/json"}, 200, preload_content=False)

    def close(self) -> None: ...


@pytest.mark.parametrize("call", EVERY_CALL, ids=lambda call: call.name)
@pytest.mark.parametrize("form", ["", "_with_http_info", "_without_preload_content"])
def test_every_form_of_every_operation_uses_it(call: Call, form: str) -> None:
    transport = Canned(json.dumps(call.answer()).encode())
    with ApiClient(Configuration("https://service.invalid", access_token="token"), transport=transport) as api_client:
        answer = call(api_client, call.arguments(), form)
    assert transport.methods == [call.operation.method]
    # The answer for metals may be any JSON.
    expected = dict if call.name == "get_metal" else call.operation.answer
    if form == "":
        assert type(answer) is expected
    elif form == "_with_http_info":
        assert (type(answer.data), answer.status_code) == (expected, 200)
    else:
        assert (json.loads(answer.data), answer.status) == (call.answer(), 200)


class Failing:
    """It has no working network."""

    def __init__(self, error: Exception) -> None:
        self.error = error
        self.attempts = 0

    def send(self, request: gravscale.Request, deadline: gravscale.Deadline) -> urllib3.BaseHTTPResponse:
        self.attempts += 1
        raise self.error

    def close(self) -> None: ...


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ConnectionRefusedError(111, "refused"), ApiConnectionError),
        (urllib3.exceptions.ProtocolError("broken"), ApiConnectionError),
        (TimeoutError("slow"), ApiTimeoutError),
    ],
)
def test_its_connection_errors_are_converted_and_retried(error: Exception, kind: type[Exception]) -> None:
    transport = Failing(error)
    with (
        ApiClient(Configuration("https://service.invalid"), transport=transport) as api_client,
        pytest.raises(kind),
    ):
        api_client.request("POST", "/new", body={})
    # It never reported that it started to send.
    assert transport.attempts == 3


def test_its_own_errors_propagate() -> None:
    with (
        ApiClient(Configuration("https://service.invalid"), transport=Failing(KeyError("mine"))) as api_client,
        pytest.raises(KeyError, match="mine"),
    ):
        api_client.request("GET", "/new")


@pytest.mark.parametrize("answer", [None, b"{}", {"status": 200}], ids=type)
def test_an_answer_of_another_type_is_named(answer: Any) -> None:
    class Odd(Canned):
        def send(self, request: gravscale.Request, deadline: gravscale.Deadline) -> Any:
            return answer

    complaint = rf"transport: expected send\(\) to return a urllib3.BaseHTTPResponse, got {type(answer).__name__}$"
    with ApiClient(Configuration("https://service.invalid"), transport=Odd(b"")) as api_client:
        for call in (lambda: api_client.request("GET", "/new"), gravscale.AuthenticationApi(api_client).info):
            with pytest.raises(gravscale.ApiTypeError, match=complaint):
                call()


def test_it_receives_the_remaining_time() -> None:
    seen: list[float | None] = []

    class Watching(Canned):
        def send(self, request: gravscale.Request, deadline: gravscale.Deadline) -> urllib3.BaseHTTPResponse:
            seen.append(deadline.step_seconds())
            return super().send(request, deadline)

    with ApiClient(Configuration("https://service.invalid"), transport=Watching(b"{}")) as api_client:
        api_client.request("GET", "/new", _request_timeout=2.0)
        api_client.with_options(timeout=None).request("GET", "/new")
    first, second = seen
    assert first is not None
    assert 1 < first <= 2
    assert second is None


@pytest.mark.parametrize("transport", [object(), Canned, 7], ids=["an object", "a class", "a number"])
def test_an_object_that_is_not_a_transport_is_refused(transport: Any) -> None:
    with pytest.raises(gravscale.ApiTypeError, match=r"^transport: expected an object with send\(\) and close\(\)"):
        ApiClient(transport=transport)
