"""The examples of every page pass mypy and pyright in strict mode, without changes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from pages import DOCS, PAGES, TRANSLATIONS, blocks

# Pages whose blocks are separate programs. On every other page, the blocks form one program.
SEPARATE = ("logging.md",)
# Files that only exist in the project.
ELSEWHERE = ("adding-an-operation.md",)


def programs(page: Path) -> dict[str, str]:
    """The Python files that a page shows, by name."""
    python = [block for block in blocks(page) if block.language == "python"]
    found = {block.title: block.source for block in python if block.title}
    name = page.stem.lower().replace("-", "_").replace(".", "_")
    parts = [block.source for block in python if not block.title]
    if page.name in SEPARATE or page not in PAGES:
        return found | {f"page_{name}_{number}.py": part for number, part in enumerate(parts)}
    return found | ({f"page_{name}.py": "\n\n".join(parts)} if parts else {})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("programs")
    settings = {
        "typeCheckingMode": "strict",
        "pythonVersion": "3.10",
        # OpenTelemetry has no types.
        "reportMissingTypeStubs": False,
    }
    (folder / "pyrightconfig.json").write_text(json.dumps(settings), "utf-8")
    for page in (*PAGES, *DOCS.glob("[A-Z]*.md")):
        if page not in TRANSLATIONS and page.name not in ELSEWHERE:
            for name, source in programs(page).items():
                (folder / name).write_text(source, "utf-8")
    assert len(list(folder.glob("*.py"))) > 40
    return folder


@pytest.mark.parametrize(
    "command",
    [
        pytest.param("mypy --config-file= --strict --python-version=3.10 --cache-dir=.cache .", id="mypy"),
        pytest.param(f"pyright --pythonpath={sys.executable}", id="pyright"),
    ],
)
def test_the_examples_pass_strict_type_checkers(folder: Path, command: str) -> None:
    run = subprocess.run(
        [sys.executable, "-m", *command.split()], cwd=folder, capture_output=True, encoding="utf-8", check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
