"""One connection: what it sends, what it reads of an answer, and when it can be used again."""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

import pytest
import trustme
from misbehaving import Connection, Request, Scenario, Server, message, mute_listener, raw, refusing, serving
from urllib3.response import HTTPResponse

from gravscale import ApiResponseError
from gravscale.transport.connection import DeadlineConnection, DeadlineTLSConnection, Exchange
from gravscale.transport.deadline import FOREVER, Deadline, Expired, Timeouts
from gravscale.transport.http1 import MalformedAnswer, NoAnswer
from gravscale.transport.response import ReadAnswer


def exchange(timeout: Any = 10.0, *, target: str = "/x?secret", max_size: float = FOREVER) -> Exchange:
    return Exchange(Deadline(Timeouts.parse(timeout, "timeout")), target, max_size)


@contextmanager
def connected(server: Server, **settings: Any) -> Iterator[DeadlineConnection]:
    connection = DeadlineConnection(server.host, server.port)
    connection.timeout = exchange(**settings)
    try:
        yield connection
    finally:
        connection.close()


def ask(connection: DeadlineConnection, method: str = "GET", body: bytes | None = None, **options: Any) -> Any:
    connection.request(method, "/x?***", body, {"Host": "h"}, **options)
    return connection.getresponse()


def in_pieces(*pieces: bytes, close: bool = False) -> Scenario:
    """Sends each piece after the client has received the one before."""

    def scenario(connection: Connection, _: Request) -> None:
        for piece in pieces:
            connection.send(piece)
            connection.server.over.wait(0.03)
        if close:
            connection.close()

    return scenario


def is_open(connection: DeadlineConnection) -> bool:
    return connection.sock is not None


def test_an_exchange_shows_no_secret_and_is_not_copied() -> None:
    one = exchange(target="/x?secret")
    assert (repr(one), str(one), one.clone() is one) == ("<Exchange>", "<Exchange>", True)


@pytest.mark.parametrize("body", [None, b"", b"small", b"x" * 65_536, b"x" * 65_537, b"x" * 3_000_000])
def test_a_request_arrives_with_its_secrets_headers_and_body(body: bytes | None) -> None:
    with serving(raw(message())) as server, connected(server) as connection:
        assert ask(connection, "POST", body).status == 200
        (request,) = server.requests
        assert (request.method, request.target, request.body) == ("POST", "/x?secret", body or b"")
        assert request.headers == {"host": "h", "content-length": str(len(body or b""))}
        assert is_open(connection)


def test_a_request_may_have_no_headers() -> None:
    with serving(raw(message())) as server, connected(server) as connection:
        connection.request("GET", "/x")
        assert connection.getresponse().status == 200
        assert server.requests[0].headers == {}


@pytest.mark.parametrize(("status", "is_read"), [(200, True), (299, True), (300, False), (404, False)])
def test_only_a_successful_answer_is_read_at_once(status: int, is_read: bool) -> None:
    with serving(raw(message(b"hello", status))) as server, connected(server) as connection:
        answer = ask(connection)
        assert isinstance(answer, ReadAnswer if is_read else HTTPResponse)
        assert connection.is_being_read == (not is_read)
        assert (answer.status, answer.url, answer.read()) == (status, "/x?***", b"hello")
        assert connection.is_being_read is False


def test_an_answer_is_left_unread_on_request() -> None:
    def half(connection: Connection, _: Request) -> None:
        connection.send(message(b"hello")[:-3])
        connection.hold()

    with serving(half) as server, connected(server) as connection:
        answer = ask(connection, preload_content=False)
        assert isinstance(answer, HTTPResponse)
        assert answer.read1(2) == b"he"


LATER_PARTS: dict[str, tuple[bytes, ...]] = {
    "with its head": (message(b"hello"),),
    "after its head": (message(b"", length=5), b"hello"),
    "in parts": (message(b"h", length=5), b"el", b"lo"),
    "in a part with its head and one more": (message(b"hell", length=5), b"o"),
    "until the end": (message(b"hel", length=None), b"lo"),
    "in chunks": (
        message(b"3\r\nhel", headers={"Transfer-Encoding": "chunked"}, length=None),
        b"\r\n2\r\nlo\r\n0\r\n\r\n",
    ),
    "in chunks with their end in a part of its own": (
        message(b"5\r\nhello\r\n", headers={"Transfer-Encoding": "chunked"}, length=None),
        b"0\r\n\r\n",
    ),
}


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize("way", LATER_PARTS)
def test_a_body_is_read_in_whatever_parts_it_arrives(way: str, at_once: bool) -> None:
    scenario = in_pieces(*LATER_PARTS[way], close=way == "until the end")
    with serving(scenario) as server, connected(server, max_size=5) as connection:
        answer = ask(connection, preload_content=at_once)
        assert (answer.read(), is_open(connection)) == (b"hello", way != "until the end")
        assert connection.timeout.deadline.phase == "reading the answer"


