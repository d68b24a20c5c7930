"""Rewrite everything that comes from openapi.json: gravscale/api, gravscale/models, gravscale/contract.py, and their
pages in docs. Given the folder of another package, write the modules that its openapi.json gives into it instead.

The contract is checked first. If the SDK does not support it, each fault is printed with its JSON pointer.
openapi-generator then fills the templates beside this file in a scratch folder. The result is checked in a copy of the
package, and only then replaces the previous files. A second run changes nothing.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import engine
from document import Document
from faults import Faults, Place
from needed import needed
from operations import Operations
from schemas import Schemas
from sources import HEADER, collect, of_package
from tags import Tags

TEMPLATES = Path(__file__).resolve().parent
ROOT = TEMPLATES.parent


def main(home: Path = ROOT) -> int:
    contract = home / "openapi.json"
    try:
        content = json.loads(contract.read_text("utf-8-sig"))
    except ValueError as error:
        sys.exit(f"{contract.name}: #/: {error}")
    faults = Faults()
    document = Document(content, faults)
    if not document.is_readable:
        sys.exit(str(faults))
    tags = Tags(document)
    schemas = Schemas(document, tags.classes | set(taken_classes()))
    operations = Operations(document, schemas, tags)
    if faults:
        sys.exit(str(faults))
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        prepared = scratch / "prepared.json"
        prepared.write_text(engine.Input(document, schemas, operations).text(), "utf-8")
        engine.run(prepared, TEMPLATES, scratch / "filled")
        files = collect(scratch / "filled", tags.titles, needed(ROOT / "gravscale" if home == ROOT else home, HEADER))
        tree = scratch / "tree"
        shutil.copytree(ROOT / "gravscale", tree / "gravscale", ignore=shutil.ignore_patterns("__pycache__"))
        (tree / "docs").mkdir()
        shutil.copy(ROOT / "pyproject.toml", tree)
        write(files, tree)
        tidy(sorted(files), tree)
        check(tree, {made.name: made.place for made in schemas.classes.values()})
        finished = {name: (tree / name).read_text("utf-8") for name in files}
    if home == ROOT:
        write(finished, ROOT)
    else:
        finished = of_package(home.name, finished)
        write(finished, home)
        tidy(sorted(finished), home)
    print(f"{len(finished)} files are generated from {contract.name}")
    return 0


def taken_classes() -> Iterator[str]:
    """Yield the names that a model can't have because the package or the generated code uses them already."""
    yield "HOMES"
    for source in (TEMPLATES / "api.mustache", TEMPLATES / "model.mustache", ROOT / "gravscale" / "__init__.py"):
        for found in re.findall(r"^ *from [\w.]+ import ([\w, ]+)$", source.read_text("utf-8"), re.MULTILINE):
            yield from (name.split()[-1] for name in found.split(","))


def write(files: dict[str, str], tree: Path) -> None:
    """Replace the files that were generated before."""
    for pattern in ("gravscale/**/*.py", "docs/*.md", "api/*.py", "models/*.py"):
        for present in tree.glob(pattern):
            # Only delete files whose header says that they are generated.
            if HEADER in present.read_text("utf-8").partition("\n")[0] and str(present.relative_to(tree)) not in files:
                present.unlink()
    for name, text in files.items():
        path = tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")


def tidy(files: list[str], tree: Path) -> None:
    """Remove unused imports, and format the files, including the examples in the pages."""
    ruff(["check", "--fix", "--exit-zero", "--select", "F401,I"], files, tree)
    for file in files:
        # Removed imports leave their blank lines behind.
        path = tree / file
        text = re.sub(r"\n{3,}(?=from|import)", "\n\n", path.read_text("utf-8"), count=1)
        path.write_text(re.sub(r"^if TYPE_CHECKING:\n    pass\n", "", text, flags=re.MULTILINE), "utf-8")
    ruff(["format"], files, tree)
    ruff(["check"], files, tree)


def ruff(command: list[str], files: list[str], tree: Path) -> None:
    if subprocess.run([sys.executable, "-m", "ruff", *command, "--quiet", *files], cwd=tree, check=False).returncode:
        sys.exit(f"ruff {command[0]} failed on the generated code; the templates don't handle all of openapi.json")


# Prints the fields whose lazy defaults can't be created.
DEFAULTS = """
from gravscale import models
for name in models.HOMES:
    for field, info in getattr(getattr(models, name), "model_fields", {}).items():
        try:
            info.get_default(call_default_factory=True)
        except ValueError:
            print(name, field)
"""


def check(tree: Path, places: dict[str, Place]) -> None:
    """Exit if the generated code can't be imported or used, or does not pass mypy (if installed)."""
    environment = {**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *command], cwd=tree, env=environment, capture_output=True, text=True, check=False
        )

    imported = run("-W", "error", "-c", "from gravscale import *; from gravscale.models import *")
    if imported.returncode:
        sys.exit(f"the generated code can't be imported:\n{imported.stderr}")
    faults = Faults()
    for name, field in map(str.split, run("-c", DEFAULTS).stdout.splitlines()):
        faults.add(places[name], f"the default of {field} is no value of its type")
    if faults:
        sys.exit(str(faults))
    if find_spec("mypy"):
        checked = run("-m", "mypy", "--strict", "-p", "gravscale.api", "-p", "gravscale.models")
        wrong = [
            line for line in checked.stdout.splitlines() if line.startswith(("gravscale/api/", "gravscale/models/"))
        ]
        if wrong:
            sys.exit("\n".join(["the generated code does not pass mypy:", *wrong]))


if __name__ == "__main__":
    sys.exit(main(*(Path(folder).resolve() for folder in sys.argv[1:])))
