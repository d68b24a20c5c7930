"""Between client and service: idle connections, early answers, odd redirects, forks without a hook."""

from __future__ import annotations

import io
import json
import os
import queue
import socket
import ssl
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
import trustme
import urllib3
from example_service import AuthenticationApi
from misbehaving import INFO, answer, message, raw, serving

from gravscale import ApiClient, ApiValueError, Configuration
from gravscale.transport.connection import IDLE_SECONDS
from gravscale.transport.urls import split_url

LARGE = b"x" * 20_000_000


# While a machine is suspended, the monotonic clock may stand still.
@pytest.mark.parametrize("clocks", [{"monotonic", "time"}, {"monotonic"}, {"time"}], ids=["both", "monotonic", "wall"])
def test_a_connection_that_was_idle_for_long_is_not_used_again(
    clocks: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    passed = 0.0

    class Clock:
        @staticmethod
        def monotonic() -> float:
            return time.monotonic() + passed * ("monotonic" in clocks)

        @staticmethod
        def time() -> float:
            return time.time() + passed * ("time" in clocks)

    monkeypatch.setattr("gravscale.transport.connection.time", Clock)
    with serving(answer()) as server, ApiClient(Configuration(server.url)) as api_client:
        auth = AuthenticationApi(api_client)
        auth.info()
        passed = IDLE_SECONDS - 5
        auth.info()
        assert server.connections == 1
        passed = 2 * IDLE_SECONDS
        auth.info()
        assert server.connections == 2


def test_a_silent_connection_is_kept_alive_by_tcp() -> None:
    with serving(answer()) as server, ApiClient(Configuration(server.url)) as api_client:
        response = AuthenticationApi(api_client).info_without_preload_content()
        pools: Any = api_client.transport
        response.read()
        sock = pools._pools[server.url].pool.get().sock
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        if hasattr(socket, "TCP_KEEPIDLE"):
            assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 30
        sock.close()


@contextmanager
def refusing_early(
    context: ssl.SSLContext | None,
    *,
    close: bool,
    body: object = {"detail": "too large"},  # it is read only
) -> Iterator[int]:
    """A server that reads the head of a request, answers 413, and reads no more."""
    listener = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def serve() -> None:
        sock, _ = listener.accept()
        with sock if context is None else context.wrap_socket(sock, server_side=True) as connection:
            while b"\r\n\r\n" not in connection.recv(65536):
                pass
            connection.sendall(message(body, 413))
            if not close:
                over.wait(20)
            # Closing at once would lose the answer on its way (RFC 9112, section 9.6).
            with suppress(OSError):
                while close and connection.recv(65536):
                    pass

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        over.set()
        listener.close()
        thread.join(20)


@pytest.mark.parametrize("close", [False, True], ids=["kept open", "closed"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_an_answer_that_arrives_before_the_request_was_sent_is_read(
    scheme: str, close: bool, authority: trustme.CA, tmp_path: Any
) -> None:
    context = None
    configuration = Configuration("http://127.0.0.1", timeout=10, retries=0)
    if scheme == "https":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(context)
        authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
        configuration.ssl_ca_cert = str(tmp_path / "ca.pem")
    with refusing_early(context, close=close) as port, ApiClient(configuration) as api_client:
        url = f"{scheme}://127.0.0.1:{port}/upload"
        response = api_client.call_api("POST", url, {"Content-Type": "application/octet-stream"}, LARGE)
        assert (response.status, response.read()) == (413, b'{"detail": "too large"}')


def test_a_connection_that_carries_half_a_request_is_not_used_again() -> None:
    with refusing_early(None, close=False, body=b"") as port, ApiClient(Configuration(retries=0)) as api_client:
        url = f"http://127.0.0.1:{port}/upload"
        response = api_client.call_api("POST", url, {"Content-Type": "application/octet-stream"}, LARGE)
        assert (response.status, response.read()) == (413, b"")
        transport: Any = api_client.transport
        idle = transport._pools[f"http://127.0.0.1:{port}"].pool
        with pytest.raises(queue.Empty):
            idle.get()


def test_a_process_forked_without_a_hook_opens_its_own_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(answer()) as server, ApiClient(Configuration(server.url)) as api_client:
        auth = AuthenticationApi(api_client)
        auth.info()
        here = os.getpid()
        monkeypatch.setattr("gravscale.transport.urllib3_transport.os.getpid", lambda: here + 1)
        auth.info()
        assert server.connections == 2


def test_a_location_in_utf_8_is_followed() -> None:
    moved = raw(b"HTTP/1.1 307 Moved\r\nLocation: /caf\xc3\xa9?q=\xc3\xbc\r\nContent-Length: 0\r\n\r\n")
    with serving(moved, answer()) as server, ApiClient(Configuration(server.url)) as api_client:
        AuthenticationApi(api_client).info()
        assert server.requests[1].target == "/caf%C3%A9?q=%C3%BC"


def test_call_api_sends_no_secret_to_another_origin() -> None:
    with serving(answer()) as home, serving(answer()) as elsewhere:
        with ApiClient(Configuration(home.url), cookie="sid=1") as api_client:
            api_client.set_default_header("Authorization", "Bearer a-token-of-the-service")
            api_client.set_default_header("X-Note", "harmless")
            for server in (home, elsewhere):
                api_client.call_api("GET", f"{server.url}/x")
        assert {"authorization", "cookie", "x-note"} <= home.requests[0].headers.keys()
        assert not {"authorization", "cookie"} & elsewhere.requests[0].headers.keys()
        assert elsewhere.requests[0].headers["x-note"] == "harmless"


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "Host": ({"_headers": {"host": "elsewhere"}}, "header host: can't be set, because the SDK"),
    "a cookie of two": ({"_request_auth": {"in": "cookie", "key": "a", "value": "1; admin=1"}}, "a semicolon"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_headers_that_would_change_the_request_are_refused(kind: str) -> None:
    options, complaint = REFUSED[kind]
    with serving(answer()) as server, ApiClient(Configuration(server.url)) as api_client:
        with pytest.raises(ApiValueError, match=complaint):
            AuthenticationApi(api_client).info(**options)
        assert server.requests == []


def test_an_international_host_name_is_encoded_as_idna_2008() -> None:
    pytest.importorskip("idna", reason="without the package idna such names are refused")
    assert split_url("https://fa\xdf.example/")[0] == "https://xn--fa-hia.example"


def test_without_the_package_idna_an_international_name_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "idna", None)
    with pytest.raises(ApiValueError, match="pip install idna"):
        Configuration("https://b\xfccher.example")


def test_a_replaced_transport_carries_every_call() -> None:
    class Recorded:
        """Answers from memory."""

        def __init__(self) -> None:
            self.targets: list[str] = []

        def send(self, request: Any, deadline: Any) -> Any:
            self.targets.append(f"{request.method} {request.target}")
            body = io.BytesIO(json.dumps(INFO).encode())
            return urllib3.HTTPResponse(body, {"Content-Type": "application/json"}, 200, preload_content=False)

        def close(self) -> None:
            self.targets.append("closed")

    transport = Recorded()
    with ApiClient(Configuration("https://service.example", access_token="token"), transport=transport) as api_client:
        assert AuthenticationApi(api_client).info().nickname == "me"
        assert api_client.transport is transport
    assert transport.targets == ["GET /api/auth/info", "closed"]
