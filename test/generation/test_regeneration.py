"""Generating replaces all generated files and no others, and its output passes every check."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from changed_contract import ROOT
from generating import content, copy, generate

GENERATED = b"Generated from openapi.json by templates/. Do not edit."

NEW = {
    "gravscale/api/block_storage_api.py",
    "gravscale/api/default_api.py",
    "gravscale/api/odds_ends_api.py",
    "gravscale/models/snapshot.py",
    "gravscale/models/volume.py",
    "gravscale/models/volume_status.py",
    "docs/BlockStorageApi.md",
    "docs/Volume.md",
    "docs/VolumeStatus.md",
}


def test_only_generated_files_and_the_contract_change(changed_tree: Path) -> None:
    before, after = content(ROOT), content(changed_tree)
    assert after.keys() - before.keys() >= NEW
    assert not before.keys() - after.keys()
    changes = {name for name, text in after.items() if before.get(name) != text} - {"openapi.json"}
    assert changes > NEW
    assert [name for name in changes if GENERATED not in after[name].partition(b"\n")[0]] == []


def test_generating_again_changes_nothing(changed_tree: Path, tmp_path: Path) -> None:
    again = copy(changed_tree, tmp_path / "again")
    generate(again, (changed_tree / "openapi.json").read_bytes())
    assert content(again) == content(changed_tree)


def test_files_of_removed_operations_are_deleted_and_the_project_is_up_to_date(
    changed_tree: Path, tmp_path: Path
) -> None:
    back = copy(changed_tree, tmp_path / "back")
    generate(back, (ROOT / "openapi.json").read_bytes())
    assert content(back).keys() == content(ROOT).keys()
    # If only this fails, run `tox -e generate`: a template or the contract has changed.
    assert [name for name, text in content(ROOT).items() if content(back)[name] != text] == []


def test_a_contract_that_cannot_be_read_is_an_error_and_changes_nothing(tmp_path: Path) -> None:
    tree = copy(ROOT, tmp_path / "broken")
    (tree / "openapi.json").write_text('{"openapi": "3.1.0", "info": {"title": "t", "version": "1"}}')
    before = content(tree)
    finished = run(tree, "templates/generate.py")
    assert finished.returncode == 1
    assert finished.stderr == "#/paths: expected the paths of the service\n"
    assert content(tree) == before


def test_generated_code_is_linted_and_formatted(changed_tree: Path) -> None:
    for command in (["check"], ["format", "--check"]):
        finished = run(changed_tree, "-m", "ruff", *command, "--no-cache", ".")
        assert finished.returncode == 0, finished.stdout + finished.stderr


def test_the_generated_code_of_the_contract_stays_small() -> None:
    files = [path for folder in ("api", "models") for path in (ROOT / "gravscale" / folder).glob("*.py")]
    assert sum(len(path.read_text("utf-8").splitlines()) for path in files) <= 1237


# mypy follows the imports of these, and so checks almost all of the package.
CHECKED = ["gravscale/api", "gravscale/models", "gravscale/contract.py", "program.py"]
PROGRAM = """
from datetime import date, datetime
from typing import Literal
from uuid import UUID
import pydantic
import gravscale
import urllib3
from typing_extensions import assert_type

id = UUID(int=1)
storage = gravscale.BlockStorageApi()
volumes = storage.list_volumes([1], status=[gravscale.VolumeStatus.AVAILABLE], medium="nvme", owner=id)
assert_type(volumes, list[gravscale.Volume])
volume = volumes[0]
assert_type(volume.id, UUID)
assert_type(volume.attached_to, str | None)
assert_type(volume.status, gravscale.VolumeStatus | str)
assert_type(volume.media, list[Literal["ssd", "nvme"] | str] | None)
assert_type(volume.created_at, datetime | None)
assert_type(volume.day, date | None)
assert_type(volume.by_slot, dict[str, gravscale.Snapshot] | None)
assert_type(volume.matrix, list[list[int]] | None)
assert_type(volume.place, gravscale.VolumePlace | None)
assert_type(gravscale.Snapshot(id=1).children, list[gravscale.Snapshot] | None)
assert_type(storage.list_volumes_with_http_info([1]), gravscale.ApiResponse[list[gravscale.Volume]])
assert_type(storage.list_volumes_without_preload_content([1]), urllib3.BaseHTTPResponse)
assert_type(storage.delete_volume(id), None)
assert_type(storage.sizes(), dict[str, int])
assert_type(storage.get_status(id), gravscale.VolumeStatus | str)
assert_type(storage.get_image(), bytes)
assert_type(storage.annotate_volume(id, {"a": 1}), pydantic.JsonValue)
assert_type(gravscale.OddsEndsApi().list("c", _request_timeout=2), list[str])
assert_type(gravscale.OddsEndsApi().put_disk(gravscale.Disk(actual_instance="text")), gravscale.Disk)
assert_type(gravscale.DefaultApi().api_ping_get(), str)
new = gravscale.CreateVolume(name="a", status=gravscale.VolumeStatus("in-use"))
also = [new]
storage.create_volumes(also)
storage.create_volumes([new, {"name": "b"}])
storage.create_volume("k", {"name": "a"})
gravscale.Awkward(var_class="a", var_copy="b", list=["a"])
storage.list_volumes(1)  # wrong
storage.list_volumes()  # wrong
storage.list_volumes([1], medium="tape")  # wrong
storage.list_volumes([1], slots=[1])  # wrong
storage.list_volumes([1], _timeout=1)  # wrong
storage.get_volume("main")  # wrong
storage.create_volume("k", "main")  # wrong
gravscale.CreateVolume()  # wrong
gravscale.CreateVolume(name="a", colour="red")  # wrong
gravscale.CreateVolume(name=1)  # wrong
"""


@pytest.mark.parametrize("checker", ["mypy", "pyright"])
def test_generated_code_and_its_callers_pass_strict_type_checks(
    changed_tree: Path, tmp_path: Path, checker: str
) -> None:
    tree = copy(changed_tree, tmp_path / "typed")
    (tree / "program.py").write_text(PROGRAM)
    if checker == "mypy":
        finished = run(tree, "-m", "mypy", "--no-error-summary", *CHECKED)
    else:
        settings = tree / "pyproject.toml"
        settings.write_text(settings.read_text("utf-8").replace('["gravscale"]', json.dumps(CHECKED)))
        finished = run(tree, "-m", "pyright", "--pythonpath", sys.executable)
    wrong = {number for number, line in enumerate(PROGRAM.splitlines(), 1) if line.endswith("# wrong")}
    errors = [line.strip() for line in finished.stdout.splitlines() if "error:" in line]
    found = {int(error.split(":")[1]) for error in errors if "program.py:" in error}
    assert [error for error in errors if "program.py:" not in error] == []
    assert found == wrong, finished.stdout + finished.stderr


def run(tree: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *command], cwd=tree, capture_output=True, text=True, check=False)
