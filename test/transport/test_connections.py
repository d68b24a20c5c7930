"""Answers that are not used, host names that can't be resolved, and odd ways to send bytes."""

from __future__ import annotations

import gzip
import json
import re
import socket
import ssl
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import pytest
import trustme
from example_service import AuthenticationApi
from misbehaving import INFO, Connection, Request, Scenario, answer, chunked, message, raw, serving

from gravscale import ApiClient, ApiConnectionError, ApiResponseError, Configuration


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gravscale.pipeline.retry.BACKOFF_SECONDS", 0.001)


@pytest.mark.parametrize(("size", "connections"), [(1000, 1), (1_000_000, 2)])
def test_the_connection_of_an_unused_short_answer_is_reused(size: int, connections: int) -> None:
    with serving(answer({"detail": "x" * size}, 503), answer()) as server:
        with ApiClient(Configuration(server.url)) as api_client:
            assert AuthenticationApi(api_client).info().nickname == "me"
        assert (len(server.requests), server.connections) == (2, connections)


def test_an_unknown_host_name_is_a_connection_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with (
        ApiClient(Configuration("http://api.example.com", no_proxy="*")) as api_client,
        pytest.raises(
            ApiConnectionError, match=r"while resolving the host's name: .*Name or service not known"
        ) as caught,
    ):
        AuthenticationApi(api_client).info()
    assert isinstance(caught.value.__cause__, socket.gaierror)


def test_an_error_without_a_message_is_shown_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise ConnectionAbortedError

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    nameless = pytest.raises(ApiConnectionError, match=r"while connecting: ConnectionAbortedError$")
    with ApiClient(Configuration("http://api.example.com", no_proxy="*")) as api_client, nameless:
        AuthenticationApi(api_client).info()


def test_an_invalid_answer_is_quoted_from_its_start() -> None:
    odd, cut = raw(b"x" * 1000 + b"\r\n", close=True), pytest.raises(ApiResponseError, match=r": x{300}…$")
    with serving(odd) as server, ApiClient(Configuration(server.url)) as api_client, cut:
        AuthenticationApi(api_client).info()


def test_the_connection_of_an_unused_slow_answer_is_reused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gravscale.pipeline.errors._DISCARD_SECONDS", 10)
    slow = message({"detail": "x"}, 503)
    with serving(dripping_open(slow), answer()) as server:
        with ApiClient(Configuration(server.url)) as api_client:
            assert AuthenticationApi(api_client).info().nickname == "me"
        assert (len(server.requests), server.connections) == (2, 1)


def dripping_open(data: bytes) -> Scenario:
    """Sends the head, and later the body, and leaves the connection open."""

    def scenario(connection: Connection, _: Request) -> None:
        head = data.index(b"\r\n\r\n") + 4
        connection.send(data[:head])
        connection.drip(data[head:], pause=0.005)

    return scenario


def test_a_compressed_answer_may_come_in_chunks() -> None:
    body = gzip.compress(json.dumps(INFO).encode())
    headers = {"Transfer-Encoding": "chunked", "Content-Encoding": "gzip"}
    chunks = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    in_chunks = raw(message(chunks, headers=headers, length=None))
    with serving(in_chunks) as server, ApiClient(Configuration(server.url)) as api_client:
        assert AuthenticationApi(api_client).info().nickname == "me"


@pytest.mark.parametrize("scenario", [answer, chunked], ids=["length", "chunks"])
def test_an_answer_may_be_as_large_as_the_limit(scenario: Any) -> None:
    body = json.dumps(INFO).encode()
    with serving(scenario(body)) as server:
        with ApiClient(Configuration(server.url, max_response_size=len(body))) as api_client:
            assert AuthenticationApi(api_client).info().nickname == "me"
        too_large = pytest.raises(ApiResponseError, match=f"larger than {len(body) - 1} bytes")
        with ApiClient(Configuration(server.url, max_response_size=len(body) - 1)) as api_client, too_large:
            AuthenticationApi(api_client).info()


def test_a_truncated_compressed_answer_is_refused() -> None:
    # How much output a decompressor still holds at the end depends on the length of the content.
    for size in range(65_400, 65_700, 30):
        content = b'{"email": "e", "nickname": "' + b"x" * size + b'"}'
        body = zlib.compress(content, 9)
        deflated = [
            raw(message(part, headers={"Content-Encoding": "deflate"})) for part in (body, body[:-5], body[:80])
        ]
        with serving(*deflated) as server, ApiClient(Configuration(server.url)) as api_client:
            auth = AuthenticationApi(api_client)
            assert auth.info_with_http_info().raw_data == content
            for _ in range(2):
                with pytest.raises(ApiResponseError, match="a body with broken deflate data: it ends in the middle"):
                    auth.info()


def test_an_open_answer_is_read_by_the_user() -> None:
    with serving(answer()) as server, ApiClient(Configuration(server.url)) as api_client:
        opened = AuthenticationApi(api_client).info_without_preload_content(_request_timeout=(1.0, 5.0))
        assert opened.json() == INFO
        for timeout in (30.0, None):
            api_client.configuration.timeout = timeout
            unbounded = AuthenticationApi(api_client).info_without_preload_content()
            assert unbounded.json() == INFO


def test_reading_an_open_answer_is_not_limited_by_the_calls_timeout() -> None:
    def slowly(connection: Connection, request: Request) -> None:
        line, fields, body = re.split(rb"(?<=200 OK\r\n)|(?<=\r\n\r\n)", message())
        # When the client waits for the end of the head, the call has less time left than the body takes.
        for pause, part in ((0.5, line), (0.05, fields), (0.5, body)):
            connection.server.over.wait(pause)
            connection.send(part)

    with serving(slowly) as server, ApiClient(Configuration(server.url)) as api_client:
        opened = AuthenticationApi(api_client).info_without_preload_content(_request_timeout=0.8)
        assert opened.json() == INFO


# Nothing that names an error is loaded before. Modules needed for that can't be opened any more.
NO_DESCRIPTOR = """
import os, resource, sys
import gravscale
import example_service
example_service.stand_in()

host, secret, ca = sys.argv[1:]
client = gravscale.ApiClient(gravscale.Configuration(host, access_token=secret, retries=0, ssl_ca_cert=ca or None))
auth = example_service.AuthenticationApi(client)
auth.info()
client.close()
limits, taken = resource.getrlimit(resource.RLIMIT_NOFILE), []
resource.setrlimit(resource.RLIMIT_NOFILE, (64, limits[1]))
try:
    while True:
        taken.append(os.open(os.devnull, os.O_RDONLY))
except OSError:
    pass
try:
    auth.info()
except Exception as error:
    failed = error
for descriptor in taken:
    os.close(descriptor)
print(type(failed).__name__, str(failed).partition(": ")[2])
print(auth.info().nickname)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows limits no process to so many files")
@pytest.mark.parametrize("secret", ["a-long-enough-token", "abc-def-ghi-jkl", "a"])
@pytest.mark.parametrize("is_tls", [False, True])
def test_without_a_free_file_descriptor_a_call_is_a_connection_error(
    secret: str, is_tls: bool, authority: trustme.CA, tmp_path: Path
) -> None:
    context = None
    if is_tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(context)
        authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    with serving(answer(), tls=context) as server:
        run = subprocess.run(
            [sys.executable, "-c", NO_DESCRIPTOR, server.url, secret, str(tmp_path / "ca.pem") if is_tls else ""],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
    assert run.stderr == ""
    reason = r"\[Errno 24\] Too many open files"
    assert re.fullmatch(rf"ApiConnectionError no answer while [\w ]+: {reason}\nme\n", run.stdout)
