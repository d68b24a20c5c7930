"""A new token is refused. Whether that is final depends on the service's answers to other calls in the meantime."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from example_service import AuthenticationApi
from misbehaving import AUTHORIZATION, INFO, Connection, Request, Server, message, serving

import gravscale
from gravscale import UnauthorizedException


class Verdicts:
    """Answers each request in its turn: "sign-in", "401" or "info". A turn of "held 401" waits for `go_on`."""

    def __init__(self, *turns: str) -> None:
        self.turns = list(turns)
        self.held, self.go_on = threading.Event(), threading.Event()
        self.seen: list[str] = []
        self._tokens = 0
        self._lock = threading.Lock()

    def __call__(self, connection: Connection, request: Request) -> None:
        with self._lock:
            turn = self.turns.pop(0)
            self.seen.append(request.headers.get("authorization", request.target.partition("?")[0]))
            self._tokens += turn == "sign-in"
            token = f"token-{self._tokens}"
        if turn == "held 401":
            self.held.set()
            self.go_on.wait(20)
        if turn == "sign-in":
            connection.send(message({**AUTHORIZATION, "accessToken": token, "refreshToken": token}))
        elif turn.endswith("401"):
            connection.send(message({"detail": "no"}, 401))
        else:
            connection.send(message(INFO))


@contextmanager
def api_of(server: Server, **settings: Any) -> Iterator[AuthenticationApi]:
    settings = settings or {"credentials": gravscale.PasswordCredentials("me@example.com", "correct horse battery")}
    with gravscale.ApiClient(gravscale.Configuration(server.url, retries=0, **settings)) as api_client:
        yield AuthenticationApi(api_client)


def with_another_call(verdicts: Verdicts, auth: AuthenticationApi, other: Callable[[], object]) -> object:
    """The result of a call whose new token is being refused while another call is made."""
    with ThreadPoolExecutor(1) as pool:
        refused = pool.submit(auth.info)
        assert verdicts.held.wait(20)
        try:
            other()
        finally:
            verdicts.go_on.set()
        return refused.result()


def test_a_token_that_other_calls_may_use_is_tried_once_more() -> None:
    verdicts = Verdicts("sign-in", "401", "sign-in", "held 401", "info", "info")
    with serving(verdicts) as server, api_of(server) as auth:
        with_another_call(verdicts, auth, auth.info)
    assert verdicts.seen[2:] == ["/api/auth/refresh", *["Bearer token-2"] * 3]


def test_a_token_that_another_call_has_replaced_is_replaced_here_too() -> None:
    verdicts = Verdicts("sign-in", "401", "sign-in", "held 401", "401", "sign-in", "info", "info")
    with serving(verdicts) as server, api_of(server) as auth:
        with_another_call(verdicts, auth, auth.info)
    assert verdicts.seen[4:] == ["Bearer token-2", "/api/auth/refresh", "Bearer token-3", "Bearer token-3"]


def test_a_third_refusal_is_the_answer() -> None:
    verdicts = Verdicts("sign-in", "401", "sign-in", "held 401", "info", "401")
    with serving(verdicts) as server, api_of(server) as auth, pytest.raises(UnauthorizedException):
        with_another_call(verdicts, auth, auth.info)
    assert verdicts.turns == []


def test_a_token_that_no_call_has_used_since_is_not_tried_again() -> None:
    verdicts = Verdicts("sign-in", "info", "401", "sign-in", "401")
    with serving(verdicts) as server, api_of(server) as auth:
        auth.info()
        with pytest.raises(UnauthorizedException):
            auth.info()
    assert verdicts.turns == []


def test_no_call_is_made_with_the_token_of_another_caller() -> None:
    verdicts = Verdicts("401", "held 401", "info", "401")
    # For each caller, the second token is the last.
    own = threading.local()

    def token() -> str:
        own.asked = min(2, getattr(own, "asked", 0) + 1)
        return f"{threading.current_thread().name}-{own.asked}"

    with (
        serving(verdicts) as server,
        api_of(server, access_token=token) as auth,
        pytest.raises(UnauthorizedException),
    ):
        with_another_call(verdicts, auth, auth.info)
    caller = verdicts.seen[0].removeprefix("Bearer ").removesuffix("-1")
    others = [f"Bearer {caller}-2", "Bearer MainThread-1", f"Bearer {caller}-2"]
    assert verdicts.seen == [f"Bearer {caller}-1", *others]
