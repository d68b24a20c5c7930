"""Errors of the network, as the errors that programs catch: which one, what it says, and what it keeps."""

from __future__ import annotations

import gzip
import http.client
import io
import socket
import ssl
import time
from collections.abc import Callable
from typing import Any, NoReturn

import pytest
from steps import answer_of, call_of
from urllib3 import HTTPResponse
from urllib3.exceptions import HTTPError, ProtocolError, ProxyError
from urllib3.util.ssl_match_hostname import CertificateError

from gravscale import ApiConnectionError, ApiException, ApiResponseError, ApiTimeoutError
from gravscale.pipeline.call import Call
from gravscale.pipeline.errors import discard, unusable, with_sdk_errors
from gravscale.transport.http1 import MalformedAnswer, NoAnswer

SECRET = "C0rrect!horse"
PHASE = "waiting for a connection"


def raising(error: BaseException) -> Callable[[], NoReturn]:
    def action() -> NoReturn:
        raise error

    return action


def failure_of(error: Exception, answer: HTTPResponse | None = None, call: Call | None = None) -> ApiException:
    """The error that a program gets for an error of the network."""
    with pytest.raises(ApiException) as caught:
        with_sdk_errors(call or call_of(), raising(error), answer)
    return caught.value


def call_with_secret() -> Call:
    call = call_of()
    call.request.authorize("Authorization", f"Bearer {SECRET}")
    return call


def wrapped(error: Exception) -> HTTPError:
    """An error as urllib3 passes it on."""
    outer = HTTPError("failed")
    outer.__cause__ = ProtocolError("Connection aborted.", error)
    return outer


def with_extra(error: Exception, extra: object) -> Exception:
    error.extra = extra  # type: ignore[attr-defined]
    return error


def test_what_did_not_fail_is_returned() -> None:
    assert with_sdk_errors(call_of(), lambda: 7) == 7


NO_ANSWER: dict[str, tuple[Exception, str]] = {
    "refused": (ConnectionRefusedError(111, "refused"), f"no answer while {PHASE}: [Errno 111] refused"),
    "by urllib3": (wrapped(ConnectionResetError(104, "reset")), f"no answer while {PHASE}: [Errno 104] reset"),
    "by the proxy": (
        ProxyError("Cannot connect.", ConnectionResetError(104, "reset")),
        f"the proxy failed while {PHASE}: [Errno 104] reset",
    ),
    "of a name": (
        wrapped(socket.gaierror(-2, "not known")),
        "no answer while resolving the host's name: [Errno -2] not known",
    ),
    "no byte": (NoAnswer("closed"), f"no answer while {PHASE}: closed"),
    "disconnected": (http.client.RemoteDisconnected("gone"), f"no answer while {PHASE}: gone"),
    "without a word": (ConnectionResetError(), f"no answer while {PHASE}: ConnectionResetError"),
    "of many words": (OSError("x" * 1000), f"no answer while {PHASE}: {'x' * 300}…"),
}


@pytest.mark.parametrize("kind", NO_ANSWER)
def test_without_an_answer_it_is_a_connection_error_that_says_what_was_being_done(kind: str) -> None:
    error, reason = NO_ANSWER[kind]
    call = call_of()
    failure = failure_of(error, call=call)
    assert (type(failure), failure.status, failure.headers) == (ApiConnectionError, None, None)
    assert failure.reason == reason
    assert (failure.method, failure.url) == ("GET", "http://127.0.0.1:1/x")
    assert call.can_be_retried


@pytest.mark.parametrize("error", [NoAnswer("closed"), http.client.RemoteDisconnected("gone")], ids=type)
def test_a_redirect_that_gets_no_answer_is_a_connection_error_too(error: Exception) -> None:
    failure = failure_of(error, answer_of(302, headers={"X-A": "1"}))
    assert type(failure) is ApiConnectionError
    assert failure.headers == {"X-A": "1"}


@pytest.mark.parametrize("answer", [None, answer_of(200, headers={"X-A": "1"})], ids=["no answer", "an answer"])
@pytest.mark.parametrize("error", [TimeoutError("late"), wrapped(TimeoutError("late"))], ids=["Python's", "urllib3's"])
def test_a_timeout_says_how_long_it_took_and_what_was_being_done(error: Exception, answer: HTTPResponse | None) -> None:
    call = call_of()
    call.deadline.phase = "reading the body"
    call.deadline.started -= 1.5
    failure = failure_of(error, answer, call)
    assert (type(failure), failure.status) == (ApiTimeoutError, None)
    assert failure.reason == "timed out after 1.5 s while reading the body"
    assert (failure.headers is None) == (answer is None)


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (MalformedAnswer("a malformed header"), "a malformed header"),
        (wrapped(MalformedAnswer("a malformed header")), "a malformed header"),
        (http.client.IncompleteRead(b"half"), "IncompleteRead(4 bytes read)"),
    ],
    ids=["malformed", "urllib3's", "Python's"],
)
def test_an_answer_that_can_not_be_read_is_a_response_error(error: Exception, message: str) -> None:
    for answer, status in ((None, None), (answer_of(201), 201)):
        failure = failure_of(error, answer)
        assert (type(failure), failure.status) == (ApiResponseError, status)
        assert failure.reason == f"an answer that can't be read: {message}"
        # Python's error holds a part of the body.
        assert failure.__cause__ is None


