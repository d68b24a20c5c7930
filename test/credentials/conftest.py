"""What the tests of sessions share."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from types import SimpleNamespace
from typing import Any

import pytest
from example_service import AuthenticationApi
from recording import EMAIL, PASSWORD, Service, recording

import gravscale

Connect = Callable[..., AuthenticationApi]


@pytest.fixture
def service() -> Iterator[Service]:
    with recording() as running:
        yield running


@pytest.fixture
def connect(service: Service) -> Iterator[Connect]:
    """Makes an API from credentials, or from settings for PasswordCredentials."""
    with ExitStack() as stack:

        def make(credentials: Any = None, *, timeout: Any = 20.0, **settings: Any) -> AuthenticationApi:
            credentials = credentials or gravscale.PasswordCredentials(EMAIL, PASSWORD, **settings)
            configuration = gravscale.Configuration(service.url, credentials=credentials, timeout=timeout, retries=0)
            return AuthenticationApi(stack.enter_context(gravscale.ApiClient(configuration)))

        yield make


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Moves the clock that decides when a token is renewed."""
    passed = 0.0

    def let_pass(seconds: float) -> None:
        nonlocal passed
        passed += seconds

    clock = SimpleNamespace(monotonic=lambda: time.monotonic() + passed)
    monkeypatch.setattr("gravscale.session.time", clock)
    monkeypatch.setattr("gravscale.cached_token.time", clock)
    return let_pass
