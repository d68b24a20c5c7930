"""Connections that keep the deadline of their request, and use our own HTTP/1.1."""

from __future__ import annotations

import io
import os
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.response import HTTPResponse
from urllib3.util import wait, wait_for_read, wait_for_write

from gravscale.exceptions import ApiResponseError
from gravscale.support.forks import register_after_fork
from gravscale.transport.bounded import run_within
from gravscale.transport.content_encoding import too_large
from gravscale.transport.deadline import Deadline, Expired
from gravscale.transport.http1 import AnswerReader, Head, MalformedAnswer, request_head
from gravscale.transport.response import BodyStream, ReadAnswer
from gravscale.transport.urls import parse_address

if TYPE_CHECKING:
    from typing_extensions import Self

# A NAT or a load balancer may have dropped a connection that was silent for longer.
IDLE_SECONDS = 60.0
_RECEIVE_BYTES = 65536
# Between the pieces of a larger body, the connection looks for an early answer. A smaller body is sent with its head.
_SEND_BYTES = 65536
# pyOpenSSL sends this much at once or not at all.
_TLS_RECORD_BYTES = 16384
# Raised by sockets that would have to wait. pyOpenSSL's raise TimeoutError.
_WOULD_BLOCK = (BlockingIOError, TimeoutError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class Exchange(urllib3.Timeout):
    """What a connection needs to know about its request.

    The only object of ours that urllib3's pool passes to a connection is the timeout. So this is a timeout, and a
    connection finds it in its attribute `timeout`.

    Args:
        deadline: The deadline of the call.
        target: The request target with its secrets. urllib3 logs targets, so it gets a redacted one.
        max_size: How many bytes of body to accept.
    """

    def __init__(self, deadline: Deadline, target: str, max_size: float) -> None:
        # The base's own __init__ is for numbers.
        self.deadline = deadline
        self.target = target
        self.max_size = max_size

    # For speed: urllib3 copies a timeout for each use to start its clock, but this one has no clock.
    def clone(self) -> Self:
        return self

    def start_connect(self) -> float:
        return 0.0

    @property
    def connect_timeout(self) -> Any:
        return self

    @property
    def read_timeout(self) -> Any:
        return self

    def __repr__(self) -> str:
        return "<Exchange>"

    def __str__(self) -> str:
        return repr(self)


def _set_socket(connection: DeadlineConnection, sock: Any) -> None:
    if sock is not None and isinstance(connection.timeout, float):
        # TCP is connected. What is left, the tunnel and TLS, has no second address to leave time for.
        sock.settimeout(2 * connection.timeout)
    connection.present_socket = sock


class DeadlineConnection(HTTPConnection):
    """An HTTP connection that opens, sends and reads within the deadline, and sets its phase."""

    # Overrides http.client's switch, which would print every header and token.
    debuglevel: ClassVar[int] = 0  # type: ignore[misc]
    timeout: Any
    """The current Exchange."""
    present_socket: Any = None
    """The socket, or None."""
    # http.client and urllib3 assign the socket here as soon as TCP is connected.
    sock: Any = property(attrgetter("present_socket"), _set_socket)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.idle_since: tuple[float, float]
        """The moment by time.monotonic() and by time.time(). Set by the pool, for connections that are not in use."""
        self.give_back: Callable[[DeadlineConnection], None] | None = None
        """Called with the connection once a streamed answer has been read."""
        self.is_being_read: bool = False
        # Set by request().
        self._exchange: Exchange
        self._method: str
        self._url: str
        self._preload: bool
        self._received: bytes
        self._is_sent: bool
        register_after_fork(self)

    @property
    def is_connected(self) -> bool:
        """Whether the connection can carry another request. If bytes have arrived already, they are no answer to it."""
        if self.sock is None:
            return False
        # On some systems the monotonic clock stands still while the machine is suspended. The wall clock goes on.
        monotonic, wall = self.idle_since
        if time.monotonic() - monotonic > IDLE_SECONDS or time.time() - wall > IDLE_SECONDS:
            return False
        return not wait_for_read(self.sock, timeout=0.0)

    def connect(self) -> None:
        """Open the connection: TCP, the proxy's tunnel, TLS. Raises Expired if connecting takes too long."""
        exchange: Exchange = self.timeout
        deadline = exchange.deadline
        deadline.begin_connecting()
        seconds = deadline.step_seconds()
        try:
            if self._opens_in_one_wait():
                self.timeout = seconds
                super().connect()
            else:
                if self.proxy_is_tunneling:
                    from gravscale.transport.tunnel import TunnelAnswer

                    # Only for the proxy's answer, which http.client reads.
                    vars(self)["response_class"] = TunnelAnswer
                # A name may have several addresses, and the first may be unreachable.
                self.timeout = None if seconds is None else seconds / 2
                run_within(seconds, super().connect, undo=self.close)
        except Exception:
            if self.sock is not None and isinstance(self, HTTPSConnection):
                deadline.phase = "connecting through the proxy" if self.proxy_is_tunneling else "agreeing on TLS"
            raise
        finally:
            self.timeout = exchange
        # From now on this module does the waiting: a socket's own timeout starts again with every recv.
        self.sock.settimeout(0)

    def _opens_in_one_wait(self) -> bool:
        """Return whether opening needs a single wait, for which the socket's own timeout is enough."""
        if isinstance(self, HTTPSConnection) or self.proxy_is_tunneling:
            return False
        return parse_address(self.host) is not None

    def request(  # type: ignore[override]  # as in urllib3's own class
        self,
        method: str,
        url: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        *,
        chunked: bool = False,
        preload_content: bool = True,
        decode_content: bool = True,
        enforce_content_length: bool = True,
    ) -> None:
        """Send a request. Its headers are complete except for Content-Length."""
        if self.sock is None:
            self.connect()
        self._exchange = exchange = self.timeout
        exchange.deadline.begin_sending()
        self._method, self._url, self._preload = method, url, preload_content
        self._received, self._is_sent = b"", False
        head = request_head(method, exchange.target, (headers or {}).items(), None if body is None else len(body))
        if body is None or len(body) <= _SEND_BYTES:
            # For speed: send head and body in one piece, and don't look for an early answer.
            self._send(head + body if body else head)
            self._is_sent = True
        else:
            self._is_sent = self._send(head) and self._send(body, watchful=True)

    def getresponse(self) -> ReadAnswer | HTTPResponse:  # type: ignore[override]  # as in urllib3's own class
        """Read a successful answer completely, and only the head of any other. The body of that is a stream."""
        exchange = self._exchange
        exchange.deadline.phase = "waiting for the answer"
        reader = AnswerReader(self._method)
        if self._received:
            reader.feed(self._received)
        while reader.head is None:
            self._read_more(reader)
        exchange.deadline.phase = "reading the answer"
        if self._preload and 200 <= reader.head.status < 300:
            body, failure = b"", None
            try:
                body = self._read_all(reader, exchange.max_size)
            except (OSError, MalformedAnswer, ApiResponseError) as error:
                # The traceback refers to this frame; a cycle would keep both alive.
                failure = error.with_traceback(None)
            if failure is not None or not (reader.keep_alive and self._is_sent):
                self.close()
            return ReadAnswer(reader.head, body, self._url, failure)
        self.is_being_read = True
        return self._stream(reader, reader.head)

    def _read_more(self, reader: AnswerReader) -> bytes:
        """Return the next part of the answer's body."""
        data = self._receive()
        if data:
            return reader.feed(data)
        reader.feed_eof()
        return b""

    def _read_all(self, reader: AnswerReader, max_size: float) -> bytes:
        if reader.length_remaining is not None and reader.length_remaining > max_size:
            raise too_large(max_size)
        parts = [reader.feed(reader.rest)]
        size = len(parts[0])
        while not reader.complete and size <= max_size:
            parts.append(self._read_more(reader))
            size += len(parts[-1])
        if size > max_size:
            raise too_large(max_size)
        return b"".join(parts)

    def _stream(self, reader: AnswerReader, head: Head) -> HTTPResponse:
        return HTTPResponse(
            io.BufferedReader(BodyStream(reader, self._read_more, self._finish), _RECEIVE_BYTES),
            urllib3.HTTPHeaderDict(head.fields),
            head.status,
            version=10 + head.minor,
            version_string=f"HTTP/1.{head.minor}",
            reason=head.reason,
            preload_content=False,
            request_method=self._method,
            request_url=self._url,
        )

    def _finish(self, can_serve_again: bool) -> None:
        """Finish reading a streamed answer."""
        self.is_being_read = False
        give_back, self.give_back = self.give_back, None
        if not (can_serve_again and self._is_sent):
            self.close()
        elif give_back is not None:
            give_back(self)

    def _send(self, data: bytes, *, watchful: bool = False) -> bool:
        """Send bytes. Return False if the service answered before it had all of them (RFC 9112, section 9.5).

        Only if `watchful` is true, this looks for such an answer.
        """
        sock: Any = self.sock
        deadline = self._exchange.deadline
        rest = memoryview(data)
        while rest:
            if watchful and self._has_early_answer(sock):
                return False
            try:
                if isinstance(sock, socket.socket):
                    rest = rest[sock.send(rest[:_SEND_BYTES]) :]
                else:
                    # Replaced sockets have no send() that reports how much it has sent.
                    sock.settimeout(deadline.step_seconds())
                    sock.sendall(rest[:_TLS_RECORD_BYTES])
                    rest = rest[_TLS_RECORD_BYTES:]
                    sock.settimeout(0)
            except _WOULD_BLOCK:
                if not wait.wait_for_socket(sock, read=watchful, write=True, timeout=deadline.step_seconds()):
                    raise Expired from None
            except ssl.SSLError:
                if not watchful:
                    raise
                # The service closed the connection. It may have sent an answer first.
                return False
        return True

    def _has_early_answer(self, sock: Any) -> bool:
        """Return whether bytes arrived while a request is being sent. Over TLS, this may be just a new key."""
        if not wait_for_read(sock, timeout=0.0):
            return False
        try:
            self._received = sock.recv(_RECEIVE_BYTES)
        except _WOULD_BLOCK:
            return False
        return True

    def _receive(self) -> bytes:
        """Return the next bytes from the service, or nothing at the end."""
        sock: Any = self.sock
        deadline = self._exchange.deadline
        while True:
            seconds = deadline.step_seconds()
            try:
                data: bytes = sock.recv(_RECEIVE_BYTES)
                return data
            except ssl.SSLWantWriteError:
                ready = wait_for_write(sock, timeout=seconds)
            except _WOULD_BLOCK:
                ready = wait_for_read(sock, timeout=seconds)
            if not ready:
                raise Expired

    def after_fork(self) -> None:
        """In a child process, release the parent's socket. While the child keeps it open, the server would not notice
        that the parent has closed it."""
        sock: Any = self.sock
        while hasattr(sock, "socket"):
            # The sockets of pyOpenSSL, and of urllib3's TLS in TLS, wrap another one.
            sock = sock.socket
        if isinstance(sock, socket.socket):
            # It may be closed already.
            with suppress(OSError):
                os.close(sock.detach())
        self.present_socket = None


class DeadlineTLSConnection(DeadlineConnection, HTTPSConnection):  # pyright: ignore[reportIncompatibleMethodOverride]
    """The same over TLS."""
