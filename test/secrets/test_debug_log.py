"""`debug=True` logs what happens, only through logging, and touches nothing outside the SDK."""

from __future__ import annotations

import gc
import http.client
import logging
import re
from typing import Any

import pytest
from example_service import AuthenticationApi
from misbehaving import answer, reset, serving

from gravscale import ApiClient, Configuration


@pytest.fixture(autouse=True)
def _levels() -> Any:
    yield
    logging.getLogger("gravscale").setLevel(logging.NOTSET)


def others_state() -> Any:
    loggers = {
        name: (logger.level, list(logger.handlers), logger.disabled, logger.propagate)
        for name, logger in logging.Logger.manager.loggerDict.items()
        if isinstance(logger, logging.Logger) and not name.startswith("gravscale")
    }
    root = logging.getLogger()
    return loggers, root.level, list(root.handlers), logging.root.manager.disable, http.client.HTTPConnection.debuglevel


def test_debug_logs_method_path_status_bytes_time_and_attempt(caplog: pytest.LogCaptureFixture) -> None:
    with serving(reset, answer()) as server, ApiClient(Configuration(host=server.url, debug=True)) as client:
        AuthenticationApi(client).info()
    messages = [record.getMessage() for record in caplog.records if record.name.startswith("gravscale")]
    assert any(
        re.search(r"GET /api/auth/info: status 200, 45 bytes, \d+ ms, attempt 2", message) for message in messages
    ), messages


def test_debug_changes_nothing_in_other_libraries(capfd: pytest.CaptureFixture[str]) -> None:
    logging.getLogger("urllib3")
    logging.getLogger("urllib3.connectionpool")
    before = others_state()
    with serving(answer()) as server:
        for debug in (True, False):
            configuration = Configuration(host=server.url)
            configuration.debug = debug
            with ApiClient(configuration) as client:
                AuthenticationApi(client).info()
            assert others_state() == before
    assert capfd.readouterr() == ("", "")


def test_without_debug_nothing_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with serving(answer()) as server, ApiClient(Configuration(host=server.url)) as client:
        AuthenticationApi(client).info()
    assert [record for record in caplog.records if record.name.startswith("gravscale")] == []


@pytest.mark.parametrize("level", [logging.NOTSET, logging.DEBUG, logging.INFO, logging.ERROR])
def test_debug_restores_the_log_level_of_the_program(level: int) -> None:
    # Clients that other tests made and no longer use don't count.
    gc.collect()
    sdk = logging.getLogger("gravscale")
    sdk.setLevel(level)
    configuration = Configuration(debug=False)
    assert sdk.level == level
    others = Configuration(debug=True)
    configuration.debug = True
    configuration.debug = False
    assert sdk.level == logging.DEBUG
    others.debug = False
    assert sdk.level == level
    others.debug = True
    sdk.setLevel(logging.CRITICAL)
    others.debug = False
    assert sdk.level == logging.CRITICAL


def test_debug_goes_into_the_log_file_too(tmp_path: Any) -> None:
    configuration = Configuration(access_token="hunter2", debug=True)
    configuration.logger_file = str(tmp_path / "log")
    try:
        with serving(answer()) as server:
            configuration.host = server.url
            with ApiClient(configuration) as client:
                AuthenticationApi(client).info()
    finally:
        configuration.logger_file = None
    written = (tmp_path / "log").read_text()
    assert "GET /api/auth/info: status 200" in written
    assert "hunter2" not in written
