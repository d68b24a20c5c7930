"""The step that sends again, and the policies that say when: each decision by itself."""

from __future__ import annotations

from typing import Any

import pytest
import urllib3
from steps import Next, answer_of, call_of

from gravscale import ApiConnectionError, ApiException, ApiResponseError, ApiTimeoutError
from gravscale.pipeline.retry import Retry, RetryPolicy, Urllib3Policy, start_policy

FAILED = ApiConnectionError(reason="no answer here")


def test_an_answer_for_good_is_given_at_once() -> None:
    step = Next(answer_of(404))
    call = call_of()
    assert Retry(step)(call).status == 404
    assert call.attempts == 1


@pytest.mark.parametrize("result", [FAILED, answer_of(503)], ids=["failure", "503"])
def test_a_get_is_sent_again(result: Any) -> None:
    call = call_of()
    assert Retry(Next(result, answer_of()))(call).status == 200
    assert call.attempts == 2


def test_the_last_failure_is_raised_when_nothing_helps() -> None:
    call, last = call_of(retries=1), ApiConnectionError(reason="still no answer")
    with pytest.raises(ApiConnectionError) as raised:
        Retry(Next(FAILED, last))(call)
    assert raised.value is last


@pytest.mark.parametrize(
    ("method", "failure"), [("POST", FAILED), ("GET", ApiTimeoutError(reason="too long"))], ids=["POST", "timeout"]
)
def test_a_failure_after_which_the_service_may_be_at_work_is_raised(method: str, failure: ApiException) -> None:
    call = call_of(method)
    call.deadline.begin_sending()
    with pytest.raises(ApiConnectionError) as raised:
        Retry(Next(failure))(call)
    assert raised.value is failure


def test_what_another_attempt_would_not_change_is_not_sent_again() -> None:
    call = call_of()
    call.can_be_retried = False
    with pytest.raises(ApiConnectionError):
        Retry(Next(FAILED))(call)


