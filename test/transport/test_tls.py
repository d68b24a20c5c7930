"""A request is sent only to a server that proves its identity."""

from __future__ import annotations

import datetime
import socket
import ssl
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import trustme
from cryptography.hazmat.primitives import serialization
from example_service import AuthenticationApi
from misbehaving import Server, answer, hang_up, message, mute_listener, raw, serving

import gravscale
from gravscale import ApiClient, Configuration

Issue = Callable[..., ssl.SSLContext]


@pytest.fixture
def issue(authority: trustme.CA) -> Issue:
    """Returns TLS settings for a server with a certificate from the authority."""

    def of(*names: str, **options: Any) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(*names, **options).configure_cert(context)
        return context

    return of


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> str:
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    return str(tmp_path / "ca.pem")


def info(host: str, **settings: Any) -> Any:
    with ApiClient(Configuration(host=host, access_token="token", **{"timeout": 10.0, **settings})) as client:
        return AuthenticationApi(client).info()


def refused(server: Server, match: str, **settings: Any) -> gravscale.ApiConnectionError:
    """Assert that a server is not trusted, at the first handshake, and gets no request."""
    with pytest.raises(gravscale.ApiConnectionError, match=match) as caught:
        info(**{"host": server.url, **settings})
    assert server.requests == []
    assert server.connections == 1
    assert caught.value.status is None
    assert isinstance(caught.value.__cause__, ssl.SSLError)
    return caught.value


@pytest.mark.parametrize("excess", [b"x", message({"email": "another", "nickname": "another"}), b"x" * 12_000])
def test_bytes_after_an_answer_are_never_read_as_the_next(issue: Issue, ca_file: str, excess: bytes) -> None:
    with serving(raw(message() + excess), answer(), tls=issue("127.0.0.1")) as server:
        with ApiClient(Configuration(host=server.url, ssl_ca_cert=ca_file)) as client:
            assert [AuthenticationApi(client).info().email for _ in range(2)] == ["me@example.com"] * 2
        assert server.connections == 2


def test_a_ca_in_a_file_is_trusted(issue: Issue, ca_file: str) -> None:
    with serving(answer(), tls=issue("127.0.0.1")) as server:
        assert info(server.url, ssl_ca_cert=ca_file).email == "me@example.com"
        assert server.requests[0].headers["authorization"] == "Bearer token"


@pytest.mark.parametrize("form", ["PEM", "DER"])
def test_a_ca_passed_as_data_is_trusted(form: str, issue: Issue, authority: trustme.CA) -> None:
    pem = authority.cert_pem.bytes().decode()
    data = pem if form == "PEM" else ssl.PEM_cert_to_DER_cert(pem)
    with serving(answer(), tls=issue("127.0.0.1")) as server:
        assert info(server.url, ca_cert_data=data).email == "me@example.com"


@pytest.mark.parametrize("settings", [{}, {"ca_cert_data": trustme.CA().cert_pem.bytes().decode()}])
def test_a_server_with_an_unknown_ca_is_refused_at_once(settings: Any, issue: Issue) -> None:
    with serving(answer(), tls=issue("127.0.0.1")) as server:
        refused(server, "certificate verify failed", **settings)


@pytest.mark.parametrize("name", ["localhost", "127.0.0.2", "*.example.com"])
@pytest.mark.parametrize("assert_hostname", [None, True])
def test_a_server_with_another_name_is_refused_at_once(
    name: str, assert_hostname: bool | None, issue: Issue, ca_file: str
) -> None:
    with serving(answer(), tls=issue(name)) as server:
        refused(server, "not valid for '127.0.0.1'", ssl_ca_cert=ca_file, assert_hostname=assert_hostname)


def test_an_expired_certificate_is_refused_at_once(issue: Issue, ca_file: str) -> None:
    past = datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc)
    with serving(answer(), tls=issue("127.0.0.1", not_before=past, not_after=past)) as server:
        refused(server, "certificate has expired", ssl_ca_cert=ca_file)


def test_the_host_name_is_unchecked_only_on_request(issue: Issue, ca_file: str) -> None:
    with serving(answer(), tls=issue("other.test")) as server:
        assert info(server.url, ssl_ca_cert=ca_file, assert_hostname=False).email == "me@example.com"
    with serving(answer(), tls=issue("other.test")) as server:
        refused(server, "certificate verify failed", assert_hostname=False)


def test_another_name_can_be_requested_and_verified(issue: Issue, ca_file: str) -> None:
    asked: list[str | None] = []
    context = issue("api.test")
    context.sni_callback = lambda _, name, __: asked.append(name)  # type: ignore[assignment, misc]
    with serving(answer(), tls=context) as server:
        assert info(server.url, ssl_ca_cert=ca_file, tls_server_name="api.test").email == "me@example.com"
    assert asked == ["api.test"]
    with serving(answer(), tls=issue("api.test")) as server:
        refused(server, "not valid for 'other.test'", ssl_ca_cert=ca_file, tls_server_name="other.test")


def test_without_verification_any_server_is_trusted_with_a_warning(issue: Issue) -> None:
    tls = issue("other.test")
    with serving(answer(), tls=tls) as server, pytest.warns(Warning, match="Unverified HTTPS request"):
        assert info(server.url, verify_ssl=False).email == "me@example.com"


def test_verification_gives_no_warning(issue: Issue, ca_file: str) -> None:
    with serving(answer(), tls=issue("127.0.0.1")) as server, warnings.catch_warnings():
        warnings.simplefilter("error")
        info(server.url, ssl_ca_cert=ca_file)


