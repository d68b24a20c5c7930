"""The step that reads the body of an answer, and the answer as programs see it."""

from __future__ import annotations

import gzip
import io

import pytest
from steps import Next, answer_of, call_of
from urllib3 import HTTPResponse

from gravscale import ApiResponseError, RESTResponse
from gravscale.pipeline.call import Call
from gravscale.pipeline.response import Read


def read(call: Call, answer: HTTPResponse) -> RESTResponse:
    return Read(Next(answer))(call)


def test_the_body_is_read_and_decompressed_once() -> None:
    body = gzip.compress(b"hello")
    response = read(call_of(), answer_of(body=body, headers={"Content-Encoding": "gzip"}))
    assert (response.data, response.read(), response.read()) == (b"hello", b"hello", b"hello")


def test_a_stream_is_left_unread_with_the_time_of_a_gap_alone() -> None:
    call = call_of(stream=True)
    response = read(call, answer_of(body=b"hello"))
    assert response.data is None
    assert call.deadline.step_seconds() == 10.0
    assert response.response.read() == b"hello"


@pytest.mark.parametrize("length", [None, "6"], ids=["unsaid", "said"])
def test_an_answer_as_large_as_allowed_is_read_and_a_larger_one_refused(length: str | None) -> None:
    headers = None if length is None else {"Content-Length": length}
    assert read(call_of(max_response_size=6), answer_of(body=b"123456", headers=headers)).data == b"123456"
    call, larger = call_of(max_response_size=5), answer_of(body=b"123456", headers=headers)
    with pytest.raises(ApiResponseError, match="a body larger than 5 bytes"):
        read(call, larger)
    assert larger.closed


def test_a_body_that_breaks_off_is_an_answer_that_can_not_be_used() -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise ConnectionResetError("reset by peer")

    answer = HTTPResponse(Broken(), None, 200, preload_content=False)
    with pytest.raises(ApiResponseError, match="an answer that can't be read: reset by peer"):
        read(call_of(), answer)
    assert answer.closed


@pytest.mark.parametrize("headers", [{}, {"Content-Length": "5"}], ids=["length unsaid", "length said"])
def test_an_answer_that_was_made_of_bytes_has_them_for_its_body(headers: dict[str, str]) -> None:
    assert read(call_of(), HTTPResponse(b"hello", headers, preload_content=False)).data == b"hello"


def test_header_fields_are_found_in_any_case() -> None:
    response = RESTResponse(HTTPResponse(io.BytesIO(), {"X-A": "1"}, 200, preload_content=False))
    assert (response.getheader("x-a"), response.getheader("x-b", "2")) == ("1", "2")
    assert (response.headers["x-A"], dict(response.getheaders())) == ("1", {"X-A": "1"})
    assert repr(response) == "<RESTResponse 200>"
