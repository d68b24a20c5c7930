"""The guide for maintainers, followed to the letter in a copy of the project."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from textwrap import indent

from pages import DOCS, ROOT, files

FILES = files(DOCS / "adding-an-operation.md")


def test_the_guides_operation_is_generated_served_and_tested(tmp_path: Path) -> None:
    for name in ("docs", "gravscale", "templates"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    contract = json.loads((ROOT / "openapi.json").read_text("utf-8"))
    contract["paths"] |= json.loads(FILES["openapi.json"])
    (tmp_path / "openapi.json").write_text(json.dumps(contract), "utf-8")
    subprocess.run([sys.executable, tmp_path / "templates" / "generate.py"], check=True)

    generated = FILES["gravscale/api/task_manager_api.py"]
    assert indent(generated, "    ") in (tmp_path / "gravscale/api/task_manager_api.py").read_text("utf-8")

    with (tmp_path / "gravscale/sandbox/routes.py").open("a", encoding="utf-8") as routes:
        routes.write("\n\n" + FILES["gravscale/sandbox/routes.py"])
    tests = tmp_path / "test" / "service" / "sandbox"
    tests.mkdir(parents=True)
    shutil.copy(ROOT / "test/service/sandbox/test_contract.py", tests)
    (tests / "test_cancel.py").write_text(FILES["test/test_cancel.py"], "utf-8")
    (tmp_path / "pytest.ini").touch()
    plugin = "gravscale.sandbox.pytest_plugin"
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", plugin, "-p", "no:cacheprovider", "-q"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "4 passed" in run.stdout, run.stdout + run.stderr
