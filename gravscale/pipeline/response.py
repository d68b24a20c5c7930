"""The step that reads the body of an answer, and the class of raw answers."""

from __future__ import annotations

import logging
from io import BytesIO
from typing import Any

from urllib3 import BaseHTTPResponse, HTTPHeaderDict

from gravscale.pipeline.call import Call, Step
from gravscale.pipeline.errors import with_sdk_errors
from gravscale.pipeline.events import tell_of_error
from gravscale.support.logs import logger
from gravscale.transport.content_encoding import decode, too_large
from gravscale.transport.deadline import FOREVER, Deadline

log: logging.Logger = logger("rest")

_CHUNK = 65536


class RESTResponse:
    """An HTTP response whose body is read on demand.

    Args:
        resp: The urllib3 response.
        max_size: How many bytes of decompressed body to accept.
        deadline: The time limit for reading.

    Attributes:
        status: The HTTP status code.
        reason: The reason phrase.
        data: The decompressed body, or None before it was read.
    """

    def __init__(self, resp: BaseHTTPResponse, max_size: float = FOREVER, deadline: Deadline | None = None) -> None:
        self.response = resp
        self.status: int = resp.status
        self.reason: str | None = resp.reason
        self.data: bytes | None = None
        self._max_size = max_size
        self._deadline = deadline

    def read(self) -> bytes:
        """Return the decompressed body. Raises ApiResponseError if it is larger than `max_size`."""
        if self.data is None:
            encoding = self.response.headers.get("Content-Encoding")
            self.data = decode(self._encoded(), encoding, self._max_size, self._deadline)
        return self.data

    def _encoded(self) -> bytes:
        response: Any = self.response
        limit = self._max_size
        length: int | None = response.length_remaining
        if length is not None:
            if length > limit:
                raise too_large(limit)
            body = response.read(decode_content=False)
        else:
            received = BytesIO()
            while part := response.read(_CHUNK, decode_content=False):
                received.write(part)
                if received.tell() > limit:
                    raise too_large(limit)
            body = received.getvalue()
        # A user's own transport may have created the answer from bytes, or may already have read it.
        return body or response.data or b""

    @property
    def headers(self) -> HTTPHeaderDict:
        """The headers of the answer."""
        return self.response.headers

    def getheaders(self) -> HTTPHeaderDict:
        """Return the headers."""
        return self.response.headers

    def getheader(self, name: str, default: str | None = None) -> str | None:
        """Return a header by its name in any case, or `default`."""
        return self.response.headers.get(name, default)

    def __repr__(self) -> str:
        return f"<RESTResponse {self.status}>"


class Read:
    """Read the body of the answer within the deadline and `max_response_size`, unless the caller reads it."""

    def __init__(self, send: Step) -> None:
        self._send = send

    def __call__(self, call: Call) -> RESTResponse:
        try:
            answer = self._send(call)
            response = RESTResponse(answer, call.request.max_response_size, call.deadline)
            if call.request.stream:
                call.deadline.hand_over()
            else:
                call.deadline.phase = "reading the answer"
                with_sdk_errors(call, response.read, answer)
        except Exception as error:
            tell_of_error(call, error)
            raise
        if log.isEnabledFor(logging.DEBUG):
            size = "unread" if response.data is None else f"{len(response.data)} bytes"
            log.debug(
                "%s %s: status %d, %s, %.0f ms, attempt %d",
                *(call.request.method, call.request.redacted_target, response.status, size),
                *(call.deadline.elapsed() * 1000, call.attempts),
            )
        return response