@pytest.mark.parametrize("way", LATER_PARTS)
def test_a_body_over_the_limit_is_an_error_and_the_connection_is_closed(way: str) -> None:
    scenario = in_pieces(*LATER_PARTS[way], close=way == "until the end")
    with serving(scenario) as server, connected(server, max_size=4) as connection:
        answer = ask(connection)
        with pytest.raises(ApiResponseError, match="a body larger than 4 bytes") as caught:
            answer.read()
        assert not is_open(connection)
        assert [entry.name for entry in caught.traceback if entry.name == "getresponse"] == []


def test_a_body_that_would_be_too_large_is_not_waited_for() -> None:
    def head(connection: Connection, _: Request) -> None:
        connection.send(message(b"", length=6))
        connection.hold()

    with serving(head) as server, connected(server, max_size=5) as connection:
        answer = ask(connection)
        with pytest.raises(ApiResponseError, match="a body larger than 5 bytes"):
            answer.read()


@pytest.mark.parametrize(
    ("data", "error"), [(b"", NoAnswer), (b"HTTP/1.1 200 OK\r\nA:", MalformedAnswer), (b"SSH-2.0\r\n", MalformedAnswer)]
)
def test_what_is_no_answer_is_an_error(data: bytes, error: type[Exception]) -> None:
    with serving(raw(data, close=True)) as server, connected(server) as connection:
        with pytest.raises(error):
            ask(connection)
        assert connection.timeout.deadline.phase == "waiting for the answer"


def test_a_body_that_breaks_off_is_an_error_when_it_is_used() -> None:
    with serving(raw(message(b"he", length=5), close=True)) as server, connected(server) as connection:
        answer = ask(connection)
        assert (answer.status, is_open(connection)) == (200, False)
        with pytest.raises(MalformedAnswer, match="3 bytes too early"):
            answer.read()


@pytest.mark.parametrize(("status", "kept"), [(200, True), (404, True), (200, False), (404, False)])
def test_a_connection_is_kept_if_the_service_keeps_it(status: int, kept: bool) -> None:
    headers = {} if kept else {"Connection": "close"}
    given_back: list[DeadlineConnection] = []
    with serving(raw(message(b"hello", status, headers))) as server, connected(server) as connection:
        answer = ask(connection)
        connection.give_back = given_back.append
        answer.read()
        assert is_open(connection) == kept
        assert given_back == ([connection] if kept and status == 404 else [])
        if kept:
            assert ask(connection).read() == b"hello"


def test_bytes_after_an_answer_close_the_connection() -> None:
    with serving(raw(message(b"hello") + b"more")) as server, connected(server) as connection:
        assert ask(connection).read() == b"hello"
        assert not is_open(connection)


@pytest.mark.parametrize(("version", "number"), [("HTTP/1.0", 10), ("HTTP/1.1", 11)])
def test_a_streamed_answer_has_the_facts_of_its_head(version: str, number: int) -> None:
    data = message(b"hello", 404, {"X-Many": "1\r\nX-Many: 2"}).replace(b"HTTP/1.1", version.encode())
    with serving(raw(data)) as server, connected(server) as connection:
        answer = ask(connection)
        assert (answer.status, answer.reason, answer.url) == (404, "Not Found", "/x?***")
        assert (answer.version, answer.version_string) == (number, version)
        assert answer.headers.getlist("x-many") == ["1", "2"]
        assert answer.length_remaining == 5


def test_a_streamed_answer_to_head_has_no_body() -> None:
    with serving(raw(message(b"", 404, length=5))) as server, connected(server) as connection:
        answer = ask(connection, "HEAD")
        assert (answer.length_remaining, answer.read()) == (0, b"")
        assert is_open(connection)


def test_an_early_answer_is_read_and_the_connection_is_not_used_again() -> None:
    greet = partial(Connection.send, data=message(b"no", 413))
    with serving(raw(message()), greet=greet) as server, connected(server) as connection:
        connection.connect()
        assert connection.sock is not None
        # Until the answer has arrived.
        connection.sock.settimeout(10)
        connection.sock.recv(1, socket.MSG_PEEK)
        connection.sock.settimeout(0)
        answer = ask(connection, "POST", b"x" * 100_000)
        assert (answer.status, answer.read()) == (413, b"no")
        assert not is_open(connection)
        assert server.requests == []


