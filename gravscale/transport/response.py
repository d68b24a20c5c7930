"""The answers that the transport returns: already read, or as a stream."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from urllib3 import BaseHTTPResponse, HTTPHeaderDict
from urllib3.exceptions import ProtocolError

from gravscale.transport.content_encoding import decode
from gravscale.transport.deadline import FOREVER
from gravscale.transport.http1 import AnswerReader, Head, MalformedAnswer

if TYPE_CHECKING:
    from urllib3 import Retry


class Fields(HTTPHeaderDict):
    """Headers that become a dict only if more than the values of single headers are needed."""

    def __init__(self, source: Any = None) -> None:
        # For speed: the base's own __init__ makes a dict of lists, but most calls need only three values.
        self._head: Head | None = None
        if isinstance(source, Head):
            self._head = source
        else:
            # Methods of the base, such as copy(), make an object of this class from other headers.
            super().__init__(source)

    def get(self, key: str, default: Any = None) -> Any:
        """Return the value of a header. Names match in any case; several values are joined by commas."""
        if self._head is None:
            return super().get(key, default)
        return self._head.values.get(key.lower(), default)

    def __getattr__(self, name: str) -> Any:
        # The base's __init__ has not run yet, so its attributes are missing.
        head: Head | None = self.__dict__.get("_head")
        if head is None:
            raise AttributeError(name)
        super().__init__(head.fields)
        self._head = None
        return getattr(self, name)


class ReadAnswer(BaseHTTPResponse):
    """An answer whose body has been read. Unneeded objects, such as a dict of its headers, are never created.

    Args:
        head: The status line and the headers.
        body: The body as it was sent, not decompressed.
        request_url: The target of the request, with secrets masked.
        failure: The error if the body could not be read. Reading the body raises it.
    """

    # These replace properties of the base class.
    retries: Retry | None = None  # pyright: ignore[reportIncompatibleMethodOverride]
    url: str | None = None  # pyright: ignore[reportIncompatibleMethodOverride]
    decode_content = False
    chunked = False

    def __init__(self, head: Head, body: bytes, request_url: str, failure: Exception | None = None) -> None:
        # For speed: the base's own __init__ makes a dict of the headers, and prepares for decompression.
        self.headers: HTTPHeaderDict = Fields(head)
        self._body = body
        self._rest: io.BytesIO | None = None
        self._failure = failure
        self.status: int = head.status
        self.reason: str | None = head.reason
        self.version: int = 10 + head.minor
        self.version_string = "HTTP/1.1" if head.minor else "HTTP/1.0"
        self.length_remaining: int | None = len(body)
        self.url = request_url  # pyright: ignore[reportIncompatibleMethodOverride]

    @property
    def data(self) -> bytes:
        """The body, decompressed."""
        if self._failure is not None:
            raise self._failure
        return decode(self._body, self.headers.get("Content-Encoding"), FOREVER)

    def read(self, amt: int | None = None, decode_content: bool | None = None, cache_content: bool = False) -> bytes:
        """Return the rest of the body, or at most `amt` bytes of it."""
        if self._failure is not None:
            raise self._failure
        if self._rest is None:
            self.length_remaining = 0
            if amt is None and decode_content is False:
                self._rest = io.BytesIO()
                return self._body
            self._rest = io.BytesIO(self._body if decode_content is False else self.data)
        return self._rest.read(amt)

    def read1(self, amt: int | None = None, decode_content: bool | None = None) -> bytes:
        """Return the rest of the body, or at most `amt` bytes of it."""
        return self.read(amt, decode_content)

    def stream(self, amt: int | None = 65536, decode_content: bool | None = None) -> Iterator[bytes]:
        """Yield the rest of the body in pieces of at most `amt` bytes."""
        while part := self.read(amt, decode_content):
            yield part

    def read_chunked(self, amt: int | None = None, decode_content: bool | None = None) -> Iterator[bytes]:
        """Yield the rest of the body in pieces of at most `amt` bytes."""
        return self.stream(amt, decode_content)

    @property
    def connection(self) -> None:
        """None: the connection is already back in its pool."""
        return

    def close(self) -> None:
        """Do nothing: the connection is already back in its pool."""

    def release_conn(self) -> None:
        """Do nothing: the connection is already back in its pool."""

    def drain_conn(self) -> None:
        """Do nothing: the body was read."""

    def shutdown(self) -> None:
        """Do nothing: the body was read."""


class BodyStream(io.RawIOBase):
    """The body of an answer, read piece by piece as it arrives.

    Args:
        reader: The reader that has read the head.
        read_more: Receives and returns the next part of the body. At the end, it tells the reader.
        finish: Called once at the end of the answer, with True if the connection can be reused.
    """

    def __init__(
        self, reader: AnswerReader, read_more: Callable[[AnswerReader], bytes], finish: Callable[[bool], None]
    ) -> None:
        super().__init__()
        self._reader = reader
        self._piece = memoryview(b"")
        self._read_more = read_more
        self._finish: Callable[[bool], None] | None = finish
        if reader.complete:
            reader.feed(reader.rest)
            self._end(reader.keep_alive)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        if not self._piece:
            self._piece = memoryview(self._more())
        size = min(len(buffer), len(self._piece))
        buffer[:size], self._piece = self._piece[:size], self._piece[size:]
        return size

    def _more(self) -> bytes:
        """Return the next part of the body, or nothing at its end."""
        while not self._reader.complete:
            try:
                if rest := self._reader.rest:
                    self._reader.rest = b""
                    body = self._reader.feed(rest)
                else:
                    body = self._read_more(self._reader)
            except MalformedAnswer as error:
                self.close()
                raise ProtocolError(str(error)) from None
            if self._reader.complete:
                self._end(self._reader.keep_alive)
            if body:
                return body
        return b""

    def _end(self, can_serve_again: bool) -> None:
        finish, self._finish = self._finish, None
        if finish is not None:
            finish(can_serve_again)

    def close(self) -> None:
        """Stop reading. A connection with unread bytes can't be reused."""
        try:
            self._end(False)
        finally:
            super().close()
