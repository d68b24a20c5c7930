"""Decompress the body of an answer (RFC 9110, section 8.4)."""

from __future__ import annotations

import zlib
from io import BytesIO

from gravscale.exceptions import ApiResponseError
from gravscale.transport.deadline import Deadline

_STEP = 65536
_CODINGS = frozenset(("gzip", "x-gzip", "deflate"))
_NONE = ("", "identity")
# More codings than this can't be meant seriously, and each costs another pass.
_MAX_CODINGS = 3
_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS


def decode(body: bytes, content_encoding: str | None, limit: float, deadline: Deadline | None = None) -> bytes:
    """Undo the content codings of a body.

    urllib3 is not used for this: it passes on codings that it does not know, accepts truncated gzip streams, and
    buffers without limit if a stream yields no output.

    Args:
        body: The body as it was sent.
        content_encoding: The value of the header, or None if there is none.
        limit: How many decoded bytes to accept. No more are held in memory.
        deadline: The time limit.

    Returns:
        The decoded body.

    Raises:
        ApiResponseError: The coding is unknown, the body is broken, or its content is too large.
        Expired: The call has timed out.
    """
    if not content_encoding or not body:
        return body
    codings = [coding for part in content_encoding.lower().split(",") if (coding := part.strip()) not in _NONE]
    if len(codings) > _MAX_CODINGS or not _CODINGS.issuperset(codings):
        raise ApiResponseError(reason=f"an unexpected Content-Encoding: {content_encoding}")
    for coding in reversed(codings):
        try:
            body = _decompress(body, limit, deadline)
        except (zlib.error, EOFError) as error:
            raise ApiResponseError(reason=f"a body with broken {coding} data: {error}") from None
    return body


def too_large(limit: float) -> ApiResponseError:
    """Return the error for content over the limit."""
    return ApiResponseError(reason=f"a body larger than {limit} bytes (see Configuration.max_response_size)")


def _decompress(body: bytes, limit: float, deadline: Deadline | None) -> bytes:
    content = BytesIO()
    stream = zlib.decompressobj(_GZIP_OR_ZLIB)
    for start in range(0, len(body), _STEP):
        part = body[start : start + _STEP]
        while part:
            if deadline is not None:
                deadline.step_seconds()
            if stream.eof:
                # A gzip body may consist of several streams, one after another (RFC 1952, section 2.2).
                stream = zlib.decompressobj(_GZIP_OR_ZLIB)
            content.write(stream.decompress(part, _STEP))
            if content.tell() > limit:
                raise too_large(limit)
            part = stream.unused_data if stream.eof else stream.unconsumed_tail
    if not stream.eof:
        raise EOFError("it ends in the middle")
    return content.getvalue()
