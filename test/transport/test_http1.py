"""HTTP/1.1 without a socket: which answers are valid, and where they end."""

from __future__ import annotations

import gc
import http.client
import time
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest

from gravscale import ApiValueError
from gravscale.transport import http1
from gravscale.transport.http1 import AnswerReader, MalformedAnswer, NoAnswer, request_head


def read(data: bytes, method: str = "GET", *, eof: bool = False) -> tuple[AnswerReader, bytes]:
    """Read an answer that arrives in one piece."""
    reader = AnswerReader(method)
    reader.feed(data)
    rest, reader.rest = reader.rest, b""
    body = reader.feed(rest) if reader.head else b""
    if eof:
        reader.feed_eof()
    return reader, body


def answer(*fields: str, status: str = "HTTP/1.1 200 OK", body: bytes = b"") -> bytes:
    return "".join(f"{line}\r\n" for line in (status, *fields, "")).encode("latin-1") + body


CHUNKED = "Transfer-Encoding: chunked"


@pytest.fixture(autouse=True)
def known_names(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The names of header fields that were seen, in this test alone."""
    names: set[str] = set()
    monkeypatch.setattr(http1, "_known_names", names)
    return names


def test_no_server_can_fill_the_memory_with_names(known_names: set[str]) -> None:
    read(answer("X" * 41 + ": 1"))
    assert not known_names
    read(answer("X" * 40 + ": 1"))
    assert known_names == {"X" * 40}
    for number in range(1001):
        read(answer(f"X{number}: 1"))
    assert len(known_names) == 1000


def test_a_request_is_written_field_by_field() -> None:
    head = request_head("GET", "/a?b=c", {"Host": "h", "X": "\xe9\xff"}.items(), None)
    assert head == b"GET /a?b=c HTTP/1.1\r\nHost: h\r\nX: \xe9\xff\r\n\r\n"


@pytest.mark.parametrize(
    ("method", "length", "sent_length"),
    [("GET", None, None), ("DELETE", None, None), ("DELETE", 3, b"3"), ("POST", None, b"0"), ("PUT", 0, b"0")],
)
def test_content_length_is_sent_if_a_body_is_expected(method: str, length: Any, sent_length: Any) -> None:
    head = request_head(method, "/", [], length)
    assert head.partition(b"Content-Length: ")[2].strip() == (sent_length or b"")


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("a\r\nb", "a line break"),
        ("a\n", "a line break"),
        ("\rb", "a line break"),
        ("\u0100", "a character outside latin-1"),
    ],
)
def test_an_invalid_head_is_refused_without_quoting_it(value: str, reason: str) -> None:
    with pytest.raises(ApiValueError, match=f"^headers: a header contains {reason}$") as caught:
        request_head("GET", "/", [("X", f"secret{value}")], None)
    assert caught.value.__context__ is None


def test_before_an_answer_nothing_of_it_is_known() -> None:
    reader = AnswerReader("GET")
    assert (reader.head, reader.rest, reader.complete, reader.length_remaining) == (None, b"", False, None)
    assert reader.keep_alive is True


def test_the_head_of_an_answer_is_read() -> None:
    fields = ("A: 1", "b:\t2 ", "A: 3", "C:", "D: e:f")
    reader, _ = read(answer(*fields, status="HTTP/1.0 404 Not  Found\xa0 "), eof=True)
    head = reader.head
    assert head is not None
    assert (head.minor, head.status, head.reason) == (0, 404, "Not  Found\xa0")
    assert head.fields == [("A", "1"), ("b", "2"), ("A", "3"), ("C", ""), ("D", "e:f")]


@pytest.mark.parametrize("end", ["\r\n", "\n"])
def test_lines_may_end_without_a_carriage_return(end: str) -> None:
    text = end.join(["HTTP/1.1 200 OK", "Content-Length: 2", "", "{}"])
    assert read(text.encode())[1] == b"{}"


def test_a_folded_value_is_one_value() -> None:
    reader, _ = read(answer("A: 1", " 2", "\t\xa03 ", "Content-Length: 0"))
    assert reader.head is not None
    assert reader.head.fields[0] == ("A", "1 2 \xa03")


BODIES = {
    "a length": (answer("Content-Length: 5", body=b"hello"), b"hello", True),
    "a length of one": (answer("Content-Length: 1", body=b"x"), b"x", True),
    "a length given twice": (answer("Content-Length: 5, 5", "content-length: 5", body=b"hello"), b"hello", True),
    "empty lines": (answer("Content-Length: 4", body=b"\n\n\r\n"), b"\n\n\r\n", True),
    "empty lines after bare line feeds": (b"HTTP/1.1 200 OK\nContent-Length: 4\n\n\r\n\n\n", b"\r\n\n\n", True),
    "an empty line after bare line feeds": (b"HTTP/1.1 200 OK\nContent-Length: 4\n\na\n\nb", b"a\n\nb", True),
    "no length": (answer(body=b"hello"), b"hello", False),
    "chunks": (answer(CHUNKED, body=b"2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\n\r\n"), b"hello", True),
    "a size in hexadecimal": (answer(CHUNKED, body=b"1F\r\n" + b"x" * 31 + b"\r\n0\r\n\r\n"), b"x" * 31, True),
    "chunks and trailers": (answer(CHUNKED, body=b"5\r\nhello\r\n00\r\nA: 1\r\nB: 2\r\n\r\n"), b"hello", True),
    "chunks after bare line feeds": (answer(CHUNKED, body=b"5\nhello\r\n0\n\n"), b"hello", True),
    "no body of 204": (answer(CHUNKED, status="HTTP/1.1 204 No Content"), b"", True),
    "no body of 304": (answer("Content-Length: 5", status="HTTP/1.1 304 Not Modified"), b"", True),
    "a connection that closes": (answer("Content-Length: 0", "Connection: x, Close"), b"", False),
    "a connection that closes, among other options": (answer("Content-Length: 0", "Connection: x,close,y"), b"", False),
    "an option with a space that is none": (answer("Content-Length: 0", "Connection: close\xa0"), b"", True),
    "HTTP/1.0": (answer("Content-Length: 0", status="HTTP/1.0 200 OK"), b"", False),
    "an option that is not close": (answer("Content-Length: 0", "Connection: x-close, closed"), b"", True),
    "HTTP/1.0 that closes after all": (
        answer("Content-Length: 0", "Connection: keep-alive", "Connection: close", status="HTTP/1.0 200 OK"),
        b"",
        False,
    ),
    "HTTP/1.0 of another option": (
        answer("Content-Length: 0", "Connection: no-keep-alive", status="HTTP/1.0 200 OK"),
        b"",
        False,
    ),
    "HTTP/1.0 kept alive": (answer("Content-Length: 0", "Connection: keep-alive", status="HTTP/1.0 200 OK"), b"", True),
    "chunks in HTTP/1.0": (
        answer(CHUNKED, "Connection: keep-alive", status="HTTP/1.0 200 OK", body=b"0\r\n\r\n"),
        b"",
        False,
    ),
    "more than the answer": (answer("Content-Length: 2", body=b"heHTTP/1.1 200 OK\r\n"), b"he", False),
    "more than the chunks": (answer(CHUNKED, body=b"0\r\n\r\nx\n\n"), b"", False),
}


@pytest.mark.parametrize("kind", BODIES)
def test_an_answer_ends_where_rfc_9112_says(kind: str) -> None:
    data, expected, keep_alive = BODIES[kind]
    reader, body = read(data)
    if not reader.complete:
        reader.feed_eof()
    assert (body, reader.complete, reader.keep_alive) == (expected, True, keep_alive)


@pytest.mark.parametrize(
    ("method", "head"),
    [
        ("HEAD", answer("Content-Length: 5")),
        ("GET", answer("Content-Length: 0")),
        ("GET", answer(CHUNKED, status="HTTP/1.1 204 No Content")),
    ],
)
def test_an_answer_without_a_body_ends_with_its_head(method: str, head: bytes) -> None:
    reader = AnswerReader(method)
    reader.feed(head)
    assert (reader.complete, reader.length_remaining, reader.keep_alive) == (True, 0, True)


def test_interim_answers_are_skipped() -> None:
    interim = answer(status="HTTP/1.1 100 Continue") + answer("Link: x", status="HTTP/1.1 103 Early Hints")
    reader, body = read(interim + answer("Content-Length: 2", body=b"{}"))
    assert reader.head is not None
    assert (reader.head.status, body) == (200, b"{}")


def test_the_remaining_length_is_known() -> None:
    reader, _ = read(answer("Content-Length: 5", body=b"he"))
    assert (reader.length_remaining, reader.complete) == (3, False)
    assert reader.feed(b"llo") == b"llo"
    assert (reader.length_remaining, reader.complete) == (0, True)


@pytest.mark.parametrize(
    "before", [answer("Content-Length: 2000", body=b"x" * 500), answer(CHUNKED, body=b"7D0\r\n" + b"x" * 500), answer()]
)
def test_a_piece_of_a_body_is_not_copied(before: bytes) -> None:
    piece = b"y" * 1000
    assert read(before)[0].feed(piece) is piece


# What is not an answer, and what the user reads about it.
MALFORMED: dict[str, tuple[bytes, str]] = {
    "SSH-2.0-OpenSSH": (b"SSH-2.0-OpenSSH_9.6\r\n", "SSH-2.0-OpenSSH_9.6"),
    "a protocol without lines": (b"SSH-2.0-x", "SSH-2.0-x"),
    "a protocol without lines, after an interim answer": (
        answer(status="HTTP/1.1 100 Continue") + b"SSH-2.0-x",
        "SSH-2.0-x",
    ),
    "a malformed status, and no end yet": (b"HTTP/1.1 20 OK\r\nA: 1\r\n", "HTTP/1.1 20 OK"),
    "HTTP/2.0": (b"HTTP/2.0 200 OK\r\n\r\n", "HTTP/2.0 200 OK"),
    "a version in lower case": (b"http/1.1 200 ok\r\n\r\n", "http/1.1 200 ok"),
    "a status of two digits": (b"HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 20 OK"),
    "a status below 100": (b"HTTP/1.1 099 OK\r\n\r\n", "HTTP/1.1 099 OK"),
    "a switch of protocols": (
        answer(status="HTTP/1.1 101 Switching Protocols"),
        "it switches protocols, which was not requested",
    ),
    "a field without a colon": (answer("no colon"), "malformed header fields"),
    "a space before the colon": (answer("A : 1"), "malformed header fields"),
    "an empty name": (answer(": 1"), "malformed header fields"),
    "a fold before the first field": (answer(" A: 1"), "malformed header fields"),
    "a null": (answer("A: \0"), "malformed header fields"),
    "a lone carriage return": (answer("A: 1\rB: 2"), "malformed header fields"),
    "101 fields": (answer(*(f"X{n}: 1" for n in range(101))), "more than 100 headers"),
    "an endless field": (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000, "an endless header field"),
    "an endless status line": (b"HTTP/1.1 200 " + b"x" * 70_000, "an endless header field"),
    "large fields": (answer(*(f"X{n}: {'x' * 60_000}" for n in range(5))), "header fields of more than 262144 bytes"),
    "endless interim answers": (answer(status="HTTP/1.1 100 Continue") * 101, "more than 100 interim answers"),
    "a negative length": (answer("Content-Length: -1"), "a malformed Content-Length"),
    "a length and a space that is none": (answer("Content-Length: \xa01"), "a malformed Content-Length"),
    "an empty length": (answer("Content-Length: "), "a malformed Content-Length"),
    "other digits": (answer("Content-Length: \xb2"), "a malformed Content-Length"),
    "an absurd length": (answer("Content-Length: " + "9" * 19), "a malformed Content-Length"),
    "two lengths": (answer("Content-Length: 1", "Content-Length: 2"), "a malformed Content-Length"),
    "a length and chunks": (answer("Content-Length: 1", CHUNKED), "contradictory Transfer-Encoding and Content-Length"),
    "another coding": (answer("Transfer-Encoding: gzip, chunked"), "a Transfer-Encoding other than chunked"),
    "chunked twice": (answer(CHUNKED, CHUNKED), "a Transfer-Encoding other than chunked"),
    "a chunk of an empty line": (answer(CHUNKED, body=b"\n"), "a malformed chunk size"),
    "a chunk of no size": (answer(CHUNKED, body=b"\r\n"), "a malformed chunk size"),
    "a chunk of a signed size": (answer(CHUNKED, body=b"+1\r\nx"), "a malformed chunk size"),
    "a chunk of an odd size": (answer(CHUNKED, body=b"0x1\r\nx"), "a malformed chunk size"),
    "a chunk of an absurd size": (answer(CHUNKED, body=b"f" * 16 + b"\r\n"), "a malformed chunk size"),
    "an endless size": (
        answer(CHUNKED, body=b"0" * 20_000),
        "a malformed chunk size: more than 16384 bytes of extensions",
    ),
    "endless extensions": (
        answer(CHUNKED, body=b"1;" + b"x" * 9_000 + b"\r\na\r\n1;" + b"x" * 9_000 + b"\r\n"),
        "a malformed chunk size: more than 16384 bytes of extensions",
    ),
    "a null in an extension": (answer(CHUNKED, body=b"1;\0\r\na\r\n"), "a malformed chunk size"),
    "a chunk longer than it says": (answer(CHUNKED, body=b"1\r\nab\r\n"), "a chunk that is longer than it says"),
    "a chunk longer than it says, on which nothing follows": (
        answer(CHUNKED, body=b"1\r\nab"),
        "a chunk that is longer than it says",
    ),
    "a malformed trailer": (answer(CHUNKED, body=b"0\r\nno colon\r\n\r\n"), "malformed header fields"),
    "101 trailers": (answer(CHUNKED, body=b"0\r\n" + b"X: 1\r\n" * 101 + b"\r\n"), "more than 100 headers"),
}


@pytest.mark.parametrize("kind", MALFORMED)
def test_an_invalid_answer_is_refused_with_a_reason(kind: str) -> None:
    data, message = MALFORMED[kind]
    with pytest.raises(MalformedAnswer) as caught:
        read(data)
    assert str(caught.value) == message


def outcome(pieces: list[bytes]) -> tuple[object, ...]:
    """The result of reading the pieces: how it ends, the fields, and the body."""
    reader, body = AnswerReader("GET"), b""
    try:
        for piece in pieces:
            body += reader.feed(piece)
            rest, reader.rest = reader.rest, b""
            body += reader.feed(rest) if reader.head else b""
    except MalformedAnswer:
        return ("malformed",)
    return (reader.complete, reader.keep_alive, reader.head and reader.head.fields, body)


def fields_of(size: int, end: bytes) -> bytes:
    """A head with this many bytes, without the empty line."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n" + (b"X: " + b"x" * 60_000 + b"\r\n") * 4
    return head + b"X: ".ljust(size - len(head) - len(end), b"x") + end


# Makes the largest answer that is accepted, plus the given excess.
LIMITS: dict[str, Callable[[int], bytes]] = {
    "a line": lambda more: answer("Content-Length: 0", "X: ".ljust(65536 + more, "x")),
    "a line without a carriage return": lambda more: (
        b"HTTP/1.1 200 OK\nContent-Length: 0\n" + b"X: ".ljust(65536 + more, b"x") + b"\n\n"
    ),
    "all fields": lambda more: fields_of(262_144 + more, b"\r\n") + b"\r\n",
    "all fields without a carriage return": lambda more: fields_of(262_144 + more, b"\n") + b"\n",
    "the number of fields": lambda more: answer("Content-Length: 0", *["X: x"] * (99 + more)),
    "the number of trailers": lambda more: answer(CHUNKED, body=b"0\r\n" + b"X: x\r\n" * (100 + more) + b"\r\n"),
    "the digits of a chunk's size": lambda more: answer(CHUNKED, body=b"0" * (15 + more) + b"\r\n\r\n"),
    "an extension": lambda more: answer(CHUNKED, body=b"1;".ljust(16_400 + more, b"x") + b"\r\na\r\n0\r\n\r\n"),
    "white space after a size": lambda more: answer(CHUNKED, body=b"0".ljust(16_400 + more) + b"\r\n\r\n"),
    # Each of the 256 has 64 bytes that count.
    "all extensions": lambda more: answer(
        CHUNKED,
        body=b"1\r\na\r\n" * 9
        + (b"1;".ljust(80, b"x") + b"\r\na\r\n") * 256
        + (b"0;".ljust(16 + more, b"x") + b"\r\n\r\n"),
    ),
    "interim answers": lambda more: answer(status="HTTP/1.1 103 X") * (100 + more) + answer("Content-Length: 0"),
    "the digits of a length": lambda more: answer("Content-Length: " + "0" * (17 + more) + "0"),
}


@pytest.mark.parametrize("kind", LIMITS)
def test_a_limit_is_the_same_however_an_answer_is_split(kind: str) -> None:
    for data, is_read in ((LIMITS[kind](0), True), (LIMITS[kind](1), False)):
        whole = outcome([data])
        assert whole[0] == (True if is_read else "malformed")
        # Byte by byte around the limit.
        assert outcome([data[:-60], *(bytes((byte,)) for byte in data[-60:])]) == whole


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("SSH-2.0-x ", "SSH-2.0-x"),
        ("\x15\x03", r"'\x15\x03'"),
        ("", "an empty line in place of the status line"),
        (" \t", "an empty line in place of the status line"),
    ],
)
def test_an_invalid_status_line_is_quoted(line: str, message: str) -> None:
    with pytest.raises(MalformedAnswer) as caught:
        read(f"{line}\r\n".encode())
    assert str(caught.value) == message


