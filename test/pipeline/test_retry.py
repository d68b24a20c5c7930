"""The step that sends again, and the policies that say when: each decision by itself."""

from __future__ import annotations

from typing import Any

import pytest
import urllib3
from steps import Next, answer_of, call_of

from gravscale import ApiConnectionError, ApiTimeoutError
from gravscale.pipeline.retry import Retry, RetryPolicy, Urllib3Policy, start_policy

FAILED = ApiConnectionError(reason="no answer")


def test_an_answer_for_good_is_given_at_once() -> None:
    step = Next(answer_of(404))
    call = call_of()
    assert Retry(step, call.client.configuration)(call).status == 404
    assert call.attempts == 1


@pytest.mark.parametrize("result", [FAILED, answer_of(503)], ids=["failure", "503"])
def test_a_get_is_sent_again(result: Any) -> None:
    call = call_of()
    assert Retry(Next(result, answer_of()), call.client.configuration)(call).status == 200
    assert call.attempts == 2


def test_the_last_failure_is_raised_when_nothing_helps() -> None:
    call, last = call_of(retries=1), ApiConnectionError(reason="still no answer")
    with pytest.raises(ApiConnectionError) as raised:
        Retry(Next(FAILED, last), call.client.configuration)(call)
    assert raised.value is last


def test_what_another_attempt_would_not_change_is_not_sent_again() -> None:
    call = call_of()
    call.can_be_retried = False
    with pytest.raises(ApiConnectionError):
        Retry(Next(FAILED), call.client.configuration)(call)


def test_a_pause_that_would_outlast_the_call_is_not_begun() -> None:
    call = call_of(timeout=5.0)
    answer = Retry(Next(answer_of(429, headers={"Retry-After": "6"})), call.client.configuration)(call)
    assert (answer.status, call.attempts) == (429, 1)


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
    [("GET", 200, False), ("GET", 500, False), ("GET", 502, True), ("POST", 503, False), ("POST", 429, True)],
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
