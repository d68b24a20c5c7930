"""Calls are answered in parallel: a slow one delays no other."""

from __future__ import annotations

import asyncio
import json
import socket
import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from plain_http import Client
from sqlalchemy import Engine

from gravscale.sandbox import Sandbox
from gravscale.sandbox.app import create_app
from gravscale.sandbox.database import open_database
from gravscale.sandbox.middleware import BODY_MAX

SIGN_UP, SIGN_IN = "/api/auth/sign-up", "/api/auth/sign-in"
HEAD = b"POST /api/auth/sign-in HTTP/1.1\r\nHost: sandbox\r\nContent-Type: application/json\r\n"
LOGIN = json.dumps({"email": "ada@example.com", "password": "analytical engine"}).encode()


@contextmanager
def sent(sandbox: Sandbox, data: bytes) -> Iterator[socket.socket]:
    """Send data to a sandbox, on a connection that stays open."""
    with socket.create_connection(("127.0.0.1", sandbox.port), timeout=20) as sock:
        sock.sendall(data)
        yield sock


def is_answered(sock: socket.socket) -> bool:
    """Return whether the end of an answer's head has arrived."""
    sock.setblocking(False)
    try:
        return b"\r\n\r\n" in sock.recv(65536, socket.MSG_PEEK)
    except BlockingIOError:
        return False
    finally:
        sock.settimeout(20)


@pytest.mark.parametrize(
    "begun",
    [HEAD[:30], HEAD, HEAD + b"Content-Length: %d\r\n\r\n" % len(LOGIN) + LOGIN[:10]],
    ids=["request line", "head", "body"],
)
def test_an_unfinished_request_delays_no_other_call(begun: bytes) -> None:
    with Sandbox() as sandbox, sent(sandbox, begun) as other:
        client = Client(sandbox.url)
        client.new_user()
        assert not is_answered(other)
        client.close()


def test_a_refused_body_delays_no_other_call() -> None:
    with Sandbox() as sandbox, sent(sandbox, HEAD + b"Content-Length: %d\r\n\r\n" % (BODY_MAX + 1)) as refused:
        assert refused.recv(65536).startswith(b"HTTP/1.1 413 ")
        # The server keeps reading it, because its sender may not have seen the response yet.
        client = Client(sandbox.url)
        client.new_user()
        client.close()


class Settings:
    """Settings that delay each response by the next of these times.

    Attributes:
        delaying: Set when a response is delayed.
    """

    token_ttl, task_duration, failure_rate = 900.0, 0.0, 0.0

    def __init__(self, *latencies: float) -> None:
        self.delaying = asyncio.Event()
        self._latencies = iter(latencies)

    @property
    def latency(self) -> float:
        # It is read twice: to check whether there is one, and for its value.
        latency = next(self._latencies, 0.0)
        if latency:
            self.delaying.set()
        return latency


async def nothing() -> None:
    """Send a response at once."""


async def post(app: Any, path: str, before_sending: Callable[[], Awaitable[object]] = nothing) -> int:
    """Sign up or sign in through the ASGI application, and return the status."""
    scope = {"type": "http", "http_version": "1.1", "method": "POST", "scheme": "http", "query_string": b""}
    place = {"path": path, "raw_path": path.encode(), "headers": [(b"content-type", b"application/json")]}
    unread = [{"type": "http.request", "body": LOGIN}]
    statuses: list[int] = []

    async def receive() -> Any:
        return unread.pop()

    async def send(message: Any) -> None:
        await before_sending()
        statuses.append(message.get("status"))

    await app({**scope, **place}, receive, send)
    return statuses[0]


@pytest.fixture
def engine() -> Iterator[Engine]:
    opened = open_database(None)
    yield opened
    opened.dispose()


def test_a_delayed_response_delays_no_other_call(engine: Engine) -> None:
    async def side_by_side() -> None:
        settings = Settings(3600, 3600)
        app = create_app(engine, settings)
        delayed = asyncio.create_task(post(app, SIGN_UP))
        await asyncio.wait_for(settings.delaying.wait(), 20)
        assert await asyncio.wait_for(post(app, SIGN_UP), 20) == 201
        assert not delayed.done()
        delayed.cancel()
        # As if the server were stopped.
        assert await delayed == 503

    asyncio.run(side_by_side())


def test_an_unread_response_delays_no_other_call(engine: Engine) -> None:
    async def side_by_side() -> None:
        app = create_app(engine, Settings())
        responding, is_read = asyncio.Event(), asyncio.Event()

        async def until_it_is_read() -> None:
            responding.set()
            await is_read.wait()

        unread = asyncio.create_task(post(app, SIGN_UP, until_it_is_read))
        await asyncio.wait_for(responding.wait(), 20)
        assert await asyncio.wait_for(post(app, SIGN_IN), 20) == 200
        assert not unread.done()
        is_read.set()
        assert await unread == 201

    asyncio.run(side_by_side())


@pytest.mark.parametrize(
    ("path", "status"), [("/api/auth/info", 401), ("/api/nowhere", 404), ("/openapi.json", 200), ("/docs", 200)]
)
def test_a_call_without_database_access_does_not_wait_for_a_locked_one(path: str, status: int, tmp_path: Path) -> None:
    file = tmp_path / "state.db"
    with Sandbox(database=file) as sandbox:
        client = Client(sandbox.url)
        connection = sqlite3.connect(file, isolation_level=None)
        connection.execute("BEGIN EXCLUSIVE")
        assert client.call("GET", path).status == status
        connection.close()
        client.close()
