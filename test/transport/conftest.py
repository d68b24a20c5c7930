"""What the tests of TLS and of proxies share."""

from __future__ import annotations

import os

import pytest
import trustme


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """A certificate authority that nobody trusts who was not told to."""
    return trustme.CA()


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setattr("gravscale.pipeline.retry.BACKOFF_SECONDS", 0.001)
