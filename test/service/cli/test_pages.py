"""The guide, the reference and the recording show what the command does."""

from __future__ import annotations

import io
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from command_line_pages import DOCS, RECORDING, REFERENCE, recording, reference, same
from command_runs import PASSWORD, PROGRAM, Terminal

from gravscale.cli import main
from gravscale.sandbox import Sandbox
from gravscale.sandbox.account import sign_up

unix_only = pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals on Windows")
GUIDE = DOCS / "command-line.md"
# The reader runs the first of these, and the second imports modules that the test has loaded already.
_NOT_RUN = ("gravscale sandbox serve", "pip install", "eval ")


def test_the_reference_matches_the_help() -> None:
    assert REFERENCE.read_text("utf-8") == reference(), "run: tox run -e cli"


@unix_only
def test_the_recording_matches_a_real_run() -> None:
    # How rich draws them does not matter here.
    stored, now = (re.findall(r">([^<>]+)</text>", svg) for svg in (RECORDING.read_text("utf-8"), recording()))
    assert len(stored) > 10
    assert stored == now, "run: tox run -e cli"


class _Screen(io.StringIO):
    """Shows what a terminal would show, without being one."""

    def isatty(self) -> bool:
        return True


@unix_only
def test_the_guide_works_from_login_to_public_ip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("COLUMNS", "100")
    # The default directories on Linux, which the guide names.
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / ".config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / ".local" / "state"))
    script = tmp_path / "bin" / "gravscale"
    script.parent.mkdir()
    script.write_text(f'#!/bin/sh\nexec {shlex.join(PROGRAM)} "$@"\n')
    script.chmod(0o755)
    python = Path(sys.executable).parent
    monkeypatch.setenv("PATH", f"{script.parent}{os.pathsep}{python}{os.pathsep}{os.environ['PATH']}")
    page = GUIDE.read_text("utf-8")
    blocks = re.findall(r"^```(\w+)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    commands = 0
    with Sandbox(task_duration=0.2) as sandbox:
        sign_up(sandbox, demo=True)
        for (language, source), (following, expected) in zip(blocks, [*blocks[1:], ("", "")], strict=True):
            if language != "sh" or source.startswith(_NOT_RUN):
                continue
            said = "".join(_said(line.replace("http://127.0.0.1:8000", sandbox.url)) for line in source.splitlines())
            commands += source.count("\n")
            if following in ("text", "json"):
                assert same(said, tmp_path).split() == expected.split(), source
    assert commands >= 18


def _said(line: str) -> str:
    """What a terminal shows for a line of the guide."""
    if line.startswith("gravscale login"):
        with Terminal(*line.split()[1:]) as terminal:
            terminal.until("Password: ")
            terminal.type(f"{PASSWORD}\n")
            assert terminal.end() == 0, terminal.said
            return terminal.said
    if not line.startswith("gravscale ") or "|" in line:
        return subprocess.run(
            line, shell=True, check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ).stdout
    screen = _Screen()
    with pytest.MonkeyPatch.context() as terminal_of_its_own:
        terminal_of_its_own.setattr(sys, "stdout", screen)
        # Not a terminal, in which a progress bar would leave traces.
        terminal_of_its_own.setattr(sys, "stderr", io.StringIO())
        status = main(shlex.split(line)[1:])
        notes = sys.stderr.getvalue()  # type: ignore[attr-defined]  # it is what was just put there
    assert status == 0, notes
    return screen.getvalue() + re.sub(r"^task .*\n", "", notes, flags=re.MULTILINE)