def test_a_connection_that_breaks_within_an_answer_is_a_response_error() -> None:
    failure = failure_of(ConnectionResetError(104, "reset"), answer_of(201, headers={"X-A": "1"}))
    assert (type(failure), failure.status) == (ApiResponseError, 201)
    assert failure.reason == "an answer that can't be read: [Errno 104] reset"
    assert failure.headers is not None
    assert failure.headers["X-A"] == "1"


def test_the_reason_for_refusing_an_answer_is_kept() -> None:
    for answer, status, headers in ((None, 299, None), (answer_of(201, headers={"X-A": "1"}), 201, {"X-A": "1"})):
        failure = failure_of(ApiResponseError(299, f"larger, {SECRET}"), answer, call_with_secret())
        assert failure.headers == headers
        assert (type(failure), failure.status, failure.reason) == (ApiResponseError, status, "larger, ***")
        assert failure.method == "GET"
    assert failure_of(ApiResponseError(299)).reason == ""


@pytest.mark.parametrize(
    ("error", "can_be_retried"),
    [
        (ssl.SSLError(1, "unknown protocol"), False),
        (CertificateError("another host"), False),
        (ssl.SSLEOFError(8, "broken off"), True),
        (ConnectionResetError(104, "reset"), True),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_refused_certificate_is_not_tried_again(error: Exception, can_be_retried: bool) -> None:
    call = call_of()
    failure_of(wrapped(error), call=call)
    assert call.can_be_retried == can_be_retried


def test_the_innermost_error_is_the_cause_without_its_frames() -> None:
    root = ConnectionResetError(104, "reset")
    try:
        raise root
    except ConnectionResetError:
        root.__context__ = RuntimeError(SECRET)
    failure = failure_of(wrapped(root))
    assert failure.__cause__ is root
    assert (root.__traceback__, root.__cause__, root.__context__) == (None, None, None)
    assert failure.__context__ is None


@pytest.mark.parametrize(
    ("error", "is_kept"),
    [
        (OSError(5, "no such device"), True),
        (with_extra(OSError("a"), None), True),
        (OSError(b"a piece of the answer"), False),
        (with_extra(OSError("a"), b"a piece of the answer"), False),
        (OSError(f"Bearer {SECRET}"), False),
        (with_extra(OSError("a"), SECRET), False),
        (http.client.BadStatusLine("SSH"), True),
        (http.client.BadStatusLine(SECRET), False),
        (MalformedAnswer("a"), False),
    ],
    ids=repr,
)
def test_a_cause_is_kept_only_if_it_holds_nothing_secret(error: Exception, is_kept: bool) -> None:
    failure = failure_of(error, call=call_with_secret())
    assert failure.__cause__ is (error if is_kept else None)
    assert SECRET not in str(failure)


@pytest.mark.parametrize("error", [OSError("a"), KeyboardInterrupt(), RuntimeError("own")], ids=repr)
def test_after_any_error_the_answer_is_closed(error: BaseException) -> None:
    answer = answer_of()
    with pytest.raises(ApiResponseError if isinstance(error, OSError) else type(error)):
        with_sdk_errors(call_of(), raising(error), answer)
    assert answer.closed
    if not isinstance(error, OSError):
        # It is the program's own, and passes through without an answer too.
        with pytest.raises(type(error)):
            with_sdk_errors(call_of(), raising(error))


def test_an_unusable_answer_is_closed_and_its_reason_is_cut_after_it_was_redacted() -> None:
    answer = answer_of(201, headers={"X-A": SECRET, "X-B": "1"})
    failure = unusable(call_with_secret(), answer, f"{'x' * 190} {SECRET} {'y' * 190}")
    assert answer.closed
    assert (failure.status, failure.reason) == (201, f"{'x' * 190} *** yyyyy…")
    assert (failure.method, failure.url) == ("GET", "http://127.0.0.1:1/x")
    assert failure.headers is not None
    assert dict(failure.headers) == {"X-A": "***", "X-B": "1"}


class Body(io.BytesIO):
    """A body that tells how much of it was read, and may break off."""

    def __init__(self, content: bytes, error: Exception | None = None) -> None:
        super().__init__(content)
        self._error = error

    def read(self, size: int | None = -1, /) -> bytes:
        if self._error is not None:
            raise self._error
        return super().read(size)


def unread(body: bytes, error: Exception | None = None, **headers: str) -> HTTPResponse:
    return HTTPResponse(Body(body, error), headers, 503, preload_content=False)


def test_the_rest_of_a_short_answer_is_read_so_that_its_connection_can_be_used_again() -> None:
    call = call_of()
    answers = [unread(b"x" * 65535), unread(gzip.compress(bytes(10**6)), **{"Content-Encoding": "gzip"})]
    for answer in answers:
        discard(answer, call.deadline)
        assert not answer.closed
        assert answer.read() == b""


@pytest.mark.parametrize("error", [OSError("reset"), MalformedAnswer("a"), http.client.IncompleteRead(b"")], ids=repr)
def test_an_unused_answer_that_is_long_or_broken_is_closed(error: Exception) -> None:
    for answer in (unread(b"x" * 65536), unread(b"", error)):
        discard(answer, call_of().deadline)
        assert answer.closed


def test_the_rest_of_an_answer_is_awaited_for_a_moment_only() -> None:
    deadline: Any = call_of().deadline
    discard(unread(b""), deadline)
    assert 0 < deadline.until - time.monotonic() <= 0.05
    deadline.until = ended = time.monotonic() - 1
    discard(unread(b""), deadline)
    assert deadline.until == ended
