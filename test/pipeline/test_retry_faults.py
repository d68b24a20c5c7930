"""What is retried and what is not, as counted by the server."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from contextlib import nullcontext
from email.utils import formatdate
from typing import Any

import pytest
import urllib3
from calls_by_method import delete, get, post
from example_service import AuthenticationApi
from misbehaving import (
    AUTHORIZATION,
    INFO,
    TASK,
    Connection,
    Request,
    Scenario,
    answer,
    hang_up,
    message,
    raw,
    refusing,
    reset,
    serving,
    silence,
)

import gravscale
from gravscale import ApiClient, ApiConnectionError, ApiException

Call = Callable[[ApiClient], object]


def sign_in(client: ApiClient) -> object:
    return AuthenticationApi(client).sign_in({"email": "me@example.com", "password": "secret"})


# One body that suits every operation, so that a scenario need not know which is called.
ANY = answer(INFO | AUTHORIZATION | TASK)
BROKEN = pytest.mark.parametrize("broken", [reset, hang_up])
CHANGING = pytest.mark.parametrize("call", [post, delete, sign_in])
EVERY = pytest.mark.parametrize("call", [get, post, delete, sign_in])


@BROKEN
def test_a_get_whose_connection_fails_is_repeated(broken: Scenario, connect: Any) -> None:
    with serving(broken, broken, ANY) as server:
        get(connect(server.url))
        assert len(server.requests) == 3


@BROKEN
def test_a_get_is_repeated_no_more_than_twice(broken: Scenario, connect: Any) -> None:
    with serving(broken) as server:
        with pytest.raises(ApiConnectionError):
            get(connect(server.url))
        assert len(server.requests) == 3


@BROKEN
@CHANGING
def test_a_change_that_may_have_arrived_is_never_sent_twice(call: Call, broken: Scenario, connect: Any) -> None:
    with serving(broken) as server:
        with pytest.raises(ApiConnectionError, match="no answer while"):
            call(connect(server.url, retries=5))
        assert len(server.requests) == 1


@EVERY
def test_a_call_with_a_slow_answer_is_sent_once(call: Call, connect: Any) -> None:
    with serving(silence) as server:
        with pytest.raises(gravscale.ApiTimeoutError):
            call(connect(server.url, timeout=(5.0, 0.2), retries=5))
        assert len(server.requests) == 1


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_get_is_repeated_when_the_service_is_busy(status: int, connect: Any) -> None:
    with serving(answer({}, status), answer({}, status), ANY) as server:
        get(connect(server.url))
        assert len(server.requests) == 3
        assert server.connections == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422, 500, 501])
def test_a_get_is_not_repeated_when_the_answer_would_be_the_same(status: int, connect: Any) -> None:
    with serving(answer({}, status)) as server:
        with pytest.raises(ApiException):
            get(connect(server.url))
        assert len(server.requests) == 1


@CHANGING
@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_change_is_not_repeated_when_the_service_failed(call: Call, status: int, connect: Any) -> None:
    with serving(answer({}, status, {"Retry-After": "0"})) as server:
        with pytest.raises(gravscale.ServiceException):
            call(connect(server.url))
        assert len(server.requests) == 1


@EVERY
def test_any_call_is_repeated_after_a_429(call: Call, connect: Any) -> None:
    with serving(answer({}, 429), ANY) as server:
        call(connect(server.url))
        first, second = server.requests
        assert first == second


@EVERY
def test_any_call_is_repeated_when_no_connection_could_be_opened(
    call: Call, connect: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = []

    def refuse_twice(self: socket.socket, address: Any) -> None:
        tries.append(address)
        if len(tries) < 3:
            raise ConnectionRefusedError(111, "Connection refused")
        super(socket.socket, self).connect(address)

    monkeypatch.setattr(socket.socket, "connect", refuse_twice, raising=False)
    with serving(ANY) as server:
        call(connect(server.url))
        assert len(tries) == 3
        assert len(server.requests) == 1


@EVERY
def test_a_refused_connection_is_an_error_that_says_so(call: Call, connect: Any) -> None:
    with refusing() as url, pytest.raises(ApiConnectionError, match=r"no answer while connecting: .*refused") as caught:
        call(connect(url))
    assert caught.value.status is None
    assert isinstance(caught.value.__cause__, ConnectionRefusedError)


@EVERY
def test_a_tls_handshake_that_breaks_off_is_tried_again(call: Call, connect: Any) -> None:
    def hang_up_at_once(connection: Connection) -> None:
        connection.socket.recv(10_000)
        connection.close()

    with serving(ANY, greet=hang_up_at_once) as server:
        with pytest.raises(ApiConnectionError, match="while agreeing on TLS"):
            call(connect(server.url.replace("http:", "https:")))
        assert server.connections == 3


@pytest.mark.parametrize("retries", [0, 1, 5])
def test_the_number_of_retries_can_be_set(retries: int, connect: Any) -> None:
    with serving(answer({}, 503)) as server:
        with pytest.raises(gravscale.ServiceException):
            get(connect(server.url, retries=retries))
        assert len(server.requests) == retries + 1


def test_a_retry_of_urllib3_is_used_as_given(connect: Any) -> None:
    retries = urllib3.Retry(3, status_forcelist=[500], allowed_methods=["POST"])
    with serving(answer({}, 500)) as server:
        client = connect(server.url, retries=retries)
        for _ in range(2):
            with pytest.raises(gravscale.ServiceException):
                post(client)
        assert len(server.requests) == 8
        with pytest.raises(gravscale.ServiceException):
            get(client)
        assert len(server.requests) == 9


@BROKEN
def test_a_retry_of_urllib3_decides_on_connection_failures(broken: Scenario, connect: Any) -> None:
    with serving(broken) as server:
        with pytest.raises(ApiConnectionError):
            delete(connect(server.url, retries=urllib3.Retry(3, read=1)))
        assert len(server.requests) == 2
        with pytest.raises(ApiConnectionError):
            post(connect(server.url, retries=urllib3.Retry(3)))
        assert len(server.requests) == 3


def test_a_retry_of_urllib3_never_outlasts_the_deadline(connect: Any, within: Any) -> None:
    retries = urllib3.Retry(1000, status_forcelist=[500], backoff_factor=0.1, respect_retry_after_header=False)
    with serving(answer({}, 500, {"Retry-After": "1"})) as server:
        with within(0.4), pytest.raises(gravscale.ServiceException):
            get(connect(server.url, retries=retries, timeout=0.4))
        assert len(server.requests) > 1


@pytest.mark.parametrize(
    "value",
    ["0", "-1", "soon", "", "1.5", "1e3", "NaN", "Thu, 99 Foo 2026 99:99:99 GMT", "Mon", "²", "1;2", "12:30"],
)
def test_an_invalid_retry_after_does_not_delay_the_retry(value: str, connect: Any, within: Any) -> None:
    with serving(answer({}, 429, {"Retry-After": value}), ANY) as server:
        with within(0.1):
            post(connect(server.url))
        assert len(server.requests) == 2


@pytest.mark.parametrize("value", ["60", "86400", "9" * 18, "1" + "0" * 30, "9" * 5000])
def test_a_retry_after_beyond_the_deadline_is_not_waited_for(value: str, connect: Any, within: Any) -> None:
    with serving(answer({}, 429, {"Retry-After": value}), ANY) as server:
        with within(0), pytest.raises(gravscale.TooManyRequestsException) as caught:
            post(connect(server.url))
        assert len(server.requests) == 1
        assert caught.value.retry_after is not None


@pytest.mark.parametrize("in_seconds", [-86400, 86400])
def test_a_retry_after_can_be_a_date(in_seconds: int, connect: Any, within: Any) -> None:
    date = formatdate(time.time() + in_seconds, usegmt=True)
    late = nullcontext() if in_seconds < 0 else pytest.raises(gravscale.TooManyRequestsException)
    with serving(answer({}, 429, {"Retry-After": date}), ANY) as server:
        with within(0.1), late:
            get(connect(server.url))
        assert len(server.requests) == (2 if in_seconds < 0 else 1)


@pytest.mark.parametrize("asked", ["seconds", "date"])
def test_a_retry_after_within_the_deadline_is_waited_for(asked: str, connect: Any, monkeypatch: Any) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("gravscale.pipeline.retry.time.sleep", pauses.append)
    value = "7" if asked == "seconds" else formatdate(time.time() + 7, usegmt=True)
    with serving(answer({}, 429, {"Retry-After": value}), ANY) as server:
        post(connect(server.url))
    assert pauses == [pytest.approx(7, abs=1.5)]


def test_pauses_grow_and_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    from gravscale.pipeline.retry import RetryPolicy

    monkeypatch.setattr("gravscale.pipeline.retry.BACKOFF_SECONDS", 0.5)

    def pauses() -> list[float]:
        policy = RetryPolicy(10)
        return [policy.after_failure("GET", False, OSError()) or 0.0 for _ in range(10)]

    samples = [pauses() for _ in range(50)]
    ceilings = [min(8.0, 0.5 * 2**n) for n in range(10)]
    for pause, ceiling in zip(zip(*samples, strict=True), ceilings, strict=True):
        assert max(pause) <= ceiling
        assert max(pause) > ceiling / 2
        assert min(pause) < ceiling / 2


@EVERY
def test_an_idle_connection_that_the_server_closed_is_replaced(call: Call, connect: Any) -> None:
    closed = threading.Event()

    def answer_and_close(connection: Connection, request: Request) -> None:
        ANY(connection, request)
        connection.close()
        closed.set()

    with serving(answer_and_close, ANY) as server:
        client = connect(server.url, retries=0)
        get(client)
        assert closed.wait(5)
        call(client)
        assert len(server.requests) == 2


@EVERY
def test_an_unrequested_answer_on_an_idle_connection_is_never_used(call: Call, connect: Any) -> None:
    sent = threading.Event()

    def answer_twice(connection: Connection, request: Request) -> None:
        ANY(connection, request)
        # Sent later, so that it is not read together with the first one.
        assert asked_again.wait(5)
        connection.send(message({"email": "mallory@example.com", "nickname": "mallory"}))
        sent.set()

    asked_again = threading.Event()
    with serving(answer_twice, ANY) as server:
        client = connect(server.url, retries=0)
        get(client)
        asked_again.set()
        assert sent.wait(5)
        assert "mallory" not in str(call(client))
        assert server.connections == 2


@pytest.mark.parametrize("times", [1, 3, 99])
@pytest.mark.parametrize("status", [100, 102, 103, 199])
def test_interim_answers_are_skipped(status: int, times: int, connect: Any) -> None:
    interim = f"HTTP/1.1 {status} Wait\r\nLink: </style.css>\r\n\r\n".encode() * times
    with serving(raw(interim + message())) as server:
        client = connect(server.url)
        for _ in range(2):
            assert "me@example.com" in str(get(client))
        assert server.connections == 1


def test_a_100_before_a_103_is_skipped(connect: Any) -> None:
    interim = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
    with serving(raw(interim + message())) as server:
        assert "me@example.com" in str(get(connect(server.url)))
