"""A user's own transport: every feature of the SDK works over it, and no other network is used."""

from __future__ import annotations

import json
from typing import Any

import pytest
import urllib3
from every_operation import EVERY_CALL, Call
from example_service import AuthenticationApi

import gravscale
from gravscale import ApiClient, ApiConnectionError, ApiTimeoutError, Configuration


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
        for call in (lambda: api_client.request("GET", "/new"), AuthenticationApi(api_client).info):
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
