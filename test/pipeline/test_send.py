"""The step that makes one attempt: what it counts, and what becomes of the transport's errors."""

from __future__ import annotations

import http.client
import socket
import ssl
from typing import Any

import pytest
import urllib3
from steps import answer_of, call_of
from urllib3.exceptions import NewConnectionError, ProtocolError

from gravscale import ApiConnectionError, ApiException, ApiResponseError, ApiTimeoutError, Deadline, Request
from gravscale.pipeline.send import Send
from gravscale.transport.http1 import MalformedAnswer, NoAnswer


class Transport:
    """A transport that gives an answer or raises an error."""

    def __init__(self, result: Any) -> None:
        self._result = result
        self.sent = 0
        self.began_anew = True

    def send(self, request: Request, deadline: Deadline) -> urllib3.BaseHTTPResponse:
        self.sent += 1
        self.began_anew = self.began_anew and not deadline.sent
        deadline.begin_sending()
        if isinstance(self._result, BaseException):
            raise self._result
        result: urllib3.BaseHTTPResponse = self._result
        return result

    def close(self) -> None: ...


def test_each_attempt_is_counted_and_begins_anew() -> None:
    answer, call = answer_of(), call_of()
    transport = Transport(answer)
    for attempt in (1, 2):
        assert Send(transport)(call) is answer
        assert (call.attempts, call.deadline.sent) == (attempt, True)
    assert transport.began_anew


def test_nothing_is_sent_once_the_time_is_over() -> None:
    transport, call = Transport(answer_of()), call_of()
    call.deadline.expires_at = 0.0
    with pytest.raises(ApiTimeoutError, match="waiting for a connection"):
        Send(transport)(call)
    assert transport.sent == 0


@pytest.mark.parametrize(
    ("error", "kind", "can_be_retried"),
    [
        (ConnectionRefusedError("refused"), ApiConnectionError, True),
        (NewConnectionError(urllib3.connection.HTTPConnection("h"), "failed"), ApiConnectionError, True),
        (ProtocolError("broken", http.client.RemoteDisconnected("gone")), ApiConnectionError, True),
        (NoAnswer("closed"), ApiConnectionError, True),
        (socket.gaierror(-2, "Name or service not known"), ApiConnectionError, True),
        (TimeoutError("slow"), ApiTimeoutError, True),
        (ssl.SSLCertVerificationError("self-signed"), ApiConnectionError, False),
        (ssl.SSLEOFError("broke off"), ApiConnectionError, True),
        (MalformedAnswer("no status line"), ApiResponseError, True),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_what_the_network_raises_becomes_an_error_of_the_sdk(
    error: Exception, kind: type[ApiException], can_be_retried: bool
) -> None:
    call = call_of()
    with pytest.raises(ApiException) as raised:
        Send(Transport(error))(call)
    assert type(raised.value) is kind
    assert (raised.value.method, raised.value.url) == ("GET", "http://127.0.0.1:1/x")
    assert call.can_be_retried == can_be_retried


@pytest.mark.parametrize("error", [KeyboardInterrupt(), ZeroDivisionError(), SystemExit()], ids=repr)
def test_what_is_not_the_networks_passes_through(error: BaseException) -> None:
    with pytest.raises(type(error)) as raised:
        Send(Transport(error))(call_of())
    assert raised.value is error
