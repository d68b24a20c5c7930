"""Where an answer begins and where it ends (RFC 9112)."""

from __future__ import annotations

import http.client
import re
import socket
import ssl
from contextlib import suppress
from typing import BinaryIO

from urllib3 import HTTPHeaderDict

from gravscale.transport.deadline import NO_LIMITS, Attempt

_LINE = 65536
_FIELDS = 100
_FIELDS_BYTES = 256 * 1024
_INTERIM_ANSWERS = 100
_STATUS_LINE = re.compile(rb"HTTP/1\.([01]) +([1-9][0-9]{2})(?: ([^\0\r\n]*))?\r?\n")
# All fields at once, each a line; what a name may be made of: RFC 9110, section 5.6.2.
# White space around a value is a part of it here: looked for apart, it could be told from the value in many ways, which
# would all be tried on a line that turns out to be none.
_FIELD = re.compile(r"^([!#$%&'*+.^_`|~0-9A-Za-z-]+):([^\0\r\n]*)\r?\n", re.MULTILINE)
_FOLD = r"\r?\n[ \t]+"
_CHUNK_SIZE = rb"[0-9A-Fa-f]{1,15}"
_LENGTH_DIGITS = 18


class StrictResponse(http.client.HTTPResponse):
    """http.client's answer, with what it lets pass refused: so that no answer is taken for more, for less or for
    another than was sent.

    The head is read here, which is stricter than http.client, whose parser is made for e-mails, and takes a fraction
    of its time.
    """

    status: int
    reason: str
    code: int
    chunked: bool
    will_close: bool
    msg: http.client.HTTPMessage

    def __init__(self, sock: socket.socket, debuglevel: int = 0, method: str | None = None) -> None:
        super().__init__(sock, method=method)
        self._sock = sock
        self._to_head = method == "HEAD"
        self.fields: HTTPHeaderDict = HTTPHeaderDict()

    def _read_status(self) -> tuple[str, int, str]:
        for _ in range(_INTERIM_ANSWERS):
            line = self.fp.readline(_LINE + 1)
            if not line:
                raise http.client.RemoteDisconnected("the connection was closed without an answer")
            found = _STATUS_LINE.fullmatch(line)
            if found is None:
                raise http.client.BadStatusLine(line.decode("latin-1"))
            minor, code, phrase = found.groups()
            status, reason = int(code), (phrase or b"").decode("latin-1").strip()
            if not 100 <= status < 200:
                return f"HTTP/1.{minor.decode()}", status, reason
            if status == http.HTTPStatus.SWITCHING_PROTOCOLS:
                raise http.client.HTTPException("it switches protocols, which was not asked for")
            _read_fields(self.fp)
        raise http.client.HTTPException(f"more than {_INTERIM_ANSWERS} interim answers")

    def begin(self) -> None:
        """Read the head of the answer. Raises HTTPException where it is malformed, or leaves open how long the body
        is (RFC 9112, section 6.3)."""
        version, self.status, self.reason = self._read_status()
        self.code = self.status
        self.version = 11 if version == "HTTP/1.1" else 10
        self.fields = fields = HTTPHeaderDict(_read_fields(self.fp))
        self.headers = self.msg = fields  # type: ignore[assignment]  # it has the methods that are used
        connection = fields.get("Connection", "").lower()
        self.will_close = "close" in connection if self.version == 11 else "keep-alive" not in connection
        coding, lengths = fields.get("Transfer-Encoding"), fields.getlist("Content-Length")
        self.length: int | None = None
        self.chunked = coding is not None
        self.chunk_left: int | None = None
        if coding is not None:
            if coding.lower() != "chunked" or lengths:
                raise http.client.HTTPException("contradictory Transfer-Encoding and Content-Length")
            if self.version == 10:
                # RFC 9112, section 6.1: whoever sent it may have had another idea of where it ends.
                self.will_close = True
        elif lengths:
            length, *others = {length.strip(" \t") for length in ",".join(lengths).split(",")}
            if others or not (length.isascii() and length.isdigit() and len(length) <= _LENGTH_DIGITS):
                raise http.client.HTTPException("a malformed Content-Length")
            self.length = int(length)
        if self.status in (204, 304) or self._to_head:
            self.length, self.chunked = 0, False
        elif self.length is None and not self.chunked:
            self.will_close = True

    def _get_chunk_left(self) -> int | None:
        if self.chunk_left == 0:
            # http.client skips two bytes, whatever they are.
            if self._safe_read(2) != b"\r\n":  # type: ignore[attr-defined]
                raise http.client.HTTPException("a chunk that is longer than it says")
            self.chunk_left = None
        return super()._get_chunk_left()  # type: ignore[misc, no-any-return]  # pyright: ignore[reportUnknownVariableType]

    def _read_next_chunk_size(self) -> int:
        # int() takes "-1" too, upon which all that the server ever sends would be read at once.
        line = self.fp.readline(_LINE)
        if not line:
            raise http.client.HTTPException("it ends between two chunks")
        if not line.endswith(b"\n"):
            # What is left of it would be taken for the chunk.
            raise http.client.HTTPException("a malformed chunk size")
        size = line.partition(b";")[0].strip()
        if not re.fullmatch(_CHUNK_SIZE, size):
            raise http.client.HTTPException("a malformed chunk size")
        return int(size, 16)

    def _read_and_discard_trailer(self) -> None:
        # Unlike http.client's own, this one gives up on too many fields.
        _read_fields(self.fp)

    def _close_conn(self) -> None:
        if self._has_excess():
            # It can't be the answer to a request that was not sent yet. Shut down, the connection is replaced.
            with suppress(OSError):
                # urllib3's TLS within TLS can't be shut down itself.
                getattr(self._sock, "socket", self._sock).shutdown(socket.SHUT_RDWR)
        super()._close_conn()  # type: ignore[misc]

    def _has_excess(self) -> bool:
        """Whether more was received than the answer."""
        if isinstance(self._sock, ssl.SSLSocket) and self._sock.pending():
            return True
        # A look into the buffer alone: within an attempt that is over, no socket reads.
        with Attempt(0.0, NO_LIMITS), suppress(OSError, ValueError):
            return bool(self.fp.peek(1))
        return False


def _read_fields(fp: BinaryIO) -> list[tuple[str, str]]:
    """The fields up to the empty line. Raises HTTPException for what are none, and for too many."""
    # For speed: http.client's own parser, which is the one for e-mails, takes longer than all the rest of a call.
    lines: list[bytes] = []
    while (line := fp.readline(_LINE + 1)) not in (b"\r\n", b"\n"):
        lines.append(line)
        if not line.endswith(b"\n"):
            what = "malformed header fields" if len(line) <= _LINE else "an endless header field"
            raise http.client.HTTPException(what)
        if len(lines) > _FIELDS:
            raise http.client.HTTPException(f"more than {_FIELDS} headers")
    # RFC 9110, section 5.5: what is beyond ASCII is taken byte by byte.
    text = b"".join(lines).decode("latin-1")
    if len(text) > _FIELDS_BYTES:
        raise http.client.HTTPException(f"header fields of more than {_FIELDS_BYTES} bytes")
    count = len(lines)
    if "\n " in text or "\n\t" in text:
        # RFC 9112, section 5.2: an older way to write a long value.
        text, folds = re.subn(_FOLD, " ", text)
        count -= folds
    fields = _FIELD.findall(text)
    if len(fields) != count:
        raise http.client.HTTPException("malformed header fields")
    return [(name, value.strip(" \t")) for name, value in fields]