def test_a_head_that_never_ends_is_refused_early() -> None:
    reader = AnswerReader("GET")
    for line in (b"HTTP/1.1 200 OK\r\n", *[b"X: x\r\n"] * 100):
        reader.feed(line)
    with pytest.raises(MalformedAnswer, match="more than 100 headers"):
        reader.feed(b"X: x\r\n")


def test_a_line_that_never_ends_is_refused_early() -> None:
    reader = AnswerReader("GET")
    # The last byte could still be the carriage return.
    for piece in (b"HTTP/1.1 200 OK\r\nA: 1\r\n", b"B: 2\r\nX: ", b"x" * 65_534):
        reader.feed(piece)
    with pytest.raises(MalformedAnswer, match="an endless header field"):
        reader.feed(b"x")


def test_fields_that_never_end_are_refused_early() -> None:
    reader = AnswerReader("GET")
    reader.feed(fields_of(262_144, b"\n") + b"\r")
    with pytest.raises(MalformedAnswer, match="header fields of more than 262144 bytes"):
        reader.feed(b"x")


@pytest.mark.parametrize(
    ("line", "reason"),
    [("HTTP/1.1 200", ""), ("HTTP/1.1 200 ", ""), ("HTTP/1.1 200 OK", "OK"), ("HTTP/1.1  200 ok", "ok")],
)
def test_a_status_line_may_lack_a_reason_and_arrive_alone(line: str, reason: str) -> None:
    head = read(f"{line}\r\n\r\n".encode())[0].head
    assert head is not None
    assert (head.status, head.reason) == (200, reason)
    for end in ("\r\n", "\n"):
        pieces = [f"{line}{end}".encode(), f"Content-Length: 0{end}{end}".encode()]
        assert outcome(pieces) == (True, True, [("Content-Length", "0")], b"")


