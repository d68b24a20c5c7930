"""Middleware: what happens to each request before and after the service handles it."""

from __future__ import annotations

import asyncio
import random
import uuid
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from gravscale.sandbox.service import Settings

BODY_MAX = 10 * 2**20
_LINGER_SECONDS = 2.0


class Conditions:
    """Add the latency and the failures from the settings, and give each response a request id.

    A call that is cancelled because the server stops gets a 503.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_started = False

        async def send_with_id(message: Message) -> None:
            nonlocal is_started
            if message["type"] == "http.response.start":
                is_started = True
                MutableHeaders(scope=message)["X-Request-ID"] = uuid.uuid4().hex
            await send(message)

        respond = self._app
        try:
            if self._settings.latency:
                await asyncio.sleep(self._settings.latency)
            if random.random() < self._settings.failure_rate:
                respond = JSONResponse({"detail": "the sandbox was told to fail sometimes"}, 503)
            await respond(scope, receive, send_with_id)
        except asyncio.CancelledError:
            # Don't raise it again: the server would log it as an application error, with its traceback.
            if not is_started:
                stopped = JSONResponse({"detail": "the sandbox was stopped"}, 503, {"Connection": "close"})
                await stopped(scope, receive, send_with_id)


class BodyLimit:
    """Refuse a body of more than 10 MB with a 413, without holding it in memory."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if int(Headers(scope=scope).get("content-length", "0")) > BODY_MAX:
            await _refuse(scope, receive, send)
            return
        body = bytearray()
        is_whole = False
        while not is_whole:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            is_whole = not message.get("more_body", False)
            if len(body) > BODY_MAX:
                await _refuse(scope, receive, send)
                return
        unread: list[Message] = [{"type": "http.request", "body": bytes(body), "more_body": False}]

        async def replay() -> Message:
            return unread.pop() if unread else await receive()

        await self._app(scope, replay, send)


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    """Send a 413, and keep reading for a moment before the connection closes.

    A client that is still sending when its connection closes may never see the response (RFC 9112, section 9.6).
    """

    async def send_unfinished(message: Message) -> None:
        await send({**message, "more_body": True} if message["type"] == "http.response.body" else message)

    async def discard() -> None:
        while (await receive()).get("more_body", False):
            pass

    detail = f"the body has more than {BODY_MAX} bytes"
    await JSONResponse({"detail": detail}, 413, {"Connection": "close"})(scope, receive, send_unfinished)
    try:
        await asyncio.wait_for(discard(), _LINGER_SECONDS)
    except asyncio.TimeoutError:
        pass
    finally:
        await send({"type": "http.response.body", "body": b"", "more_body": False})
