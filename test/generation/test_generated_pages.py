"""The documentation pages of a changed contract: valid tables, working links, and examples that run."""

from __future__ import annotations

import re
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from misbehaving import answer, serving

ENVIRONMENT = {
    "GRAVSCALE_ACCESS_TOKEN": "token",
    "GRAVSCALE_API_KEY": "key",
    "GRAVSCALE_BASIC_PASSWORD": "password",
    "GRAVSCALE_EMAIL": "me@example.com",
    "GRAVSCALE_PASSWORD": "password",
    "GRAVSCALE_REFRESH_TOKEN": "refresh",
    "GRAVSCALE_TASK_ID": "task",
    "GRAVSCALE_USERNAME": "me",
}
ACCOUNT = {"GRAVSCALE_EMAIL", "GRAVSCALE_PASSWORD"}


def pages(tree: Path, pattern: str) -> dict[str, str]:
    """The generated pages, by name."""
    texts = {path.stem: path.read_text("utf-8") for path in sorted((tree / "docs").glob(pattern))}
    return {name: text for name, text in texts.items() if text.startswith("<!-- Generated from openapi.json")}


def examples(text: str) -> list[str]:
    return re.findall(r"```python\n(.*?)```", text, re.DOTALL)


def test_each_example_of_an_api_page_sends_the_request_of_its_operation(
    changed: Any, changed_tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for page, text in pages(changed_tree, "*Api.md").items():
        operations = re.findall(r"^## \*\*(\w+)\*\*$", text, re.MULTILINE)
        programs = examples(text)
        assert len(programs) == len(operations) > 0
        requests = dict(re.findall(r"^\[\*\*(\w+)\*\*\]\(#\1\) \| \*\*(\w+ ?\*\* \S+)", text, re.MULTILINE))
        for operation, program in zip(operations, programs, strict=True):
            with serving(answer({"detail": "that is all"}, 418)) as server, monkeypatch.context() as environment:
                environment.setenv("GRAVSCALE_HOST", server.url)
                # An example with a password needs an account in the environment; any other needs a token.
                unset = {"GRAVSCALE_ACCESS_TOKEN"} if "GRAVSCALE_PASSWORD" in program else ACCOUNT
                for name in ENVIRONMENT.keys() - unset:
                    environment.setenv(name, ENVIRONMENT[name])
                run(program, deprecated=operation == "motd")
            (request,) = server.requests
            method, path = requests[operation].split("** ")
            assert request.method == method
            assert re.fullmatch(re.sub(r"\{.*?\}", "[^/]+", path), request.target.partition("?")[0]), program
            assert f"Exception when calling {page}->{operation}: {method}" in capsys.readouterr().out


def run(program: str, *, deprecated: bool) -> None:
    warned = pytest.warns(DeprecationWarning, match="motd") if deprecated else nullcontext()
    with warned:
        exec(compile(program, "example", "exec"), {})


def test_the_example_of_each_model_page_round_trips(
    changed: Any, changed_tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    models = {name: text for name, text in pages(changed_tree, "[!R]*.md").items() if not name.endswith("Api")}
    assert {"Volume", "VolumeStatus", "Disk", "Awkward", "VolumePlace", "ModelPath"} <= models.keys()
    for name, text in models.items():
        (program,) = examples(text)
        exec(compile(program, name, "exec"), {})
        printed = capsys.readouterr().out
        assert printed == {"VolumeStatus": "AVAILABLE available\n", "Priority": "NUMBER_1 1\n"}.get(name, printed)
        assert name in ("VolumeStatus", "Priority") or printed.endswith("\nTrue\n")


def test_each_table_has_as_many_cells_in_every_row(changed_tree: Path) -> None:
    for name, text in pages(changed_tree, "*.md").items():
        tables = re.findall(r"^(.+)\n[-| ]+\n((?:.*\|.*\n)*)", text, re.MULTILINE)
        assert tables or "## Enum" in text, name
        for head, rows in tables:
            cells = {len(re.findall(r"(?<!\\)\|", row)) for row in [head, *rows.splitlines()]}
            assert len(cells) == 1, (name, head, rows)


def test_each_link_leads_somewhere(changed_tree: Path) -> None:
    for name, text in pages(changed_tree, "*.md").items():
        for file, anchor in re.findall(r"\]\(([^)#:]*)(?:#([^)]*))?\)", text):
            target = changed_tree / "docs" / (file or f"{name}.md")
            assert target.is_file(), (name, file)
            linked = target.read_text("utf-8")
            headings = re.findall(r"^#+ (.+)$", linked, re.MULTILINE)
            anchors = {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}
            # The reference is written from docstrings when the site is built.
            anchors.update(re.findall(r"^::: (\S+)$", linked, re.MULTILINE))
            assert not anchor or anchor in anchors, (name, anchor)


def test_the_page_of_an_operation_has_what_openapi_generator_writes(changed_tree: Path) -> None:
    text = (changed_tree / "docs" / "BlockStorageApi.md").read_text("utf-8")
    page = text[text.index("## **create_volume**") : text.index("## **create_volumes**")]
    for expected in (
        "(idempotency_key: str, create_volume: [CreateVolume](CreateVolume.md)) -> [**Volume**](Volume.md)</code>\n",
        'Create a "volume" | and wait\n',
        "* Bearer authentication (AccessToken)\n",
        "**idempotency_key** | **str** |  | \n",
        "**create_volume** | [**CreateVolume**](CreateVolume.md) | What it \\| shall be. | \n",
        "[**Volume**](Volume.md)\n",
        "[AccessToken](README.md#accesstoken)\n",
        " - **Content-Type**: application/json\n",
        " - **Accept**: application/json\n",
        "| **200** | As it should \\| be | - |\n",
    ):
        assert expected in page


def test_the_index_lists_operations_models_and_ways_to_authorize(changed_tree: Path) -> None:
    index = (changed_tree / "docs" / "README.md").read_text("utf-8")
    assert "[**list_volumes**](BlockStorageApi.md#list_volumes) | **GET** /api/volumes | List Volumes.\n" in index
    assert "- [Volume](Volume.md)\n" in index
    assert "### Key\n\n- **Type**: API key\n- **Name**: key\n- **Location**: query string\n" in index
    assert "### AccessToken\n\n- **Type**: Bearer authentication\n" in index


def test_an_enums_page_lists_its_values(changed_tree: Path) -> None:
    page = (changed_tree / "docs" / "VolumeStatus.md").read_text("utf-8")
    assert '* `IN_MINUS_USE` (value: `"in-use"`)\n' in page
    page = (changed_tree / "docs" / "Priority.md").read_text("utf-8")
    assert "* `NUMBER_5` (value: `5`)\n" in page
