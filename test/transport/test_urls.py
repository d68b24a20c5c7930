"""URLs and hosts: which are understood, and what is said of the others."""

from __future__ import annotations

import sys
from ipaddress import ip_address
from typing import Any

import pytest

from gravscale import ApiTypeError, ApiValueError
from gravscale.transport.urls import (
    authority,
    check_host,
    is_loopback,
    parse_address,
    parse_proxy,
    percent_encode,
    split_url,
)


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    """Splits each URL anew."""
    for remembering in (split_url, authority, is_loopback):
        remembering.cache_clear()


EXPECTED_URL = "host: expected an http or https URL with a host"


@pytest.mark.parametrize(
    "host",
    [
        "a",
        "A-1.b_2.example.",
        "a" * 63,
        ".".join(["a" * 63, "b" * 63, "c" * 63, "d" * 61]),
        "127.0.0.1",
        "[::1]",
        "[fe80::1%25eth0]",
    ],
)
def test_a_host_is_a_name_or_an_address(host: str) -> None:
    assert check_host(f"https://{host}/base") == f"https://{host}/base"


@pytest.mark.parametrize(
    "host",
    [
        "a..b",
        ".a",
        "a..",
        "-a",
        "a.b-",
        "a!b",
        "a" * 64,
        ".".join(["a" * 63, "b" * 63, "c" * 63, "d" * 62]),
        "\xad",
    ],
)
def test_what_is_no_host_is_refused_without_being_quoted(host: str) -> None:
    with pytest.raises(ApiValueError) as caught:
        check_host(f"https://{host}/")
    assert str(caught.value) == "host: the host is not a valid name or address"


@pytest.mark.parametrize(
    ("host", "error", "message"),
    [
        (7, ApiTypeError, "expected the service's base URL as a str, got int"),
        ("https://a/?b", ApiValueError, "expected a base URL without a query or fragment"),
        ("https://a/#b", ApiValueError, "expected a base URL without a query or fragment"),
    ],
)
def test_a_base_url_is_named_by_its_argument(host: Any, error: type[Exception], message: str) -> None:
    for name in ("host", "--host"):
        arguments = (host,) if name == "host" else (host, name)
        with pytest.raises(error) as caught:
            check_host(*arguments)
        assert str(caught.value) == f"{name}: {message}"
    with pytest.raises(ApiValueError, match=r"^--host: expected an http or https URL"):
        check_host("ftp://a", "--host")


@pytest.mark.parametrize(
    ("url", "meant"),
    [
        ("localhost", "http://localhost"),
        ("a.b.localhost", "http://a.b.localhost"),
        ("127.0.0.1", "http://127.0.0.1"),
        ("127.0.0.1:65535/base", "http://127.0.0.1:65535/base"),
        ("service:8000", "https://service:8000"),
        ("api.example.com", "https://api.example.com"),
        ("my-api.example.com:1/a/b-c/", "https://my-api.example.com:1/a/b-c/"),
    ],
)
def test_a_url_that_only_lacks_its_scheme_gets_a_suggestion(url: str, meant: str) -> None:
    with pytest.raises(ApiValueError) as caught:
        split_url(url, "host")
    assert str(caught.value) == f"{EXPECTED_URL}, got {url!r}; did you mean {meant!r}?"


@pytest.mark.parametrize(
    "url", ["service", "a.B", "a.example.c", "a.example/1", "a.example:secret", "a.example:123456"]
)
def test_a_url_that_could_be_a_secret_is_not_quoted(url: str) -> None:
    with pytest.raises(ApiValueError) as caught:
        split_url(url, "host")
    assert str(caught.value) == EXPECTED_URL


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("http://a", ("http", None, None, "a", None)),
        ("https://me:p%40ss@a:8080/", ("https", "me", "p%40ss", "a", 8080)),
        ("http://[::1]:65535", ("http", None, None, "::1", 65535)),
    ],
)
def test_the_url_of_a_proxy_is_split(url: str, parts: tuple[Any, ...]) -> None:
    split = parse_proxy(url, "proxy")
    assert (split.scheme, split.username, split.password, split.hostname, split.port) == parts


@pytest.mark.parametrize(
    "url",
    [
        "http://me:se/cret@a",
        "http://me:se?cret@a",
        "http://me:se#cret@a",
        "http://me:cret@a/path",
        "http://a:0",
        "http://a:secret",
        "http://a:65536",
        "http://[secret",
        "ftp://a",
        "a:1",
        "http://",
        "",
        None,
        5,
        b"http://a",
    ],
)
def test_what_is_no_url_of_a_proxy_is_refused_without_being_quoted(url: Any) -> None:
    with pytest.raises(ApiValueError) as caught:
        parse_proxy(url, "--proxy")
    expected = "expected the http or https URL of a proxy, with special characters in its password percent-encoded"
    assert str(caught.value) == f"--proxy: {expected}"
    assert caught.value.__context__ is None


