"""Sockets and connections that keep the deadline of the call they serve."""

from __future__ import annotations

import ipaddress
import os
import queue
import socket
import ssl
import sys
import threading
import weakref
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar

from urllib3.connection import HTTPConnection as _HTTPConnection
from urllib3.connection import HTTPSConnection as _HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

from gravscale.deadline import FOREVER, Expired, current_attempt
from gravscale.framing import StrictResponse

if TYPE_CHECKING:
    from urllib3.response import HTTPResponse

    _Address = tuple[socket.AddressFamily, socket.SocketKind, int, str, tuple[str, int] | tuple[str, int, int, int]]

    _Mixed = socket.socket
else:
    _Mixed = object

_open_sockets: weakref.WeakSet[socket.socket] = weakref.WeakSet()


def close_inherited_sockets() -> None:
    """In a child process: let go of the parent's sockets, those in use by its other threads too. As long as a child
    held one open, its server would not learn that the parent closed it."""
    for sock in list(_open_sockets):
        if sock.fileno() >= 0:
            os.close(sock.detach())


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
        attempt = current_attempt()
        if attempt.until != FOREVER:
            self.settimeout(attempt.remaining())

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
        _open_sockets.add(self)


class DeadlineTLSSocket(_KeepsDeadline, ssl.SSLSocket):
    """A TLS socket that keeps the deadline, in the handshake too."""

    def do_handshake(self, block: bool = False) -> None:
        _open_sockets.add(self)
        current_attempt().phase = "agreeing on TLS"
        with _closed_on_failure(self):
            self._limit()
            super().do_handshake(block)


def _addresses(host: str, port: int) -> list[_Address]:
    """Resolve a name. The system's resolver takes no timeout, so it runs beside this thread, which waits no longer
    than it may."""

    def resolve() -> list[Any]:
        return socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)

    try:
        ipaddress.ip_address(host.strip("[]").partition("%")[0])
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


def _open(host: str, port: int, source: tuple[str, int] | None, options: Any) -> DeadlineSocket:
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
                    if source:
                        sock.bind(source)
                    sock.connect(address)
                    sock.settimeout(None)
                    return sock
            except OSError as error:
                failure = error
        raise failure
    finally:
        # Its traceback knows this frame, and a cycle would keep both.
        del failure


class DeadlineConnection(_HTTPConnection):
    """An HTTP connection that opens, sends and reads within the current attempt, and notes how far that has come."""

    # Shadows http.client's switch: with it on, every header and token would be printed.
    debuglevel: ClassVar[int] = 0  # type: ignore[misc]
    response_class = StrictResponse

    def _new_conn(self) -> socket.socket:
        try:
            sock = _open(self._dns_host, self.port, self.source_address, self.socket_options)
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

    def putrequest(self, method: str, url: str, skip_host: bool = False, skip_accept_encoding: bool = False) -> None:
        super().putrequest(method, current_attempt().wire_target or url, skip_host, skip_accept_encoding)

    def endheaders(self, message_body: Any = None, *, encode_chunked: bool = False) -> None:
        # Here rather than in send(), by which a tunnel through a proxy is asked for too.
        if self.sock is None:
            self.connect()
        current_attempt().begin_sending()
        super().endheaders(message_body, encode_chunked=encode_chunked)

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # as in urllib3's own class
        current_attempt().begin_waiting(self.sock)
        return super().getresponse()


class DeadlineTLSConnection(DeadlineConnection, _HTTPSConnection):
    """The same over TLS."""
