"""Which proxy a host is reached through, by the settings and the environment."""

from __future__ import annotations

from typing import Any

import pytest

from gravscale import ApiTypeError, ApiValueError, Configuration
from gravscale.transport.proxies import environment_proxies, proxy_for

PROXY = "http://proxy.test:3128"
OTHER = "http://other.test:3128"
SERVICE = "http://service.test"


def chosen(origin: str, **settings: Any) -> str | None:
    """The proxy's URL."""
    proxy = proxy_for(Configuration(**settings), origin)
    return None if proxy is None else proxy[0]


@pytest.mark.parametrize(
    ("host", "no_proxy", "expected"),
    [
        ("http://service.test", "", PROXY),
        ("http://service.test", "*", None),
        ("http://service.test", "service.test", None),
        ("http://service.test", "SERVICE.test", None),
        ("http://SERVICE.test", "service.test", None),
        ("http://service.test", "other.test, service.test", None),
        ("http://service.test", "other.test,service.test", None),
        ("http://service.test", ",service.test", None),
        ("http://service.test", "test", None),
        ("http://service.test", ".test", None),
        ("http://service.test", "*.test", None),
        ("http://service.test", "vice.test", PROXY),
        ("http://service.test", "service.test.org", PROXY),
        ("http://service.test:8080", "service.test:8080", None),
        ("http://service.test:8080", "service.test", None),
        ("http://service.test:8080", "service.test:9090", PROXY),
        ("http://service.test:8080", "service.test:9090,service.test", None),
        ("http://service.test", "service.test:80", None),
        ("https://service.test", "service.test:443", None),
        ("https://service.test", "service.test:80", PROXY),
        ("http://service.test.", "service.test", None),
        ("http://service.test", "service.test.", None),
        ("http://service.test:8080", "service.test.:8080", None),
        ("http://localhost.", "localhost", None),
        ("http://10.1.2.3", "10.0.0.0/8", None),
        ("http://10.1.2.3", "10.9.9.9/8", None),
        ("http://10.1.2.3", "service.test, 192.168.0.0/16, 10.0.0.0/8", None),
        ("http://10.1.2.3", "192.168.0.0/16", PROXY),
        ("http://10.1.2.3", "10.1.2.3", None),
        ("http://10.1.2.3", "2.3", PROXY),
        ("http://[fd00::1]", "fd00::/8", None),
        ("http://[fd00::1]:8080", "[fd00::1]", None),
        ("http://[fd00::1]:8080", "fd00::1", None),
        ("http://service.test", "10.0.0.0/8, nonsense/99, ,", PROXY),
    ],
)
def test_no_proxy_names_hosts_domains_ports_and_networks(
    host: str, no_proxy: str, expected: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert chosen(host, proxy=PROXY, no_proxy=no_proxy) == expected
    monkeypatch.setenv("NO_PROXY", no_proxy)
    assert chosen(host, proxy=PROXY) == expected


@pytest.mark.parametrize(
    ("origin", "variables", "expected"),
    [
        (SERVICE, {}, None),
        (SERVICE, {"HTTP_PROXY": PROXY, "ALL_PROXY": OTHER}, PROXY),
        (SERVICE, {"HTTPS_PROXY": PROXY}, None),
        (SERVICE, {"HTTPS_PROXY": PROXY, "all_proxy": OTHER}, OTHER),
        ("https://service.test", {"https_proxy": PROXY, "http_proxy": OTHER}, PROXY),
        (SERVICE, {"HTTP_PROXY": "proxy.test:3128"}, PROXY),
        (SERVICE, {"HTTP_PROXY": PROXY, "NO_PROXY": "service.test"}, None),
        # It may be that the proxy can't reach this machine's own services, and it need not see them.
        ("http://127.0.0.1:8000", {"HTTP_PROXY": PROXY}, None),
        ("http://localhost:8000", {"HTTP_PROXY": PROXY}, None),
        ("http://localhost:8000", {"HTTP_PROXY": PROXY, "NO_PROXY": "localhost:9000"}, PROXY),
        ("http://localhost:8000", {"HTTP_PROXY": PROXY, "NO_PROXY": "other.test,localhost:9000"}, PROXY),
        ("http://localhost:8000", {"HTTP_PROXY": PROXY, "NO_PROXY": "notlocalhost.test, localhost.test"}, None),
    ],
)
def test_the_environment_names_a_proxy_for_each_scheme(
    origin: str, variables: dict[str, str], expected: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert chosen(origin) == expected


@pytest.mark.parametrize(
    ("origin", "settings", "expected"),
    [
        (SERVICE, {"proxy": OTHER}, OTHER),
        (SERVICE, {"proxy": OTHER, "no_proxy": ""}, OTHER),
        (SERVICE, {"no_proxy": ""}, PROXY),
        (SERVICE, {"no_proxy": "service.test"}, None),
        ("http://127.0.0.1", {"proxy": OTHER}, OTHER),
        ("http://127.0.0.1", {"no_proxy": ""}, PROXY),
        ("http://excepted.test", {}, None),
        ("http://excepted.test", {"proxy": OTHER}, None),
        ("http://excepted.test", {"no_proxy": ""}, PROXY),
    ],
)
def test_each_setting_comes_before_its_variable(
    origin: str, settings: dict[str, str], expected: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", PROXY)
    monkeypatch.setenv("NO_PROXY", "excepted.test")
    assert chosen(origin, **settings) == expected


def test_without_a_variable_there_is_no_proxy_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert environment_proxies() == {}
    monkeypatch.setenv("Http_Proxy", PROXY)
    monkeypatch.setenv("NO_PROXY", "a,b")
    assert environment_proxies() == {"http": PROXY, "no": "a,b"}


AUTHORIZATION = {"Proxy-Authorization": "Basic bWU6YTpi"}


@pytest.mark.parametrize(
    ("address", "given", "url", "headers"),
    [
        ("http://me:a%3Ab@proxy.test:3128", None, PROXY, AUTHORIZATION),
        ("http://me@proxy.test:3128", None, PROXY, {"Proxy-Authorization": "Basic bWU6"}),
        ("https://m%65:a:b@proxy.test", {"X-A": "1"}, "https://proxy.test", {"X-A": "1", **AUTHORIZATION}),
        (PROXY, {"X-A": "1"}, PROXY, {"X-A": "1"}),
        (PROXY, None, PROXY, {}),
        # A header that is given comes before the password in the URL, in whatever case its name is.
        ("http://me:a%3Ab@proxy.test:3128", {"proxy-authorization": "X y"}, PROXY, {"proxy-authorization": "X y"}),
    ],
)
def test_a_password_in_the_url_of_a_proxy_becomes_a_header(
    address: str, given: dict[str, str] | None, url: str, headers: dict[str, str]
) -> None:
    assert proxy_for(Configuration(proxy=address, proxy_headers=given), SERVICE) == (url, headers)


def test_a_header_that_no_proxy_can_get_is_named() -> None:
    with pytest.raises(ApiValueError, match=r"^header X-A: the value contains a control character"):
        proxy_for(Configuration(proxy=PROXY, proxy_headers={"X-A": "1\n"}), SERVICE)


class WithComputedProxy(Configuration):
    """Settings of a program that computes its proxy when it is needed."""

    @property
    def proxy(self) -> str | None:
        return "ftp://computed.test"

    @proxy.setter
    def proxy(self, value: str | None) -> None: ...


@pytest.mark.parametrize(
    ("kind", "argument"), [(WithComputedProxy, "proxy"), (Configuration, "the environment's proxy")]
)
def test_a_proxy_that_can_not_be_used_is_named_by_its_source(
    kind: type[Configuration], argument: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "ftp://proxy.test")
    with pytest.raises(ApiValueError, match=f"^{argument}: expected the http or https URL of a proxy"):
        proxy_for(kind(), SERVICE)


def test_a_list_of_hosts_is_one_text() -> None:
    configuration: Any = Configuration()
    with pytest.raises(ApiTypeError, match=r"^no_proxy: expected str or None, got list$"):
        configuration.no_proxy = ["service.test"]


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_exceptions_in_the_system_settings_are_reached_directly(platform: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # Both systems have a list of exceptions beside the proxies, which Python reads only there.
    monkeypatch.setattr("sys.platform", platform)
    monkeypatch.setattr("urllib.request.getproxies", lambda: {"http": "http://proxy.test:3128"})
    monkeypatch.setattr("urllib.request.proxy_bypass", lambda host: host == "intranet.test")
    assert proxy_for(Configuration(), "http://intranet.test") is None
    assert proxy_for(Configuration(), "http://service.test") is not None
    # The program's own setting comes first.
    assert proxy_for(Configuration(proxy="http://other.test"), "http://intranet.test") is not None
