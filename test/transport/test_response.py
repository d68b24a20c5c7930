"""The answers that the transport returns: to a program, they are like those of urllib3."""

from __future__ import annotations

import copy
import gzip
import io
import operator
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from urllib3 import HTTPHeaderDict, HTTPResponse
from urllib3.exceptions import ProtocolError

from gravscale.transport.http1 import AnswerReader, Head
from gravscale.transport.response import BodyStream, Fields, ReadAnswer

JSON = b'{"a": [1, 2, 3]}'
FIELDS = [("Content-Type", "application/json"), ("X-Many", "1"), ("x-many", "2")]
BODIES = {"plain": (JSON, FIELDS), "gzip": (gzip.compress(JSON), [*FIELDS, ("Content-Encoding", "gzip")])}


def ours(body: bytes, fields: list[tuple[str, str]], minor: int = 1) -> ReadAnswer:
    return ReadAnswer(Head(minor, 203, "Fine", fields), body, "/x?y")


def of_urllib3(body: bytes, fields: list[tuple[str, str]], minor: int = 1) -> HTTPResponse:
    return HTTPResponse(
        io.BytesIO(body),
        HTTPHeaderDict([*fields, ("Content-Length", str(len(body)))]),
        203,
        version=10 + minor,
        version_string=f"HTTP/1.{minor}",
        reason="Fine",
        preload_content=False,
        decode_content=True,
        request_url="/x?y",
    )


WAYS_TO_READ: dict[str, Callable[[Any], Any]] = {
    "data": lambda answer: [answer.data, answer.data],
    "json": lambda answer: answer.json(),
    "all": lambda answer: [answer.read(), answer.read()],
    "all, as it was sent": lambda answer: [answer.read(decode_content=False), answer.read(decode_content=False)],
    "a part and the rest": lambda answer: [answer.read(3), answer.read(2), answer.read(), answer.read()],
    "a part and the rest, as they were sent": lambda answer: [
        answer.read(3, decode_content=False),
        answer.read(decode_content=False),
    ],
    "read1": lambda answer: b"".join(iter(answer.read1, b"")),
    "read1, as it was sent": lambda answer: [
        answer.read1(3, False),
        b"".join(iter(lambda: answer.read1(3, False), b"")),
    ],
    "a stream": lambda answer: list(answer.stream()),
    "a stream of parts": lambda answer: list(answer.stream(3)),
    "a stream, as it was sent": lambda answer: list(answer.stream(decode_content=False)),
    "a stream of parts, as they were sent": lambda answer: list(answer.stream(3, decode_content=False)),
    "the remaining length": lambda answer: [answer.length_remaining, answer.read() and answer.length_remaining],
}


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("way", WAYS_TO_READ)
def test_the_body_is_read_in_each_way_that_urllib3_has(way: str, body: str) -> None:
    expected = WAYS_TO_READ[way](of_urllib3(*BODIES[body]))
    assert WAYS_TO_READ[way](ours(*BODIES[body])) == expected


def test_a_long_body_is_streamed_in_parts_as_long_as_those_of_urllib3() -> None:
    body = bytes(200_000)
    expected = [len(part) for part in of_urllib3(body, []).stream()]
    assert [len(part) for part in ours(body, []).stream()] == expected


@pytest.mark.parametrize("size", [None, 3])
@pytest.mark.parametrize("decode_content", [None, True, False])
def test_the_body_is_read_as_chunks_however_it_was_sent(size: int | None, decode_content: bool | None) -> None:
    compressed, fields = BODIES["gzip"]
    parts = list(ours(compressed, fields).read_chunked(size, decode_content))
    assert b"".join(parts) == (compressed if decode_content is False else JSON)
    assert max(map(len, parts)) == (size or len(parts[0]))


@pytest.mark.parametrize("minor", [0, 1])
def test_the_facts_of_an_answer_are_where_urllib3_has_them(minor: int) -> None:
    answer, expected = ours(JSON, FIELDS, minor), of_urllib3(JSON, FIELDS, minor)
    for name in ("status", "reason", "version", "version_string", "url", "retries", "chunked", "connection"):
        assert getattr(answer, name) == getattr(expected, name)


def test_a_body_that_could_not_be_read_raises_the_reason_each_time() -> None:
    failure = ConnectionResetError("reset by peer")
    answer = ReadAnswer(Head(1, 200, "OK", []), b"", "/x", failure)
    for read in (answer.read, answer.read, lambda: answer.data):
        with pytest.raises(ConnectionResetError) as caught:
            read()
        assert caught.value is failure


USES_OF_FIELDS: dict[str, Callable[[Any], Any]] = {
    "get": lambda fields: [fields.get("x-MANY"), fields.get("X-None"), fields.get("X-None", "?")],
    "get, after another use": lambda fields: [len(fields), fields.get("x-MANY"), fields.get("x"), fields.get("x", "?")],
    "getlist": lambda fields: fields.getlist("x-many"),
    "item": lambda fields: fields["CONTENT-TYPE"],
    "in": lambda fields: ["x-many" in fields, "x" in fields],
    "items": lambda fields: list(fields.items()),
    "dict": lambda fields: dict(fields),
    "copy": lambda fields: [list(fields.copy().items()), fields.copy().get("x-many")],
    "add": lambda fields: [fields.add("X-New", "3"), fields.get("x-new")],
    "set": lambda fields: [fields.update({"X-Many": "3"}), fields.get("x-many")],
    "equality": lambda fields: [fields == HTTPHeaderDict(FIELDS), fields == dict(FIELDS), fields != dict(FIELDS)],
    "union": lambda fields: list((fields | {"X-New": "3"}).items()),
    "union in place": lambda fields: list(operator.ior(fields, {"X-New": "3"}).items()),
    "union from the right": lambda fields: list(({"X-New": "3"} | fields).items()),
    "pickle": lambda fields: list(pickle.loads(pickle.dumps(fields)).items()),
    "copy.copy": lambda fields: list(copy.copy(fields).items()),
    "copy.deepcopy": lambda fields: list(copy.deepcopy(fields).items()),
    "text": lambda fields: repr(fields).partition("(")[2],
}


