"""An answer that can't be used gives an error that says why, and leaves the client usable."""

from __future__ import annotations

import gzip
import pickle
import subprocess
import sys
import zlib
from typing import Any

import pytest
import urllib3
from example_service import AuthenticationApi, TaskManagerApi
from misbehaving import (
    INFO,
    Connection,
    Request,
    Scenario,
    answer,
    chunked,
    endless,
    message,
    raw,
    serving,
)

import gravscale
from gravscale import ApiClient, ApiResponseError

EMPTY_HEAD = message(b"", headers={"Transfer-Encoding": "chunked"}, length=None)
JSON = b'{"email": "me@example.com", "nickname": "me"}'
OTHER = b'{"email": "other@example.com", "nickname": "other"}'
GZIP = {"Content-Encoding": "gzip"}


def email(client: ApiClient) -> str:
    return AuthenticationApi(client).info().email


def half_and_reset(connection: Connection, _: Request) -> None:
    connection.send(message(JSON, length=100))
    connection.reset()


UNUSABLE = {
    # The framing of the answer (RFC 9112).
    "not HTTP": (raw(b"SSH-2.0-OpenSSH_9.6\r\n", close=True), "can't be read"),
    "a protocol without lines, whose other side waits": (raw(b"\0\0\x12\x04" + bytes(23)), r"can't be read: '\\x00"),
    "HTTP 0.9": (raw(b"<html>It works!</html>", close=True), "can't be read"),
    "HTTP 2": (raw(b"\x00\x00\x12\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x80", close=True), "can't be read"),
    "unknown version": (raw(b"HTTP/3.0 200 OK\r\n\r\n"), "can't be read"),
    "status of two digits": (raw(b"HTTP/1.1 20 OK\r\n\r\n"), "can't be read"),
    "status that is no number": (raw(b"HTTP/1.1 OK\r\n\r\n"), "can't be read"),
    "endless status line": (endless(b"HTTP/1.1 200 ", b"x" * 65536), "can't be read"),
    "endless header": (endless(b"HTTP/1.1 200 OK\r\nX: ", b"x" * 65536), "can't be read"),
    "endless headers": (endless(b"HTTP/1.1 200 OK\r\n", b"X: x\r\n" * 1000), "more than 100 headers"),
    "endless interim answers": (endless(b"", b"HTTP/1.1 103 Hints\r\n\r\n" * 100), "interim answers"),
    "enormous headers": (
        raw(b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: %b\r\n" % (n, b"x" * 60000) for n in range(90)) + b"\r\n"),
        "header fields of more than 262144 bytes",
    ),
    "endless continues": (endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100), "interim answers"),
    "switching protocols": (raw(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"), "switches protocols"),
    "malformed header": (raw(b"HTTP/1.1 200 OK\r\nno colon\r\nContent-Length: 2\r\n\r\n{}"), "malformed header"),
    "header of white space and a null": (
        raw(b"HTTP/1.1 200 OK\r\n" + (b"X:" + b" " * 60000 + b"\0\r\n") * 4 + b"\r\n"),
        "malformed header",
    ),
    "truncated head": (raw(b"HTTP/1.1 200 OK\r\nContent-Le", close=True), "malformed header"),
    "negative length": (raw(message(JSON, length=-5)), "malformed Content-Length"),
    "length that is no number": (raw(message(JSON, length="ten")), "malformed Content-Length"),
    "length in hexadecimal": (raw(message(JSON, length="0x2d")), "malformed Content-Length"),
    "empty length": (raw(message(JSON, length="")), "malformed Content-Length"),
    "signed length": (raw(message(JSON, length=f"+{len(JSON)}")), "malformed Content-Length"),
    "length and a space that is none": (raw(message(JSON, length=f"\xa0{len(JSON)}")), "malformed Content-Length"),
    "absurd length": (raw(message(JSON, length="1" + "0" * 30)), "malformed Content-Length"),
    "contradictory lengths": (
        raw(message(JSON, length=f"{len(JSON)}\r\nContent-Length: 5")),
        "malformed Content-Length",
    ),
    "length and chunks": (
        raw(message(b"2\r\n{}\r\n0\r\n\r\n", headers={"Transfer-Encoding": "chunked"})),
        "contradictory Transfer-Encoding",
    ),
    "unknown transfer coding": (
        raw(message(JSON, headers={"Transfer-Encoding": "rot13"}, length=None)),
        "a Transfer-Encoding other than chunked",
    ),
    "more promised than sent": (raw(message(JSON, length=100), close=True), "bytes too early"),
    "reset in the middle": (half_and_reset, "can't be read: .*reset"),
    "nothing of what was promised": (raw(message(b"", length=100), close=True), "bytes too early"),
    "less promised than sent": (raw(message(JSON, length=10)), "UserInfoSchema"),
    "chunks that stop": (chunked(JSON, end=b"", close=True), "ends between two chunks"),
    "chunk that stops": (raw(EMPTY_HEAD + b"64\r\n{", close=True), "bytes too early"),
    "chunk of no size": (raw(EMPTY_HEAD + b"\r\n{}\r\n0\r\n\r\n"), "malformed chunk size"),
    "chunk of odd size": (raw(EMPTY_HEAD + b"zz\r\n{}\r\n0\r\n\r\n"), "malformed chunk size"),
    "chunk of negative size": (endless(EMPTY_HEAD + b"-1\r\n", b" " * 65536), "malformed chunk size"),
    "chunk of absurd size": (raw(EMPTY_HEAD + b"f" * 100 + b"\r\n{}"), "malformed chunk size"),
    "endless chunk size": (endless(EMPTY_HEAD, b"0" * 65536), "malformed chunk size"),
    "chunk size with an endless extension": (
        raw(EMPTY_HEAD + b"2d;" + b"x" * 65533 + JSON + b"\r\n0\r\n\r\n"),
        "malformed chunk size",
    ),
    "chunk longer than its size": (raw(EMPTY_HEAD + b"2d\r\n" + JSON + b"  0\r\n\r\n"), "a chunk that is longer"),
    "chunk shorter than its size": (raw(EMPTY_HEAD + b"5\r\n{}\r\n0\r\n\r\n"), "malformed chunk size"),
    "endless trailer": (endless(EMPTY_HEAD + b"0\r\n", b"X: x\r\n" * 1000), "more than 100 headers"),
    # Its compression.
    "broken gzip": (answer(b"\x1f\x8b\x08\x00 no gzip", headers=GZIP), "broken gzip"),
    "gzip that is none": (answer(JSON, headers=GZIP), "broken gzip"),
    "gzip cut short": (answer(gzip.compress(JSON)[:-12], headers=GZIP), "broken gzip"),
    "gzip of another sum": (answer(gzip.compress(JSON)[:-8] + bytes(8), headers=GZIP), "broken gzip"),
    "gzip and garbage": (answer(gzip.compress(JSON) + b"garbage", headers=GZIP), "broken gzip"),
    "broken deflate": (answer(b"\xff\xff\xff", headers={"Content-Encoding": "deflate"}), "broken deflate"),
    "unknown compression": (answer(JSON, headers={"Content-Encoding": "zip"}), "an unexpected Content-Encoding"),
    "compressed over and over": (
        answer(JSON, headers={"Content-Encoding": "gzip," * 20}),
        "an unexpected Content-Encoding",
    ),
    # Its size.
    "length over the limit": (raw(message(b"", length=10_000)), "larger than 1000 bytes"),
    "huge length": (raw(message(b"", length="9" * 18)), "larger than 1000 bytes"),
    "endless chunks": (endless(EMPTY_HEAD, b"a\r\n          \r\n" * 100), "larger than 1000 bytes"),
    "endless body": (endless(message(b"", length=None), b" " * 65536), "larger than 1000 bytes"),
    "gzip bomb": (answer(gzip.compress(bytes(1_000_000)), headers=GZIP), "larger than 1000 bytes"),
    "gzip bomb in chunks": (
        raw(
            message(
                b"%x\r\n%b\r\n0\r\n\r\n" % (len(bomb := gzip.compress(bytes(900_000))), bomb),
                headers=GZIP | {"Transfer-Encoding": "chunked"},
                length=None,
            )
        ),
        "larger than 1000 bytes",
    ),
    "gzip bomb in a gzip bomb": (
        answer(gzip.compress(gzip.compress(bytes(10_000_000))), headers={"Content-Encoding": "gzip, gzip"}),
        "larger than 1000 bytes",
    ),
    # Its content.
    "empty": (answer(b""), "UserInfoSchema"),
    "null": (answer(b"null"), "UserInfoSchema"),
    "another shape": (answer([INFO]), "UserInfoSchema"),
    "another type": (answer({"email": 7, "nickname": {}}), "UserInfoSchema"),
    "a part missing": (answer({"email": "me@example.com"}), "nickname"),
    "captive portal": (answer(b"<html>Sign in</html>", headers={"Content-Type": "text/html"}), "UserInfoSchema"),
    "broken UTF-8": (answer(JSON.replace(b"me@", b"\xff@")), "UserInfoSchema"),
    "half a JSON": (answer(JSON[:-5]), "UserInfoSchema"),
    "nested": (answer(b"[" * 900), "UserInfoSchema"),
    "no content": (raw(b"HTTP/1.1 204 No Content\r\n\r\n"), "UserInfoSchema"),
}


@pytest.mark.parametrize(("scenario", "message_"), UNUSABLE.values(), ids=UNUSABLE.keys())
def test_an_answer_that_cannot_be_used_is_an_error_that_says_why(
    scenario: Scenario, message_: str, connect: Any, within: Any
) -> None:
    with serving(scenario, answer(JSON)) as server:
        client = connect(server.url, max_response_size=1000, timeout=5.0)
        with within(1.0), pytest.raises(ApiResponseError, match=message_) as caught:
            email(client)
        assert len(server.requests) == 1
        error = caught.value
        assert (error.method, error.url) == ("GET", f"{server.url}/api/auth/info")
        assert len(str(error)) < 1000
        assert str(pickle.loads(pickle.dumps(error))) == str(error)
        assert email(client) == "me@example.com"


RIGHT = {
    "until the connection ends": raw(message(JSON, length=None), close=True),
    "connection closed after a length": raw(message(JSON, headers={"Connection": "close"}), close=True),
    "HTTP 1.0": raw(message(JSON).replace(b"HTTP/1.1", b"HTTP/1.0"), close=True),
    "same length twice": raw(message(JSON, length=f"{len(JSON)}\r\nContent-Length: {len(JSON)}")),
    "same length in a list": raw(message(JSON, length=f"{len(JSON)}, {len(JSON)}")),
    "chunks": chunked(JSON[:7], JSON[7:]),
    "chunks of a byte": chunked(*(bytes((byte,)) for byte in JSON)),
    "chunks with extensions and a trailer": raw(EMPTY_HEAD + b"2D;x=y\r\n" + JSON + b"\r\n0;z\r\nX: y\r\n\r\n"),
    "gzip": answer(gzip.compress(JSON), headers=GZIP),
    "gzip in two parts": answer(gzip.compress(JSON[:9]) + gzip.compress(JSON[9:]), headers=GZIP),
    "deflate": answer(zlib.compress(JSON), headers={"Content-Encoding": "deflate"}),
    "gzip of gzip": answer(gzip.compress(gzip.compress(JSON)), headers={"Content-Encoding": "gzip, gzip"}),
    "identity": answer(JSON, headers={"Content-Encoding": "identity"}),
    "no reason phrase": raw(message(JSON).replace(b"200 OK", b"200")),
    "a folded header": raw(message(JSON, headers={"X-Folded": "one\r\n two"})),
    "a hundred headers": raw(message(JSON, headers={f"X-{n}": "x" * 1000 for n in range(90)})),
    "as large as it may be": answer(JSON + b" " * (1000 - len(JSON))),
    "a field that nobody knows": answer({**INFO, "new": 1}),
    "a status that nobody knows": answer(JSON, 299),
}


@pytest.mark.parametrize("scenario", RIGHT.values(), ids=RIGHT.keys())
def test_unusual_but_valid_answers_are_understood(scenario: Scenario, connect: Any, within: Any) -> None:
    with serving(scenario) as server:
        client = connect(server.url, max_response_size=1000, timeout=5.0)
        with within(0.5):
            assert [email(client), email(client)] == ["me@example.com"] * 2
        assert len(server.requests) == 2


EXCESS = {
    "after a length": message(JSON) + message(OTHER),
    "after chunks": EMPTY_HEAD + b"2d\r\n" + JSON + b"\r\n0\r\n\r\n" + message(OTHER),
    "a body where there is none": b"HTTP/1.1 204 No Content\r\n\r\n" + message(OTHER),
    "of an answer cut by its length": message(JSON + message(OTHER), length=len(JSON)),
}


@pytest.mark.parametrize("kind", ["in the buffer", "beyond the buffer"])
@pytest.mark.parametrize("excess", EXCESS.values(), ids=EXCESS.keys())
def test_bytes_after_an_answer_are_never_read_as_the_next(excess: bytes, kind: str, connect: Any) -> None:
    """The connection is replaced, so that bytes which arrive late can't be read as the next answer."""
    filler = b"" if kind == "in the buffer" else b" " * 100_000
    with serving(raw(excess + filler), answer(JSON)) as server:
        client = connect(server.url)
        url = f"{server.url}/api/auth/info"
        client.call_api("GET", url).read()
        assert client.call_api("GET", url).read() == JSON
        assert server.connections == 2


@pytest.mark.parametrize("status", [500, 502, 404])
def test_an_html_error_page_raises_the_error_of_its_status(status: int, connect: Any) -> None:
    page = b"<html><h1>Oops</h1></html>"
    html = {"Content-Type": "text/html"}
    with serving(answer(page, status, html)) as server, pytest.raises(gravscale.ApiException) as caught:
        email(connect(server.url, retries=0))
    assert type(caught.value) is (gravscale.ServiceException if status >= 500 else gravscale.NotFoundException)
    assert caught.value.body == page.decode()


def test_a_long_list_of_the_wrong_type_is_refused_at_its_first_item(connect: Any, within: Any) -> None:
    with serving(answer(b'{"items": [' + b"{}," * 300_000 + b"{}]}")) as server:
        tasks = TaskManagerApi(connect(server.url))
        with within(2.0), pytest.raises(gravscale.ApiResponseError, match=r"items\.0\.id: Field required") as caught:
            tasks.list_tasks(client_id=1)
        assert "items.1" not in str(caught.value)


def test_closing_an_unread_answer_closes_its_connection(connect: Any) -> None:
    with serving(endless(message(b"", length=None), b" " * 65536), answer(JSON)) as server:
        client = connect(server.url)
        response = AuthenticationApi(client).info_without_preload_content()
        assert response.read(10) == b" " * 10
        response.close()
        assert email(client) == "me@example.com"


@pytest.mark.parametrize("size", [b"-1", b"+2", b"0_2", b"zz", b"", b"f" * 100])
def test_a_stream_of_malformed_chunks_is_an_error(size: bytes, connect: Any, within: Any) -> None:
    with serving(endless(EMPTY_HEAD + size + b"\r\n", b" " * 65536)) as server:
        stream = AuthenticationApi(connect(server.url)).info_without_preload_content(_request_timeout=5.0)
        with within(0.5), pytest.raises(urllib3.exceptions.ProtocolError, match="malformed chunk size"):
            list(stream.stream())


@pytest.mark.parametrize("status", [204, 304])
def test_a_stream_of_an_answer_without_a_body_ends_at_once(status: int, connect: Any, within: Any) -> None:
    with serving(raw(message(b"", status, {"Transfer-Encoding": "chunked"}, length=None)), answer(JSON)) as server:
        client = connect(server.url)
        with within(1.0):
            assert list(AuthenticationApi(client).info_without_preload_content().stream()) == []
        assert email(client) == "me@example.com"


@pytest.mark.parametrize(("version", "connections"), [(b"HTTP/1.1", 1), (b"HTTP/1.0", 2)])
def test_a_connection_that_sent_chunks_as_http_1_0_is_not_used_again(
    version: bytes, connections: int, connect: Any
) -> None:
    head = message(b"", headers={"Transfer-Encoding": "chunked", "Connection": "keep-alive"}, length=None)
    chunks = head.replace(b"HTTP/1.1", version) + b"2d\r\n" + JSON + b"\r\n0\r\n\r\n"
    with serving(raw(chunks), answer(JSON)) as server:
        client = connect(server.url)
        assert [email(client), email(client)] == ["me@example.com"] * 2
        assert server.connections == connections


BOMB = """
import resource, sys
import gravscale
import example_service
example_service.stand_in()
configuration = gravscale.Configuration(host=sys.argv[1], max_response_size=32 * 2**20, access_token="token")
with gravscale.ApiClient(configuration) as client:
    api = example_service.AuthenticationApi(client)
    api.info()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        api.info()
    except gravscale.ApiResponseError:
        pass
    else:
        raise AssertionError("no error")
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print((after - before) // (2**20 if sys.platform == "darwin" else 1024))
"""

# A gigabyte of zeros, compressed to a megabyte, and the same compressed twice.
_GIGABYTE = gzip.compress(bytes(2**26), 6) * 16
BOMBS = {
    "gzip": answer(_GIGABYTE, headers=GZIP),
    "gzip of gzip": answer(gzip.compress(_GIGABYTE), headers={"Content-Encoding": "gzip, gzip"}),
    "deflate": answer(zlib.compress(bytes(2**28)), headers={"Content-Encoding": "deflate"}),
    "deflate without output": endless(
        message(b"", headers={"Content-Encoding": "deflate"}, length=None) + b"\x78\x9c",
        b"\x00\x00\x00\xff\xff" * 20000,
    ),
    "endless body": endless(message(b"", length=None), b" " * 2**20),
    "endless chunks": endless(EMPTY_HEAD, b"100000\r\n" + b" " * 2**20 + b"\r\n"),
    "chunk of negative size": endless(EMPTY_HEAD + b"-1\r\n", b" " * 2**20),
}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not tell how much memory was in use at most")
@pytest.mark.parametrize("scenario", BOMBS.values(), ids=BOMBS.keys())
def test_an_endless_answer_takes_at_most_twice_the_limit_of_memory(scenario: Scenario) -> None:
    with serving(answer(JSON), scenario) as server:
        ran = subprocess.run(
            [sys.executable, "-X", "dev", "-W", "error", "-c", BOMB, server.url],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert ran.stderr == ""
    assert int(ran.stdout) <= 64
