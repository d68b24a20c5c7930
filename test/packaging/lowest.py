"""Write the lowest versions that pyproject.toml allows into a requirements file, for `tox -e lowest`."""

from __future__ import annotations

import re
import sys
from itertools import chain
from pathlib import Path

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PYPROJECT = Path(__file__).parents[2] / "pyproject.toml"


def at_lowest(requirement: str) -> str:
    """A requirement at its lower bound: `urllib3==2.7` for `urllib3>=2.7,<3`."""
    found = re.fullmatch(r"([\w.-]+)>=([\d.]+)(,<[\d.]+)?(; .*)?", requirement)
    if found is None:
        raise ValueError(f"pyproject.toml: expected a lower bound and nothing complicated, got {requirement!r}")
    return f"{found[1]}=={found[2]}{found[4] or ''}"


def main(to: Path) -> None:
    project = tomllib.loads(PYPROJECT.read_text("utf-8"))["project"]
    requirements = chain(project["dependencies"], *project["optional-dependencies"].values())
    to.write_text("\n".join(sorted({at_lowest(requirement) for requirement in requirements})), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
