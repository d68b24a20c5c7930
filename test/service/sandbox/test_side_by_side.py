"""Calls are answered side by side: one that takes its time holds up no other."""

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
    """What was sent to a sandbox, on a connection that stays open."""
    with socket.create_connection(("127.0.0.1", sandbox.port), timeout=20) as sock:
        sock.sendall(data)
        yield sock


def is_answered(sock: socket.socket) -> bool:
    """Whether the end of an answer's head has come by now."""
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
def test_a_request_that_is_sent_in_part_holds_up_no_other(begun: bytes) -> None:
    with Sandbox() as sandbox, sent(sandbox, begun) as other:
        client = Client(sandbox.url)
        client.new_user()
        assert not is_answered(other)
        client.close()


def test_a_body_that_is_refused_while_it_is_sent_holds_up_no_other() -> None:
    with Sandbox() as sandbox, sent(sandbox, HEAD + b"Content-Length: %d\r\n\r\n" % (BODY_MAX + 1)) as refused:
        assert refused.recv(65536).startswith(b"HTTP/1.1 413 ")
        # It is read on, as its sender may not have seen the response yet.
        client = Client(sandbox.url)
        client.new_user()
        client.close()


class Settings:
    """What the service is like: each response is delayed by the next of these times.

    Attributes:
        delaying: set when one is delayed.
    """

    token_ttl, task_duration, failure_rate = 900.0, 0.0, 0.0

    def __init__(self, *latencies: float) -> None:
        self.delaying = asyncio.Event()
        self._latencies = iter(latencies)

    @property
    def latency(self) -> float:
        # It is read twice: whether there is one, and what it is.
        latency = next(self._latencies, 0.0)
        if latency:
            self.delaying.set()
        return latency


async def nothing() -> None:
    """Send a response at once."""


async def post(app: Any, path: str, before_sending: Callable[[], Awaitable[object]] = nothing) -> int:
    """Sign up or in, as the server has the application do it; gives the status."""
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


def test_a_response_that_is_delayed_holds_up_no_other(engine: Engine) -> None:
    async def side_by_side() -> None:
        settings = Settings(3600, 3600)
        app = create_app(engine, settings)
        delayed = asyncio.create_task(post(app, SIGN_UP))
        await asyncio.wait_for(settings.delaying.wait(), 20)
        assert await asyncio.wait_for(post(app, SIGN_UP), 20) == 201
        assert not delayed.done()
        delayed.cancel()
        # As where the server is stopped.
        assert await delayed == 503

    asyncio.run(side_by_side())


def test_a_response_that_nobody_reads_holds_up_no_other(engine: Engine) -> None:
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
def test_what_needs_no_database_does_not_wait_for_one_that_is_locked(path: str, status: int, tmp_path: Path) -> None:
    file = tmp_path / "state.db"
    with Sandbox(database=file) as sandbox:
        client = Client(sandbox.url)
        connection = sqlite3.connect(file, isolation_level=None)
        connection.execute("BEGIN EXCLUSIVE")
        assert client.call("GET", path).status == status
        connection.close()
        client.close()
