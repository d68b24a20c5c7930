"""The environments and commands that the workflow and the guide for contributors name exist."""

from __future__ import annotations

import configparser
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

import gravscale

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def workflow() -> Any:
    file = ROOT / ".github" / "workflows" / "ci.yml"
    if not file.exists():
        pytest.skip("an sdist has no workflows")
    return yaml.safe_load(file.read_text("utf-8"))


def environments() -> set[str]:
    tox = configparser.ConfigParser(interpolation=None)
    tox.read_string((ROOT / "tox.ini").read_text("utf-8"))
    # tox provides these itself: the Python that runs it, and others by version.
    return {"py", "3.13", "bench", "docs"} | {section.removeprefix("testenv:") for section in tox.sections()}


def test_ci_runs_every_supported_python_on_every_platform(workflow: Any) -> None:
    promised = re.findall(r"Python :: (3\.\d+)", (ROOT / "pyproject.toml").read_text("utf-8"))
    assert workflow["jobs"]["test"]["strategy"]["matrix"]["python"] == promised
    assert {system.partition("-")[0] for system in workflow["jobs"]["test"]["strategy"]["matrix"]["os"]} == {
        *("ubuntu", "macos", "windows"),
    }


def test_ci_and_the_guide_name_existing_environments(workflow: Any) -> None:
    guide = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    called = {name for names in re.findall(r"tox run -e ([\w.,]+)", guide) for name in names.split(",")}
    assert called | set(workflow["jobs"]["check"]["strategy"]["matrix"]["environment"]) <= environments()
    assert {"py", "generate", "package"} <= called


def test_the_changelog_has_this_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert re.search(
        rf"^## \[{re.escape(gravscale.__version__)}\] - (unreleased|\d{{4}}-\d\d-\d\d)$", changelog, re.MULTILINE
    )


def test_the_version_is_defined_in_one_place() -> None:
    version = gravscale.__version__
    module = ROOT / "gravscale" / "support" / "version.py"
    assert f'__version__ = "{version}"' in module.read_text("utf-8")
    for path in (*ROOT.glob("*.toml"), *ROOT.glob("*.cfg"), *(ROOT / "gravscale").rglob("*.py")):
        assert path == module or f'"{version}"' not in path.read_text("utf-8"), path
