"""Compare the public API with the last release, which must still be covered: `tox -e compatible`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def last_release(root: Path) -> str | None:
    """The tag of the last release before this commit, or None before the first."""
    command = ["git", "-C", root, "describe", "--tags", "--abbrev=0", "--match", "v[0-9]*"]
    found = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    return found.stdout.strip() or None


def main(root: Path) -> int:
    release = last_release(root)
    if release is None:
        print("There is no release yet to compare with. What generated clients have is checked by test_surface.py.")
        return 0
    command = [sys.executable, "-m", "griffe", "check", "gravscale", "--search", ".", "--against", release]
    return subprocess.run(command, cwd=root, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(ROOT))
