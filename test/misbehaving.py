"""A server that misbehaves, on plain sockets. Each kind of misbehavior is a function.

    with serving(reset, answer(INFO)) as server:    # the first request is reset, every later one answered
        ...                                         # call server.url
        assert [request.method for request in server.requests] == ["GET", "GET"]

A scenario gets the connection and the request to answer. The n-th request goes to the n-th scenario, on whichever
connection it arrives. The last scenario serves all further requests.
"""

from __future__ import annotations

import json
import signal
import socket
import ssl
import struct
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from http import HTTPStatus
from typing import Any, NamedTuple

import pytest

INFO = {"email": "me@example.com", "nickname": "me"}
AUTHORIZATION = {
    "accessToken": "access",
    "refreshToken": "refresh",
    "type": "Bearer",
    "expiresAt": "2100-01-01T00:00:00Z",
}
TASK = {"id": "t", "status": "running", "createdAt": "2026-01-01T00:00:00Z", "updatedAt": "2026-01-01T00:00:00Z"}


class Request(NamedTuple):
    """A request as it was received."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


class Connection:
    """The server's end of a connection.

    Attributes:
        number: how many connections came before this one.
    """

    def __init__(self, sock: socket.socket, server: Server, number: int) -> None:
        self.socket = sock
        self.server = server
        self.number = number
        self._received = b""

    def receive(self) -> Request | None:
        """The next request, or None at the end."""
        head = self._up_to_blank_line()
        if head is None:
            return None
        first, *fields = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (field.partition(":") for field in fields)}
        body = self._exactly(int(headers.get("content-length", 0)))
        method, target, _ = first.split(" ", 2)
        return None if body is None else Request(method, target, headers, body)

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def drip(self, data: bytes, pause: float = 0.02) -> None:
        """Send byte by byte, until the client goes away or the server is closed."""
        for byte in data:
            self.send(bytes((byte,)))
            if self.server.over.wait(pause):
                return

    def hold(self) -> None:
        """Send nothing more, and leave the connection open until the server is closed."""
        self.server.over.wait()

    def interrupt(self, number: int) -> None:
        """Send a signal to the main thread, which waits here, or is about to."""
        signal.pthread_kill(threading.main_thread().ident or 0, number)
        # Otherwise, a thread that is signaled on its way into the wait would not notice before the time is up.
        self.send(b"HTTP/1.1 100 Continue\r\n\r\n")

    def close(self) -> None:
        # Closing a socket that another thread reads leaves it open; shutting it down does not.
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()

    def reset(self) -> None:
        """Close with a TCP reset instead of a FIN."""
        linger = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.socket.close()

    def _up_to_blank_line(self) -> bytes | None:
        while b"\r\n\r\n" not in self._received:
            if not self._receive_more():
                return None
        head, _, self._received = self._received.partition(b"\r\n\r\n")
        return head

    def _exactly(self, size: int) -> bytes | None:
        while len(self._received) < size:
            if not self._receive_more():
                return None
        body, self._received = self._received[:size], self._received[size:]
        return body

    def _receive_more(self) -> bool:
        try:
            more = self.socket.recv(65536)
        except (OSError, ValueError):
            return False
        self._received += more
        return bool(more)


Scenario = Callable[[Connection, Request], None]


class Server:
    """A running server.

    Attributes:
        url: Its base URL.
        requests: The requests that it received, in order.
        connections: How many connections it accepted.
        over: Set when the server is closed. A scenario that waits, waits for this.
    """

    def __init__(
        self, scenarios: tuple[Scenario, ...], greet: Callable[[Connection], None] | None, tls: ssl.SSLContext | None
    ) -> None:
        self._scenarios = scenarios
        self._greet = greet
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.host, self.port = self._listener.getsockname()
        self.url = f"{'https' if tls else 'http'}://{self.host}:{self.port}"
        self.requests: list[Request] = []
        self.connections = 0
        self.over = threading.Event()
        # Guards all of the above that change, and the lists below.
        self._changed = threading.Condition()
        self._open: list[Connection] = []
        self._threads: list[threading.Thread] = []
        self._start(self._accept)

    def wait_for(self, *, requests: int = 0, timeout: float = 10.0) -> None:
        """Wait until this many requests were received."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.requests) >= requests, timeout), "too few requests"

    def close(self) -> None:
        """Close every connection and wait for every thread."""
        self.over.set()
        # How to end an accept() differs between systems. A connection ends it on all of them.
        with suppress(OSError):
            socket.create_connection((self.host, self.port)).close()
        self._threads[0].join(10)
        self._listener.close()
        with self._changed:
            connections = list(self._open)
        for connection in connections:
            connection.close()
        for thread in self._threads:
            thread.join(10)

    def _start(self, target: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            if self.over.is_set():
                sock.close()
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._changed:
                connection = Connection(sock, self, self.connections)
                self.connections += 1
                self._open.append(connection)
            self._start(self._serve, connection)

    def _serve(self, connection: Connection) -> None:
        # In most scenarios, the client may go away in the middle.
        with suppress(OSError, ValueError):
            if self._tls:
                connection.socket = self._tls.wrap_socket(connection.socket, server_side=True)
            if self._greet:
                self._greet(connection)
            while (request := connection.receive()) is not None:
                with self._changed:
                    turn = len(self.requests)
                    self.requests.append(request)
                    self._changed.notify_all()
                self._scenarios[min(turn, len(self._scenarios) - 1)](connection, request)
        connection.close()


@contextmanager
def serving(
    *scenarios: Scenario,
    greet: Callable[[Connection], None] | None = None,
    tls: ssl.SSLContext | None = None,
) -> Iterator[Server]:
    """A server with these scenarios.

    Args:
        scenarios: One per request. The last serves all further requests.
        greet: Called on every new connection before any request.
        tls: The TLS settings for https.
    """
    server = Server(scenarios, greet, tls)
    try:
        yield server
    finally:
        server.close()


def message(
    body: bytes | str | Any = INFO,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    *,
    length: int | str | None = -1,
) -> bytes:
    """A complete answer, as bytes.

    Args:
        body: The body. Anything but bytes is sent as JSON.
        length: The Content-Length. Default: the correct one. None sends none.
    """
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    phrase = HTTPStatus(status).phrase if status in HTTPStatus.__members__.values() else "Status"
    fields = {"Content-Type": "application/json", **(headers or {})}
    if length is not None:
        fields["Content-Length"] = str(len(content) if length == -1 else length)
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"HTTP/1.1 {status} {phrase}\r\n{head}\r\n".encode("latin-1") + content


def raw(data: bytes, *, close: bool = False) -> Scenario:
    """Answers with these bytes, whether they are HTTP or not, and closes the connection if `close` is set."""

    def scenario(connection: Connection, _: Request) -> None:
        connection.send(data)
        if close:
            connection.close()

    return scenario


def answer(body: Any = INFO, status: int = 200, headers: Mapping[str, str] | None = None) -> Scenario:
    """Answers correctly."""
    return raw(message(body, status, headers))


def chunked(*chunks: bytes, end: bytes = b"0\r\n\r\n", close: bool = False) -> Scenario:
    """Answers in chunks (RFC 9112, section 7.1)."""
    body = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks)
    head = message(b"", headers={"Transfer-Encoding": "chunked"}, length=None)
    return raw(head + body + end, close=close)


