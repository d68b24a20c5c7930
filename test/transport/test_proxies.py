"""Through a proxy, a request arrives unchanged, and the proxy learns no more than necessary."""

from __future__ import annotations

import base64
import select
import socket
import ssl
import time
from typing import Any
from urllib.parse import quote, unquote

import pytest
import trustme
from example_service import AuthenticationApi, TaskManagerApi
from misbehaving import (
    AUTHORIZATION,
    TASK,
    Connection,
    Request,
    Scenario,
    answer,
    message,
    mute_listener,
    raw,
    refusing,
    serving,
    silence,
)

import gravscale
from gravscale import ApiClient, Configuration


def tunnel(to: tuple[str, int], interim: bytes = b"") -> Scenario:
    """The proxy's reaction to CONNECT (RFC 9110, section 9.3.6), for any host, after interim answers."""

    def scenario(connection: Connection, request: Request) -> None:
        assert request.method == "CONNECT"
        with socket.create_connection(to) as origin:
            connection.send(interim + b"HTTP/1.1 200 Connection established\r\nVia: 1.1 proxy\r\n\r\n")
            ends = {connection.socket: origin, origin: connection.socket}
            while not connection.server.over.is_set():
                for end in select.select(list(ends), [], [], 0.05)[0]:
                    if not (data := end.recv(65536)):
                        return
                    ends[end].sendall(data)

    return scenario


def asking_for_password(user: str, password: str, then: Scenario) -> Scenario:
    expected = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()

    def scenario(connection: Connection, request: Request) -> None:
        if request.headers.get("proxy-authorization") == expected:
            then(connection, request)
        else:
            connection.send(message(b"", 407, {"Proxy-Authenticate": 'Basic realm="proxy"'}))

    return scenario


@pytest.fixture
def tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("service.test", "127.0.0.1").configure_cert(context)
    return context


@pytest.fixture
def trusting(authority: trustme.CA) -> dict[str, Any]:
    return {"ca_cert_data": authority.cert_pem.bytes().decode()}


def client(host: str, **settings: Any) -> ApiClient:
    return ApiClient(Configuration(host=host, **{"access_token": "token", "timeout": 10.0, **settings}))


def info(host: str, **settings: Any) -> str:
    with client(host, **settings) as api_client:
        return AuthenticationApi(api_client).info().email


# This host does not exist, so a request can reach it only through the proxy.
HTTP = "http://service.test"
HTTPS = "https://service.test"


@pytest.fixture(autouse=True)
def _no_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    # The test knows that requests to http hosts are unencrypted.
    monkeypatch.setattr("gravscale.pipeline.send._warned", {"plain http": object()})


def test_an_https_service_is_reached_through_a_tunnel(tls: ssl.SSLContext, trusting: Any) -> None:
    with serving(answer(), tls=tls) as service, serving(tunnel((service.host, service.port))) as proxy:
        with client(HTTPS, proxy=proxy.url, **trusting) as api_client:
            for _ in range(3):
                assert AuthenticationApi(api_client).info().email == "me@example.com"
        assert [request[:2] for request in service.requests] == [("GET", "/api/auth/info")] * 3
        assert service.requests[0].headers["authorization"] == "Bearer token"
        (asked,) = proxy.requests
    assert asked[:2] == ("CONNECT", "service.test:443")
    assert "authorization" not in asked.headers


HINTS = b"HTTP/1.1 103 Early Hints\r\n" + b"Link: x\r\n" * 99 + b"\r\n"


@pytest.mark.parametrize("interim", [b"HTTP/1.1 100 Continue\r\n\r\n", HINTS * 100], ids=["one", "many"])
def test_interim_answers_of_a_proxy_are_skipped(interim: bytes, tls: ssl.SSLContext, trusting: Any) -> None:
    with serving(answer(), tls=tls) as service, serving(tunnel((service.host, service.port), interim)) as proxy:
        assert info(HTTPS, proxy=proxy.url, **trusting) == "me@example.com"


@pytest.mark.parametrize(
    "interim",
    [
        b"HTTP/1.1 103 Early Hints\r\n\r\n" * 101,
        b"HTTP/1.1 103 Early Hints\r\n" + b"Link: x\r\n" * 100 + b"\r\n",
    ],
    ids=["too many", "too long"],
)
def test_endless_interim_answers_of_a_proxy_are_refused(interim: bytes, tls: ssl.SSLContext, trusting: Any) -> None:
    with serving(answer(), tls=tls) as service, serving(tunnel((service.host, service.port), interim)) as proxy:
        with pytest.raises(gravscale.ApiException, match=r"the proxy failed|can't be read"):
            info(HTTPS, proxy=proxy.url, retries=0, **trusting)
        assert service.requests == []


