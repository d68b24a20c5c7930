"""Fixtures for the tests of faults."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any

import pytest

import gravscale

Connect = Callable[..., gravscale.ApiClient]
Within = Callable[[float], AbstractContextManager[None]]

SLACK_SECONDS = 0.5


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gravscale.pipeline.retry.BACKOFF_SECONDS", 0.01)


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Makes a client from a URL and settings."""
    with ExitStack() as stack:

        def make(url: str, **settings: Any) -> gravscale.ApiClient:
            settings = {"access_token": "token", "timeout": 10.0, **settings}
            return stack.enter_context(gravscale.ApiClient(gravscale.Configuration(host=url, **settings)))

        yield make


@pytest.fixture
def within() -> Within:
    """Asserts that a block ends in time."""

    @contextmanager
    def bounded(seconds: float) -> Iterator[None]:
        started = time.monotonic()
        yield
        assert time.monotonic() - started < seconds + SLACK_SECONDS

    return bounded
