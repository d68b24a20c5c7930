"""If the contract lacks sign-in, tasks or pages, the rest of the SDK works and says what is missing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from generating import copy


def run(tree: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *command], cwd=tree, capture_output=True, text=True, check=False)


def test_the_package_imports_without_a_warning(other_tree: Path) -> None:
    finished = run(other_tree, "-W", "error", "-c", "import gravscale; from gravscale import *")
    assert (finished.returncode, finished.stderr) == (0, "")


def test_the_types_hold(other_tree: Path, tmp_path: Path) -> None:
    tree = copy(other_tree, tmp_path / "typed")
    finished = run(tree, "-m", "mypy", "gravscale")
    assert finished.returncode == 0, finished.stdout


def test_a_feature_names_the_missing_operation_it_needs(other: Any) -> None:
    api_client = other.ApiClient(other.Configuration())
    from gravscale.sandbox import Sandbox

    for use, operation in (
        (lambda: other.PasswordCredentials("me@example.com", "secret"), "sign_in"),
        (lambda: other.RefreshTokenCredentials(None), "refresh_token"),
        (lambda: other.wait_for_task(api_client, "1", 1), "get_task"),
        (lambda: other.wait_for_tasks(api_client, ["1"], 1), "get_task"),
        (Sandbox, "sign_in"),
    ):
        with pytest.raises(
            other.ApiValueError, match=f"needs the operation '{operation}', which the contract does not have"
        ):
            use()


def test_paginate_refuses_an_operation_without_pages(other: Any) -> None:
    with pytest.raises(other.ApiTypeError, match="expected one that returns pages, such as list_tasks, got numbers"):
        other.paginate(other.ThingsApi(other.ApiClient()).numbers)


def test_the_command_line_names_the_missing_operation(other_tree: Path) -> None:
    program = "import sys; from gravscale.cli import main; sys.exit(main(['metal', 'list']))"
    environment = {"GRAVSCALE_HOST": "http://127.0.0.1:1", "GRAVSCALE_ACCESS_TOKEN": "t", "PATH": "", "HOME": "/"}
    finished = subprocess.run(
        [sys.executable, "-c", program], cwd=other_tree, env=environment, capture_output=True, text=True, check=False
    )
    assert (finished.returncode, finished.stdout) == (2, "")
    assert finished.stderr == "gravscale: this command needs MetalApi, which the contract does not have\n"
