"""The content of an answer: what its body is once decompressed (RFC 9110, section 8.4)."""

from __future__ import annotations

import zlib
from io import BytesIO

from gravscale.exceptions import ApiResponseError
from gravscale.transport.deadline import Deadline

_STEP = 65536
_CODINGS = frozenset(("gzip", "x-gzip", "deflate"))
# As many as anyone could have meant; each costs another pass.
_MAX_CODINGS = 3
_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS


def decode(body: bytes, content_encoding: str | None, limit: float, deadline: Deadline | None = None) -> bytes:
    """Undo the content codings of a body.

    Not left to urllib3, which passes on what it does not know, takes half a gzip stream for a whole one, and buffers
    without bound where a stream gives no output.

    Args:
        body: the body as it was sent.
        content_encoding: the field's value, None where there is no such field.
        limit: how many bytes are taken; never more are held.
        deadline: the time that it may take.

    Returns:
        The decoded body.

    Raises:
        ApiResponseError: the coding is unknown, the body broken, or its content too large.
        Expired: the time is over.
    """
    if not content_encoding or not body:
        return body
    codings = [coding for part in content_encoding.lower().split(",") if (coding := part.strip())]
    codings = [coding for coding in codings if coding != "identity"]
    if len(codings) > _MAX_CODINGS or not _CODINGS.issuperset(codings):
        raise ApiResponseError(reason=f"a Content-Encoding that was not asked for: {content_encoding}")
    for coding in reversed(codings):
        try:
            body = _decompress(body, limit, deadline)
        except (zlib.error, EOFError) as error:
            raise ApiResponseError(reason=f"a body that is broken {coding}: {error}") from None
    return body


def too_large(limit: float) -> ApiResponseError:
    """The error for content over the limit."""
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