@pytest.mark.parametrize("use", USES_OF_FIELDS)
def test_headers_are_used_in_each_way_that_urllib3_has(use: str) -> None:
    expected = USES_OF_FIELDS[use](HTTPHeaderDict(FIELDS))
    assert USES_OF_FIELDS[use](Fields(Head(1, 200, "OK", FIELDS))) == expected


@pytest.mark.parametrize("name", ["other", "__other__"])
def test_headers_have_no_other_attributes(name: str) -> None:
    fields = Fields(Head(1, 200, "OK", FIELDS))
    for _ in range(2):
        with pytest.raises(AttributeError, match=f"^{name}$"):
            getattr(fields, name)


class Sent:
    """An answer that arrives in these pieces, the first of which holds all of the head."""

    def __init__(self, *pieces: bytes) -> None:
        first, *self.later = pieces
        self.reader = AnswerReader("GET")
        self.reader.feed(first)
        self.finished: list[bool] = []
        self.stream = BodyStream(self.reader, self._read_more, self.finished.append)

    def _read_more(self, reader: AnswerReader) -> bytes:
        if self.later:
            return reader.feed(self.later.pop(0))
        reader.feed_eof()
        return b""


LENGTH = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
NO_LENGTH = b"HTTP/1.1 200 OK\r\n\r\n"


@pytest.mark.parametrize(
    ("pieces", "can_serve_again"),
    [
        ([LENGTH + b"hello"], True),
        ([LENGTH, b"he", b"llo"], True),
        ([LENGTH + b"he", b"llo"], True),
        ([LENGTH, b"hello, and more"], False),
        ([CHUNKED, b"2\r\nhe\r\n", b"3\r\nllo\r\n0\r\n\r\n"], True),
        ([CHUNKED, b"2", b"\r\nhe\r\n", b"3\r\nllo\r\n", b"0\r\n\r\n"], True),
        ([NO_LENGTH, b"hel", b"lo"], False),
    ],
)
def test_a_streamed_body_is_read_to_its_end_and_frees_the_connection_once(
    pieces: list[bytes], can_serve_again: bool
) -> None:
    sent = Sent(*pieces)
    assert sent.stream.readable()
    assert sent.finished == []
    assert sent.stream.read(1) == b"h"
    assert sent.stream.readall() == b"ello"
    assert sent.finished == [can_serve_again]
    sent.stream.close()
    assert sent.finished == [can_serve_again]


@pytest.mark.parametrize(("more", "can_serve_again"), [(b"", True), (b"HTTP/1.1 200 OK\r\n\r\n", False)])
def test_an_answer_without_a_body_frees_the_connection_at_once(more: bytes, can_serve_again: bool) -> None:
    sent = Sent(b"HTTP/1.1 204 No Content\r\n\r\n" + more)
    assert sent.finished == [can_serve_again]
    assert sent.stream.readall() == b""


def test_a_part_of_the_body_is_given_as_soon_as_it_has_arrived() -> None:
    sent = Sent(LENGTH, b"he", b"llo")
    buffer = bytearray(100)
    assert (sent.stream.readinto(buffer), bytes(buffer[:2])) == (2, b"he")
    assert sent.later == [b"llo"]


def test_a_stream_that_is_closed_early_gives_its_connection_up() -> None:
    sent = Sent(LENGTH, b"he", b"llo")
    sent.stream.read(1)
    sent.stream.close()
    assert sent.stream.closed
    assert sent.finished == [False]


def test_a_stream_is_closed_even_if_its_connection_can_not_be() -> None:
    def fail(_: bool) -> None:
        raise ConnectionAbortedError

    reader = AnswerReader("GET")
    reader.feed(LENGTH)
    stream = BodyStream(reader, lambda _: b"", fail)
    with pytest.raises(ConnectionAbortedError):
        stream.close()
    assert stream.closed


@pytest.mark.parametrize(
    ("pieces", "message"),
    [
        ([CHUNKED, b"2\r\nhe\r\nx\r\n"], "a malformed chunk size"),
        ([CHUNKED + b"2\r\nhex"], "a chunk that is longer than it says"),
        ([LENGTH, b"he"], "the body ends 3 bytes too early"),
    ],
)
def test_a_stream_that_breaks_is_an_error_of_urllib3_and_gives_its_connection_up(
    pieces: list[bytes], message: str
) -> None:
    sent = Sent(*pieces)
    with pytest.raises(ProtocolError, match=f"^{message}$") as caught:
        sent.stream.readall()
    assert caught.value.__cause__ is None
    assert sent.stream.closed
    assert sent.finished == [False]
