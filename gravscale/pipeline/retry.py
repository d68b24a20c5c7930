"""The step that sends a request again if that is safe, and the policies that decide it."""

from __future__ import annotations

import logging
import random
import time

import urllib3
from urllib3 import BaseHTTPResponse
from urllib3.exceptions import ConnectTimeoutError, HTTPError, ProtocolError

from gravscale.exceptions import ApiConnectionError, ApiException
from gravscale.pipeline.call import Call, Step
from gravscale.pipeline.errors import discard
from gravscale.pipeline.events import tell_of_retry
from gravscale.support.logs import logger
from gravscale.support.times import parse_retry_after
from gravscale.transport.deadline import FOREVER, Deadline

log: logging.Logger = logger("rest")

RETRIES = 2
BACKOFF_SECONDS = 0.5
BACKOFF_MAX_SECONDS = 8.0
# Without a deadline, the SDK's own policy waits at most this long for a Retry-After.
RETRY_AFTER_MAX_SECONDS = 60.0

_TRANSIENT = frozenset((502, 503, 504))
_SAFE = frozenset(("GET", "HEAD"))


class RetryPolicy:
    """The SDK's own policy for the retries of one call.

    Any method is retried if nothing was sent, and on 429, because the service did nothing. GET and HEAD, which change
    nothing (RFC 9110, section 9.2.1), are also retried if the connection failed, and on 502, 503 and 504. A POST or
    DELETE that may have reached the service is never sent twice, and neither is any request that timed out after it was
    sent.

    Args:
        total: The maximum number of retries.

    Attributes:
        longest_pause: How many seconds a call without a deadline waits at most.
    """

    longest_pause: float = RETRY_AFTER_MAX_SECONDS

    def __init__(self, total: int = RETRIES) -> None:
        self._total = total
        self._done = 0

    def after_failure(self, method: str, sent: bool, failure: Exception) -> float | None:
        """Return the seconds until the next attempt after one without an answer, or None for no more.

        `sent` says whether the service may have received the request.
        """
        if sent and (method not in _SAFE or isinstance(failure, TimeoutError)):
            return None
        return self._pause()

    def after_answer(self, method: str, answer: BaseHTTPResponse) -> float | None:
        """Return the seconds until the next attempt, or None if this answer is final."""
        if answer.status == 429 or (answer.status in _TRANSIENT and method in _SAFE):
            # 0 or a date in the past does not say when to retry, so the policy's own pause applies.
            return self._pause(parse_retry_after(answer.headers.get("Retry-After")) or None)
        return None

    def _pause(self, asked: float | None = None) -> float | None:
        if self._done >= self._total:
            return None
        self._done += 1
        # Full jitter, so that clients that failed together don't come back together.
        ceiling = min(BACKOFF_MAX_SECONDS, BACKOFF_SECONDS * 2 ** (self._done - 1))
        return random.uniform(0, ceiling) if asked is None else asked


class Urllib3Policy:
    """The user's urllib3.Retry, used at each step as urllib3 would use it. It has what `RetryPolicy` has."""

    longest_pause: float = FOREVER

    def __init__(self, retry: urllib3.Retry) -> None:
        self._retry = retry

    def after_failure(self, method: str, sent: bool, failure: Exception) -> float | None:
        # Retry decides by the class of the error whether the request was sent.
        seen: HTTPError = ProtocolError() if sent else ConnectTimeoutError()
        try:
            self._retry = self._retry.increment(method, "", error=seen)
        except HTTPError:
            return None
        return self._retry.get_backoff_time()

    def after_answer(self, method: str, answer: BaseHTTPResponse) -> float | None:
        asked = answer.headers.get("Retry-After")
        if not self._retry.is_retry(method, answer.status, asked is not None):
            return None
        try:
            self._retry = self._retry.increment(method, "", response=answer)
        except HTTPError:
            return None
        after = parse_retry_after(asked) if self._retry.respect_retry_after_header else None
        # Older versions of urllib3 have no limit.
        return min(after or 0.0, getattr(self._retry, "retry_after_max", FOREVER)) or self._retry.get_backoff_time()


def start_policy(retries: int | urllib3.Retry | None) -> RetryPolicy | Urllib3Policy:
    """Return the policy for a new call."""
    if isinstance(retries, urllib3.Retry):
        return Urllib3Policy(retries)
    return RetryPolicy(RETRIES if retries is None else retries)


class Retry:
    """Send a request until it gets a final answer, or until the configured policy gives up."""

    def __init__(self, send: Step) -> None:
        self._send = send

    def __call__(self, call: Call) -> BaseHTTPResponse:
        policy = start_policy(call.client.configuration.retries)
        while True:
            try:
                answer = self._send(call)
            except ApiException as error:
                reason = error.reason or "no answer"
                pause = None
                if isinstance(error, ApiConnectionError) and call.can_be_retried:
                    pause = policy.after_failure(call.request.method, call.deadline.sent, error)
                pause = _within_deadline(pause, call.deadline, policy.longest_pause)
                if pause is None:
                    log.debug(
                        "%s %s: %s, attempt %d",
                        *(call.request.method, call.request.redacted_target, reason, call.attempts),
                    )
                    raise
            else:
                pause = policy.after_answer(call.request.method, answer)
                pause = _within_deadline(pause, call.deadline, policy.longest_pause)
                if pause is None:
                    return answer
                reason = f"status {answer.status}"
                discard(answer, call.deadline)
            request = call.request
            log.info("%s %s: %s; again in %.2f s", request.method, request.redacted_target, reason, pause)
            tell_of_retry(call, pause, reason)
            time.sleep(pause)


def _within_deadline(pause: float | None, deadline: Deadline, longest: float) -> float | None:
    """Return the pause, or None if it would outlast the call, so that the error is raised at once."""
    if pause is None:
        return None
    limit = longest if deadline.expires_at == FOREVER else deadline.remaining()
    return pause if pause < limit else None
