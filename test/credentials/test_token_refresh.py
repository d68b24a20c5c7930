"""A refresh in flight: who finds it, and when it is over."""

from __future__ import annotations

import inspect
import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from test_threads import until, waiting_for_a_renewal

from gravscale.token_refresh import InFlightRefresh, RefreshChain, refresh_single_flight
from gravscale.transport.deadline import FOREVER


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


def test_a_refresh_is_over_once_its_function_has_ended_however_it_ended() -> None:
    def interrupted() -> InFlightRefresh:
        return InFlightRefresh(2000.0, inspect.currentframe())

    refresh = interrupted()
    for _ in range(2):
        assert refresh.is_over()


def test_a_refresh_belongs_to_its_thread() -> None:
    refresh = InFlightRefresh()
    with ThreadPoolExecutor(1) as pool:
        assert (refresh.is_own(), pool.submit(refresh.is_own).result()) == (True, False)


@pytest.mark.parametrize("expires_at", [1000.0, 999.0])
def test_nobody_waits_for_a_refresh_longer_than_their_own_deadline(expires_at: float) -> None:
    assert not InFlightRefresh(1000.0, inspect.currentframe()).wait(expires_at)


def test_a_refresh_is_found_even_if_its_thread_has_not_noted_it_yet() -> None:
    class Forgetful(RefreshChain):
        """Stays at the first refresh."""

        def __setattr__(self, name: str, value: object) -> None:
            vars(self).setdefault(name, value)

    chain = Forgetful()
    begun, go_on = threading.Event(), threading.Event()
    refreshed: list[str] = []

    def refresh() -> str:
        begun.set()
        assert go_on.wait(20)
        refreshed.append("a token")
        return refreshed[-1]

    def get_token() -> str:
        return refresh_single_flight(chain, lambda _: refreshed[-1] if refreshed else None, refresh, FOREVER)

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(get_token)
        assert begun.wait(20)
        second = pool.submit(get_token)
        until(lambda: waiting_for_a_renewal() == 1)
        go_on.set()
        assert (first.result(), second.result()) == ("a token", "a token")
    assert refreshed == ["a token"]
