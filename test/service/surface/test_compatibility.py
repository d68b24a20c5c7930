"""Released names stay: a public name or argument that was removed is found before it is published."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from compatibility import last_release, main

MODULE = "def call(path: str, timeout: float = 1.0) -> str:\n    return path\n"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    (tmp_path / "gravscale").mkdir()
    git(tmp_path, "init", "--quiet")
    change(tmp_path, MODULE)
    return tmp_path


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(["git", "-C", folder, *identity, *arguments], check=True)


def change(folder: Path, source: str) -> None:
    (folder / "gravscale" / "__init__.py").write_text(source, "utf-8")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message=Change")


def test_before_the_first_release_nothing_is_compared(repository: Path) -> None:
    assert last_release(repository) is None
    assert main(repository) == 0


@pytest.mark.parametrize(
    ("source", "status"),
    [
        (MODULE, 0),
        (MODULE + "\n\ndef other() -> None: ...\n", 0),
        (MODULE.replace("call", "send"), 1),
        (MODULE.replace("timeout: float = 1.0", "timeout: float"), 1),
        (MODULE.replace(", timeout: float = 1.0", ""), 1),
    ],
    ids=["the same", "more", "a name less", "an argument that is required now", "an argument less"],
)
def test_changes_are_compared_with_the_last_release(repository: Path, source: str, status: int) -> None:
    git(repository, "tag", "v1.0.0")
    (repository / "README").write_text("", "utf-8")
    change(repository, source)
    assert last_release(repository) == "v1.0.0"
    assert main(repository) == status
