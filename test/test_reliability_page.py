"""The maintainers' page on reliability matches the tests of faults."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).parent
PAGE = TESTS.parent / "docs" / "reliability-tests.md"


def test_rows_and_tests_of_faults_match() -> None:
    page = PAGE.read_text(encoding="utf-8")
    rows = re.findall(r"^\|.*\| `(test_\w+)` \|$", page, re.MULTILINE)
    there_are = {
        name
        for module in re.findall(r"`test/(\S+\.py)`", page)
        for name in re.findall(r"^def (test_\w+)", (TESTS / module).read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert sorted(rows) == sorted(there_are)


def test_every_row_of_a_table_names_a_test() -> None:
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    rows = [line for line in lines if line.startswith("|") and not line.startswith(("| Fault", "| ---"))]
    assert [row for row in rows if not re.search(r"\| `test_\w+` \|$", row)] == []
