"""A release of a dependency or of Python may change any private member, so the package uses none."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from enum import Enum
from pathlib import Path

import pytest

import gravscale

MODULES = sorted(
    name for _, name, _ in pkgutil.walk_packages(gravscale.__path__, "gravscale.") if not name.endswith("__main__")
)


# Documented. The underscore distinguishes them from a named tuple's own fields.
PUBLIC = ("_asdict", "_replace")


def is_private(name: str) -> bool:
    return name.startswith("_") and not (name.startswith("__") and name.endswith("__")) and name not in PUBLIC


def overridden(module: str) -> Iterator[str]:
    """The private members of foreign classes that a class of the module defines too."""
    for name, kind in inspect.getmembers(importlib.import_module(module), inspect.isclass):
        # Python itself adds private members to every enumeration class.
        if kind.__module__ != module or issubclass(kind, Enum):
            continue
        foreign = [base for base in kind.__mro__[1:] if not base.__module__.startswith("gravscale")]
        taken = {member for base in foreign for member in vars(base) if is_private(member)}
        # Python itself adds some to every enumeration and protocol.
        written = {"_abc_impl", "_is_protocol", "_is_runtime_protocol", "_decl_class_registry"}
        yield from (f"{name}.{member}" for member in vars(kind) if member in taken - written)


def accessed(path: Path) -> Iterator[str]:
    """The private members that a module uses and does not define itself."""
    tree = ast.parse(path.read_text("utf-8"))
    own = {
        node.attr if isinstance(node, ast.Attribute) else node.name
        for node in ast.walk(tree)
        if (isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in ("self", "cls"))
        or isinstance(node, ast.FunctionDef)
    } | {
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        for part in node.body
        if isinstance(part, (ast.Assign, ast.AnnAssign))
        for target in (part.targets if isinstance(part, ast.Assign) else [part.target])
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and is_private(node.attr) and node.attr not in own:
            yield f"{path.name}:{node.lineno}: {ast.unparse(node)}"
        elif isinstance(node, ast.ImportFrom) and not (node.module or "").startswith("gravscale"):
            yield from (f"{path.name}:{node.lineno}: {alias.name}" for alias in node.names if is_private(alias.name))


# SQLAlchemy adds members to the classes that declare tables.
@pytest.mark.parametrize("module", [module for module in MODULES if "sandbox" not in module])
def test_no_private_member_of_another_library_is_overridden(module: str) -> None:
    inherited = {"__pydantic"}
    assert [each for each in overridden(module) if not any(name in each for name in inherited)] == []


def test_no_private_member_of_another_library_is_used() -> None:
    paths = sorted(Path(gravscale.__path__[0]).rglob("*.py"))
    assert [each for path in paths for each in accessed(path)] == []


def test_the_check_finds_a_private_member(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text("import urllib3\nfrom http.client import _MAXLINE\nurllib3.PoolManager()._merge()\n", "utf-8")
    assert len(list(accessed(module))) == 2
