"""What the SDK logs, to which logger and at which level; and that it is silent by default."""

from __future__ import annotations

import logging
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from example_service import AuthenticationApi
from misbehaving import Connection, Request, answer, hang_up, refusing, serving
from recording import EMAIL, PASSWORD, Service, recording

import gravscale

Lines = list[tuple[str, str, str]]


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lines]:
    """Logger, level and text of each record, in order."""
    monkeypatch.setattr("gravscale.pipeline.retry.BACKOFF_SECONDS", 0.001)
    found: Lines = []

    class Collecting(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            found.append((record.name, record.levelname, record.getMessage()))

    handler = Collecting()
    sdk = logging.getLogger("gravscale")
    sdk.addHandler(handler)
    with caplog.at_level(logging.DEBUG, "gravscale"):
        yield found
    sdk.removeHandler(handler)


@pytest.fixture
def service() -> Iterator[Service]:
    with recording() as running:
        yield running


def signed_out(service: Service) -> tuple[gravscale.ApiClient, gravscale.PasswordCredentials]:
    credentials = gravscale.PasswordCredentials(EMAIL, PASSWORD)
    return gravscale.ApiClient(gravscale.Configuration(service.url, credentials=credentials)), credentials


def test_a_call_is_one_line_at_debug(lines: Lines) -> None:
    with serving(answer()) as server, gravscale.ApiClient(gravscale.Configuration(server.url)) as client:
        AuthenticationApi(client).info()
    ((name, level, text),) = lines
    assert (name, level) == ("gravscale.rest", "DEBUG")
    assert re.fullmatch(r"GET /api/auth/info: status 200, 45 bytes, \d+ ms, attempt 1", text)


def test_the_line_of_a_call_has_its_time_in_milliseconds(lines: Lines) -> None:
    def slowly(connection: Connection, request: Request) -> None:
        connection.server.over.wait(0.1)
        answer()(connection, request)

    with serving(slowly) as server, gravscale.ApiClient(gravscale.Configuration(server.url)) as client:
        AuthenticationApi(client).info_without_preload_content().close()
    found = re.fullmatch(r"GET /api/auth/info: status 200, unread, (\d+) ms, attempt 1", lines[0][2])
    assert found is not None
    assert 100 <= int(found[1]) < 10_000


def test_a_call_that_fails_is_one_line_at_debug(lines: Lines) -> None:
    failing = pytest.raises(gravscale.ApiConnectionError)
    with refusing() as url, gravscale.ApiClient(gravscale.Configuration(url, retries=0)) as client, failing:
        AuthenticationApi(client).info()
    ((name, level, text),) = lines
    assert (name, level) == ("gravscale.rest", "DEBUG")
    assert re.fullmatch(r"GET /api/auth/info: no answer while connecting: .*, attempt 1", text)


def test_each_retry_is_a_line_at_info_that_says_why_and_when(lines: Lines) -> None:
    scenarios = answer({}, 503), hang_up, answer()
    with serving(*scenarios) as server, gravscale.ApiClient(gravscale.Configuration(server.url)) as client:
        AuthenticationApi(client).info()
    assert [(name, level) for name, level, _ in lines] == [
        ("gravscale.rest", "INFO"),
        ("gravscale.rest", "INFO"),
        ("gravscale.rest", "DEBUG"),
    ]
    assert re.fullmatch(r"GET /api/auth/info: status 503; again in 0\.00 s", lines[0][2])
    assert re.fullmatch(r"GET /api/auth/info: no answer .*; again in 0\.00 s", lines[1][2])
    assert lines[2][2].endswith("attempt 3")


def test_signing_in_and_each_renewal_are_a_line_at_info(lines: Lines, service: Service) -> None:
    client, _ = signed_out(service)
    with client:
        auth = AuthenticationApi(client)
        auth.info()
        service.revoke()
        auth.info()
    records = [(level, text) for name, level, text in lines if name == "gravscale.auth"]
    assert [level for level, _ in records] == ["INFO", "INFO"]
    until = r"valid until \d{4}-\d\d-\d\d \d\d:\d\d:\d\d.*"
    assert re.fullmatch(rf"{service.url}: signed in, {until}", records[0][1])
    assert re.fullmatch(rf"{service.url}: renewed the access token, {until}", records[1][1])


def test_a_refused_refresh_token_is_a_warning(lines: Lines, service: Service) -> None:
    client, _ = signed_out(service)
    with client:
        AuthenticationApi(client).info()
        service.revoke(refresh=True)
        lines.clear()
        AuthenticationApi(client).info()
    records = [(level, text.partition(", ")[0]) for name, level, text in lines if name == "gravscale.auth"]
    assert records == [
        ("WARNING", f"{service.url}: refused the refresh token with status 401"),
        ("INFO", f"{service.url}: signed in"),
    ]


def test_a_token_from_the_store_is_a_line_at_debug(lines: Lines, service: Service, tmp_path: object) -> None:
    for _ in range(2):
        store = gravscale.FileTokenStore(f"{tmp_path}/tokens")
        credentials = gravscale.PasswordCredentials(EMAIL, PASSWORD, store=store)
        with gravscale.ApiClient(gravscale.Configuration(service.url, credentials=credentials)) as client:
            AuthenticationApi(client).info()
    records = [(level, text) for name, level, text in lines if name == "gravscale.auth"]
    assert records[1:] == [("DEBUG", f"{service.url}: using the access token from the store")]


def test_no_line_has_an_account_or_a_secret(lines: Lines, service: Service) -> None:
    client, credentials = signed_out(service)
    tokens = []
    with client:
        for refresh in (False, True):
            AuthenticationApi(client).info()
            tokens.append(credentials.access_token(client))
            service.revoke(refresh=refresh)
        AuthenticationApi(client).info()
    assert len(lines) > 6
    assert len(set(tokens)) == 2
    secrets = (EMAIL, EMAIL.partition("@")[0], PASSWORD, *tokens, "refresh-1", "refresh-2")
    assert [text for _, _, text in lines if any(secret in text for secret in secrets)] == []


PROGRAM = """
import logging, sys
import gravscale
import example_service
example_service.stand_in()

credentials = gravscale.PasswordCredentials("me@example.com", "secret")
with gravscale.ApiClient(gravscale.Configuration(sys.argv[1], credentials=credentials)) as client:
    example_service.AuthenticationApi(client).info()
for concern in ("", ".rest", ".auth", ".pagination", ".tasks"):
    logging.getLogger("gravscale" + concern).critical("out of order")
"""


def test_a_program_without_logging_sees_nothing(service: Service) -> None:
    program = [sys.executable, "-c", PROGRAM, service.url]
    finished = subprocess.run(program, capture_output=True, text=True, check=False)
    assert (finished.returncode, finished.stdout, finished.stderr) == (0, "", "")


def test_importing_the_package_does_not_load_logging() -> None:
    program = "import sys, gravscale; sys.exit('logging' in sys.modules)"
    # Without site, because development tools may load anything.
    environment = {"PYTHONPATH": str(Path(gravscale.__file__).parents[1])}
    finished = subprocess.run([sys.executable, "-S", "-c", program], check=False, env=environment)
    assert finished.returncode == 0
