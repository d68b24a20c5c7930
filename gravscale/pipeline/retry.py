"""When a call is tried again, and after which pause."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Protocol

from urllib3 import Retry
from urllib3.exceptions import ConnectTimeoutError, HTTPError, ProtocolError

from gravscale.exceptions import ApiTypeError, ApiValueError
from gravscale.support.text import format_number
from gravscale.support.times import parse_retry_after

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse

RETRIES = 2
BACKOFF_SECONDS = 0.5
BACKOFF_MAX_SECONDS = 8.0
# What a call without a deadline of its own waits for at the most when the service says Retry-After.
RETRY_AFTER_MAX_SECONDS = 60.0

_TRANSIENT = frozenset((502, 503, 504))
_SAFE = frozenset(("GET", "HEAD"))


class Retries(Protocol):
    """The retries of one call. Each method gives the seconds to pause before the next attempt, None for no more."""

    def after_failure(self, method: str, sent: bool, failure: Exception) -> float | None:
        """After an attempt without an answer; `sent` says whether the service may have received the request."""
        ...

    def after_answer(self, method: str, answer: BaseHTTPResponse) -> float | None:
        """After an answer."""
        ...


class RetryPolicy:
    """The SDK's own policy.

    Any method is tried again when nothing was sent, and on 429: the service did nothing. GET and HEAD, which change
    nothing (RFC 9110, section 9.2.1), also when the connection failed and on 502, 503, 504. A POST or DELETE that may
    have reached the service is never sent twice, and neither is anything that the service took too long to answer.

    Args:
        total: how many times at most.
    """

    __slots__ = ("_done", "_total")

    def __init__(self, total: int = RETRIES) -> None:
        self._total = total
        self._done = 0

    def after_failure(self, method: str, sent: bool, failure: Exception) -> float | None:
        if sent and (method not in _SAFE or isinstance(failure, TimeoutError)):
            return None
        return self._pause()

    def after_answer(self, method: str, answer: BaseHTTPResponse) -> float | None:
        if answer.status == 429 or (answer.status in _TRANSIENT and method in _SAFE):
            return self._pause(parse_retry_after(answer.headers.get("Retry-After")))
        return None

    def _pause(self, asked: float | None = None) -> float | None:
        if self._done >= self._total:
            return None
        self._done += 1
        # Full jitter: clients that failed together do not come back together.
        ceiling = min(BACKOFF_MAX_SECONDS, BACKOFF_SECONDS * 2 ** (self._done - 1))
        return random.uniform(0, ceiling) if asked is None else asked


class Urllib3Retries:
    """A urllib3.Retry of the user's, asked at each step as urllib3 would ask it."""

    __slots__ = ("_retry",)

    def __init__(self, retry: Retry) -> None:
        self._retry = retry

    def after_failure(self, method: str, sent: bool, failure: Exception) -> float | None:
        # Retry reads from the error's class whether the request had been sent.
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
        return self._retry.get_backoff_time() if after is None else after


def check_retries(retries: object) -> int | Retry | None:
    """Check the `retries` of a Configuration. Raises ApiTypeError or ApiValueError."""
    if retries is None or isinstance(retries, Retry):
        return retries
    if isinstance(retries, bool) or not isinstance(retries, int):
        raise ApiTypeError(f"retries: expected an int, a urllib3.Retry or None, got {type(retries).__name__}")
    if retries < 0:
        raise ApiValueError(f"retries: expected 0 or more, got {format_number(retries)}")
    return retries


def start_retries(retries: int | Retry | None) -> Retries:
    """The retries of a call that begins now."""
    if isinstance(retries, Retry):
        return Urllib3Retries(retries)
    return RetryPolicy(RETRIES if retries is None else retries)
