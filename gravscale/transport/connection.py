"""Connections that keep the deadline of the request that they carry, and speak our own HTTP/1.1."""

from __future__ import annotations

import ipaddress
import os
import socket
import ssl
import time
from collections.abc import Callable, Mapping
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

if TYPE_CHECKING:
    from typing_extensions import Self

# A NAT or a load balancer may have forgotten a connection that was silent for longer.
IDLE_SECONDS = 60.0
_RECEIVE_BYTES = 65536
# In between the pieces of a large body an early answer is looked for. A smaller body is sent with its head.
_SEND_BYTES = 65536
# What pyOpenSSL sends at once or not at all.
_TLS_RECORD_BYTES = 16384
# How sockets say that they would have to wait. pyOpenSSL's do so by a TimeoutError.
_WOULD_BLOCK = (BlockingIOError, TimeoutError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class Exchange(urllib3.Timeout):
    """What a connection needs to know of the request that it is to carry.

    urllib3's pool hands its connection nothing of ours but a timeout. So this is one: where a connection has its
    `timeout`, there is the exchange.

    Args:
        deadline: the time of the call.
        target: the request target with its secrets. urllib3, which logs targets, is given one without.
        max_size: how many bytes of body are taken.
    """

    def __init__(self, deadline: Deadline, target: str, max_size: float) -> None:
        # The base's own __init__ is for numbers.
        self.deadline = deadline
        self.target = target
        self.max_size = max_size

    # For speed: urllib3 makes a new clock for each use of a timeout, where there is nothing to start here.
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


class DeadlineConnection(HTTPConnection):
    """An HTTP connection that opens, sends and reads within the deadline, and tells it how far it has come."""

    # Shadows http.client's switch: with it on, every header and token would be printed.
    debuglevel: ClassVar[int] = 0  # type: ignore[misc]
    timeout: Any
    """The Exchange that is under way."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.idle_since: float = 0.0
        self.give_back: Callable[[DeadlineConnection], None] | None = None
        """What takes the connection when the answer that is yet to be read has been read."""
        self.is_being_read: bool = False
        self._exchange: Exchange
        self._method = self._url = ""
        self._preload = True
        self._received = b""
        self._is_sent = True
        register_after_fork(self)

    @property
    def is_connected(self) -> bool:
        """Whether the connection can carry another request. What came unasked can't be the answer to it."""
        if self.sock is None or time.monotonic() - self.idle_since > IDLE_SECONDS:
            return False
        return not wait_for_read(self.sock, timeout=0.0)

    def connect(self) -> None:
        """Open the connection: TCP, the proxy's tunnel, TLS. Raises Expired when the time to connect is over."""
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

                    # Of the proxy's answer alone, which http.client reads.
                    vars(self)["response_class"] = TunnelAnswer
                # A name may have several addresses, of which the first may be one that no packet reaches.
                self.timeout = None if seconds is None else seconds / 2
                run_within(seconds, super().connect, undo=self.close)
        except Exception:
            if self.sock is not None and isinstance(self, HTTPSConnection):
                deadline.phase = "agreeing on TLS"
            raise
        finally:
            self.timeout = exchange
        # From here on it is this module that waits: a socket's own timeout starts anew with every recv.
        self.sock.settimeout(0)

    def _opens_in_one_wait(self) -> bool:
        """Whether to open takes one wait for the other side, for which the socket's own timeout does."""
        if isinstance(self, HTTPSConnection) or self.proxy_is_tunneling:
            return False
        try:
            ipaddress.ip_address(self.host.strip("[]").partition("%")[0])
        except ValueError:
            return False
        return True

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
        """Send a request whose header fields are complete, but for the length of its body."""
        if self.sock is None:
            self.connect()
        self._exchange = exchange = self.timeout
        exchange.deadline.begin_sending()
        self._method, self._url, self._preload = method, url, preload_content
        self._received, self._is_sent = b"", False
        head = request_head(method, exchange.target, (headers or {}).items(), None if body is None else len(body))
        if body is None or len(body) <= _SEND_BYTES:
            # For speed: head and body in one piece, and no look for an early answer.
            self._send(head + body if body else head)
            self._is_sent = True
        else:
            self._is_sent = self._send(head) and self._send(body, watchful=True)

    def getresponse(self) -> ReadAnswer | HTTPResponse:  # type: ignore[override]  # as in urllib3's own class
        """Read the answer: all of a successful one, of any other its head. The body of that is yet to be read."""
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
                # Its traceback knows this frame, and a cycle would keep both.
                failure = error.with_traceback(None)
            if failure is not None or not (reader.keep_alive and self._is_sent):
                self.close()
            return ReadAnswer(reader.head, body, self._url, failure)
        self.is_being_read = True
        return self._stream(reader, reader.head)

    def _read_more(self, reader: AnswerReader) -> bytes:
        """What comes next of the answer's body."""
        data = self._receive()
        if data:
            return reader.feed(data)
        reader.feed_eof()
        return b""

    def _read_all(self, reader: AnswerReader, max_size: float) -> bytes:
        if reader.length_remaining is not None and reader.length_remaining > max_size:
            raise too_large(max_size)
        first = reader.feed(reader.rest) if reader.rest else b""
        if reader.complete and len(first) <= max_size:
            return first
        parts, size = [first], len(first)
        while not reader.complete:
            part = self._read_more(reader)
            size += len(part)
            if size > max_size:
                break
            parts.append(part)
        if size > max_size:
            raise too_large(max_size)
        return b"".join(parts)

    def _stream(self, reader: AnswerReader, head: Head) -> HTTPResponse:
        return HTTPResponse(
            BodyStream(reader, self._read_more, self._finish),
            urllib3.HTTPHeaderDict(head.fields),
            head.status,
            version=10 + head.minor,
            version_string=f"HTTP/1.{head.minor}",
            reason=head.reason,
            preload_content=False,
            request_method=self._method,
            request_url=self._url,
            sock_shutdown=getattr(self.sock, "shutdown", None),
        )

    def _finish(self, can_serve_again: bool) -> None:
        """End the reading of an answer that came as a stream."""
        self.is_being_read = False
        give_back, self.give_back = self.give_back, None
        if not (can_serve_again and self._is_sent):
            self.close()
        elif give_back is not None:
            give_back(self)

    def _send(self, data: bytes, *, watchful: bool = False) -> bool:
        """Send bytes, unless the service answers before it has all of them (RFC 9112, section 9.5).

        Args:
            data: what to send.
            watchful: whether to look for such an answer.

        Returns:
            False if the service answered before it had all of the bytes.
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
                    # What others make of a socket has no send() that would keep what it could not send.
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
                # The service closed the connection. It may have said before why.
                return False
        return True

    def _has_early_answer(self, sock: Any) -> bool:
        """Whether something came while a request is being sent. Over TLS that may be no answer, but a new key."""
        if not wait_for_read(sock, timeout=0.0):
            return False
        try:
            self._received = sock.recv(_RECEIVE_BYTES)
        except _WOULD_BLOCK:
            return False
        return True

    def _receive(self) -> bytes:
        """What the service sends next, nothing at its end."""
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
        """In a child process: let go of the parent's socket. As long as a child held it open, its server would not
        learn that the parent closed it."""
        sock: Any = self.sock
        while hasattr(sock, "socket"):
            # pyOpenSSL's, and urllib3's TLS within TLS.
            sock = sock.socket
        if isinstance(sock, socket.socket) and sock.fileno() >= 0:
            os.close(sock.detach())
        vars(self)["sock"] = None


class DeadlineTLSConnection(DeadlineConnection, HTTPSConnection):  # pyright: ignore[reportIncompatibleMethodOverride]
    """The same over TLS."""
