"""The guide to logging and telemetry: its examples run, and its table lists all loggers."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

GUIDE = (Path(__file__).parents[2] / "docs" / "logging.md").read_text("utf-8")
PACKAGE = Path(__file__).parents[2] / "gravscale"


def test_the_examples_work_as_the_guide_says(gravscale_sandbox: Any) -> None:
    examples = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
    url, email, password = (getattr(gravscale_sandbox, name) for name in ("url", "email", "password"))
    account = {"GRAVSCALE_HOST": url, "GRAVSCALE_EMAIL": email, "GRAVSCALE_PASSWORD": password}
    logged, named, traced = (
        subprocess.run(
            [sys.executable, "-W", "error", "-c", example],
            capture_output=True,
            text=True,
            check=True,
            env=os.environ | account,
        )
        for example in examples
    )
    levels_and_names = [line.split(":")[0].split() for line in logged.stderr.splitlines()]
    assert levels_and_names == [["DEBUG", "gravscale.rest"], ["INFO", "gravscale.auth"], ["DEBUG", "gravscale.rest"]]
    assert (named.stdout, named.stderr) == ("", "")
    # The program's own span, and below it the sign-in and the call.
    assert re.findall('"name": "(.*)"', traced.stdout) == ["POST", "GET", "show user"]
    assert [word for word in (email, password) if word in logged.stderr + traced.stdout] == []


def test_the_table_has_a_row_for_each_logger() -> None:
    rows = re.findall(r"^\| `gravscale\.(\w+)` \|", GUIDE, re.MULTILINE)
    made = [name for module in PACKAGE.rglob("*.py") for name in re.findall(r'= logger\("(\w+)"\)', module.read_text())]
    assert sorted(rows) == sorted(set(made)) != []