@pytest.mark.parametrize("url", ["socks5://a:1080", "SOCKS4://a"])
def test_a_socks_proxy_is_refused_as_such(url: str) -> None:
    with pytest.raises(ApiValueError) as caught:
        parse_proxy(url, "proxy")
    assert str(caught.value) == "proxy: expected the http or https URL of a proxy; SOCKS is not supported"


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", ip_address("127.0.0.1")),
        ("fe80::1", ip_address("fe80::1")),
        ("fe80::1%eth0", ip_address("fe80::1")),
        ("fe80::1%a%b", ip_address("fe80::1")),
        ("localhost", None),
        ("127.0.0", None),
        ("", None),
    ],
)
def test_an_address_is_told_from_a_name(host: str, address: object) -> None:
    assert parse_address(host) == address


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("http://a", "a"),
        ("https://a:8000", "a:8000"),
        ("http://[::1]:8000", "[::1]:8000"),
        # The zone means something only on this machine.
        ("http://[fe80::1%25eth0]", "[fe80::1]"),
        ("http://[fe80::1%eth0]:8000", "[fe80::1]:8000"),
    ],
)
def test_the_host_header_is_the_host_and_port_without_a_zone(origin: str, host: str) -> None:
    assert authority(origin) == host


@pytest.mark.parametrize(
    ("origin", "is_local"),
    [
        ("http://localhost", True),
        ("http://LOCALHOST:8000", True),
        ("http://localhost.", True),
        ("http://a.localhost", True),
        ("http://127.0.0.1", True),
        ("http://127.9.9.9:80", True),
        ("http://[::1]:80", True),
        ("http://alocalhost", False),
        ("http://localhost.example", False),
        ("http://10.0.0.1", False),
        ("http://[::2]", False),
        ("http://128.0.0.1", False),
    ],
)
def test_an_origin_on_this_machine_is_told_from_others(origin: str, is_local: bool) -> None:
    assert is_loopback(origin) is is_local


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("http://[::1", "not a URL, or one with an impossible host or port"),
        ("http://a:70000", "not a URL, or one with an impossible host or port"),
        ("http://a:secret", "not a URL, or one with an impossible host or port"),
        ("//a", "expected an http or https URL with a host"),
        ("http:///a", "expected an http or https URL with a host"),
        ("http://me@a", "the URL must not contain a user name or password"),
        ("http://:secret@a", "the URL must not contain a user name or password"),
        ("http://a/b c", "the URL contains a space or a control character"),
        ("http://a/\x00", "the URL contains a space or a control character"),
        ("http://a/\x7f", "the URL contains a space or a control character"),
        ("http://[v1.a:b]", "the host is not a valid name or address"),
        ("http://a:0", "expected a port from 1 to 65535, got 0"),
        ("http://a/\ud800", "the text contains a lone surrogate, which can't be encoded"),
    ],
)
def test_an_invalid_url_is_named_by_its_argument_and_not_quoted(url: str, message: str) -> None:
    for arguments, name in (((url,), "url"), ((url, "path"), "path")):
        with pytest.raises(ApiValueError) as caught:
            split_url(*arguments)
        assert str(caught.value) == f"{name}: {message}"
        assert caught.value.__context__ is None


@pytest.mark.parametrize(
    ("text", "safe", "encoded"),
    [("a b/c?", "", "a%20b%2Fc%3F"), ("a b/c?", "/", "a%20b/c%3F"), ("\xe9~%", "", "%C3%A9~%25")],
)
def test_text_is_percent_encoded_unless_it_is_safe(text: str, safe: str, encoded: str) -> None:
    assert percent_encode(text, "filter", safe) == encoded
    assert percent_encode("/", "filter") == "%2F"


def test_a_lone_surrogate_is_named_by_its_argument_and_not_quoted() -> None:
    with pytest.raises(ApiValueError) as caught:
        percent_encode("secret\ud800", "filter")
    assert str(caught.value) == "filter: the text contains a lone surrogate, which can't be encoded"
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    ("url", "split"),
    [
        ("http://a", ("http://a", "")),
        ("http://a:80/b?c=d", ("http://a", "/b?c=d")),
        ("https://a:443/", ("https://a", "/")),
        ("http://a:443/", ("http://a:443", "/")),
        ("HTTPS://A.b:80", ("https://a.b:80", "")),
        ("http://[::1]:8000/%zz%41", ("http://[::1]:8000", "/%25zz%41")),
        ("http://a/\xe9", ("http://a", "/%C3%A9")),
    ],
)
def test_a_url_is_split_into_origin_and_target(url: str, split: tuple[str, str]) -> None:
    assert split_url(url) == split


@pytest.mark.parametrize(
    ("host", "in_ascii"),
    [
        ("B\xfccher.example", "xn--bcher-kva.example"),
        ("fa\xdf.example", "xn--fa-hia.example"),
        ("\uff45xample\u3002com", "example.com"),
    ],
)
def test_an_international_name_is_written_in_ascii(host: str, in_ascii: str) -> None:
    pytest.importorskip("idna", reason="without the package idna such names are refused")
    assert split_url(f"https://{host}")[0] == f"https://{in_ascii}"


def test_without_the_package_idna_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "idna", None)
    with pytest.raises(ApiValueError) as caught:
        split_url("https://f\xe4cher.example", "host")
    expected = "an international host name needs the package idna (pip install idna), or write it as xn--…"
    assert str(caught.value) == f"host: {expected}"
