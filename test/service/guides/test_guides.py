"""The hand-written guides run without changes, and print what they show."""

from __future__ import annotations

import ast
import re
import shlex
from codeop import compile_command
from collections.abc import Iterator
from pathlib import Path

import pytest
from pages import DOCS, EVERY_PAGE, PAGES, TRANSLATIONS, Block, blocks, files, original_of
from sybil import Document, Example
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser

import gravscale
from gravscale.cli import main
from gravscale.sandbox import Sandbox
from gravscale.sandbox.account import EMAIL, PASSWORD, sign_up

# These differ from run to run.
ADDRESS = "http://127.0.0.1:8000"
REQUEST_ID = "6f1c0e0d5b7a4c2f9e8d7c6b5a493827"

# These are tested in test_fixture.py and telemetry/.
RUN_ELSEWHERE = ("testing.md", "logging.md")
PAGES_RUN = [
    page
    for page in PAGES
    if page.name not in RUN_ELSEWHERE
    and page not in TRANSLATIONS
    and any(block.language == "python" for block in blocks(page))
]


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Sandbox]:
    """A sandbox as `serve --demo` starts it, with the environment that it prints."""
    monkeypatch.chdir(tmp_path)
    for place in ("config", "state"):
        monkeypatch.setattr(f"platformdirs.user_{place}_dir", lambda *_, place=place, **__: str(tmp_path / place))
    with Sandbox(task_duration=0.3) as sandbox:
        sign_up(sandbox, demo=True)
        monkeypatch.setenv("GRAVSCALE_HOST", sandbox.url)
        monkeypatch.setenv("GRAVSCALE_EMAIL", EMAIL)
        monkeypatch.setenv("GRAVSCALE_PASSWORD", PASSWORD)
        monkeypatch.delenv("GRAVSCALE_ACCESS_TOKEN", raising=False)
        yield sandbox


def shown(source: str) -> list[str]:
    """The output that a block shows. A long line may be shown in several parts."""
    return " ".join(re.findall(r"^ *# -> (.*)$", source, re.MULTILINE)).split()


def printed(output: str) -> list[str]:
    """The output of a block, in the form in which the pages show it."""
    return re.sub(r"\b[0-9a-f]{32}\b", REQUEST_ID, re.sub(r"http://127\.0\.0\.1:\d+", ADDRESS, output)).split()


@pytest.mark.parametrize("page", PAGES_RUN, ids=lambda page: page.stem)
def test_each_page_runs_and_prints_what_it_shows(
    page: Path, reader: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    run(page, capsys)


def test_the_pages_can_be_read_one_after_the_other_without_a_new_sandbox(
    reader: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    order = (DOCS / ".nav.yml").read_text("utf-8")
    # The README comes first, as the page `index`.
    for page in sorted(PAGES_RUN, key=lambda page: order.find(page.name)):
        run(page, capsys)


def run(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Run the Python blocks of a page, and the commands between them, in this process."""
    document = Document.parse(str(page), PythonCodeBlockParser(), CodeBlockParser("sh", run_commands))
    for example in document.examples():
        example.evaluate()
        output = capsys.readouterr().out
        if example.region.evaluator is not run_commands:
            assert printed(output) == shown(example.parsed), f"{page.name}, line {example.line}"
    for value in document.namespace.values():
        if isinstance(value, gravscale.ApiClient):
            value.close()


def run_commands(example: Example) -> None:
    """Run the commands of the command line. test_shell_commands.py checks the others."""
    for line in example.parsed.splitlines():
        if line.startswith("gravscale "):
            assert main(shlex.split(line, comments=True)[1:]) == 0, line


def test_the_examples_can_be_pasted_into_an_interactive_python() -> None:
    programs = [block.source for page in PAGES for block in blocks(page) if block.language == "python"]
    refused = [program for program in programs if not can_be_pasted(program)]
    # The quick start mentions this for classes.
    assert [program for program in refused if not re.search("^(class|@)", program, re.MULTILINE)] == []
    assert len(refused) < len(programs) / 10


def can_be_pasted(program: str) -> bool:
    """Whether Python before 3.13 accepts it interactively, where only an empty line ends an indented block."""
    lines: list[str] = []
    try:
        for line in [*program.split("\n"), ""]:
            lines.append(line)
            if compile_command("\n".join(lines)) is not None:
                lines = []
    except SyntaxError:
        return False
    return True


def test_a_guide_that_needs_a_service_links_to_the_sandbox() -> None:
    needing = [page for page in DOCS.glob("*.md") if page in PAGES and "from_env()" in page.read_text("utf-8")]
    place = "quickstart.md#a-sandbox-for-the-other-guides"
    others = [page for page in needing if not page.name.startswith("quickstart") and page.name != "testing.md"]
    assert len(others) >= 7
    assert [page.name for page in others if place not in page.read_text("utf-8")] == []


def test_every_code_block_is_run_or_is_not_a_program() -> None:
    assert {block.language for page in EVERY_PAGE for block in blocks(page)} <= {"python", "sh", "json", "text"}
    # These two have tests of their own, which put the files to use.
    with_files = {page.name for page in EVERY_PAGE if files(page)}
    assert with_files == {"adding-an-operation.md", "services.md"}
    programs = {page for page in EVERY_PAGE if any(block.language == "python" for block in blocks(page))}
    elsewhere = {page for page in programs if page.name in {*RUN_ELSEWHERE, *with_files} or page in TRANSLATIONS}
    # test_documentation.py runs these.
    generated = {page for page in programs if page.read_text("utf-8").startswith("<!-- Generated")}
    assert programs - elsewhere - generated == set(PAGES_RUN) - elsewhere


@pytest.mark.parametrize("translation", TRANSLATIONS, ids=lambda page: page.stem)
def test_both_languages_show_the_same_code(translation: Path) -> None:
    original = original_of(translation)
    assert [essence(block) for block in blocks(translation)] == [essence(block) for block in blocks(original)]


@pytest.mark.parametrize("translation", TRANSLATIONS, ids=lambda page: page.stem)
def test_both_languages_have_the_same_parts_and_links(translation: Path) -> None:
    assert outline(translation) == outline(original_of(translation))


def essence(block: Block) -> object:
    """A block's code, and the output that it shows. Comments may be translated."""
    if block.language == "python":
        return ast.dump(ast.parse(block.source)), shown(block.source)
    return re.sub(r"\s*#.*", "", block.source)


def outline(page: Path) -> tuple[list[str], list[str]]:
    """The levels of a page's headings, and where its links lead."""
    text = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    links = [link.replace(".pt-BR.", ".") for link in re.findall(r"\]\(([^)]+)\)", text)]
    return re.findall(r"^#+", text, re.MULTILINE), [link for link in links if link != original_of(page).name]