def redirect(location: str, status: int = 307) -> Scenario:
    """Redirects the client."""
    return answer({}, status, {"Location": location})


def dripping(data: bytes, at_once: int = 0) -> Scenario:
    """Sends the first bytes at once and the others one by one."""

    def scenario(connection: Connection, _: Request) -> None:
        connection.send(data[:at_once])
        connection.drip(data[at_once:])
        connection.close()

    return scenario


def endless(head: bytes, part: bytes) -> Scenario:
    """Sends a head, and then the same part over and over."""

    def scenario(connection: Connection, _: Request) -> None:
        connection.send(head)
        while not connection.server.over.is_set():
            connection.send(part)

    return scenario


def silence(connection: Connection, _: Request) -> None:
    """Receives the request and never answers."""
    connection.hold()


def reset(connection: Connection, _: Request) -> None:
    """Receives the request and resets the connection."""
    connection.reset()


def hang_up(connection: Connection, _: Request) -> None:
    """Receives the request and closes the connection normally."""
    connection.close()


def answer_and_hang_up(connection: Connection, _: Request) -> None:
    """Answers, promises to keep the connection, and closes it."""
    connection.send(message())
    connection.close()


@contextmanager
def mute_listener(*, full: bool = False) -> Iterator[str]:
    """The URL of a socket whose connections the system accepts and nobody reads; if full, not even the system does,
    as at an address that no packet reaches."""
    if full and sys.platform == "win32":
        pytest.skip("Windows refuses what a backlog can't take, so that the client need not wait")
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0 if full else 128)
        waiting: list[socket.socket] = []
        try:
            # One connection more than the backlog holds. Later ones get no answer to their SYN.
            for _ in range(4 if full else 0):
                waiting.append(socket.socket())
                waiting[-1].setblocking(False)
                with suppress(BlockingIOError):
                    waiting[-1].connect(listener.getsockname())
            yield "http://{}:{}".format(*listener.getsockname())
        finally:
            for sock in waiting:
                sock.close()


@contextmanager
def refusing() -> Iterator[str]:
    """A URL that refuses every connection: the port is reserved, and nobody listens."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        yield "http://{}:{}".format(*sock.getsockname())
