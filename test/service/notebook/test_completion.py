"""In consoles and notebooks, call options complete by name and show their meaning."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jedi
import pytest
from IPython.core.completer import IPCompleter, provisionalcompleter

import gravscale
from gravscale.api_base import Api
from gravscale.schema import call_options
from gravscale.schema.operation import Operation

OPTIONS = ["_content_type", "_headers", "_host_index", "_request_auth", "_request_timeout"]
METHODS = [
    (name, method)
    for api in gravscale.api.HOMES
    for name, method in vars(getattr(gravscale, api)).items()
    if callable(method) and not name.startswith("_")
]


@pytest.fixture
def namespace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """The variables in a user's console."""
    # Don't keep jedi's cache of the installed packages.
    monkeypatch.setattr(jedi.settings, "cache_directory", str(tmp_path))
    with gravscale.ApiClient(gravscale.Configuration()) as api_client:
        yield {
            "auth": gravscale.AuthenticationApi(api_client),
            "task_api": gravscale.TaskManagerApi(api_client),
        }


def completed(namespace: dict[str, Any], text: str, *, use_jedi: bool) -> list[str]:
    completer = IPCompleter(shell=None, namespace=namespace, use_jedi=use_jedi)
    with provisionalcompleter():
        found = [completion.text for completion in completer.completions(text, len(text))]
    return sorted(name for name in found if name.endswith("="))


@pytest.mark.parametrize("use_jedi", [True, False], ids=["with jedi", "without jedi"])
def test_ipython_completes_call_options(namespace: dict[str, Any], use_jedi: bool) -> None:
    every = [f"{name}=" for name in OPTIONS]
    for call in (
        "auth.info(_",
        "auth.info_with_http_info(_",
        "auth.info_without_preload_content(_",
        "task_api.get_task('id', client_id=1, _",
    ):
        assert completed(namespace, call, use_jedi=use_jedi) == every, call
    assert completed(namespace, "auth.info(_request_t", use_jedi=use_jedi) == ["_request_timeout="]
    assert "size=" in completed(namespace, "task_api.list_tasks(client_id=1, s", use_jedi=use_jedi)


def test_jedi_completes_call_options(namespace: dict[str, Any]) -> None:
    found = jedi.Interpreter("auth.info(_h", [namespace]).complete()
    assert [completion.name for completion in found] == ["_headers=", "_host_index="]


def test_the_source_of_an_operation_can_be_inspected(namespace: dict[str, Any]) -> None:
    assert "self.api_client.perform(self._INFO, options)" in inspect.getsource(namespace["auth"].info)


def test_operations_are_found() -> None:
    assert len(METHODS) >= 39


@pytest.mark.parametrize("method", [method for _, method in METHODS], ids=[name for name, _ in METHODS])
def test_every_operation_lists_its_options(method: Any) -> None:
    parameters = inspect.signature(method).parameters
    options = [each for each in parameters.values() if each.kind is inspect.Parameter.KEYWORD_ONLY]
    assert sorted(each.name for each in options) == OPTIONS
    assert {each.name: each.default for each in options} == dict.fromkeys(OPTIONS) | {"_host_index": 0}
    assert all(f"\n    {name}: " in (inspect.getdoc(method) or "") for name in OPTIONS)


def test_options_in_the_signature_can_be_passed(signed_in: Any) -> None:
    auth = gravscale.AuthenticationApi(signed_in.api_client)
    defaults = {
        each.name: each.default
        for each in inspect.signature(auth.info).parameters.values()
        if each.kind is inspect.Parameter.KEYWORD_ONLY
    }
    assert auth.info(**defaults).email == "me@example.com"


def test_editors_and_consoles_describe_an_option_alike() -> None:
    module = ast.parse(Path(call_options.__file__).read_text("utf-8"))
    options = next(node for node in module.body if isinstance(node, ast.ClassDef) and node.name == "CallOptions")
    below = {
        field.target.id: text.value.value
        for field, text in zip(options.body, options.body[1:], strict=False)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
    }
    assert sorted(below) == OPTIONS
    documented = " ".join((call_options.CallOptions.__doc__ or "").split())
    assert all(f"{name}: {' '.join(text.split())}" in documented for name, text in below.items())


def test_an_operation_without_a_docstring_gets_none() -> None:
    # As if Python ran with -OO.
    class Bare(Api):
        _ASK: Operation[None] = Operation("ask", "GET", "/")

        def ask(self, **options: Any) -> None: ...

    assert Bare.ask.__doc__ is None
