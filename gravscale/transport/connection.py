"""Sockets and connections that keep the deadline of the call they serve."""

from __future__ import annotations

import ipaddress
import os
import queue
import socket
import ssl
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar

from urllib3.connection import HTTPConnection as _HTTPConnection
from urllib3.connection import HTTPSConnection as _HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError
from urllib3.response import HTTPResponse

from gravscale.exceptions import ApiValueError
from gravscale.support.forks import register_after_fork
from gravscale.transport.deadline import FOREVER, Expired, current_attempt
from gravscale.transport.framing import StrictResponse

if TYPE_CHECKING:
    import http.client
    from collections.abc import Mapping

    _Address = tuple[socket.AddressFamily, socket.SocketKind, int, str, tuple[str, int] | tuple[str, int, int, int]]

    _Mixed = socket.socket
else:
    _Mixed = object

# The length of their body is said even if there is none (RFC 9110, section 8.6).
_WITH_BODY = frozenset(("POST", "PUT", "PATCH"))
# Up to such a size a body is sent with its head; to copy a larger one would cost more than it saves.
_SMALL = 65536


@contextmanager
def _closed_on_failure(sock: socket.socket) -> Generator[None]:
    """Closes a socket that nobody else knows yet."""
    try:
        yield
    except BaseException:
        sock.close()
        raise


class _KeepsDeadline(_Mixed):
    """A socket timeout starts anew with every recv, so a server that drips a byte at a time outlives it. Here each
    operation gets no more than what is left of the whole."""

    def _limit(self) -> None:
        left = current_attempt().remaining()
        if left is not None:
            self.settimeout(left)

    def after_fork(self) -> None:
        """In a child process: let go of the parent's socket, also of one that another thread of the parent uses. As
        long as a child held it open, its server would not learn that the parent closed it."""
        if self.fileno() >= 0:
            os.close(self.detach())

    def recv(self, *args: Any, **kwargs: Any) -> bytes:
        self._limit()
        return super().recv(*args, **kwargs)

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        self._limit()
        return super().recv_into(*args, **kwargs)

    def send(self, *args: Any, **kwargs: Any) -> int:
        self._limit()
        return super().send(*args, **kwargs)

    def sendall(self, *args: Any, **kwargs: Any) -> None:
        self._limit()
        super().sendall(*args, **kwargs)


class DeadlineSocket(_KeepsDeadline, socket.socket):
    """A TCP socket that keeps the deadline."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        register_after_fork(self)


class DeadlineTLSSocket(_KeepsDeadline, ssl.SSLSocket):
    """A TLS socket that keeps the deadline, in the handshake too."""

    def do_handshake(self, block: bool = False) -> None:
        register_after_fork(self)
        current_attempt().phase = "agreeing on TLS"
        with _closed_on_failure(self):
            self._limit()
            super().do_handshake(block)


def _encoded(head: str) -> bytes:
    try:
        return head.encode("latin-1")
    except UnicodeEncodeError:
        # It holds the head with its secrets. What is raised outside of this clause is not chained to it.
        pass
    raise ApiValueError("headers: a field has a character beyond latin-1")


def _addresses(host: str, port: int) -> list[_Address]:
    """Resolve a name. The system's resolver takes no timeout, so it runs beside this thread, which waits no longer
    than it may."""
    name = host.strip("[]")
    # For speed: of a str, Python would load the codec of international names, ASCII or not.
    ascii_name = name.encode("ascii") if name.isascii() else name

    def resolve() -> list[Any]:
        return socket.getaddrinfo(ascii_name, port, type=socket.SOCK_STREAM)

    try:
        ipaddress.ip_address(name.partition("%")[0])
        return resolve()
    except ValueError:
        pass
    attempt = current_attempt()
    attempt.phase = "resolving the host's name"
    answer: queue.SimpleQueue[list[Any] | Exception] = queue.SimpleQueue()

    def put_answer() -> None:
        try:
            answer.put(resolve())
        except Exception as error:  # whatever it is, it belongs to the thread that waits
            answer.put(error)

    try:
        threading.Thread(target=put_answer, name="gravscale-resolver", daemon=True).start()
    except RuntimeError:
        # Python is about to exit and starts no more threads.
        return resolve()
    try:
        found = answer.get(timeout=attempt.remaining())
    except queue.Empty:
        raise Expired(f"{host} was not resolved in time") from None
    if isinstance(found, Exception):
        raise found
    return found


def _open(host: str, port: int, options: Any) -> DeadlineSocket:
    """Connect to the first of the host's addresses that answers, giving each its share of the time."""
    addresses = _addresses(host, port)
    current_attempt().phase = "connecting"
    failure: OSError = OSError(f"{host} has no address")
    try:
        for index, (family, kind, protocol, _, address) in enumerate(addresses):
            try:
                sock = DeadlineSocket(family, kind, protocol)
                with _closed_on_failure(sock):
                    for option in options or ():
                        sock.setsockopt(*option)
                    left = current_attempt().remaining()
                    sock.settimeout(None if left is None else left / (len(addresses) - index))
                    sock.connect(address)
                    sock.settimeout(None)
                    return sock
            except OSError as error:
                failure = error
        raise failure
    finally:
        # Its traceback knows this frame, and a cycle would keep both.
        del failure


