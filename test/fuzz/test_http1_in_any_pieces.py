"""An answer that is split in any way is read the same, and as Python's own client reads it."""

from __future__ import annotations

import http.client
from io import BytesIO
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from recorder import examples

from gravscale.transport import http1
from gravscale.transport.http1 import AnswerReader, MalformedAnswer, NoAnswer

lines = st.sampled_from(
    [
        *(b"HTTP/1.1 200 OK", b"HTTP/1.0 200", b"HTTP/1.1 100 Continue", b"HTTP/1.1 204 None", b"HTTP/1.1 101 X"),
        *(b"Content-Length: 3", b"content-length: 5", b"Content-Length: -1", b"Transfer-Encoding: chunked"),
        *(b"Connection: close", b"Connection: keep-alive", b"X: y", b" folded", b"", b"", b"3", b"0", b"5;x=y"),
        *(b"abc", b"hello", b"no colon", b"X : y", b"\0", b"\r", b"ffffffffffffffff", b"-1"),
    ]
)


@st.composite
def messages(draw: Any) -> bytes:
    """Something like an answer."""
    end = draw(st.sampled_from([b"\r\n"] * 4 + [b"\n"]))
    start = draw(st.sampled_from([b"HTTP/1.1 200 OK"] * 3 + [b"HTTP/1.1 103 Hints", b"HTTP/1.0 404 No", b"ICY 200"]))
    return end.join([start, *draw(st.lists(lines, max_size=12))]) + draw(st.binary(max_size=8))


def outcome(pieces: list[bytes], method: str) -> tuple[object, ...]:
    """The result of reading the pieces: the head, the body, and how it ends."""
    reader, body, end = AnswerReader(method), b"", "complete"
    try:
        for piece in pieces:
            body += reader.feed(piece)
            while reader.rest:
                rest, reader.rest = reader.rest, b""
                body += reader.feed(rest)
        if not reader.complete:
            reader.feed_eof()
    except NoAnswer:
        end = "none"
    except MalformedAnswer:
        end = "malformed"
    head = reader.head
    parsed = None if head is None else (head.minor, head.status, head.reason, head.fields)
    # If an answer is malformed, its valid start may or may not be returned.
    return (end,) if end == "malformed" else (end, parsed, body, reader.keep_alive)


@examples(1500)
@given(data=st.one_of(messages(), st.binary(max_size=60)), method=st.sampled_from(["GET", "HEAD"]))
@example(data=b"HTTP/1.1 200 OK\nContent-Length: 3\n\r\nabc", method="GET")
@example(data=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\nX", method="GET")
def test_an_answer_split_at_any_position_is_the_same(data: bytes, method: str) -> None:
    whole = outcome([data], method)
    for position in range(len(data) + 1):
        assert outcome([data[:position], data[position:]], method) == whole
    assert outcome([bytes((byte,)) for byte in data], method) == whole


@examples(600)
@given(data=st.lists(messages(), max_size=3).map(b"".join), cuts=st.lists(st.integers(0, 400), max_size=6))
def test_an_answer_in_any_number_of_pieces_is_the_same(data: bytes, cuts: list[int]) -> None:
    places = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    pieces = [data[start:end] for start, end in pairwise(places)]
    assert outcome(pieces, "GET") == outcome([data], "GET")


@examples(600)
@given(data=messages())
def test_limits_are_the_same_wherever_an_answer_is_split(data: bytes) -> None:
    small = {"_MAX_LINE": 24, "_MAX_FIELDS": 3, "_MAX_FIELDS_BYTES": 60, "_MAX_EXTENSION_BYTES": 2}
    with pytest.MonkeyPatch.context() as patch:
        for name, limit in (small | {"MAX_INTERIM_ANSWERS": 1, "_CHUNK_LINE_BYTES": 6}).items():
            patch.setattr(http1, name, limit)
        whole = outcome([data], "GET")
        for position in range(len(data) + 1):
            assert outcome([data[:position], data[position:]], "GET") == whole
        assert outcome([bytes((byte,)) for byte in data], "GET") == whole


field_names = st.sampled_from(["X", "x", "Set-Cookie", "Date", "X-" + "0" * 40, "!#$%&'*+.^_`|~-"])
field_values = st.sampled_from(["", "a", "a: b", "a, b", "a\tb", "\xe9", "close", '"', "x" * 300])


@st.composite
def valid_answers(draw: Any) -> bytes:
    """An answer as RFC 9112 defines it: with a length, in chunks, or up to the end of the connection."""
    lines = [f"HTTP/1.{draw(st.integers(0, 1))} {draw(st.sampled_from([200, 201, 404, 599]))} Some Phrase"]
    lines += [f"{name}: {value}" for name, value in draw(st.lists(st.tuples(field_names, field_values), max_size=4))]
    parts = draw(st.lists(st.binary(min_size=1, max_size=30), max_size=4))
    body = b"".join(parts)
    how = draw(st.sampled_from(["length", "chunks", "end"]))
    if how == "length":
        lines.append(f"Content-Length: {len(body)}")
    elif how == "chunks":
        lines.append("Transfer-Encoding: chunked")
        extension = draw(st.sampled_from([b"", b";x", b' ; x="y"']))
        chunks = [b"%x%b\r\n%b\r\n" % (len(part), extension, part) for part in parts]
        body = b"".join([*chunks, b"0\r\n", draw(st.sampled_from([b"", b"X: y\r\n"])), b"\r\n"])
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode("latin-1") + body


@examples(300)
@given(data=valid_answers())
def test_a_valid_answer_is_read_like_pythons_own_client_does(data: bytes) -> None:
    class Socket:
        def makefile(self, *_: object) -> BytesIO:
            return BytesIO(data)

    other: Any = http.client.HTTPResponse(Socket())  # type: ignore[arg-type]
    other.begin()
    expected = (other.version - 10, other.status, other.reason, other.getheaders())
    _, head, body, keep_alive = outcome([data], "GET")
    assert (head, body, keep_alive) == (expected, other.read(), not other.will_close)
