"""A service that counts its requests: sign-ins, refreshes, refused calls and answered calls.

with recording() as service:
    gravscale.AuthenticationApi(client_of(service)).info()
    assert service.counts() == {"sign-in": 1, "info": 1}
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from misbehaving import INFO, Connection, Request, Server, message

EMAIL = "me@example.com"
PASSWORD = "correct horse battery staple"
# A separate, fast clock, so that nobody has to wait.
_NAMES = {"/api/auth/sign-in": "sign-in", "/api/auth/refresh": "refresh", "/api/auth/info": "info"}

Answer = tuple[int, Any]


class Service:
    """The settings of the service, and its records. Set the attributes before a request or between two.

    Attributes:
        ttl: The lifetime of an access token in seconds, as reported. It is accepted until `revoke()` anyway.
        ahead: By how many seconds the service's clock, and its Date header, is ahead of the local one.
        dated: Whether answers have a Date header.
        date: The value of the Date header, instead of the time.
        expires: How an expiry time is written.
        failing: The answers to those of "sign-in", "refresh" and "info" that should fail.
        rotates: Whether a refresh returns a new refresh token, and uses up the old one.
        hold: Events for "sign-in" or "refresh". A request is not answered until its event is set.
    """

    def __init__(self) -> None:
        self.ttl = 3600.0
        self.ahead = 0.0
        self.dated = True
        self.date: str | None = None
        self.expires: Callable[[datetime], str] = lambda moment: moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        self.failing: dict[str, Answer] = {}
        self.rotates = True
        self.hold: dict[str, threading.Event] = {}
        self.arrived: dict[str, threading.Event] = {name: threading.Event() for name in ("sign-in", "refresh", "info")}
        self.seen: list[tuple[str, Request]] = []
        self.others: Callable[[Request], Answer] | None = None
        self._good: set[str] = set()
        self._refresh: set[str] = set()
        self._number = 0
        self._lock = threading.Lock()
        self.server = Server((self._answer,), None, None)
        self.url = self.server.url

    def counts(self) -> dict[str, int]:
        """How often each thing happened. A call with an invalid token counts as "401"."""
        with self._lock:
            return dict(Counter(name for name, _ in self.seen))

    def forget(self) -> None:
        """Reset the counts."""
        with self._lock:
            self.seen.clear()

    def revoke(self, *, refresh: bool = False) -> None:
        """Reject all access tokens issued until now, and refresh tokens too if `refresh` is true."""
        with self._lock:
            self._good.clear()
            if refresh:
                self._refresh.clear()

    def issue(self) -> dict[str, Any]:
        """New tokens, as in an answer."""
        with self._lock:
            self._number += 1
            access, refresh = f"access-{self._number}", f"refresh-{self._number}"
            self._good.add(access)
            self._refresh.add(refresh)
        expires = datetime.now(timezone.utc) + timedelta(seconds=self.ahead + self.ttl)
        return {"accessToken": access, "refreshToken": refresh, "type": "Bearer", "expiresAt": self.expires(expires)}

    def _answer(self, connection: Connection, request: Request) -> None:
        url = urlsplit(request.target)
        name = _NAMES.get(url.path, request.method + " " + url.path)
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        guarded = name not in ("sign-in", "refresh")
        with self._lock:
            rejected = guarded and token not in self._good
            self.seen.append(("401" if rejected else name, request))
        if name in self.arrived:
            self.arrived[name].set()
        if name in self.hold:
            self.hold[name].wait(20)
        status, body = self._reply(name, request, rejected, parse_qs(url.query))
        headers = {}
        if self.dated:
            now = datetime.now(timezone.utc) + timedelta(seconds=self.ahead)
            headers["Date"] = self.date or format_datetime(now, usegmt=True)
        connection.send(message(body, status, headers))

    def _reply(self, name: str, request: Request, rejected: bool, query: dict[str, list[str]]) -> Answer:
        if rejected:
            return 401, {"detail": "not a good token"}
        if name in self.failing:
            return self.failing[name]
        if name == "refresh":
            given = query["refresh_token"][0]
            with self._lock:
                if given not in self._refresh:
                    return 401, {"detail": "not a good refresh token"}
                if self.rotates:
                    self._refresh.remove(given)
            if not self.rotates:
                return 200, self.issue() | {"refreshToken": None}
        if name in ("sign-in", "refresh"):
            return 200, self.issue()
        if name == "info":
            return 200, INFO
        return self.others(request) if self.others else (404, {"detail": "nothing here"})


@contextmanager
def recording() -> Iterator[Service]:
    """A running service."""
    service = Service()
    try:
        yield service
    finally:
        for event in service.hold.values():
            event.set()
        service.server.close()