@pytest.fixture
def client_certificate(authority: trustme.CA, tmp_path: Path) -> tuple[str, str]:
    certificate = authority.issue_cert("me@example.com")
    for blob, name in ((certificate.private_key_pem, "key.pem"), (certificate.cert_chain_pems[0], "cert.pem")):
        blob.write_to_path(tmp_path / name)
    return str(tmp_path / "cert.pem"), str(tmp_path / "key.pem")


def test_a_client_certificate_is_sent_on_request(
    issue: Issue, ca_file: str, authority: trustme.CA, client_certificate: tuple[str, str]
) -> None:
    context = issue("127.0.0.1")
    authority.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED
    cert_file, key_file = client_certificate
    with serving(answer(), tls=context) as server:
        assert info(server.url, ssl_ca_cert=ca_file, cert_file=cert_file, key_file=key_file).email == "me@example.com"
    with serving(answer(), tls=context) as server:
        with pytest.raises(gravscale.ApiConnectionError):
            info(server.url, ssl_ca_cert=ca_file)
        assert server.requests == []


def test_tls_1_1_is_refused_even_if_the_server_has_nothing_else(issue: Issue, ca_file: str) -> None:
    context = issue("127.0.0.1")
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        # It warns about old versions, but this test needs one.
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
        careless = ssl.create_default_context(cafile=ca_file)
        careless.set_ciphers("ALL:@SECLEVEL=0")
        careless.minimum_version = ssl.TLSVersion.TLSv1
    with serving(answer(), tls=context) as server, socket.create_connection((server.host, server.port)) as sock:
        try:
            with careless.wrap_socket(sock, server_hostname="127.0.0.1") as tls:
                assert tls.version() == "TLSv1.1"
        except ssl.SSLError:
            pytest.skip("this OpenSSL speaks no TLS 1.1 at all")
    with serving(answer(), tls=context) as server:
        refused(server, "(?i)version|protocol", ssl_ca_cert=ca_file)


def test_a_server_that_speaks_no_tls_is_refused(ca_file: str) -> None:
    with serving(hang_up, greet=lambda connection: connection.send(b"220 Hello\r\n")) as server:
        refused(server, "while agreeing on TLS", host=server.url.replace("http:", "https:"), ssl_ca_cert=ca_file)


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"ssl_ca_cert": "/nowhere/ca.pem"}, "ssl_ca_cert: '/nowhere/ca.pem'"),
        ({"ssl_ca_cert": "{directory}"}, "ssl_ca_cert"),
        ({"ssl_ca_cert": "{empty}"}, "ssl_ca_cert"),
        ({"ca_cert_data": "no certificate"}, "ca_cert_data"),
        ({"ca_cert_data": "kein Zertifikät"}, "ca_cert_data"),
        ({"ca_cert_data": b"no certificate"}, "ca_cert_data"),
        ({"cert_file": "/nowhere/cert.pem"}, "cert_file"),
        ({"cert_file": "{empty}", "key_file": "{empty}"}, "cert_file"),
        ({"cert_file": "{cert}", "key_file": "/nowhere/key.pem"}, "key_file: .*/nowhere/key.pem"),
        ({"cert_file": "{cert}"}, "key_file"),
        ({"key_file": "{key}"}, "cert_file"),
        ({"cert_file": "{cert}", "key_file": "{encrypted}"}, "key_file"),
        ({"cert_file": "{cert}", "key_file": "{other key}"}, "key_file"),
    ],
    ids=str,
)
def test_a_certificate_that_cannot_be_loaded_is_named_and_nothing_is_sent(
    settings: dict[str, Any],
    named: str,
    tmp_path: Path,
    authority: trustme.CA,
    client_certificate: tuple[str, str],
    issue: Issue,
) -> None:
    (tmp_path / "empty").touch()
    other = authority.issue_cert("other@example.com").private_key_pem
    other.write_to_path(tmp_path / "other")
    key = serialization.load_pem_private_key(other.bytes(), None)
    (tmp_path / "encrypted").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"hunter2"),
        )
    )
    files = {
        "directory": str(tmp_path),
        "empty": str(tmp_path / "empty"),
        "encrypted": str(tmp_path / "encrypted"),
        "other key": str(tmp_path / "other"),
        "cert": client_certificate[0],
        "key": client_certificate[1],
    }
    settings = {
        name: files.get(value.strip("{}"), value) if isinstance(value, str) else value
        for name, value in settings.items()
    }
    with serving(answer(), tls=issue("127.0.0.1")) as server:
        with pytest.raises(gravscale.ApiValueError, match=named) as caught:
            info(server.url, **settings)
        assert server.connections == 0
    assert str(caught.value).partition(":")[0].partition(",")[0] in {"ssl_ca_cert", "ca_cert_data", "cert_file"}


def test_a_handshake_that_never_ends_ends_with_the_call() -> None:
    with mute_listener() as url, pytest.raises(gravscale.ApiTimeoutError, match="while agreeing on TLS"):
        info(url.replace("http:", "https:"), timeout=1.0)


def test_a_kept_connection_makes_one_handshake(issue: Issue, ca_file: str) -> None:
    with serving(answer(), tls=issue("127.0.0.1")) as server:
        with ApiClient(Configuration(host=server.url, ssl_ca_cert=ca_file)) as client:
            for _ in range(5):
                AuthenticationApi(client).info()
        assert (server.connections, len(server.requests)) == (1, 5)