def test_each_head_and_the_trailers_have_their_own_limits() -> None:
    fields = ["X: x"] * 98
    data = answer(*fields, status="HTTP/1.1 103 X") * 2 + answer(
        CHUNKED, *fields, body=b"0\r\n" + b"X: x\r\n" * 98 + b"\r\n"
    )
    assert outcome([bytes((byte,)) for byte in data])[0] is True


IN_THE_HEAD = "malformed header fields: they end in the middle"
CUT = {
    "in the status line": (b"HTTP/1.1 2", IN_THE_HEAD),
    "in the fields": (b"HTTP/1.1 200 OK\r\nA: 1\r\n", IN_THE_HEAD),
    "in the body": (answer("Content-Length: 5", body=b"he"), "the body ends 3 bytes too early"),
    "in a chunk": (answer(CHUNKED, body=b"5\r\nhe"), "the body ends 3 bytes too early"),
    "between chunks": (answer(CHUNKED, body=b"2\r\nhe\r\n"), "the body ends between two chunks"),
    "in the trailers": (answer(CHUNKED, body=b"0\r\nA: 1\r\n"), "the body ends between two chunks"),
}


@pytest.mark.parametrize("place", CUT)
def test_a_truncated_answer_is_refused(place: str) -> None:
    data, message = CUT[place]
    with pytest.raises(MalformedAnswer) as caught:
        read(data, eof=True)
    assert str(caught.value) == message
    assert not isinstance(caught.value, NoAnswer)


