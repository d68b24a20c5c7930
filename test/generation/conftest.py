"""Copies of the project, generated from other contracts, and their clients."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from another_contract import another_contract
from changed_contract import ROOT, changed_contract
from filelock import FileLock
from generating import Call, copy, generate
from misbehaving import Request, message, raw, serving

Modules = dict[str, ModuleType]


def shared_tree(tmp_path_factory: pytest.TempPathFactory, name: str, contract: dict[str, Any]) -> Path:
    """The project as generated from a contract. It is made once for all workers, and must not be changed."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    tree = shared / name
    with FileLock(shared / f"{name}.lock"):
        if not tree.exists():
            begun = copy(ROOT, shared / f"{name}-begun")
            generate(begun, json.dumps(contract).encode())
            shutil.move(begun, tree)
    return tree


@pytest.fixture(scope="session")
def changed_tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project as generated from the changed contract."""
    return shared_tree(tmp_path_factory, "changed", changed_contract())


@pytest.fixture(scope="session")
def other_tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project as generated from the contract of another service."""
    return shared_tree(tmp_path_factory, "other", another_contract())


@pytest.fixture(scope="session")
def changed_modules() -> Modules:
    """The modules of the changed package that were imported so far."""
    return {}


@pytest.fixture(scope="session")
def other_modules() -> Modules:
    """The modules of the other service's package that were imported so far."""
    return {}


@contextmanager
def imported(tree: Path, modules: Modules, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Import the package of a tree as `gravscale` while the block runs."""

    def ours() -> Modules:
        return {name: module for name, module in sys.modules.items() if name.partition(".")[0] == "gravscale"}

    present = ours()
    for name in present:
        del sys.modules[name]
    sys.modules.update(modules)
    monkeypatch.syspath_prepend(tree)
    try:
        import gravscale

        yield gravscale
    finally:
        modules.update(ours())
        for name in ours():
            del sys.modules[name]
        sys.modules.update(present)


@pytest.fixture
def changed(changed_tree: Path, changed_modules: Modules, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The changed package, for the duration of a test."""
    with imported(changed_tree, changed_modules, monkeypatch) as package:
        yield package


@pytest.fixture
def other(other_tree: Path, other_modules: Modules, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The package of another service, for the duration of a test."""
    with imported(other_tree, other_modules, monkeypatch) as package:
        yield package


def caller(package: Any, base: str) -> Call:
    def called(
        name: str,
        *arguments: Any,
        answer: Any = None,
        answer_type: str = "application/json",
        answer_status: int = 200,
        **options: Any,
    ) -> tuple[Any, Request]:
        settings = {"access_token": "token"} | options.pop("configuration", {})
        content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        with (
            serving(raw(message(content, answer_status, headers={"Content-Type": answer_type}))) as server,
            package.ApiClient(package.Configuration(host=server.url + base, **settings)) as api_client,
        ):
            apis = (getattr(package, api)(api_client) for api in package.api.HOMES)
            result = next(getattr(api, name) for api in apis if hasattr(api, name))(*arguments, **options)
        (request,) = server.requests
        return result, request

    return called


@pytest.fixture
def call(changed: Any) -> Call:
    """Calls an operation of the changed client over HTTP. Returns its result, and the request as it arrived."""
    return caller(changed, "/v2")


@pytest.fixture
def ask(other: Any) -> Call:
    """Calls an operation of the other service's client over HTTP. Returns its result, and the request as it arrived."""
    return caller(other, "")
