"""The two commands."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import urllib3

from gravscale.sandbox import __main__ as command_line
from gravscale.sandbox import tour

COMMAND = [sys.executable, "-X", "dev", "-W", "error", "-m", "gravscale.sandbox"]


def test_the_tour_walks_the_whole_job_and_shows_no_token() -> None:
    # No proxy can find the sandbox of another machine, so that none is asked.
    environment = {**os.environ, "HTTP_PROXY": "http://127.0.0.1:9"}
    run = subprocess.run([*COMMAND, "tour"], capture_output=True, text=True, check=False, env=environment)
    assert run.returncode == 0
    # Where there is no terminal, the progress bar is lines.
    assert re.fullmatch(r"(task [-0-9a-f]{36}: \w+, \d+ %\n)+", run.stderr)
    assert "was renewed by itself" in run.stdout
    steps = re.findall(r"^ *\d+\. (?:\w+\.)?(\w+)", run.stdout, re.MULTILINE)
    for step in (
        *("sign_up", "sign_in", "info", "refresh_token", "list_accounts", "get_metal", "list_vpc"),
        *("create_public_ip", "wait_for_task", "list_all_public_ips", "deallocate_public_ip"),
    ):
        assert step in steps
    assert "100 % completed" in run.stdout
    assert max(map(len, run.stdout.splitlines())) <= 79
    assert "eyJ" not in run.stdout
    assert "analytical engine" not in run.stdout


def test_a_tour_that_fails_says_why(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    class Broken(tour.Sandbox):
        def __init__(self, token_ttl: float) -> None:
            super().__init__(token_ttl=token_ttl, failure_rate=1)

    monkeypatch.setattr(tour, "Sandbox", Broken)
    assert command_line.main(["tour"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("gravscale.sandbox: POST http://127.0.0.1:")
    assert "503 Service Unavailable" in said
    assert "Traceback" not in said


@pytest.mark.skipif(sys.platform == "win32", reason="on Windows, Ctrl-C can't be sent to one process alone")
def test_serve_answers_until_it_is_interrupted() -> None:
    # Where the tests themselves run in the background of a shell, they ignore the signal and so would what they start.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    serving = subprocess.Popen(
        [*COMMAND, "serve", "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    signal.signal(signal.SIGINT, before)
    with serving:
        assert serving.stdout is not None
        assert serving.stderr is not None
        output = [serving.stdout.readline() for _ in range(4)]
        url = output[0].split()[-1]
        with urllib3.PoolManager(retries=False) as pool:
            assert pool.request("GET", f"{url}/docs").status == 200
        serving.send_signal(signal.SIGINT)
        assert serving.wait(20) == 0
        assert (serving.stdout.read(), serving.stderr.read()) == ("Stopped.\n", "")
    assert url in output[1]
    assert output[-1] == "Ctrl-C stops it.\n"


def test_a_taken_port_is_a_message_and_not_a_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    with tour.Sandbox() as sandbox:
        assert command_line.main(["serve", "--port", str(sandbox.port)]) == 1
    assert re.search("in use|one usage", capsys.readouterr().err)


@pytest.mark.parametrize(
    ("option", "value"),
    [("port", "70000"), ("database", "missing/state.db"), ("failure-rate", "2"), ("token-ttl", "nan")],
)
def test_an_option_that_makes_no_sense_is_named(
    option: str, value: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert command_line.main(["serve", "--port", "0", f"--{option}", value]) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"gravscale.sandbox: {option.replace('-', '_')}: ")
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("use", "said"),
    [
        ("from gravscale.sandbox import Sandbox", "ModuleNotFoundError"),
        ("import runpy; runpy.run_module('gravscale.sandbox', run_name='__main__')", "gravscale.sandbox"),
    ],
)
def test_what_is_missing_without_the_extra_is_said(use: str, said: str) -> None:
    program = f"import sys; sys.modules['fastapi'] = None; {use}"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert run.returncode == 1
    complaint = f"{said}: the sandbox needs fastapi: pip install 'gravscale[sandbox]'\n"
    assert run.stderr.endswith(complaint)
    assert said != "gravscale.sandbox" or run.stderr == complaint
