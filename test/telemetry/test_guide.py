"""The guide to logging and telemetry: its table lists all loggers."""

from __future__ import annotations

import re
from pathlib import Path

GUIDE = (Path(__file__).parents[2] / "docs" / "logging.md").read_text("utf-8")
PACKAGE = Path(__file__).parents[2] / "gravscale"


def test_the_table_has_a_row_for_each_logger() -> None:
    rows = re.findall(r"^\| `gravscale\.(\w+)` \|", GUIDE, re.MULTILINE)
    made = [name for module in PACKAGE.rglob("*.py") for name in re.findall(r'= logger\("(\w+)"\)', module.read_text())]
    assert sorted(rows) == sorted(set(made)) != []
