"""A server that accepts only well-formed requests, records each, and answers with the given bytes."""

from __future__ import annotations

import os
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

from hypothesis import HealthCheck, settings

# RFC 9112, section 3, and RFC 9110, section 5; a target is made of what RFC 3986 allows, and nothing else.
_START = re.compile(rb"([A-Z]+) ((?:[\w!$&'()*+,;=:@/?.~\[\]-]|%[0-9A-Fa-f]{2})+) HTTP/1\.1")
_FIELD = re.compile(rb"([\w!#$%&'*+.^`|~-]+): ?([\t\x20-\x7e\x80-\xff]*)")

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


def examples(ordinarily: int) -> settings:
    """How many examples a test tries; GRAVSCALE_FUZZ=10 makes it ten times as many."""
    return settings(
        max_examples=ordinarily * int(os.environ.get("GRAVSCALE_FUZZ", "1")),
        deadline=None,
        # Otherwise hypothesis would leave a folder behind.
        database=None,
        suppress_health_check=list(HealthCheck),
    )


class Received(NamedTuple):
    """A well-formed request."""

    method: str
    target: str
    fields: list[tuple[str, str]]
    body: bytes

    @property
    def path(self) -> str:
        return unquote(urlsplit(self.target).path, errors="strict")

    @property
    def query(self) -> list[tuple[str, str]]:
        query = urlsplit(self.target).query
        return parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query), errors="strict")

    def values(self, name: str) -> list[str]:
        """All values of the fields with this name."""
        return [value for field, value in self.fields if field.lower() == name.lower()]


class Recorder:
    """A running server.

    Attributes:
        url: Its base URL.
        received: The requests, in order.
        malformed: Everything received that was not a request.
        answer: The bytes that it answers with. It then closes the connection, unless they are OK.
        answering: Held while it answers. A test that waits for it sends nothing on a connection that is about to be
            closed.
    """

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.received: list[Received] = []
        self.malformed: list[bytes] = []
        self.answer = OK
        self.answering = threading.Lock()
        # Guards the list of what close() has to end.
        self._lock = threading.Lock()
        self._open: list[tuple[socket.socket, threading.Thread]] = []
        self._acceptor = threading.Thread(target=self._accept, daemon=True)
        self._acceptor.start()

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._acceptor.join(10)
        for sock, thread in self._open:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            thread.join(10)

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            thread = threading.Thread(target=self._serve, args=(sock,), daemon=True)
            with self._lock:
                self._open = [(other, worker) for other, worker in self._open if worker.is_alive()]
                self._open.append((sock, thread))
                thread.start()

    def _serve(self, sock: socket.socket) -> None:
        with sock, suppress(OSError):
            data = b""
            while more := sock.recv(1 << 20):
                data += more
                head, end, rest = data.partition(b"\r\n\r\n")
                if not end:
                    continue
                start, *lines = head.split(b"\r\n")
                matched = _START.fullmatch(start)
                fields = [_FIELD.fullmatch(line) for line in lines]
                if not matched or not all(fields):
                    self.malformed.append(data)
                    return
                pairs = [(field[1].decode(), field[2].decode("latin-1").strip()) for field in fields if field]
                lengths = [value for name, value in pairs if name.lower() == "content-length"]
                named = {name.lower() for name, _ in pairs}
                if len(lengths) > 1 or "transfer-encoding" in named or len(named) < len(pairs) or "host" not in named:
                    self.malformed.append(data)
                    return
                length = int(lengths[0]) if lengths else 0
                if len(rest) < length:
                    continue
                if len(rest) > length:
                    self.malformed.append(data)
                    return
                with self.answering:
                    self.received.append(Received(matched[1].decode(), matched[2].decode(), pairs, rest))
                    data = b""
                    answer = self.answer
                    sock.sendall(answer)
                    if answer is not OK:
                        sock.shutdown(socket.SHUT_WR)
                if answer is not OK:
                    # To close with anything unread would reset the connection, and lose the end of the answer.
                    while sock.recv(65536):
                        pass
                    return


@contextmanager
def recording() -> Iterator[Recorder]:
    recorder = Recorder()
    try:
        yield recorder
    finally:
        recorder.close()
