"""Which compressed bodies are read, and what is said of the others."""

from __future__ import annotations

import gzip
import random
import tracemalloc
import zlib

import pytest

from gravscale import ApiResponseError
from gravscale.transport.content_encoding import decode
from gravscale.transport.deadline import FOREVER, Deadline, Expired, Timeouts

TEXT = b"hello, " * 100
# Hardly compressible, so that both sides of the compression are longer than a step.
LONG = random.Random(1).randbytes(200_000)


def gzipped(content: bytes) -> bytes:
    """The same bytes at any time, so that the names of the tests don't change."""
    return gzip.compress(content, mtime=0)


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        (None, TEXT),
        ("", TEXT),
        ("identity", TEXT),
        ("identity, ,IDENTITY", TEXT),
        ("gzip", gzipped(TEXT)),
        ("GZip", gzipped(TEXT)),
        ("x-gzip", gzipped(TEXT)),
        ("deflate", zlib.compress(TEXT)),
        ("identity ,gzip", gzipped(TEXT)),
        ("deflate, gzip", gzipped(zlib.compress(TEXT))),
        ("gzip, deflate", zlib.compress(gzipped(TEXT))),
        ("gzip, gzip, gzip", gzipped(gzipped(gzipped(TEXT)))),
        ("gzip", gzipped(TEXT[:5]) + gzipped(b"") + gzipped(TEXT[5:])),
    ],
)
def test_a_body_is_decoded_as_its_content_encoding_says(encoding: str | None, body: bytes) -> None:
    assert decode(body, encoding, len(TEXT)) == TEXT


@pytest.mark.parametrize("content", [LONG, bytes(1_000_000)], ids=["hardly compressed", "highly compressed"])
def test_a_long_body_is_decoded_whole(content: bytes) -> None:
    assert decode(gzipped(content), "gzip", FOREVER) == content
    assert decode(gzipped(content[:7]) + gzipped(content[7:]), "gzip", len(content)) == content


@pytest.mark.parametrize("encoding", ["gzip", "zip", "gzip, gzip, gzip, gzip"])
def test_no_body_needs_no_decoding(encoding: str) -> None:
    assert decode(b"", encoding, FOREVER) == b""


@pytest.mark.parametrize("encoding", ["zip", "br", "gzip, br", "Gzip;q=1", "gzip, gzip, gzip, gzip"])
def test_an_unknown_coding_is_quoted_as_it_was_sent(encoding: str) -> None:
    with pytest.raises(ApiResponseError) as caught:
        decode(TEXT, encoding, FOREVER)
    assert caught.value.reason == f"an unexpected Content-Encoding: {encoding}"


@pytest.mark.parametrize(
    ("encoding", "body", "reason"),
    [
        ("gzip", gzipped(TEXT)[:-1], "a body with broken gzip data: it ends in the middle"),
        ("deflate", zlib.compress(TEXT)[:-1], "a body with broken deflate data: it ends in the middle"),
        ("gzip", TEXT, "a body with broken gzip data: Error -3 while decompressing data: incorrect header check"),
        (
            "gzip",
            gzipped(TEXT) + b"more",
            "a body with broken gzip data: Error -3 while decompressing data: incorrect header check",
        ),
        (
            "deflate, gzip",
            gzipped(TEXT),
            "a body with broken deflate data: Error -3 while decompressing data: incorrect header check",
        ),
    ],
)
def test_a_broken_body_is_refused_with_the_coding_that_is_broken(encoding: str, body: bytes, reason: str) -> None:
    with pytest.raises(ApiResponseError) as caught:
        decode(body, encoding, FOREVER)
    assert caught.value.reason == reason
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzipped(TEXT)),
        ("gzip", gzipped(TEXT[:5]) + gzipped(TEXT[5:])),
        ("gzip, deflate", zlib.compress(gzipped(TEXT))),
    ],
)
def test_content_over_the_limit_is_refused(encoding: str, body: bytes) -> None:
    with pytest.raises(ApiResponseError) as caught:
        decode(body, encoding, len(TEXT) - 1)
    limit = len(TEXT) - 1
    assert caught.value.reason == f"a body larger than {limit} bytes (see Configuration.max_response_size)"


@pytest.mark.parametrize("encoding", ["gzip", "gzip, gzip"])
def test_no_content_beyond_the_limit_is_held_in_memory(encoding: str) -> None:
    body = gzipped(bytes(2**24))
    if encoding == "gzip, gzip":
        body = gzipped(body)
    tracemalloc.start()
    try:
        with pytest.raises(ApiResponseError, match="a body larger than 100000 bytes"):
            decode(body, encoding, 100_000)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_decoding_ends_with_the_time_of_the_call() -> None:
    deadline = Deadline(Timeouts.parse(60, "timeout"))
    assert decode(gzipped(TEXT), "gzip", FOREVER, deadline) == TEXT
    deadline.until = 0.0
    with pytest.raises(Expired):
        decode(gzipped(TEXT), "gzip", FOREVER, deadline)
