"""Type checkers know the types of everything public: right programs pass, and wrong ones fail."""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

import gravscale
from gravscale.api_base import Api
from gravscale.schema.model import Model

HERE = Path(__file__).parent
NODES = [
    node for name in ("program", "lists") for node in ast.walk(ast.parse((HERE / f"{name}.py").read_text("utf-8")))
]
# What the checkers report about `gravscale`, and about anything at all.
NAMES = {
    node.attr
    for node in NODES
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "gravscale"
}
ATTRIBUTES = {node.attr for node in NODES if isinstance(node, ast.Attribute)}
KEYWORDS = {node.arg for node in NODES if isinstance(node, ast.keyword)}
CLASSES = [value for name in gravscale.__all__ if inspect.isclass(value := getattr(gravscale, name))]
# A user's own transport gets them, and uses only a part of each.
FOR_TRANSPORTS = (gravscale.Deadline, gravscale.Request)
# For the SDK itself.
INTERNAL = {"perform", "perform_with_http_info", "perform_without_preload_content", "after_fork", "hooks"}

CHECKERS = {
    "mypy": [
        *("--config-file=", "--strict", "--python-version=3.10", "--cache-dir={tmp}"),
        *("{here}/program.py", "{here}/lists.py"),
    ],
    "pyright": ["--project={here}", "--pythonpath={python}"],
}


@pytest.mark.parametrize("checker", CHECKERS)
def test_type_checkers_agree_with_the_program(tmp_path: Path, checker: str) -> None:
    arguments = [each.format(tmp=tmp_path, here=HERE, python=sys.executable) for each in CHECKERS[checker]]
    # In a directory with no package but the installed one.
    run = subprocess.run(
        [sys.executable, "-m", checker, *arguments], capture_output=True, encoding="utf-8", check=False, cwd=tmp_path
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_the_program_uses_every_public_name() -> None:
    assert set(gravscale.__all__) - NAMES == set()


@pytest.mark.parametrize(
    "kind", [kind for kind in CLASSES if kind not in FOR_TRANSPORTS], ids=lambda kind: kind.__name__
)
def test_the_program_uses_every_member_of_a_class(kind: type) -> None:
    own = [base for base in kind.__mro__ if base.__module__.startswith("gravscale.")]
    members = {name for base in own for name in vars(base) if not name.startswith(("_", "model_"))}
    assert members - INTERNAL - ATTRIBUTES == set()
    if issubclass(kind, Model):
        assert set(kind.model_fields) - ATTRIBUTES == set()


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_no_argument_and_no_result_is_typed_any(kind: type) -> None:
    own = [base for base in kind.__mro__ if base.__module__.startswith("gravscale.")]
    members = [
        member
        for base in own
        for name, member in vars(base).items()
        # Type checkers don't see the members of models.
        if not name.startswith("_") or (name == "__init__" and not issubclass(base, Model))
    ]
    functions = [getattr(member, "fget", None) or getattr(member, "__func__", member) for member in members]
    annotations = {str(type_) for each in functions for type_ in getattr(each, "__annotations__", {}).values()}
    assert not [annotation for annotation in annotations if re.search(r"\bAny\b", annotation)]


def test_the_program_uses_every_form_of_every_operation() -> None:
    operations = {name for api in CLASSES if issubclass(api, Api) for name in vars(api) if not name.startswith("_")}
    assert len(operations) >= 39
    assert operations - ATTRIBUTES == set()


def test_the_program_passes_every_argument_of_a_configuration() -> None:
    assert set(inspect.signature(gravscale.Configuration).parameters) - KEYWORDS == set()


def test_the_program_passes_every_call_option() -> None:
    assert set(gravscale.CallOptions.__annotations__) - KEYWORDS == set()
