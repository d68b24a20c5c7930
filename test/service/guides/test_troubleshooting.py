"""The headings of the troubleshooting page are real messages of the SDK."""

from __future__ import annotations

import re
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import trustme
from misbehaving import Connection, Request, answer, refusing, serving, silence
from pages import DOCS

import gravscale

HEADINGS = re.findall(r"^### (.*)$", (DOCS / "troubleshooting.md").read_text("utf-8"), re.MULTILINE)
CA = trustme.CA()


@contextmanager
def tls_for(name: str) -> Iterator[str]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    CA.issue_cert(name).configure_cert(context)
    with serving(answer(), tls=context) as server:
        yield server.url.replace("127.0.0.1", "localhost")


def message(host: str, *, seconds: float = 5.0, **settings: object) -> str:
    """The message of the error of a call to a host."""
    configuration = gravscale.Configuration(host, access_token="t" * 20, retries=0)
    for name, value in settings.items():
        setattr(configuration, name, value)
    with gravscale.ApiClient(configuration) as api_client, pytest.raises(gravscale.ApiException) as caught:
        gravscale.AuthenticationApi(api_client).info(_request_timeout=seconds)
    return str(caught.value)


def refused() -> str:
    with refusing() as url:
        return message(url)


def untrusted() -> str:
    with tls_for("localhost") as url:
        return message(url)


def of_another_name() -> str:
    with tls_for("example.com") as url:
        return message(url, ca_cert_data=CA.cert_pem.bytes().decode())


def without_tls() -> str:
    def plain(connection: Connection, _: Request) -> None:
        raise AssertionError("no request can be read")

    with serving(plain, greet=lambda connection: connection.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as server:
        return message(server.url.replace("http", "https"))


def by_proxy(status: int) -> Callable[[], str]:
    def of_status() -> str:
        with serving(answer({}, status)) as proxy:
            return message("https://example.com", proxy=proxy.url)

    return of_status


def slow() -> str:
    with serving(silence) as server:
        return message(server.url, seconds=0.2)


def answered(body: object, status: int = 200, **headers: str) -> Callable[[], str]:
    def call() -> str:
        with serving(answer(body, status, headers)) as server:
            return message(server.url)

    return call


@pytest.mark.parametrize(
    ("failure", "heading"),
    [
        (refused, "`Connection refused`"),
        (untrusted, "`CERTIFICATE_VERIFY_FAILED: unable to get local issuer certificate`"),
        (of_another_name, "`CERTIFICATE_VERIFY_FAILED: Hostname mismatch`"),
        (without_tls, "`timed out after … while agreeing on TLS` or `WRONG_VERSION_NUMBER`"),
        (by_proxy(407), "`Tunnel connection failed: 407 Proxy Authentication Required`"),
        (by_proxy(403), "`Tunnel connection failed: 403 Forbidden`"),
        (slow, "`timed out after … while waiting for the answer`"),
        (answered({}, 401), "`401 Unauthorized`"),
        (answered({}, 404), "`404 Not Found`"),
        (answered({}, 302, Location="https://x.test"), "`a redirect to another origin, …, which was not followed`"),
        (answered(b"<p>", **{"Content-Type": "text/html"}), "`an answer of … bytes (text/html), not the expected …`"),
    ],
)
def test_each_heading_is_a_real_error_message(failure: Callable[[], str], heading: str) -> None:
    assert heading in HEADINGS
    text = failure()
    patterns = [re.escape(part).replace("…", ".*").replace(":\\ ", ".*: ") for part in re.findall("`([^`]+)`", heading)]
    assert any(re.search(pattern, text) for pattern in patterns), text
