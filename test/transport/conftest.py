"""Fixtures for the tests of TLS and of proxies."""

from __future__ import annotations

import os

import pytest
import trustme


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """A certificate authority that is trusted only by clients configured for it."""
    return trustme.CA()


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setattr("gravscale.pipeline.retry.BACKOFF_SECONDS", 0.001)
