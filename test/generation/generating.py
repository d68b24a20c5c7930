"""Generate in a copy of the project."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from misbehaving import Request

Call = Callable[..., tuple[Any, Request]]

# Everything that generating reads or rewrites, or must leave alone.
COPIED = ("docs", "gravscale", "openapi.json", "pyproject.toml", "README.md", "setup.cfg", "templates", "tox.ini")

Content = dict[str, bytes]


def content(tree: Path) -> Content:
    """Every file of a tree, by its path, without the caches of tools."""
    files: Content = {}
    for name in COPIED:
        for path in (tree / name).rglob("*") if (tree / name).is_dir() else [tree / name]:
            if path.is_file() and "__pycache__" not in path.parts:
                files[path.relative_to(tree).as_posix()] = path.read_bytes()
    return files


def generate(tree: Path, contract: bytes) -> None:
    """Do what a maintainer does: replace openapi.json and generate."""
    (tree / "openapi.json").write_bytes(contract)
    finished = subprocess.run(
        [sys.executable, tree / "templates" / "generate.py"], capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr


def copy(source: Path, target: Path) -> Path:
    for name, text in content(source).items():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).write_bytes(text)
    return target
