"""Every name that a program written for the generated client may use exists."""

import subprocess
import sys
from pathlib import Path

SURFACE = Path(__file__).parent / "surface"


def test_no_name_of_the_generated_client_is_missing() -> None:
    check = subprocess.run(
        [sys.executable, SURFACE / "surface.py", "check", SURFACE / "surface.json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert check.stdout.startswith("0 of "), check.stdout + check.stderr
    assert check.returncode == 0
