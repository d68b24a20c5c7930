"""The way of a call, put together: each step in its order."""

from __future__ import annotations

import urllib3
from steps import answer_of, call_of

from gravscale import Deadline, Request
from gravscale.pipeline import compose
from gravscale.schema.operation import Operation


def test_a_call_is_authenticated_retried_redirected_and_read_in_this_order() -> None:
    told: list[str] = []
    results = [
        answer_of(302, headers={"Location": "/y"}),
        answer_of(503),
        answer_of(503),
        answer_of(302, headers={"Location": "/z"}),
        answer_of(503, b"busy"),
    ]

    class Transport:
        def send(self, request: Request, deadline: Deadline) -> urllib3.BaseHTTPResponse:
            told.append(f"{request.target} {request.headers.get('Authorization')}")
            return results.pop(0)

        def close(self) -> None: ...

    hooks = {"request": [lambda event: told.append(f"attempt {event.attempt}")]}
    operation = Operation[bytes]("info", "GET", "/x", security=("HTTPBearer",))
    call = call_of(operation=operation, access_token="a", event_hooks=hooks)
    response = compose(Transport())(call)
    # The number of retries is that of the call, not of each place.
    assert (response.status, response.data) == (503, b"busy")
    # What was redirected is tried again where it was found, not where the call began.
    targets = ("/x", "/y", "/y", "/y", "/z")
    assert told == [
        each for index, target in enumerate(targets, 1) for each in (f"attempt {index}", f"{target} Bearer a")
    ]
