"""GRAVSCALE_LOG: the SDK's log for one run of a program that does not set up logging."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from misbehaving import Server, answer, serving

PROGRAM = """
import logging, os, sys
import gravscale
import example_service
example_service.stand_in()
{before}
with gravscale.ApiClient(gravscale.Configuration({url!r}, access_token="an-access-token-1")) as api_client:
    example_service.AuthenticationApi(api_client).info()
    {after}
"""


@pytest.fixture
def server() -> Iterator[Server]:
    with serving(answer({}, 503, {"Retry-After": "0.01"}), answer()) as running:
        yield running


def lines_of(server: Server, value: str | None, *, before: str = "", after: str = "") -> list[str]:
    """What a program writes to stderr."""
    environment = {name: each for name, each in os.environ.items() if name != "GRAVSCALE_LOG"}
    if value is not None:
        environment["GRAVSCALE_LOG"] = value
    program = PROGRAM.format(url=server.url, before=before, after=after)
    run = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, encoding="utf-8", check=True, timeout=60
    )
    assert run.stdout == ""
    assert "an-access-token-1" not in run.stderr
    return run.stderr.splitlines()


@pytest.mark.parametrize("value", [None, ""])
def test_nothing_is_logged_by_default(server: Server, value: str | None) -> None:
    assert lines_of(server, value) == []


@pytest.mark.parametrize(("value", "levels"), [("info", ["INFO"]), ("DEBUG", ["INFO", "DEBUG"])])
def test_the_log_goes_to_stderr(server: Server, value: str, levels: list[str]) -> None:
    lines = lines_of(server, value)
    assert [line.split()[3] for line in lines] == levels
    assert [line.split()[2] for line in lines] == ["gravscale.rest"] * len(levels)


def test_another_value_gives_a_warning_and_nothing_fails(server: Server) -> None:
    assert "GRAVSCALE_LOG: expected debug or info, got 'loud'" in lines_of(server, "loud")[0]


@pytest.mark.parametrize(
    "before",
    [
        "logging.basicConfig()",
        "logging.getLogger('gravscale').addHandler(logging.StreamHandler())",
        "logging.basicConfig(); gravscale.Configuration(debug=True)",
        "logging.getLogger('gravscale.rest').addHandler(logging.StreamHandler())",
        "logging.basicConfig(); logging.getLogger('gravscale').propagate = False",
        "logging.getLogger().addHandler(logging.NullHandler())",
        "gravscale.Configuration().logger_file = os.devnull",
    ],
)
def test_no_line_is_logged_twice_if_the_program_logs_too(server: Server, before: str) -> None:
    lines = lines_of(server, "debug", before=before)
    assert len([line for line in lines if "again in" in line]) == 1
    assert len([line for line in lines if "status 200" in line]) == 1


def test_turning_debug_off_does_not_end_the_log(server: Server) -> None:
    after = "gravscale.Configuration(debug=True).debug = False; example_service.AuthenticationApi(api_client).info()"
    lines = lines_of(server, "debug", after=after)
    assert len([line for line in lines if "status 200" in line]) == 2


def test_a_log_file_replaces_stderr(server: Server, tmp_path: Path) -> None:
    path = str(tmp_path / "log")
    before = f"logging.getLogger('gravscale').addHandler(logging.FileHandler({path!r}))"
    assert lines_of(server, "debug", before=before) == []
    assert "status 200" in Path(path).read_text(encoding="utf-8")


@pytest.mark.parametrize("before", ["sys.stderr = None", "sys.stderr.close()"])
def test_a_program_without_a_stderr_works(server: Server, before: str) -> None:
    assert lines_of(server, "debug", before=before) == []
