"""Find the generated names that hand-written code uses, whether or not the contract has them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path


def needed(package: Path, header: str) -> dict[str, set[str]]:
    """Return the names that hand-written modules import from `api` and `models`.

    Args:
        package: The folder of the package.
        header: The text in the first line of a generated file.
    """
    found: dict[str, set[str]] = {"api": set(), "models": set()}
    for source in sorted(package.rglob("*.py")):
        text = source.read_text("utf-8")
        if header not in text.partition("\n")[0]:
            for name in _names_in(ast.parse(text)):
                found["api" if name.endswith("Api") else "models"].add(name)
    return found


def _is_generated(name: str) -> bool:
    """Return whether a name of the package is generated."""
    return name.endswith(("Api", "Schema"))


def _names_in(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module in ("gravscale.api", "gravscale.models"):
            yield from (alias.name for alias in node.names if alias.name not in ("*", "HOMES"))
        elif isinstance(node, ast.ImportFrom) and node.module == "gravscale":
            yield from (alias.name for alias in node.names if _is_generated(alias.name))
        elif isinstance(node, ast.Attribute) and ast.unparse(node.value) == "gravscale" and _is_generated(node.attr):
            yield node.attr
