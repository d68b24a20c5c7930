"""For any bytes that come back, a call ends in time, with an answer or with an OpenApiException."""

from __future__ import annotations

import contextlib
import gzip
import json
import pickle
import time
import zlib
from collections.abc import Iterator
from typing import Any

import pytest
from every_operation import EVERY_CALL, Call
from hypothesis import example, given
from hypothesis import strategies as st
from recorder import OK, Recorder, examples

from gravscale import ApiClient, ApiException, Configuration, OpenApiException

SECONDS = 5.0

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters())
    | st.sampled_from(["2026-01-01T00:00:00Z", "01 Jan 2026 10:00 XYZ", "10am CEST", "1e999", "\ud800", "0" * 5000]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["detail", "loc", "msg", "items", "id", "result", "message"]) | st.text(), inner
        )
    ),
    max_leaves=8,
)


@st.composite
def mutated_answers(draw: Any) -> Any:
    """Almost what the service should have answered."""
    body = dict(draw(st.sampled_from(EVERY_CALL)).answer())
    for name in draw(st.lists(st.sampled_from(sorted(body)), max_size=2)):
        body[name] = draw(json_values)
    return body


field_values = st.one_of(
    st.binary(max_size=30),
    st.text(max_size=30).map(lambda text: text.encode()),
    st.integers(-10, 10**30).map(lambda number: str(number).encode()),
    st.sampled_from(
        [
            b"chunked",
            b"gzip",
            b"deflate",
            b"gzip, gzip",
            b"br",
            b"identity",
            b"close",
            b"keep-alive",
            b"/",
            b"//x",
            b"?",
            b"application/json; charset=utf-16",
            b"text/html; charset=nonsense",
            b"Wed, 21 Oct 2099 07:28:00 GMT",
            b"-1",
            b"http://[",
            b"http://u:p@127.0.0.1/",
            b"http://127.0.0.1:99999/",
            b"1e3",
            b"0x10",
            b"1_0",
            b"\xb2",
            b"1,1",
        ]
    ),
)
fields = st.tuples(
    st.sampled_from(
        [
            b"Content-Length",
            b"Transfer-Encoding",
            b"Content-Encoding",
            b"Content-Type",
            b"Location",
            b"Retry-After",
            b"Connection",
            b"Set-Cookie",
            b"X-Request-ID",
            b"Date",
            b"Trailer",
            b"Upgrade",
            b"Via",
        ]
    )
    | st.binary(max_size=10),
    field_values,
)


def in_chunks(body: bytes) -> bytes:
    return b"".join(b"%x\r\n%b\r\n" % (len(body[at : at + 7]), body[at : at + 7]) for at in range(0, len(body), 7))


@st.composite
def answers(draw: Any) -> bytes:
    """Something like an answer, possibly cut off."""
    version = draw(st.sampled_from([b"HTTP/1.1"] * 8 + [b"HTTP/1.0", b"HTTP/2", b"HTTP/0.9", b"http/1.1", b"ICY", b""]))
    status = draw(
        st.sampled_from(
            [200, 200, 200, 201, 202, 204, 206, 301, 303, 304, 307, 308, 400, 401, 404, 407, 422, 429, 500, 503]
        )
        | st.integers(-1, 1100)
    )
    reason = draw(st.sampled_from([b" OK", b"", b" "]) | st.binary(max_size=20))
    body = draw(
        st.one_of(
            st.binary(max_size=200),
            json_values.map(lambda value: json.dumps(value).encode()),
            mutated_answers().map(lambda value: json.dumps(value).encode()),
            mutated_answers().map(
                lambda value: json.dumps(value, ensure_ascii=False).encode("utf-16", "surrogatepass")
            ),
        )
    )
    body = draw(st.sampled_from([lambda data: data, gzip.compress, zlib.compress, in_chunks]))(body)
    extra = draw(st.lists(fields, max_size=4))
    if draw(st.booleans()):
        extra.append((b"Content-Length", str(len(body)).encode()))
    separator = draw(st.sampled_from([b"\r\n"] * 6 + [b"\n", b"\r"]))
    head = separator.join([b"%b %d%b" % (version, status, reason), *(b"%b: %b" % field for field in extra), b"", b""])
    whole = head + body + draw(st.sampled_from([b"", b"0\r\n\r\n", b"0\r\nX: y\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n"]))
    return whole[: draw(st.integers(0, len(whole)))] if draw(st.booleans()) else whole


@pytest.fixture(scope="module")
def client(recorder: Recorder) -> Iterator[ApiClient]:
    configuration = Configuration(host=recorder.url, access_token="hunter2", retries=0, timeout=SECONDS)
    configuration.max_response_size = 100_000
    with ApiClient(configuration) as api_client:
        yield api_client


def check_outcome(recorder: Recorder, client: ApiClient, call: Call, form: str, answer: bytes) -> None:
    recorder.answer = answer
    before = len(recorder.received)
    started = time.monotonic()
    failure: OpenApiException | None = None
    try:
        answered = call(client, call.arguments(), form)
        if form == "_without_preload_content":
            answered.close()
        else:
            repr(answered)
    except OpenApiException as error:
        failure = error
    finally:
        with recorder.answering:
            recorder.answer = OK
    assert time.monotonic() - started < SECONDS + 0.5
    # A redirect to the same origin is followed at most five times.
    assert before < len(recorder.received) <= before + 6
    assert recorder.malformed == []
    if failure is not None:
        assert isinstance(failure, ApiException)
        assert len(str(failure).splitlines()) <= 2
        assert "hunter2" not in f"{failure} {vars(failure)}"
        assert str(pickle.loads(pickle.dumps(failure))) == str(failure)
        assert failure.retry_after is None or failure.retry_after >= 0


every_call = st.sampled_from(EVERY_CALL)
every_form = st.sampled_from(["", "", "_with_http_info", "_without_preload_content"])


@examples(250)
@given(call=every_call, form=every_form, answer=st.binary(max_size=300))
@example(call=EVERY_CALL[0], form="", answer=b"")
@example(call=EVERY_CALL[0], form="", answer=b"HTTP/1.1 200 OK\r\n\r\n" + b"[" * 90_000)
def test_any_bytes_give_an_answer_or_an_error(
    recorder: Recorder, client: ApiClient, call: Call, form: str, answer: bytes
) -> None:
    check_outcome(recorder, client, call, form, answer)


@examples(600)
@given(call=every_call, form=every_form, answer=answers())
def test_any_status_fields_and_truncation_give_an_answer_or_an_error(
    recorder: Recorder, client: ApiClient, call: Call, form: str, answer: bytes
) -> None:
    check_outcome(recorder, client, call, form, answer)


def test_the_client_still_works_after_all_that(recorder: Recorder, client: ApiClient) -> None:
    for answer in (b"", b"\0" * 100, b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}"):
        recorder.answer = answer
        with contextlib.suppress(OpenApiException):
            EVERY_CALL[0](client, {})
    recorder.answer = OK
    assert client.call_api("GET", recorder.url).read() == b"{}"