class _Response(HTTPResponse):
    """urllib3's answer, of which a stream has the same chunks as what is read at once."""

    def _update_chunk_length(self) -> None:
        # urllib3's own takes "-1" too, upon which all that the server ever sends would be read at once.
        if self.chunk_left is None:
            answer: Any = self._original_response
            self.chunk_left = answer._read_next_chunk_size()


class DeadlineConnection(_HTTPConnection):
    """An HTTP connection that opens, sends and reads within the current attempt, and notes how far that has come."""

    # Shadows http.client's switch: with it on, every header and token would be printed.
    debuglevel: ClassVar[int] = 0  # type: ignore[misc]
    response_class: type[http.client.HTTPResponse] = StrictResponse
    _answer: StrictResponse | None = None

    def _new_conn(self) -> socket.socket:
        try:
            sock = _open(self._dns_host, self.port, self.socket_options)
        except socket.gaierror as error:
            raise NameResolutionError(self.host, self, error) from error
        except TimeoutError as error:
            raise ConnectTimeoutError(self, f"{self.host} did not accept a connection in time") from error
        except OSError as error:
            raise NewConnectionError(self, f"{self.host} can't be connected to: {error}") from error
        sys.audit("http.client.connect", self, self.host, self.port)
        return sock

    def connect(self) -> None:
        current_attempt().begin_connecting()
        super().connect()

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
        """Send a request whose header fields are complete, but for the length of its body, in one piece."""
        # For speed: urllib3 and http.client would look at each field anew, and send head and body apart.
        if self.sock is None:
            self.connect()
        sock: Any = self.sock
        attempt = current_attempt()
        attempt.begin_sending()
        if attempt.until == FOREVER:
            sock.settimeout(None)
        self._asked = method, url, preload_content, decode_content, enforce_content_length
        lines = [f"{method} {attempt.wire_target or url} HTTP/1.1"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        if body is not None or method in _WITH_BODY:
            lines.append(f"Content-Length: {len(body or b'')}")
        head = "\r\n".join(lines)
        if head.count("\n") + head.count("\r") != 2 * (len(lines) - 1):
            # What the SDK puts there was checked; others, such as telemetry, may add to it.
            raise ApiValueError("headers: a field has a line break")
        data = _encoded(f"{head}\r\n\r\n")
        if body is not None and len(body) <= _SMALL:
            data, body = data + body, None
        sock.sendall(data)
        if body is not None:
            sock.sendall(body)

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # as in urllib3's own class
        """The head of the answer, and its body yet to be read."""
        sock = self.sock
        current_attempt().begin_waiting(sock)
        method, url, preload_content, decode_content, enforce_content_length = self._asked
        answer = StrictResponse(sock, method=method)
        try:
            answer.begin()
        except BaseException:
            answer.close()
            raise
        if answer.will_close:
            # The answer has the socket from here on.
            self.close()
        else:
            self._answer = answer
        response = _Response(
            answer,
            answer.fields,
            answer.status,
            version=answer.version,
            version_string=f"HTTP/1.{answer.version - 10}",
            reason=answer.reason,
            original_response=answer,
            request_method=method,
            request_url=url,
            sock_shutdown=getattr(sock, "shutdown", None),
            preload_content=preload_content,
            decode_content=decode_content,
            enforce_content_length=enforce_content_length,
        )
        # urllib3 goes by the field alone, and would wait for the chunks of an answer that has no body.
        response.chunked = answer.chunked
        return response

    def close(self) -> None:
        answer, self._answer = self._answer, None
        super().close()
        if answer is not None:
            answer.close()


class DeadlineTLSConnection(DeadlineConnection, _HTTPSConnection):
    """The same over TLS."""