def test_a_service_behind_a_tunnel_must_have_a_valid_certificate(tls: ssl.SSLContext, trusting: Any) -> None:
    with serving(answer(), tls=tls) as service, serving(tunnel((service.host, service.port))) as proxy:
        with pytest.raises(gravscale.ApiConnectionError, match=r"not valid for 'other\.test'"):
            info("https://other.test", proxy=proxy.url, **trusting)
        with pytest.raises(gravscale.ApiConnectionError, match="certificate verify failed"):
            info(HTTPS, proxy=proxy.url)
        assert service.requests == []
        assert len(proxy.requests) == 2


def test_an_http_service_is_requested_by_its_full_url() -> None:
    with serving(answer(), answer(AUTHORIZATION)) as proxy, client(f"{HTTP}:8080/base", proxy=proxy.url) as api_client:
        AuthenticationApi(api_client).info()
        AuthenticationApi(api_client).refresh_token("s3cret/?&=%")
    first, second = proxy.requests
    assert first[:2] == ("GET", f"{HTTP}:8080/base/api/auth/info")
    assert first.headers["host"] == "service.test:8080"
    # The real token: only text for people is masked.
    assert second[:2] == ("POST", f"{HTTP}:8080/base/api/auth/refresh?refresh_token=s3cret%2F%3F%26%3D%25")


def test_a_proxy_leaves_the_path_to_an_http_service_unchanged() -> None:
    with serving(answer(TASK)) as proxy, client(HTTP, proxy=proxy.url) as api_client:
        for name in ("a/../b", "ä €", "%2e%2e", "a;b?c#d"):
            TaskManagerApi(api_client).get_task(name, 7)
            assert unquote(proxy.requests[-1].target.partition("?")[0]) == f"{HTTP}/api/task/{name}"


@pytest.mark.parametrize("host", [HTTP, HTTPS])
def test_a_proxy_that_asks_for_a_password_gets_the_one_in_its_url(
    host: str, tls: ssl.SSLContext, trusting: Any
) -> None:
    password = "hünter2:@/%"
    with serving(answer(), tls=tls) as service:
        then = answer() if host == HTTP else tunnel((service.host, service.port))
        with serving(asking_for_password("me", password, then)) as proxy:
            address = f"{proxy.host}:{proxy.port}"
            url = f"http://me:{quote(password, safe='')}@{address}"
            assert info(host, proxy=url, **trusting) == "me@example.com"
            with pytest.raises(gravscale.ApiException, match="407 Proxy Authentication Required") as caught:
                info(host, proxy=f"http://me:wr0ng@{address}", retries=0, **trusting)
            assert "wr0ng" not in f"{caught.value!r} {caught.value} {vars(caught.value)}"
            assert len(proxy.requests) == 2
        assert all("proxy-authorization" not in request.headers for request in service.requests)


def test_proxy_headers_go_only_to_the_proxy(tls: ssl.SSLContext, trusting: Any) -> None:
    with serving(answer(), tls=tls) as service, serving(tunnel((service.host, service.port))) as proxy:
        info(HTTPS, proxy=proxy.url, proxy_headers={"X-Department": "7"}, **trusting)
        assert proxy.requests[0].headers["x-department"] == "7"
        assert "x-department" not in service.requests[0].headers
        with pytest.raises(gravscale.ApiValueError, match="X-Department"):
            info(HTTPS, proxy=proxy.url, proxy_headers={"X-Department": "7\r\nX: y"}, **trusting)
        assert len(proxy.requests) == 1


def test_a_proxy_may_use_tls(authority: trustme.CA, tls: ssl.SSLContext, trusting: Any) -> None:
    with serving(answer(), tls=tls) as proxy:
        assert info(HTTP, proxy=proxy.url, **trusting) == "me@example.com"
        assert proxy.requests[0].target == f"{HTTP}/api/auth/info"
        with pytest.raises(gravscale.ApiConnectionError, match="certificate verify failed"):
            info(HTTP, proxy=proxy.url)
        context = ssl.create_default_context(cadata=trusting["ca_cert_data"])
        assert info(HTTP, proxy=proxy.url, proxy_ssl_context=context) == "me@example.com"
        assert len(proxy.requests) == 2


def test_a_tunnel_may_go_through_a_tls_proxy(tls: ssl.SSLContext, trusting: Any) -> None:
    with serving(answer(), tls=tls) as service:
        with serving(tunnel((service.host, service.port)), tls=tls) as proxy:
            assert info(HTTPS, proxy=proxy.url, **trusting) == "me@example.com"
            assert proxy.requests[0].target == "service.test:443"
        assert len(service.requests) == 1