def test_an_answer_that_comes_while_nothing_more_can_be_sent_is_read() -> None:
    def refuse(connection: Connection) -> None:
        # By then, the buffers of both sides are full.
        connection.server.over.wait(0.3)
        connection.send(message(b"no", 413))
        connection.hold()

    with serving(raw(b""), greet=refuse) as server, connected(server) as connection:
        answer = ask(connection, "POST", b"x" * 20_000_000)
        assert (answer.status, answer.read()) == (413, b"no")


def test_the_answer_to_half_a_request_is_read_and_the_connection_is_not_used_again() -> None:
    greet = partial(Connection.send, data=message(b"no", 413))
    with serving(raw(b""), greet=greet) as server, connected(server) as connection:
        replace_socket(connection, BrokenPipeError())
        with pytest.raises(BrokenPipeError):
            connection.request("GET", "/")
        # urllib3 goes on after this error, too.
        answer = connection.getresponse()
        assert (answer.status, answer.read()) == (413, b"no")
        assert not is_open(connection)


def test_a_small_request_is_sent_whole_even_after_an_early_answer() -> None:
    greet = partial(Connection.send, data=message(b"ok", 413))
    with serving(raw(b""), greet=greet) as server, connected(server) as connection:
        answer = ask(connection, "POST", b"small")
        assert (answer.status, answer.read()) == (413, b"ok")
        server.wait_for(requests=1)
        assert server.requests[0].body == b"small"


def test_a_server_that_stops_reading_ends_the_request_with_its_time() -> None:
    with mute_listener() as url:
        connection = DeadlineConnection("127.0.0.1", int(url.rpartition(":")[2]))
        connection.timeout = exchange(0.3)
        with pytest.raises(Expired) as caught:
            ask(connection, "POST", b"x" * 20_000_000)
        assert caught.value.__cause__ is None
        assert connection.timeout.deadline.phase == "sending the request"
        connection.close()


def test_a_silent_server_ends_the_wait_with_its_time() -> None:
    with mute_listener() as url:
        connection = DeadlineConnection("127.0.0.1", int(url.rpartition(":")[2]))
        connection.timeout = exchange(0.1)
        connection.request("GET", "/")
        with pytest.raises(Expired):
            connection.getresponse()
        assert connection.timeout.deadline.phase == "waiting for the answer"
        connection.close()


class Replaced:
    """A socket as pyOpenSSL replaces it: it is no socket.socket, and its send() may do nothing.

    Args:
        sock: The socket that it wraps.
        waits: Errors that its methods raise first, one after the other.
    """

    def __init__(self, sock: socket.socket, *waits: Exception) -> None:
        self.socket = sock
        self.waits = list(waits)
        self.sizes: list[int] = []
        self.timeouts: list[float | None] = []
        self.after_sending: list[Exception] = []

    def settimeout(self, seconds: float | None) -> None:
        self.timeouts.append(seconds)
        self.socket.settimeout(seconds)

    def sendall(self, data: memoryview) -> None:
        if self.waits:
            raise self.waits.pop(0)
        self.sizes.append(len(data))
        self.socket.sendall(data)
        self.waits, self.after_sending = self.after_sending, []

    def recv(self, size: int) -> bytes:
        if self.waits:
            raise self.waits.pop(0)
        return self.socket.recv(size)

    def fileno(self) -> int:
        return self.socket.fileno()

    def close(self) -> None:
        self.socket.close()


def replace_socket(connection: DeadlineConnection, *waits: Exception) -> Replaced:
    connection.connect()
    assert connection.sock is not None
    replaced: Any = Replaced(connection.sock, *waits)
    connection.sock = replaced
    return replaced


def test_a_replaced_socket_sends_record_by_record_within_the_deadline() -> None:
    with serving(raw(message())) as server, connected(server) as connection:
        replaced = replace_socket(connection, TimeoutError(), ssl.SSLWantWriteError())
        body = b"x" * 40_000
        assert ask(connection, "POST", body).status == 200
        assert server.requests[0].body == body
        assert replaced.sizes[:2] == [16_384, 16_384]
        assert 0 < sum(replaced.sizes) - len(body) < 100
        assert replaced.timeouts[-1] == 0
        assert all(seconds is not None and 0 <= seconds <= 10 for seconds in replaced.timeouts)


def test_a_replaced_socket_may_have_to_write_before_it_reads() -> None:
    with serving(raw(message())) as server, connected(server) as connection:
        replaced = replace_socket(connection)
        connection.request("GET", "/")
        replaced.waits += [ssl.SSLWantWriteError(), ssl.SSLWantReadError(), TimeoutError(), BlockingIOError()]
        assert connection.getresponse().status == 200
        assert replaced.waits == []


