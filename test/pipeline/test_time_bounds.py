"""A timeout limits the whole call, whatever the other side does."""

from __future__ import annotations

import gzip
import json
import socket
import threading
from typing import Any

import pytest
import urllib3
from example_service import AuthenticationApi, TaskManagerApi
from misbehaving import (
    TASK,
    Connection,
    Request,
    Scenario,
    answer,
    chunked,
    dripping,
    message,
    mute_listener,
    raw,
    serving,
    silence,
)

import gravscale
from gravscale import ApiTimeoutError

LIMIT = 0.4


def info(client: gravscale.ApiClient, timeout: Any = LIMIT) -> object:
    return AuthenticationApi(client).info(_request_timeout=timeout)


def drip_chunks(connection: Connection, _: Request) -> None:
    connection.send(message(b"", headers={"Transfer-Encoding": "chunked"}, length=None))
    connection.drip(b"1\r\nx\r\n" * 1000)


@pytest.mark.parametrize(
    ("scenario", "phase"),
    [
        pytest.param(silence, "waiting for the answer", id="silence"),
        pytest.param(dripping(message()), "waiting for the answer", id="head"),
        pytest.param(
            dripping(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 90), "waiting for the answer", id="interim answers"
        ),
        pytest.param(dripping(message(b" " * 1000), 120), "reading the answer", id="body"),
        pytest.param(
            dripping(message(b" " * 1000, length=None), 100), "reading the answer", id="body without a length"
        ),
        pytest.param(drip_chunks, "reading the answer", id="chunks"),
        pytest.param(raw(message(b"{", length=100)), "reading the answer", id="half a body"),
        pytest.param(chunked(b"{", end=b""), "reading the answer", id="half of the chunks"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_slow_server_holds_no_call_beyond_its_timeout(
    method: str, scenario: Scenario, phase: str, connect: Any, within: Any
) -> None:
    with serving(scenario) as server:
        client = connect(server.url)
        with within(LIMIT), pytest.raises(ApiTimeoutError, match=rf"timed out after \d\.\d s while {phase}"):
            client.call_api(method, f"{server.url}/api/account/", body={}, _request_timeout=LIMIT)
        assert len(server.requests) == 1


def tasks(count: int, **fields: Any) -> bytes:
    return b'{"items": [' + b",".join([json.dumps({**TASK, **fields}).encode()] * count) + b"]}"


def fault(part: bytes) -> bytes:
    """A 422 of a megabyte, for a field with a very long path."""
    loc = b",".join([part] * (2**20 // (len(part) + 1)))
    return b'{"detail": [{"msg": "wrong", "type": "t", "loc": [' + loc + b"]}]}"


# These once took seconds or minutes to read. The call's timeout includes that time.
COSTLY = {
    "a 422 of a path of ones": answer(fault(b"1"), 422),
    "a 422 of a path of texts": answer(fault(b'""'), 422),
    "a 422 of a path of objects": answer(fault(b"{}"), 422),
    "a 422 of many faults": answer({"detail": [{"msg": "", "type": "", "loc": []}] * 30_000}, 422),
    "a list of lists as detail": answer({"detail": [[1]] * 200_000}, 400),
    "JSON in JSON": answer({"detail": [json.dumps(["a"])] * 80_000}, 400),
    "half JSON with secret names": answer(b'{"password":"x",' * 60_000, 500),
    "a time of a megabyte of digits": answer(tasks(1, createdAt="1" * 1_000_000)),
    "times with a space": answer(tasks(80_000, createdAt="2026-01-01 00:00:00 +0000")),
    "numbers with a fraction of nothing": answer(tasks(400_000, clientId=5.0)),
    "gzip streams of nothing": answer(gzip.compress(b"") * 3_000_000, headers={"Content-Encoding": "gzip"}),
    "a folded Retry-After": raw(b"HTTP/1.1 503 No\r\nRetry-After: Mon" + b"\r\n :1" * 60_000 + b"\r\n\r\n", close=True),
    "a Retry-After of digits": answer({}, 503, {"Retry-After": "1" * 60_000}),
    "a Retry-After of words": answer({}, 503, {"Retry-After": "Mon, " + "1:" * 30_000}),
    "chunks of a byte": chunked(*[b" "] * 2_000_000),
}


@pytest.mark.parametrize("scenario", COSTLY.values(), ids=COSTLY.keys())
def test_an_answer_that_is_costly_to_read_holds_no_call_beyond_its_timeout(
    scenario: Scenario, connect: Any, within: Any
) -> None:
    with serving(scenario) as server:
        client = connect(server.url, retries=0)
        with within(2.0), pytest.raises(gravscale.ApiException):
            TaskManagerApi(client).list_tasks(client_id=1, _request_timeout=2.0)


def test_reading_a_long_list_ends_at_the_timeout(connect: Any, within: Any) -> None:
    with serving(answer(tasks(20_000, createdAt="2026-01-01 00:00:00 +0000"))) as server:
        client = connect(server.url)
        with within(LIMIT), pytest.raises(ApiTimeoutError, match="while reading the answer"):
            TaskManagerApi(client).list_tasks(client_id=1, _request_timeout=LIMIT)


KEYS = ",".join(f'"k{number}":0' for number in range(500_000))


@pytest.mark.parametrize("body", [f"{{{KEYS}}}", f"[{'[],' * 400_000}0]"], ids=["keys", "lists"])
def test_an_answer_too_large_for_the_remaining_time_is_not_read(body: str, connect: Any) -> None:
    # Nothing can interrupt the parser once it has started, and on a slow machine it takes several seconds.
    with serving(answer(body.encode())) as server:
        client = connect(server.url)
        assert len(client.request("GET", "/")) > 250_000
        with pytest.raises(ApiTimeoutError, match=r"while reading the answer: it may take \d\.\d s more"):
            client.request("GET", "/", _request_timeout=1.0)


@pytest.mark.parametrize("token", ["+" * 20_000, "<>&'\"+/ " * 200 + "x"], ids=["plus signs", "marks"])
def test_a_long_secret_of_odd_characters_holds_no_call_beyond_its_timeout(
    token: str, connect: Any, within: Any
) -> None:
    with serving(answer({"detail": token}, 400)) as server:
        client = connect(server.url, access_token=token)
        with within(2.0), pytest.raises(gravscale.BadRequestException) as caught:
            info(client, timeout=2.0)
        assert token not in str(caught.value)


def test_a_server_that_stops_reading_holds_no_call_beyond_its_timeout(connect: Any, within: Any) -> None:
    with mute_listener() as url:
        client = connect(url)
        with within(LIMIT), pytest.raises(ApiTimeoutError, match="while sending the request"):
            client.call_api("POST", url, body="x" * 20_000_000, _request_timeout=LIMIT)


def test_a_silent_tls_handshake_holds_no_call_beyond_its_timeout(connect: Any, within: Any) -> None:
    with mute_listener() as url:
        client = connect(url.replace("http:", "https:"))
        with within(LIMIT), pytest.raises(ApiTimeoutError, match=r"while (agreeing on TLS|connecting)"):
            info(client)


def test_a_dripping_tls_handshake_holds_no_call_beyond_its_timeout(connect: Any, within: Any) -> None:
    def drip_a_record(connection: Connection) -> None:
        connection.drip(b"\x16\x03\x03\x40\x00" + bytes(1000))

    with serving(silence, greet=drip_a_record) as server:
        client = connect(server.url.replace("http:", "https:"))
        with within(LIMIT), pytest.raises(ApiTimeoutError, match="while agreeing on TLS"):
            info(client)


def test_an_unreachable_address_holds_no_call_beyond_its_timeout(connect: Any, within: Any) -> None:
    with mute_listener(full=True) as url, within(LIMIT), pytest.raises(ApiTimeoutError, match="while connecting"):
        info(connect(url))


def test_connecting_takes_at_most_five_seconds_of_a_long_timeout(
    connect: Any, within: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gravscale.transport.deadline.CONNECT_SECONDS", 0.3)
    with mute_listener(full=True) as url, within(0.3), pytest.raises(ApiTimeoutError, match="while connecting"):
        info(connect(url, retries=0), timeout=20.0)


def test_a_name_server_that_hangs_holds_no_call_beyond_its_timeout(
    connect: Any, within: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    over = threading.Event()

    def hang(*_: object, **__: object) -> Any:
        over.wait()
        raise socket.gaierror("too late")

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    try:
        with within(LIMIT), pytest.raises(ApiTimeoutError, match="while connecting"):
            info(connect("http://service.localhost"))
    finally:
        over.set()


def test_a_second_address_is_tried_if_the_first_is_unreachable(
    connect: Any, within: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(answer()) as server, mute_listener(full=True) as unreachable:
        ports = (int(unreachable.rpartition(":")[2]), server.port)
        found = [(socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", port)) for port in ports]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
        with within(0.5):
            info(connect("http://service.localhost"), timeout=1.0)
        assert len(server.requests) == 1


def test_a_permanent_503_holds_no_call_beyond_its_timeout(connect: Any, within: Any) -> None:
    with serving(answer({}, 503)) as server:
        client = connect(server.url, retries=1_000_000)
        with within(LIMIT), pytest.raises(gravscale.ServiceException):
            info(client)
        assert len(server.requests) > 2


def test_a_refused_answer_that_never_ends_does_not_delay_the_retry(connect: Any, within: Any) -> None:
    endless_503 = message(b"", 503, {"Retry-After": "0"}, length=10_000)
    with serving(dripping(endless_503 + b" " * 10_000, len(endless_503)), answer()) as server:
        with within(0.2):
            info(connect(server.url), timeout=5.0)
        assert len(server.requests) == 2


@pytest.mark.parametrize("status", [429, 503])
def test_a_retry_after_beyond_the_deadline_raises_the_error_at_once(status: int, connect: Any, within: Any) -> None:
    with serving(answer({}, status, {"Retry-After": "86400"})) as server:
        with within(0), pytest.raises(gravscale.ApiException) as caught:
            info(connect(server.url), timeout=5.0)
        assert caught.value.status == status
        assert caught.value.retry_after == 86400
        assert len(server.requests) == 1


@pytest.mark.parametrize("timeout", [None, (1.0, 1.0)], ids=["none", "pair"])
def test_without_a_deadline_a_retry_after_of_a_day_raises_the_error_at_once(
    timeout: Any, connect: Any, within: Any
) -> None:
    with serving(answer({}, 429, {"Retry-After": "86400"})) as server:
        with within(0), pytest.raises(gravscale.TooManyRequestsException):
            info(connect(server.url, timeout=timeout), timeout=None)
        assert len(server.requests) == 1


def test_the_configured_timeout_applies_to_calls_without_their_own(connect: Any, within: Any) -> None:
    with serving(silence) as server, within(LIMIT), pytest.raises(ApiTimeoutError):
        AuthenticationApi(connect(server.url, timeout=LIMIT)).info()


def test_by_default_a_call_takes_30_seconds_and_connecting_5_of_them() -> None:
    timeouts = gravscale.Configuration().timeouts(None)
    assert (timeouts.total, timeouts.connect) == (30.0, 5.0)


def test_the_second_of_a_pair_limits_the_answer(connect: Any, within: Any) -> None:
    with serving(dripping(message())) as server:
        with within(LIMIT), pytest.raises(ApiTimeoutError, match="while waiting for the answer"):
            info(connect(server.url), timeout=(5.0, LIMIT))
        assert len(server.requests) == 1


def test_the_second_of_a_pair_limits_the_answer_on_a_kept_connection(connect: Any, within: Any) -> None:
    with serving(answer(), silence) as server:
        client = connect(server.url)
        info(client, timeout=(5.0, 5.0))
        with within(LIMIT), pytest.raises(ApiTimeoutError, match="while waiting for the answer"):
            info(client, timeout=(5.0, LIMIT))
        assert server.connections == 1


def test_the_first_of_a_pair_limits_connecting(connect: Any, within: Any) -> None:
    with mute_listener(full=True) as url, within(LIMIT), pytest.raises(ApiTimeoutError, match="while connecting"):
        info(connect(url, retries=0), timeout=(LIMIT, 20.0))


@pytest.mark.parametrize("timeout", [(0.1, 5.0), 5.0, None], ids=["pair", "number", "none"])
def test_a_short_time_to_connect_does_not_shorten_the_answer(
    timeout: Any, connect: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def late(connection: Connection, _: Request) -> None:
        connection.server.over.wait(0.3)
        connection.send(message())

    monkeypatch.setattr("gravscale.transport.deadline.CONNECT_SECONDS", 0.1)
    with serving(late) as server:
        client = connect(server.url, timeout=timeout)
        for _ in range(2):
            AuthenticationApi(client).info()


@pytest.mark.parametrize("first", ["info", "call that timed out"])
def test_the_timeout_of_one_call_does_not_limit_the_next(first: str, connect: Any) -> None:
    def late(connection: Connection, _: Request) -> None:
        connection.server.over.wait(0.4)
        connection.send(message())

    with serving(answer() if first == "info" else silence, late) as server:
        client = connect(server.url, timeout=None)
        try:
            info(client, timeout=0.2)
        except ApiTimeoutError:
            assert first != "info"
        assert info(client, timeout=None) is not None


def test_a_stream_times_out_only_between_two_reads(connect: Any, within: Any) -> None:
    with serving(raw(message(b"{", length=100))) as server:
        response = AuthenticationApi(connect(server.url)).info_without_preload_content(_request_timeout=LIMIT)
        with within(LIMIT), pytest.raises(urllib3.exceptions.ReadTimeoutError):
            response.read()


def test_a_stream_may_last_longer_than_the_timeout(connect: Any) -> None:
    body = b" " * 30
    slow = message(body)
    with serving(dripping(slow, len(slow) - len(body))) as server:
        response = AuthenticationApi(connect(server.url)).info_without_preload_content(_request_timeout=0.3)
        assert response.read() == body


def test_another_call_does_not_shorten_a_stream_of_the_same_thread(connect: Any) -> None:
    go_on = threading.Event()

    def wait_in_the_middle(connection: Connection, _: Request) -> None:
        whole = message(b"[1]")
        connection.send(whole[:-1])
        go_on.wait(10)
        connection.send(whole[-1:])

    with serving(wait_in_the_middle, answer()) as server:
        client = connect(server.url)
        response = AuthenticationApi(client).info_without_preload_content(_request_timeout=5.0)
        info(client, timeout=0.3)
        threading.Timer(0.4, go_on.set).start()
        assert response.read() == b"[1]"


def test_a_renewal_has_no_more_time_than_the_call_that_needs_it(connect: Any, within: Any) -> None:
    with serving(silence) as server:
        inner = connect(server.url)

        def token() -> str:
            info(inner, timeout=20.0)
            return "token"

        with within(LIMIT), pytest.raises(ApiTimeoutError):
            info(connect(server.url, access_token=token))


def test_a_timeout_is_a_timeout_error_and_names_phase_and_time(connect: Any) -> None:
    with serving(silence) as server, pytest.raises(TimeoutError) as caught:
        info(connect(server.url))
    assert isinstance(caught.value, ApiTimeoutError)
    assert caught.value.status is None
    assert str(caught.value).startswith(f"GET {server.url}/api/auth/info: timed out after 0.4 s while waiting")
