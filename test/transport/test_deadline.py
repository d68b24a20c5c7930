"""The time that a call and each of its steps have, by a clock that the test sets."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any

import pytest

from gravscale import ApiTypeError, ApiValueError
from gravscale.transport import deadline as deadlines
from gravscale.transport.deadline import (
    FOREVER,
    Deadline,
    Expired,
    Timeouts,
    limit_nested_calls,
    nested_calls_end,
    nested_calls_remaining,
)


class Clock:
    """A clock that stands still until it is set."""

    now = 100.0


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(deadlines, "time", SimpleNamespace(monotonic=lambda: clock.now))
    return clock


@pytest.mark.parametrize(
    ("timeout", "limits"),
    [
        (None, (FOREVER, 5.0, FOREVER)),
        (30, (30.0, 5.0, FOREVER)),
        (2.5, (2.5, 2.5, FOREVER)),
        ((1, 2.5), (FOREVER, 1.0, 2.5)),
        ([7.0, 8], (FOREVER, 7.0, 8.0)),
        (threading.TIMEOUT_MAX, (threading.TIMEOUT_MAX, 5.0, FOREVER)),
    ],
)
def test_a_timeout_is_for_the_call_or_for_connecting_and_reading(timeout: Any, limits: tuple[float, ...]) -> None:
    parsed = Timeouts.parse(timeout, "timeout")
    assert (parsed.total, parsed.connect, parsed.read) == limits
    assert {type(limit) for limit in limits} == {float}


RANGE = f"expected seconds above 0 and at most {threading.TIMEOUT_MAX:.0f}"


@pytest.mark.parametrize(
    ("timeout", "error", "message"),
    [
        ("5", ApiTypeError, "expected seconds as a number, got str"),
        (True, ApiTypeError, "expected seconds as a number, got bool"),
        ((True, 1), ApiTypeError, "expected seconds as a number, got bool"),
        ((1, None), ApiTypeError, "expected seconds as a number, got NoneType"),
        ((), ApiValueError, "expected seconds or a pair (connect, read), got 0 values"),
        ([1], ApiValueError, "expected seconds or a pair (connect, read), got 1 values"),
        ((1, 2, 3), ApiValueError, "expected seconds or a pair (connect, read), got 3 values"),
        (0, ApiValueError, f"{RANGE}, got 0"),
        (-1.5, ApiValueError, f"{RANGE}, got -1.5"),
        ((1, 0), ApiValueError, f"{RANGE}, got 0"),
        ((-2, 1), ApiValueError, f"{RANGE}, got -2"),
        (2 * threading.TIMEOUT_MAX, ApiValueError, f"{RANGE}, got {2 * threading.TIMEOUT_MAX}"),
        (FOREVER, ApiValueError, f"{RANGE}, got one far beyond that"),
        (float("nan"), ApiValueError, f"{RANGE}, got nan"),
        (10**400, ApiValueError, f"{RANGE}, got one far beyond that"),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_an_impossible_timeout_is_named_by_its_argument(timeout: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error) as caught:
        Timeouts.parse(timeout, "_request_timeout")
    assert str(caught.value) == f"_request_timeout: {message}"


def deadline_of(timeout: Any) -> Deadline:
    return Deadline(Timeouts.parse(timeout, "timeout"))


def test_a_call_has_its_time_from_the_beginning(clock: Clock) -> None:
    deadline = deadline_of(30)
    clock.now += 10
    assert (deadline.elapsed(), deadline.remaining(), deadline.step_seconds()) == (10.0, 20.0, 20.0)
    assert (deadline.phase, deadline.sent, deadline.silence) == ("waiting for a connection", False, None)
    clock.now += 25
    assert (deadline.elapsed(), deadline.remaining()) == (35.0, -5.0)


def test_connecting_has_its_own_time_in_each_attempt(clock: Clock) -> None:
    deadline = deadline_of(30)
    deadline.begin_connecting()
    assert (deadline.phase, deadline.sent, deadline.step_seconds()) == ("connecting", False, 5.0)
    clock.now += 3
    # Another address of the same host.
    deadline.begin_connecting()
    assert deadline.step_seconds() == 2.0
    deadline.begin_attempt()
    assert (deadline.phase, deadline.step_seconds()) == ("waiting for a connection", 27.0)
    clock.now += 24
    deadline.begin_connecting()
    assert deadline.step_seconds() == 3.0


def test_the_time_to_connect_ends_with_sending(clock: Clock) -> None:
    deadline = deadline_of(30)
    deadline.begin_connecting()
    clock.now += 3
    deadline.begin_sending()
    assert (deadline.phase, deadline.sent, deadline.step_seconds()) == ("sending the request", True, 27.0)
    deadline.begin_attempt()
    assert deadline.sent is False


def test_of_a_pair_each_part_limits_its_step_of_each_attempt(clock: Clock) -> None:
    deadline = deadline_of((2, 7))
    assert deadline.step_seconds() is None
    for _ in range(2):
        deadline.begin_attempt()
        deadline.begin_connecting()
        assert deadline.step_seconds() == 2.0
        clock.now += 1
        deadline.begin_sending()
        assert deadline.step_seconds() == 7.0
    assert deadline.remaining() == FOREVER


def test_a_step_has_no_more_time_than_the_call(clock: Clock) -> None:
    outer = deadline_of(3)
    with limit_nested_calls(outer):
        deadline = deadline_of((7, 8))
    deadline.begin_connecting()
    assert deadline.step_seconds() == 3.0
    deadline.begin_sending()
    assert deadline.step_seconds() == 3.0


@pytest.mark.parametrize(("timeout", "gap"), [(30, 30.0), ((2, 7), 7.0), (None, None)])
def test_of_an_answer_that_is_handed_over_only_a_gap_is_limited(timeout: Any, gap: float | None, clock: Clock) -> None:
    deadline = deadline_of(timeout)
    deadline.begin_sending()
    deadline.hand_over()
    clock.now += 1000
    assert deadline.step_seconds() == gap


@pytest.mark.parametrize("late", [0, 1])
def test_a_step_that_is_over_names_its_phase(late: float, clock: Clock) -> None:
    deadline = deadline_of(30)
    deadline.phase = "reading the answer"
    clock.now += 29.5
    assert deadline.step_seconds() == 0.5
    clock.now += 0.5 + late
    for check in (deadline.step_seconds, deadline.check):
        with pytest.raises(Expired, match=r"^reading the answer$"):
            check()


def test_a_step_that_takes_longer_than_the_rest_of_the_call_is_not_begun(clock: Clock) -> None:
    deadline = deadline_of(30)
    deadline.phase = "reading the answer"
    clock.now += 29.5
    deadline.check()
    deadline.check(0.25)
    for needed in (0.5, 1.26):
        deadline.phase = "reading the answer"
        expected = f"reading the answer: it may take {needed:.1f} s more"
        with pytest.raises(Expired, match=f"^{expected}$"):
            deadline.check(needed)
        assert deadline.phase == expected
    clock.now += 0.5
    deadline.phase = "reading the answer"
    with pytest.raises(Expired, match=r"^reading the answer$"):
        deadline.check(1.0)


def test_a_call_within_a_call_has_no_more_time_than_the_outer_one(clock: Clock) -> None:
    assert (nested_calls_end(), nested_calls_remaining()) == (FOREVER, None)
    outer = deadline_of(3)
    with limit_nested_calls(outer):
        assert (deadline_of(30).expires_at, deadline_of(2).expires_at, deadline_of(None).expires_at) == (103, 102, 103)
        assert (nested_calls_end(), nested_calls_remaining()) == (103.0, 3.0)
        inner = deadline_of(2)
        with limit_nested_calls(inner):
            assert nested_calls_remaining() == 2.0
        clock.now += 4
        assert nested_calls_remaining() == 0.0
    assert (nested_calls_end(), nested_calls_remaining()) == (FOREVER, None)


def test_the_calls_of_another_thread_are_not_limited() -> None:
    ends: list[float] = []
    outer = deadline_of(3)
    with limit_nested_calls(outer):
        thread = threading.Thread(target=lambda: ends.append(nested_calls_end()))
        thread.start()
        thread.join()
    assert ends == [FOREVER]


def test_a_call_that_failed_limits_no_other() -> None:
    with pytest.raises(KeyError), limit_nested_calls(deadline_of(3)):
        raise KeyError
    assert nested_calls_end() == FOREVER