@pytest.mark.parametrize("host", [HTTP, HTTPS])
def test_the_deadline_holds_for_a_proxy_that_never_answers(host: str) -> None:
    with serving(silence) as proxy:
        started = time.monotonic()
        with pytest.raises(gravscale.ApiTimeoutError) as caught:
            info(host, proxy=proxy.url, timeout=0.3)
        assert ("while connecting through the proxy" in str(caught.value)) == (host == HTTPS)
        assert time.monotonic() - started < 0.8


def test_the_deadline_holds_for_a_tunnel_that_drips(tls: ssl.SSLContext) -> None:
    def drip(connection: Connection, _: Request) -> None:
        connection.drip(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 1000)

    with serving(drip) as proxy:
        started = time.monotonic()
        with pytest.raises(gravscale.ApiTimeoutError):
            info(HTTPS, proxy=proxy.url, timeout=0.3)
        assert time.monotonic() - started < 0.8


@pytest.mark.parametrize("context", [None, ssl.create_default_context()], ids=["own", "given"])
@pytest.mark.parametrize("host", [HTTP, HTTPS])
def test_the_deadline_holds_for_a_tls_proxy_that_never_answers(host: str, context: ssl.SSLContext | None) -> None:
    with mute_listener() as url:
        started = time.monotonic()
        with pytest.raises(gravscale.ApiTimeoutError):
            info(host, proxy=url.replace("http:", "https:"), proxy_ssl_context=context, timeout=0.3)
        assert time.monotonic() - started < 0.8


@pytest.mark.parametrize(
    "scenario",
    [raw(b"SSH-2.0\r\n", close=True), raw(b"", close=True), answer({}, 403), answer({}, 502), answer({}, 302)],
)
def test_a_tunnel_that_is_refused_is_an_error_and_the_service_gets_nothing(scenario: Scenario) -> None:
    with serving(scenario) as proxy:
        with pytest.raises(gravscale.ApiException) as caught:
            info(HTTPS, proxy=proxy.url, retries=0)
        assert all(request.method == "CONNECT" for request in proxy.requests)
        assert len(proxy.requests) == 1
    assert caught.value.url == f"{HTTPS}/api/auth/info"


def test_an_unreachable_proxy_is_named_as_the_cause() -> None:
    with (
        refusing() as url,
        pytest.raises(gravscale.ApiConnectionError, match=r"the proxy failed while connecting: .*refused"),
    ):
        info(HTTPS, proxy=url, retries=0)


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])
def test_an_http_service_is_reached_by_the_environments_proxy(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(answer()) as proxy:
        # Without a scheme, as is common.
        monkeypatch.setenv(name, proxy.url.removeprefix("http://") if name.islower() else proxy.url)
        assert info(HTTP) == "me@example.com"
        assert proxy.requests[0].target == f"{HTTP}/api/auth/info"


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])
def test_an_https_service_is_reached_by_the_environments_proxy(
    name: str, tls: ssl.SSLContext, trusting: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(answer(), tls=tls) as service, serving(tunnel((service.host, service.port))) as proxy:
        monkeypatch.setenv(name, proxy.url)
        assert info(HTTPS, **trusting) == "me@example.com"
        assert proxy.requests[0].target == "service.test:443"


def test_configuration_overrides_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(answer()) as proxy, serving(answer()) as other, serving(answer()) as service:
        monkeypatch.setenv("HTTP_PROXY", other.url)
        assert info(HTTP, proxy=proxy.url) == "me@example.com"
        assert info(service.url, no_proxy="127.0.0.0/8") == "me@example.com"
        monkeypatch.setenv("NO_PROXY", "*")
        assert info(HTTP, no_proxy="") == "me@example.com"
        assert (len(proxy.requests), len(service.requests), len(other.requests)) == (1, 1, 1)


def test_no_proxy_in_the_environment_overrides_its_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(answer()) as proxy, serving(answer()) as service:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("NO_PROXY", "localhost,127.0.0.1")
        assert info(service.url) == "me@example.com"
        assert (proxy.connections, len(service.requests)) == (0, 1)


@pytest.mark.parametrize("url", ["socks5://127.0.0.1:1", "ftp://127.0.0.1", "http://", "//", "http://127.0.0.1:x", 5])
def test_a_url_that_is_not_an_http_proxy_is_refused(url: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(gravscale.ApiValueError, match=r"^proxy: "):
        Configuration(proxy=url)
    if isinstance(url, str):
        monkeypatch.setenv("HTTP_PROXY", url)
        with pytest.raises(gravscale.OpenApiException, match=r"^the environment's proxy: ") as caught:
            info(HTTP)
        assert ("SOCKS is not supported" in str(caught.value)) == url.startswith("socks")
