"""The page on environment variables lists all variables that the package reads."""

from __future__ import annotations

import re

from pages import DOCS, ROOT

PAGE = (DOCS / "reference" / "environment.md").read_text("utf-8")
SOURCES = [path.read_text("utf-8") for path in sorted((ROOT / "gravscale").rglob("*.py"))]


def test_every_environment_variable_that_the_package_reads_has_a_row() -> None:
    whole = {
        name for source in SOURCES for name in re.findall(r"\b(?:(?:GRAVSCALE|SSL_CERT)_[A-Z_]+|NO_PROXY)\b", source)
    }
    parts = {
        f"GRAVSCALE_{part}"
        for source in SOURCES
        for listed in re.findall(r'f"GRAVSCALE_\{name\}".*?\bin \(([^)]*)\)', source, re.DOTALL)
        for part in re.findall(r'"([A-Z_]+)"', listed)
    }
    rows = {name for row in re.findall(r"^\| (`[^|]*) \|", PAGE, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)}
    assert len(parts) >= 4
    assert sorted((whole | parts) - rows) == []
