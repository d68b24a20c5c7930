"""A server that answers from memory, in another process, so that only the client is measured."""

from __future__ import annotations

import json
import selectors
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

TIME = "2026-01-31T12:00:00.123456+00:00"
ACCOUNT = {"email": "me@example.com", "nickname": "me"}
AUTHORIZATION = {"accessToken": "a" * 200, "refreshToken": "r" * 43, "type": "Bearer", "expiresAt": TIME}


def _task(number: int) -> dict[str, Any]:
    return {
        "id": f"8a1f6c1e-0000-4000-8000-{number:012}",
        "status": "running",
        "action": "public_ip.allocate",
        "result": None,
        "correlationId": f"0b5c2f9d-0000-4000-8000-{number:012}",
        "clientId": 7,
        "email": "me@example.com",
        "error": None,
        "createdAt": TIME,
        "updatedAt": TIME,
    }


LONG_PAGE = {
    "items": [
        _task(number) | {"percentageComplete": 40, "subTasks": [_task(number * 10 + sub) for sub in range(1, 6)]}
        for number in range(1, 101)
    ],
    "total": 100,
    "page": 1,
    "size": 100,
    "pages": 1,
}

ANSWERS = {b"/api/auth/info": ACCOUNT, b"/api/auth/sign-in": AUTHORIZATION, b"/api/task/": LONG_PAGE}


def _message(body: object) -> bytes:
    content = json.dumps(body, separators=(",", ":")).encode()
    head = (
        "HTTP/1.1 200 OK\r\ndate: Sat, 31 Jan 2026 12:00:00 GMT\r\nserver: canned\r\n"
        f"content-length: {len(content)}\r\ncontent-type: application/json\r\n\r\n"
    )
    return head.encode() + content


def serve() -> None:
    """Print the port, and answer until stdin ends."""
    answers = {path: _message(body) for path, body in ANSWERS.items()}
    other = _message({})
    selector = selectors.DefaultSelector()
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    received: dict[socket.socket, bytes] = {}
    selector.register(listener, selectors.EVENT_READ)
    selector.register(sys.stdin, selectors.EVENT_READ)
    print(listener.getsockname()[1], flush=True)
    while True:
        for key, _ in selector.select():
            if key.fileobj is sys.stdin:
                return
            if key.fileobj is listener:
                connection, _ = listener.accept()
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                received[connection] = b""
                selector.register(connection, selectors.EVENT_READ)
                continue
            assert isinstance(key.fileobj, socket.socket)
            _answer(key.fileobj, received, selector, answers, other)


def _answer(
    connection: socket.socket,
    received: dict[socket.socket, bytes],
    selector: selectors.BaseSelector,
    answers: dict[bytes, bytes],
    other: bytes,
) -> None:
    try:
        part = connection.recv(65536)
        if part:
            data = received[connection] + part
            head, end, body = data.partition(b"\r\n\r\n")
            length = 0
            for line in head.split(b"\r\n"):
                name, _, value = line.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            if not end or len(body) < length:
                received[connection] = data
                return
            received[connection] = b""
            path = head.split(b" ", 2)[1].partition(b"?")[0]
            connection.sendall(answers.get(path, other))
            return
    except OSError:
        pass
    selector.unregister(connection)
    connection.close()
    del received[connection]


@contextmanager
def canned() -> Iterator[str]:
    """The URL of a running server."""
    with subprocess.Popen([sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdin is not None
        assert run.stdout is not None
        try:
            yield f"http://127.0.0.1:{run.stdout.readline().strip()}"
        finally:
            run.stdin.close()


if __name__ == "__main__":
    serve()
