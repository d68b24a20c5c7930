"""A refresh in flight: who finds it, and when it is over."""

from __future__ import annotations

import inspect
from types import SimpleNamespace

import pytest

from gravscale.token_refresh import InFlightRefresh


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The monotonic clock shows 1000."""
    monkeypatch.setattr("gravscale.token_refresh.time", SimpleNamespace(monotonic=lambda: 1000.0))


def test_one_refresh_follows_another_and_all_threads_find_it() -> None:
    first, second, late = InFlightRefresh(), InFlightRefresh(), InFlightRefresh()
    assert first.latest() is first
    assert first.append(second)
    assert not first.append(late)
    assert first.latest() is second.latest() is second


@pytest.mark.parametrize(("expires_at", "is_over"), [(1000.0, False), (999.0, False), (998.9, True)])
def test_a_refresh_counts_as_abandoned_a_second_after_its_deadline(expires_at: float, is_over: bool) -> None:
    assert InFlightRefresh(expires_at, inspect.currentframe()).is_over() is is_over


@pytest.mark.parametrize("expires_at", [1000.0, 999.0])
def test_nobody_waits_for_a_refresh_longer_than_their_own_deadline(expires_at: float) -> None:
    assert not InFlightRefresh(1000.0, inspect.currentframe()).wait(expires_at)