@pytest.mark.parametrize(
    ("timeout", "asked", "pauses"),
    [
        (5.0, "6", []),
        (5.0, "4", [4.0]),
        # Without a timeout, a call waits up to a minute.
        (None, "60", []),
        (None, "59", [59.0]),
    ],
)
def test_a_pause_that_would_outlast_the_call_is_not_begun(
    timeout: float | None, asked: str, pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    monkeypatch.setattr("gravscale.pipeline.retry.time.sleep", slept.append)
    call = call_of(timeout=timeout)
    answer = Retry(Next(answer_of(429, headers={"Retry-After": asked}), answer_of()))(call)
    assert (answer.status, slept) == (200 if pauses else 429, pauses)


def test_without_a_deadline_a_retry_of_urllib3_pauses_as_long_as_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("gravscale.pipeline.retry.time.sleep", slept.append)
    call = call_of(timeout=None, retries=urllib3.Retry(2, backoff_factor=45))
    assert Retry(Next(FAILED, FAILED, answer_of()))(call).status == 200
    assert slept == [0, 90]


def test_a_failure_whose_pause_would_outlast_the_call_is_raised_at_once() -> None:
    call = call_of(timeout=5.0, retries=urllib3.Retry(1, backoff_factor=10))
    call.deadline.expires_at = 0.0
    with pytest.raises(ApiConnectionError) as raised:
        Retry(Next(FAILED))(call)
    assert raised.value is FAILED


def test_the_body_of_an_answer_is_read_so_that_its_connection_can_be_used_again() -> None:
    busy, call = answer_of(503), call_of()
    Retry(Next(busy, answer_of()))(call)
    assert busy.read() == b""


@pytest.mark.parametrize(
    ("result", "reason"),
    [(answer_of(503), "status 503"), (FAILED, "no answer here"), (ApiConnectionError(), "no answer")],
    ids=["503", "failure", "failure without a reason"],
)
def test_hooks_and_the_log_are_told_of_a_retry(
    result: Any, reason: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("gravscale.pipeline.retry.random.uniform", lambda low, high: 0.004)
    events: list[Any] = []
    call = call_of(event_hooks={"retry": [events.append]})
    with caplog.at_level("INFO", "gravscale"):
        Retry(Next(result, answer_of()))(call)
    assert [(event.reason, event.pause, event.attempt) for event in events] == [(reason, 0.004, 1)]
    records = [(record.name, record.levelname, record.getMessage()) for record in caplog.records]
    assert records == [("gravscale.rest", "INFO", f"GET /x: {reason}; again in 0.00 s")]


@pytest.mark.parametrize(
    ("failure", "reason"),
    [(FAILED, "no answer here"), (ApiConnectionError(), "no answer"), (ApiResponseError(reason="half"), "half")],
)
def test_the_log_is_told_of_a_call_that_fails(
    failure: ApiException, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    call = call_of(retries=0)
    with caplog.at_level("DEBUG", "gravscale"), pytest.raises(type(failure)):
        Retry(Next(failure))(call)
    assert [record.getMessage() for record in caplog.records] == [f"GET /x: {reason}, attempt 1"]


def test_an_answer_that_can_not_be_used_is_not_asked_for_again() -> None:
    step, call = Next(ApiResponseError(reason="half"), answer_of()), call_of()
    with pytest.raises(ApiResponseError):
        Retry(step)(call)
    assert len(step.requests) == 1


def test_pauses_have_full_jitter_below_a_ceiling_that_doubles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gravscale.pipeline.retry.BACKOFF_SECONDS", 0.5)
    ranges: list[tuple[float, float]] = []

    def draw(low: float, high: float) -> float:
        ranges.append((low, high))
        return high / 4

    monkeypatch.setattr("gravscale.pipeline.retry.random.uniform", draw)
    policy = RetryPolicy(7)
    pauses = [policy.after_failure("GET", False, FAILED) for _ in range(8)]
    assert ranges == [(0, 0.5), (0, 1.0), (0, 2.0), (0, 4.0), (0, 8.0), (0, 8.0), (0, 8.0)]
    assert pauses == [0.125, 0.25, 0.5, 1.0, 2.0, 2.0, 2.0, None]


@pytest.mark.parametrize(
    ("method", "sent", "failure", "again"),
    [
        ("GET", True, FAILED, True),
        ("HEAD", True, FAILED, True),
        ("POST", False, FAILED, True),
        ("POST", True, FAILED, False),
        ("DELETE", True, FAILED, False),
        ("GET", True, ApiTimeoutError(reason="too long"), False),
        ("GET", False, ApiTimeoutError(reason="too long"), True),
    ],
)
def test_what_may_have_reached_the_service_is_sent_again_only_where_that_changes_nothing(
    method: str, sent: bool, failure: Exception, again: bool
) -> None:
    assert (RetryPolicy().after_failure(method, sent, failure) is not None) == again


@pytest.mark.parametrize(
    ("method", "status", "again"),
    [
        ("GET", 200, False),
        ("GET", 500, False),
        ("GET", 502, True),
        ("GET", 503, True),
        ("GET", 504, True),
        ("HEAD", 504, True),
        ("POST", 503, False),
        ("POST", 429, True),
    ],
)
def test_an_answer_is_asked_for_again_where_the_service_did_nothing(method: str, status: int, again: bool) -> None:
    assert (RetryPolicy().after_answer(method, answer_of(status)) is not None) == again


def test_a_policy_ends_after_its_number_of_retries() -> None:
    policy = RetryPolicy(2)
    pauses = [policy.after_answer("GET", answer_of(503)) for _ in range(3)]
    assert [pause is None for pause in pauses] == [False, False, True]


@pytest.mark.parametrize(("value", "expected"), [("7", 7.0), ("0", None), ("soon", None)])
def test_retry_after_is_the_pause_where_it_says_when(value: str, expected: float | None) -> None:
    pause = RetryPolicy().after_answer("GET", answer_of(503, headers={"Retry-After": value}))
    assert pause is not None
    assert pause == expected if expected else 0 < pause <= 0.5


def test_the_setting_says_which_policy_a_call_has() -> None:
    assert isinstance(start_policy(urllib3.Retry(1)), Urllib3Policy)
    assert start_policy(0).after_failure("GET", False, FAILED) is None
    policy = start_policy(None)
    pauses = [policy.after_failure("GET", False, FAILED) for _ in range(3)]
    assert [pause is None for pause in pauses] == [False, False, True]


def test_a_retry_of_urllib3_is_asked_as_urllib3_would_ask_it() -> None:
    policy = Urllib3Policy(urllib3.Retry(connect=1, read=0, status=1, status_forcelist=[418]))
    assert policy.after_failure("POST", sent=True, failure=FAILED) is None
    assert policy.after_failure("POST", sent=False, failure=FAILED) == 0
    assert policy.after_failure("POST", sent=False, failure=FAILED) is None
    assert policy.after_answer("GET", answer_of(503)) is None
    assert policy.after_answer("GET", answer_of(418)) is not None


def test_a_retry_of_urllib3_counts_and_pauses_as_in_urllib3() -> None:
    policy = Urllib3Policy(urllib3.Retry(9, backoff_factor=0.5, status_forcelist=[503], status=3))
    assert [policy.after_answer("GET", answer_of(503)) for _ in range(4)] == [0, 1.0, 2.0, None]
    policy = Urllib3Policy(urllib3.Retry(9, backoff_factor=0.5, read=2, allowed_methods=["POST"]))
    assert [policy.after_failure("POST", True, FAILED) for _ in range(3)] == [0, 1.0, None]
    policy = Urllib3Policy(urllib3.Retry(9, allowed_methods=["POST"], status_forcelist=[503]))
    assert policy.after_failure("GET", True, FAILED) is None
    assert policy.after_answer("GET", answer_of(503)) is None
    assert policy.after_answer("POST", answer_of(503)) == 0


@pytest.mark.parametrize(
    ("settings", "value", "pause"),
    [
        ({}, "7", 7.0),
        ({}, "soon", 0),
        ({}, None, None),
        ({"retry_after_max": 3}, "7", 3.0),
        ({"respect_retry_after_header": False}, "7", None),
        ({"respect_retry_after_header": False, "status_forcelist": [503]}, "7", 0),
        ({"status_forcelist": [503]}, None, 0),
    ],
)
def test_a_retry_of_urllib3_may_respect_retry_after(
    settings: dict[str, Any], value: str | None, pause: float | None
) -> None:
    headers = {} if value is None else {"Retry-After": value}
    assert Urllib3Policy(urllib3.Retry(1, **settings)).after_answer("GET", answer_of(503, headers=headers)) == pause


def test_a_retry_of_ones_own_class_is_told_the_method_and_no_url() -> None:
    told: list[tuple[str | None, str | None]] = []

    class Telling(urllib3.Retry):
        def increment(self, method: Any, url: Any, *rest: Any, **more: Any) -> urllib3.Retry:  # type: ignore[override]
            told.append((method, url))
            return super().increment(method, url, *rest, **more)

    policy = Urllib3Policy(Telling(9, status_forcelist=[503]))
    policy.after_failure("GET", True, FAILED)
    policy.after_answer("DELETE", answer_of(503))
    assert told == [("GET", ""), ("DELETE", "")]
