"""Fixtures for the tests of secrets."""

from __future__ import annotations

import http.client
import logging
import warnings
from collections.abc import Iterator

import pytest
from eavesdropper import Eavesdropper


@pytest.fixture
def eavesdropper(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Iterator[Eavesdropper]:
    """Records all output of the test and the SDK, and fails the test if it contains a secret."""
    handler = Eavesdropper()
    root = logging.getLogger()
    urllib3_logger = logging.getLogger("urllib3")
    levels = root.level, urllib3_logger.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    urllib3_logger.setLevel(logging.DEBUG)
    monkeypatch.setattr(http.client.HTTPConnection, "debuglevel", 1)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            yield handler
        finally:
            root.removeHandler(handler)
            root.setLevel(levels[0])
            urllib3_logger.setLevel(levels[1])
            logging.getLogger("gravscale").setLevel(logging.NOTSET)
    printed = capfd.readouterr()
    handler.seen += [printed.out, printed.err, *(str(warning.message) for warning in caught)]
    assert handler.leaks() == []
    assert any("gravscale" in text for text in handler.seen), "nothing was logged at all"


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gravscale.pipeline.retry.BACKOFF_SECONDS", 0.001)
