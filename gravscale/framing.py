"""Where an answer begins and where it ends (RFC 9112)."""

from __future__ import annotations

import http.client
import re
import socket
import ssl
from contextlib import suppress
from typing import Any

from urllib3.exceptions import HeaderParsingError
from urllib3.util.response import assert_header_parsing

from gravscale.deadline import NO_LIMITS, Attempt

_LINE = 65536
_INTERIM_ANSWERS = 100
_CHUNK_SIZE = re.compile(rb"[0-9A-Fa-f]{1,15}")
_LENGTH = re.compile(r"[0-9]{1,18}")


class StrictResponse(http.client.HTTPResponse):
    """http.client's answer, with what it lets pass refused: so that no answer is taken for more, for less or for
    another than was sent."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self._sock = sock

    def _read_status(self) -> tuple[str, int, str]:
        # http.client passes over 100 only; any other interim answer it would take for the final one.
        for _ in range(_INTERIM_ANSWERS):
            version, status, reason = super()._read_status()  # type: ignore[misc]
            if not 100 <= status < 200:
                return version, status, reason  # pyright: ignore[reportUnknownVariableType]
            if status == http.HTTPStatus.SWITCHING_PROTOCOLS:
                raise http.client.HTTPException("it switches protocols, which was not asked for")
            http.client.parse_headers(self.fp)
        raise http.client.HTTPException(f"more than {_INTERIM_ANSWERS} interim answers")

    def begin(self) -> None:
        """Read the head of the answer. Raises HTTPException where it leaves open how long the body is."""
        super().begin()
        try:
            assert_header_parsing(self.headers)
        except HeaderParsingError:
            raise http.client.HTTPException("malformed header fields") from None
        # RFC 9112, section 6.3. http.client takes an odd length for none, and would wait for the connection's end.
        lengths = self.headers.get_all("Content-Length")
        if self.headers.get("Transfer-Encoding") is not None:
            if not self.chunked or lengths:
                raise http.client.HTTPException("contradictory Transfer-Encoding and Content-Length")
        elif lengths:
            length, *others = {length.strip() for length in ",".join(lengths).split(",")}
            if others or not _LENGTH.fullmatch(length):
                raise http.client.HTTPException("a malformed Content-Length")
            if self.length is None:
                self.length = int(length)

    def _read_next_chunk_size(self) -> int:
        # int() takes "-1" too, upon which all that the server ever sends would be read at once.
        line = self.fp.readline(_LINE)
        if not line:
            raise http.client.HTTPException("it ends between two chunks")
        size = line.partition(b";")[0].strip()
        if not _CHUNK_SIZE.fullmatch(size):
            raise http.client.HTTPException("a malformed chunk size")
        return int(size, 16)

    def _read_and_discard_trailer(self) -> None:
        # Unlike http.client's own, this one gives up on too many fields.
        http.client.parse_headers(self.fp)

    def _close_conn(self) -> None:
        if self._has_excess():
            # It can't be the answer to a request that was not sent yet. Shut down, the connection is replaced.
            with suppress(OSError):
                self._sock.shutdown(socket.SHUT_RDWR)
        super()._close_conn()  # type: ignore[misc]

    def _has_excess(self) -> bool:
        """Whether more was received than the answer."""
        if isinstance(self._sock, ssl.SSLSocket) and self._sock.pending():
            return True
        # A look into the buffer alone: within an attempt that is over, no socket reads.
        with Attempt(0.0, NO_LIMITS), suppress(OSError, ValueError):
            return bool(self.fp.peek(1))
        return False
