"""A user with a separate home, a sandbox, and the command."""

from __future__ import annotations

import io
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_runs import Gravscale, Home, Run, home_in

from gravscale.cli import main
from gravscale.sandbox import Sandbox
from gravscale.sandbox.account import EMAIL, PASSWORD, sign_up


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A user who has never used the command, and has set nothing."""
    for name in [name for name in os.environ if name.startswith("GRAVSCALE_")]:
        monkeypatch.delenv(name)
    for name in ("NO_COLOR", "COLUMNS", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    variables = home_in(tmp_path)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return variables


@pytest.fixture
def gravscale(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Gravscale:
    """The command, run in this process, without a terminal."""

    def run(*arguments: str, stdin: str = "") -> Run:
        capsys.readouterr()
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        status = main(list(arguments))
        captured = capsys.readouterr()
        return Run(status, captured.out, captured.err)

    return run


@pytest.fixture(scope="session")
def demo() -> Iterator[Sandbox]:
    """A sandbox whose account has public IPs and tasks. Tests only read it."""
    with Sandbox(task_duration=0.05) as sandbox:
        sign_up(sandbox, demo=True)
        yield sandbox


@pytest.fixture
def own(sandbox: Sandbox) -> Sandbox:
    """A sandbox with an account, only for this test."""
    sandbox.task_duration = 0.05
    sign_up(sandbox)
    return sandbox


@pytest.fixture(scope="session")
def demo_home(demo: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a user who is signed in to the sandbox that tests only read."""
    folder = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as environment:
        for name, value in home_in(folder).items():
            environment.setenv(name, value)
        environment.setattr(sys, "stdin", io.StringIO(f"{PASSWORD}\n"))
        assert main(["login", "--host", demo.url, "--email", EMAIL, "--password-stdin", "--quiet"]) == 0
    return folder


@pytest.fixture
def signed_in(gravscale: Gravscale, demo_home: Path, tmp_path: Path) -> Gravscale:
    """The command, signed in to the sandbox that tests only read."""
    shutil.copytree(demo_home, tmp_path, dirs_exist_ok=True)
    return gravscale
