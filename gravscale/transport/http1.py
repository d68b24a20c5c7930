"""HTTP/1.1 messages, without a socket: write the head of a request, and read an answer from bytes as they arrive.

It is as strict as RFC 9112 and RFC 9110, so that the end of an answer is never mistaken.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from gravscale.exceptions import ApiValueError

# These send a Content-Length even without a body (RFC 9110, section 8.6).
_WITH_BODY = frozenset(("POST", "PUT", "PATCH"))

_MAX_LINE = 65536
_MAX_FIELDS = 100
_MAX_FIELDS_BYTES = 256 * 1024
MAX_INTERIM_ANSWERS = 100
_MAX_EXTENSION_BYTES = 16 * 1024
_LENGTH_DIGITS = 18
# The size of a chunk and the line breaks around it. The rest of a line counts as extensions.
_CHUNK_LINE_BYTES = 20

# RFC 9112, sections 4 and 7.1, and RFC 9110, section 5.6.2.
_STATUS_LINE = r"HTTP/1\.([01]) +([1-9][0-9]{2})(?: (.*))?"
NAME_CHARACTERS = "!#$%&'*+.^_`|~-0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_CHUNK_LINE = rb"\r\n([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\0\r\n]*)?\r?\n"
_BLANKS = " \t"
# Header names that were found to be valid. A service uses few.
_known_names: set[str] = set()


class MalformedAnswer(Exception):
    """Bytes that are not an answer, or only a part of one."""


class NoAnswer(MalformedAnswer):
    """The connection was closed before the first byte of an answer."""


def request_head(method: str, target: str, fields: Iterable[tuple[str, str]], body_length: int | None) -> bytes:
    """Write the head of a request (RFC 9112, section 3).

    Args:
        method: The HTTP method.
        target: The request target, percent-encoded.
        fields: The headers, without Content-Length.
        body_length: The length of the body in bytes, or None if there is no body.

    Returns:
        The head, including its empty line.

    Raises:
        ApiValueError: A header contains a line break or a character outside latin-1.
    """
    lines = [f"{method} {target} HTTP/1.1"]
    lines += map(": ".join, fields)
    if body_length is not None or method in _WITH_BODY:
        lines.append(f"Content-Length: {body_length or 0}")
    head = "\r\n".join(lines)
    if head.count("\n") + head.count("\r") != 2 * (len(lines) - 1):
        # The SDK has checked its own headers, but others, such as telemetry, may have added some.
        raise ApiValueError("headers: a header contains a line break")
    if not head.isascii() and max(head) > "\xff":
        raise ApiValueError("headers: a header contains a character outside latin-1")
    return f"{head}\r\n\r\n".encode("latin-1")


class Head:
    """The head of an answer: the minor version of HTTP/1, the status, the reason, and the headers as they were sent.

    `values` holds their values by lowercase name, joined if a name occurs more than once (RFC 9110, section 5.2).
    """

    def __init__(self, minor: int, status: int, reason: str, fields: list[tuple[str, str]]) -> None:
        self.minor: int = minor
        self.status: int = status
        self.reason: str = reason
        self.fields: list[tuple[str, str]] = fields
        self.values: dict[str, str] = {}
        for name, value in fields:
            name = name.lower()
            self.values[name] = f"{self.values[name]}, {value}" if name in self.values else value


class AnswerReader:
    """Read one answer from bytes as they arrive, in any pieces.

    Args:
        method: The method of the request.

    Attributes:
        head: The head of the answer, or None until it is complete. Skips interim answers (RFC 9110, section 15.2).
        complete: Whether all of the answer was read.
        rest: The bytes that arrived together with the head. To read the body, feed them first.
        length_remaining: How many bytes of the body are missing, or None if the length is unknown.
        keep_alive: Whether the connection can carry another request once the answer is complete.
    """

    def __init__(self, method: str) -> None:
        self.head: Head | None = None
        self.rest: bytes = b""
        self.complete: bool = False
        self.length_remaining: int | None = None
        self.keep_alive: bool = True
        self._method = method
        self._buffer = bytearray()
        # How much of the buffer was scanned, how many lines that part has, and where the last of them starts.
        self._scanned = self._lines = self._line_start = 0
        self._interim_answers = self._chunk_remaining = self._extension_bytes = 0
        # The unfinished line after a chunk. It includes the line break that ends the chunk, so the first line starts as
        # if a chunk had come before it.
        self._chunk_line: bytes = b"\r\n"
        self._is_chunked = self._in_trailers = False

    def feed(self, data: bytes) -> bytes:
        """Take the next bytes and return the part of the body in them. Raises MalformedAnswer for an invalid answer."""
        if self.head is None:
            return self._take_head(data)
        if self.complete:
            # These bytes can't belong to the next answer, because its request was not sent yet.
            self.keep_alive = self.keep_alive and not data
            return b""
        if self.length_remaining is not None:
            return self._take_length(data, self.length_remaining)
        if self._in_trailers:
            return self._take_trailers(data)
        return self._take_chunks(data) if self._is_chunked else data

    def feed_eof(self) -> None:
        """Note that no more bytes come.

        Raises MalformedAnswer unless the answer may end here, and NoAnswer if it has not started.
        """
        self.keep_alive = False
        if self.head is None:
            if not self._buffer:
                raise NoAnswer("the connection was closed without an answer")
            raise MalformedAnswer("malformed header fields: they end in the middle")
        if not self.complete:
            if missing := self.length_remaining or self._chunk_remaining:
                raise MalformedAnswer(f"the body ends {missing} bytes too early")
            if self._is_chunked:
                raise MalformedAnswer("the body ends between two chunks")
            self._end()

    def _take_head(self, data: bytes) -> bytes:
        while (block := self._up_to_empty_line(data)) is not None:
            lines, data = block
            minor, status, reason = _parse_status_line(lines[0])
            fields = _parse_fields(lines)
            if status >= 200:
                self.head = Head(minor, status, reason, fields)
                self.rest = data
                self._begin_body(self.head)
                return b""
            if status == 101:
                raise MalformedAnswer("it switches protocols, which was not requested")
            self._interim_answers += 1
            if self._interim_answers > MAX_INTERIM_ANSWERS:
                raise MalformedAnswer(f"more than {MAX_INTERIM_ANSWERS} interim answers")
        return b""

    def _begin_body(self, head: Head) -> None:
        """Determine where the body ends (RFC 9112, section 6.3)."""
        lengths, coding, connection = map(head.values.get, ("content-length", "transfer-encoding", "connection"))
        options = [option.strip(_BLANKS) for option in connection.lower().split(",")] if connection else []
        # RFC 9112, section 9.3. With chunks in HTTP/1.0, the sender may disagree about their end (section 6.1).
        persists = head.minor == 1 or ("keep-alive" in options and coding is None)
        self.keep_alive = persists and "close" not in options
        if coding is not None and coding.lower() != "chunked":
            raise MalformedAnswer("a Transfer-Encoding other than chunked")
        if coding is not None and lengths is not None:
            raise MalformedAnswer("contradictory Transfer-Encoding and Content-Length")
        length = None
        if lengths is not None:
            digits, *others = [each.strip(_BLANKS) for each in lengths.split(",")]
            is_number = digits.isascii() and digits.isdigit() and len(digits) <= _LENGTH_DIGITS
            if not is_number or others.count(digits) != len(others):
                raise MalformedAnswer("a malformed Content-Length")
            length = int(digits)
        if head.status in (204, 304) or self._method == "HEAD" or length == 0:
            self._end()
        elif length is not None:
            self.length_remaining = length
        else:
            self._is_chunked = coding is not None

    def _end(self) -> None:
        self.complete = True
        self.length_remaining = 0

    def _take_length(self, data: bytes, remaining: int) -> bytes:
        if len(data) < remaining:
            self.length_remaining = remaining - len(data)
            return data
        self._end()
        self.feed(data[remaining:])
        return data[:remaining]

    def _take_chunks(self, data: bytes) -> bytes:
        # Only an unfinished line is scanned again, and that is short.
        data = self._chunk_line + data
        parts: list[bytes] = []
        position = 0
        while True:
            if self._chunk_remaining:
                # For speed: Python does not copy bytes for a slice of all of them, or for a join of one part.
                part = data[position : position + self._chunk_remaining]
                parts.append(part)
                position += len(part)
                self._chunk_remaining -= len(part)
                if self._chunk_remaining:
                    break
            if not b"\r\n".startswith(data[position : position + 2]):
                raise MalformedAnswer("a chunk that is longer than it says")
            end = data.find(b"\n", position + 2) + 1
            line = data[position : end or None]
            extension_bytes = self._extension_bytes + max(0, len(line) - _CHUNK_LINE_BYTES)
            if extension_bytes > _MAX_EXTENSION_BYTES:
                raise MalformedAnswer(f"a malformed chunk size: more than {_MAX_EXTENSION_BYTES} bytes of extensions")
            if not end:
                break
            found = re.fullmatch(_CHUNK_LINE, line)
            if found is None:
                raise MalformedAnswer("a malformed chunk size")
            self._extension_bytes = extension_bytes
            self._chunk_remaining = int(found[1], 16)
            position = end
            if not self._chunk_remaining:
                self._in_trailers = True
                # With a line break in front, the empty line is found even if there are no trailers.
                self._take_trailers(b"\n" + data[position:])
                return b"".join(parts)
        self._chunk_line = data[position:]
        return b"".join(parts)

    def _take_trailers(self, data: bytes) -> bytes:
        block = self._up_to_empty_line(data)
        if block is not None:
            _parse_fields(block[0])
            self._end()
            self.feed(block[1])
        return b""

    def _up_to_empty_line(self, data: bytes) -> tuple[list[str], bytes] | None:
        """Return the lines before the first empty one and the bytes after it, or None if there is no empty line yet."""
        buffer = self._buffer
        if buffer:
            buffer += data
        source: bytes | bytearray = buffer or data
        start = max(0, self._scanned - 2)
        end = source.find(b"\n\r\n", start)
        after = end + 3
        bare = source.find(b"\n\n", start, None if end < 0 else end + 1)
        if bare >= 0:
            end, after = bare, bare + 2
        if end < 0:
            if not buffer:
                buffer += data
            self._check_unfinished()
            return None
        text, rest = source[: end + 1].decode("latin-1"), bytes(source[after:])
        buffer.clear()
        self._scanned = self._lines = self._line_start = 0
        return _split_lines(text), rest

    def _check_unfinished(self) -> None:
        """Refuse early a head that starts wrong or never ends. Each byte is scanned once."""
        buffer = self._buffer
        lines = buffer.count(b"\n", self._scanned)
        # Some protocols have no lines, and the server may be waiting for us.
        if not self._lines and self.head is None and (lines or not b"HTTP/1.".startswith(buffer[:7])):
            _parse_status_line(buffer.partition(b"\n")[0].decode("latin-1").removesuffix("\r"))
        if lines:
            self._lines += lines
            self._line_start = buffer.rfind(b"\n") + 1
        self._scanned = len(buffer)
        # The last byte may be a carriage return that does not belong to the line, or that starts the empty line.
        _check_limits(self._lines, len(buffer) - 1, len(buffer) - 1 - self._line_start)


def _check_limits(lines: int, size: int, longest: int) -> None:
    if longest > _MAX_LINE:
        raise MalformedAnswer("an endless header field")
    if lines > _MAX_FIELDS + 1:
        raise MalformedAnswer(f"more than {_MAX_FIELDS} headers")
    if size > _MAX_FIELDS_BYTES:
        raise MalformedAnswer(f"header fields of more than {_MAX_FIELDS_BYTES} bytes")


def _split_lines(text: str) -> list[str]:
    """Split a head into lines. Their ends may lack the carriage return (RFC 9112, section 2.2)."""
    lines = text.split("\r\n")
    breaks = len(lines) - 1
    if text.count("\r") != breaks or "\0" in text:
        raise MalformedAnswer("malformed header fields")
    if text.count("\n") != breaks:
        lines = text.replace("\r\n", "\n").split("\n")
    lines.pop()
    _check_limits(len(lines), len(text), max(map(len, lines)) if len(text) > _MAX_LINE else 0)
    return lines


def _parse_status_line(line: str) -> tuple[int, int, str]:
    """Return the minor version, the status and the reason phrase (RFC 9112, section 4)."""
    # For speed: nearly every answer has this line.
    if line == "HTTP/1.1 200 OK":
        return 1, 200, "OK"
    found = re.fullmatch(_STATUS_LINE, line)
    if found is None:
        text = line.strip() or "an empty line in place of the status line"
        raise MalformedAnswer(text if text.isprintable() else repr(text))
    return int(found[1]), int(found[2]), (found[3] or "").strip(_BLANKS)


def _parse_fields(lines: list[str]) -> list[tuple[str, str]]:
    """Return the headers after the first line. Non-ASCII characters are read as latin-1 (RFC 9110, section 5.5)."""
    fields: list[tuple[str, str]] = []
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        # For speed: names that were seen before are not looked at again.
        if name in _known_names and colon:
            pass
        elif line[:1] in (" ", "\t") and fields:
            # An older way to write a long value (RFC 9112, section 5.2).
            name, value = fields.pop()
            value = f"{value} {line.strip(_BLANKS)}"
        elif not colon or not _is_name(name):
            raise MalformedAnswer("malformed header fields")
        fields.append((name, value.strip(_BLANKS)))
    return fields


def _is_name(name: str) -> bool:
    if not name or name.strip(NAME_CHARACTERS):
        return False
    if len(name) <= 40 and len(_known_names) < 1000:
        _known_names.add(name)
    return True
