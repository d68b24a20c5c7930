"""A copy of the project, generated from a contract that changed, and the client that it then is."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from changed_contract import ROOT, changed_contract
from filelock import FileLock
from generating import Call, copy, generate
from misbehaving import Request, message, raw, serving


@pytest.fixture(scope="session")
def changed_tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project as generated from the changed contract. It is made once for all workers, and must not be changed."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    tree = shared / "changed"
    with FileLock(shared / "changed.lock"):
        if not tree.exists():
            begun = copy(ROOT, shared / "begun")
            generate(begun, json.dumps(changed_contract()).encode())
            shutil.move(begun, tree)
    return tree


@pytest.fixture(scope="session")
def changed_modules() -> dict[str, ModuleType]:
    """The modules of the changed package that were imported so far."""
    return {}


@pytest.fixture
def changed(
    changed_tree: Path, changed_modules: dict[str, ModuleType], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Any]:
    """The changed package. It is what `import gravscale` gives for the time of a test."""

    def ours() -> dict[str, ModuleType]:
        return {name: module for name, module in sys.modules.items() if name.partition(".")[0] == "gravscale"}

    present = ours()
    for name in present:
        del sys.modules[name]
    sys.modules.update(changed_modules)
    monkeypatch.syspath_prepend(changed_tree)
    try:
        import gravscale

        yield gravscale
    finally:
        changed_modules.update(ours())
        for name in ours():
            del sys.modules[name]
        sys.modules.update(present)


@pytest.fixture
def call(changed: Any) -> Call:
    """Calls an operation of the changed client over HTTP: gives its result, and the request as it arrived."""

    def called(
        name: str, *arguments: Any, answer: Any = None, answer_type: str = "application/json", **options: Any
    ) -> tuple[Any, Request]:
        settings = {"access_token": "token"} | options.pop("configuration", {})
        body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        with (
            serving(raw(message(body, headers={"Content-Type": answer_type}))) as server,
            changed.ApiClient(changed.Configuration(host=f"{server.url}/v2", **settings)) as api_client,
        ):
            apis = (getattr(changed, api)(api_client) for api in changed.api.HOMES)
            result = next(getattr(api, name) for api in apis if hasattr(api, name))(*arguments, **options)
        (request,) = server.requests
        return result, request

    return called
