"""What the tests of single steps share: calls, answers, and a next step that gives one after the other."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from urllib3 import BaseHTTPResponse, HTTPResponse

from gravscale import ApiClient, Configuration
from gravscale.pipeline.call import Call
from gravscale.schema.operation import Operation
from gravscale.transport import Deadline, Request
from gravscale.transport.deadline import Timeouts

ORIGIN = "http://127.0.0.1:1"


def call_of(
    method: str = "GET",
    *,
    target: str = "/x",
    body: bytes | None = None,
    operation: Operation[Any] | None = None,
    auth: Any = None,
    stream: bool = False,
    timeout: float | None = 10.0,
    **settings: Any,
) -> Call:
    """A call under way, of a client with these settings. Nothing listens where it would go."""
    client = ApiClient(Configuration(ORIGIN, **settings))
    limit = client.configuration.max_response_size
    fields = {"Accept": "application/json"}
    request = Request(method, ORIGIN, target, fields, body, stream=stream, max_response_size=limit)
    return Call(client, request, Deadline(Timeouts.parse(timeout, "timeout")), operation, auth)


def answer_of(status: int = 200, body: bytes = b"{}", headers: Mapping[str, str] | None = None) -> HTTPResponse:
    """An answer that is yet to be read."""
    return HTTPResponse(io.BytesIO(body), headers, status, preload_content=False)


class Next:
    """The step after the one that is tested.

    Args:
        *results: what it gives, one after the other: answers to return and errors to raise.

    Attributes:
        requests: method, target, header fields and body of the requests that came this far.
    """

    def __init__(self, *results: BaseHTTPResponse | Exception) -> None:
        self._results = list(results)
        self.requests: list[tuple[str, str, dict[str, str], bytes | None]] = []

    def __call__(self, call: Call) -> BaseHTTPResponse:
        request = call.request
        self.requests.append((request.method, request.target, dict(request.headers), request.body))
        call.attempts += 1
        result = self._results.pop(0)
        if isinstance(result, Exception):
            raise result
        return result

    @property
    def tokens(self) -> list[str | None]:
        """The Authorization fields of the requests."""
        return [headers.get("Authorization") for _, _, headers, _ in self.requests]