@pytest.mark.parametrize("wait", [ssl.SSLWantWriteError(), ssl.SSLWantReadError()], ids=["to write", "to read"])
def test_a_replaced_socket_waits_no_longer_than_the_deadline(wait: Exception) -> None:
    with mute_listener() as url:
        connection = DeadlineConnection("127.0.0.1", int(url.rpartition(":")[2]))
        connection.timeout = exchange(0.1)
        replaced = replace_socket(connection)
        connection.request("GET", "/")
        replaced.waits.append(wait)
        # Nobody reads, so at some point nothing more can be written.
        replaced.socket.settimeout(0)
        with suppress(BlockingIOError):
            while True:
                replaced.socket.send(bytes(1_000_000))
        with pytest.raises(Expired):
            connection.getresponse()
        connection.close()


def test_an_error_of_tls_while_sending_is_raised() -> None:
    with serving(raw(message())) as server, connected(server) as connection:
        replace_socket(connection, ssl.SSLError("broken"))
        with pytest.raises(ssl.SSLError, match="broken"):
            connection.request("POST", "/", b"small")


def test_if_tls_breaks_in_a_large_body_the_answer_may_have_come_first() -> None:
    greet = partial(Connection.send, data=message(b"no", 413))
    with serving(raw(message()), greet=greet) as server, connected(server) as connection:
        replaced = replace_socket(connection)
        replaced.socket.settimeout(10)
        replaced.socket.recv(1, socket.MSG_PEEK)
        # The head is sent. What arrives next is no answer, as over TLS, and then the service closes the connection.
        replaced.after_sending = [ssl.SSLWantReadError(), ssl.SSLError("closed")]
        answer = ask(connection, "POST", b"x" * 100_000)
        assert (answer.status, answer.read()) == (413, b"no")
        assert len(replaced.sizes) == 1
        assert not is_open(connection)


@pytest.mark.parametrize("wrap", [lambda sock: sock, Replaced, lambda sock: Replaced(Replaced(sock))], ids=[0, 1, 2])
def test_a_copy_of_a_socket_is_closed_without_closing_its_connection(wrap: Callable[[Any], Any]) -> None:
    ours, peer = socket.socketpair()
    # The copy of the parent.
    with peer, socket.socket(ours.family, fileno=os.dup(ours.fileno())) as parent:
        peer.settimeout(10)
        connection = DeadlineConnection("127.0.0.1")
        connection.sock = wrap(ours)
        connection.after_fork()
        assert connection.sock is None
        parent.sendall(b"still open")
        assert peer.recv(100) == b"still open"
        parent.close()
        assert peer.recv(100) == b""


def test_a_copy_of_a_socket_may_be_closed_already() -> None:
    connection = DeadlineConnection("127.0.0.1")
    with socket.socket() as sock:
        sock.close()
        connection.sock = sock
        for _ in range(2):
            connection.after_fork()
            assert connection.sock is None


def test_a_failed_handshake_is_told_from_a_failed_connection(authority: trustme.CA) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with serving(raw(message()), tls=context) as server:
        connection = DeadlineTLSConnection(server.host, server.port, ssl_context=ssl.create_default_context())
        connection.timeout = given = exchange()
        with pytest.raises(ssl.SSLCertVerificationError):
            connection.connect()
        assert given.deadline.phase == "agreeing on TLS"
        assert connection.timeout is given
        connection.close()
    with refusing() as url:
        refused = DeadlineTLSConnection("127.0.0.1", int(url.rpartition(":")[2]))
        refused.timeout = exchange()
        with pytest.raises(Exception, match="refused"):
            refused.connect()
        assert refused.timeout.deadline.phase == "connecting"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_connecting_takes_no_longer_than_its_step(host: str) -> None:
    with mute_listener(full=True) as url:
        connection = DeadlineConnection(host, int(url.rpartition(":")[2]))
        connection.timeout = given = exchange((0.2, 60))
        with pytest.raises(Exception, match=r"timed out|^$"):
            connection.connect()
        assert given.deadline.elapsed() < 10
        assert (given.deadline.phase, connection.timeout is given) == ("connecting", True)
        connection.close()


def test_an_open_connection_never_waits_by_itself() -> None:
    with serving(raw(message())) as server:
        for host in ("127.0.0.1", "localhost"):
            connection = DeadlineConnection(host, server.port)
            connection.timeout = exchange()
            connection.connect()
            assert connection.sock is not None
            assert connection.sock.gettimeout() == 0
            connection.close()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_tls_may_take_all_the_time_for_connecting(host: str) -> None:
    with mute_listener() as url:
        connection = DeadlineTLSConnection(host, int(url.rpartition(":")[2]))
        connection.timeout = given = exchange((0.6, 60))
        with pytest.raises(Exception, match=r"timed out|^$"):
            connection.connect()
        # Until TCP is connected, half of the time is kept for a second address.
        assert 0.5 < given.deadline.elapsed() < 10
        assert given.deadline.phase == "agreeing on TLS"
        connection.close()
