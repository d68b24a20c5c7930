"""The services that the guide shows run with the commands that it gives, in their own processes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
import urllib3
from pages import DOCS, blocks, files
from recording import EMAIL, PASSWORD, recording

from gravscale.sandbox import SandboxFixture

GUIDE = DOCS / "services.md"

unix_only = pytest.mark.skipif(sys.platform == "win32", reason="the program that this is for does not run on Windows")


COMMANDS = [line.split() for block in blocks(GUIDE) if block.language == "sh" for line in block.source.splitlines()]
EXPORTS = dict(words[1].split("=", 1) for words in COMMANDS if words[0] == "export")


def command(program: str) -> list[str]:
    """The command with which the guide starts a program, with a free port instead of the guide's."""
    (found,) = [words for words in COMMANDS if words[0] == program]
    return [sys.executable, "-m", *(re.sub(r"\b800\d$", "0", word) for word in found)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the guide's files."""
    for name, source in files(GUIDE).items():
        (tmp_path / name).write_text(source, "utf-8")
    return tmp_path


@contextmanager
def running(arguments: list[str], folder: Path, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """Run a program in the guide's folder. When the test is over, end it and show its output."""
    # HOME, because gunicorn keeps a socket there.
    own = {"HOME": str(folder), "XDG_STATE_HOME": str(folder), "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        arguments,
        cwd=folder,
        env={**os.environ, **own, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.terminate()
            sys.stdout.write(process.communicate(timeout=60)[0])


def answering_at(server: subprocess.Popen[str]) -> str:
    """Where a newly started web server answers, according to its output."""
    assert server.stdout is not None
    for line in server.stdout:
        sys.stdout.write(line)
        if found := re.search(r"http://127\.0\.0\.1:\d+", line):
            return found[0]
    raise AssertionError("it ended")


def account_of(sandbox: SandboxFixture) -> dict[str, str]:
    return EXPORTS | {
        "GRAVSCALE_HOST": sandbox.url,
        "GRAVSCALE_EMAIL": sandbox.email,
        "GRAVSCALE_PASSWORD": sandbox.password,
    }


def test_the_fastapi_service_answers_with_models_and_passes_errors_on(
    folder: Path, gravscale_sandbox: SandboxFixture
) -> None:
    wanted = {"vpcName": "vpc-main", "address": "10.0.0.40"}
    with running(command("uvicorn"), folder, **account_of(gravscale_sandbox)) as server, urllib3.PoolManager() as pool:
        url = answering_at(server)
        task = pool.request("POST", f"{url}/public-ips", json=wanted)
        assert (task.status, task.json()["action"]) == (202, "public_ip.allocate")
        assert pool.request("GET", f"{url}/public-ips/vpc-none").status == 404
        again = pool.request("POST", f"{url}/public-ips", json=wanted)
        assert again.status == 409
        assert "already has a public IP" in again.json()["detail"]
        # The answer reveals nothing about the upstream service.
        assert "127.0.0.1" not in again.data.decode()
        gravscale_sandbox.sandbox.stop()
        assert pool.request("GET", f"{url}/public-ips/vpc-main").status == 502


class Together(threading.Event):
    """Holds requests back until enough of them are waiting."""

    def __init__(self, parties: int) -> None:
        super().__init__()
        self._barrier = threading.Barrier(parties)

    def wait(self, timeout: float | None = None) -> bool:
        self._barrier.wait(timeout)
        return True


@unix_only
def test_gunicorns_workers_share_one_session(folder: Path) -> None:
    with recording() as service:
        environment = {"GRAVSCALE_HOST": service.url, "GRAVSCALE_EMAIL": EMAIL, "GRAVSCALE_PASSWORD": PASSWORD}
        # With one thread each, and no answer before all four requests wait, each worker gets one of them.
        program = [*command("gunicorn"), "--threads", "1"]
        service.hold["info"] = Together(4)
        with running(program, folder, **environment) as server, ThreadPoolExecutor(4) as threads:
            url = answering_at(server)
            answers = list(threads.map(lambda _: urllib3.request("GET", f"{url}/whoami").json(), range(4)))
        assert len({answer["worker"] for answer in answers}) == 4
        assert service.counts() == {"sign-in": 1, "info": 4}


@unix_only
def test_a_celery_worker_publishes_and_follows(folder: Path, gravscale_sandbox: SandboxFixture) -> None:
    environment = account_of(gravscale_sandbox)
    with running(command("celery"), folder, **environment):
        ordering = subprocess.run(
            [sys.executable, "order.py"], cwd=folder, env={**os.environ, **environment}, capture_output=True, text=True
        )
    assert ordering.stdout == "203.0.113.2\n", ordering.stderr