@pytest.mark.parametrize("before", [b"", answer(status="HTTP/1.1 100 Continue")])
def test_no_answer_at_all_is_another_error(before: bytes) -> None:
    with pytest.raises(NoAnswer, match=r"^the connection was closed without an answer$"):
        read(before, eof=True)


@pytest.mark.parametrize("data", [answer("A: b", "A: c", "Content-Length: 5", body=b"hello"), BODIES["chunks"][0]])
def test_valid_answers_are_read_like_pythons_own_client_does(data: bytes) -> None:
    class Socket:
        def makefile(self, *_: object) -> BytesIO:
            return BytesIO(data)

    other: Any = http.client.HTTPResponse(Socket())  # type: ignore[arg-type]
    other.begin()
    reader, body = read(data)
    assert reader.head is not None
    assert (reader.head.status, reader.head.reason, body) == (other.status, other.reason, other.read())
    assert reader.head.fields == other.getheaders()


def test_reading_answers_leaves_no_reference_cycles() -> None:
    """With the garbage collector off, nothing of an answer stays in memory."""
    gc.collect()
    gc.disable()
    try:
        for data, _, _ in BODIES.values():
            read(data)
        assert gc.collect() == 0
    finally:
        gc.enable()


DRIPPED = {
    "a long field": b"HTTP/1.1 200 OK\r\nX: " + b"x" * 60_000 + b"\r\n\r\n",
    "many short fields": answer(*(f"X{n}: {'x' * 2_000}" for n in range(90))),
    "a folded field": answer("X: 1", *[" " + "x" * 2_000] * 90),
    "trailers": answer(CHUNKED, body=b"0\r\n" + b"X: " + b"x" * 60_000 + b"\r\n\r\n"),
    "extensions": answer(CHUNKED, body=b"1;" + b"x" * 15_000 + b"\r\n"),
}


@pytest.mark.parametrize("kind", DRIPPED)
def test_reading_byte_by_byte_takes_linear_time(kind: str) -> None:
    started = time.process_time()
    reader = AnswerReader("GET")
    for byte in DRIPPED[kind]:
        reader.feed(bytes((byte,)))
        if reader.rest:
            rest, reader.rest = reader.rest, b""
            reader.feed(rest)
    # Looking at each byte together with all before it would take minutes.
    assert time.process_time() - started < 20
