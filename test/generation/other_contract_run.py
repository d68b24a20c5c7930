"""Run the tests of the runtime with an SDK that was generated from another contract: none may depend on this one's.

    python test/generation/other_contract_run.py FOLDER [pytest's arguments]

The copy of the project is made in FOLDER. What is tested of this contract is in test/service; test/generation makes
copies of its own.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from another_contract import another_contract
from changed_contract import ROOT
from generating import copy, generate

ELSEWHERE = ("test/service", "test/generation", "test/packaging", "test/benchmark", "test/test_benchmark.py")


def main(folder: str, *arguments: str) -> int:
    tree = Path(folder) / "other"
    shutil.rmtree(tree, ignore_errors=True)
    copy(ROOT, tree)
    shutil.copytree(ROOT / "test", tree / "test", ignore=shutil.ignore_patterns("__pycache__"))
    generate(tree, json.dumps(another_contract()).encode())
    ignored = [f"--ignore={name}" for name in ELSEWHERE]
    command = [sys.executable, "-m", "pytest", *ignored, *arguments]
    return subprocess.run(command, cwd=tree, env={**os.environ, "PYTHONPATH": str(tree)}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
