"""The guide to logging and telemetry: its examples run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import Any

from pages import DOCS

GUIDE = (DOCS / "logging.md").read_text("utf-8")


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
