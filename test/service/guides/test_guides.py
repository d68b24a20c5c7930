"""The hand-written guides run as they stand, and print what they say."""

from __future__ import annotations

import ast
import re
from codeop import compile_command
from collections.abc import Iterator
from pathlib import Path

import pytest
from pages import DOCS, PAGES, ROOT, TRANSLATIONS, Block, blocks, files, original_of
from sybil import Document
from sybil.parsers.markdown import PythonCodeBlockParser

import gravscale
from gravscale.profile_file import Profile, ProfileFile
from gravscale.profiles import begin_session
from gravscale.sandbox import Sandbox

# What differs from run to run, as the pages show it.
ADDRESS = "http://127.0.0.1:8000"
REQUEST_ID = "6f1c0e0d5b7a4c2f9e8d7c6b5a493827"

EMAIL, PASSWORD = "ada@example.com", "analytical engine"

# These have tests of their own, in test_fixture.py and telemetry/.
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
    """A sandbox without accounts, to which the environment points as the quick start says."""
    monkeypatch.chdir(tmp_path)
    for place in ("config", "state"):
        monkeypatch.setattr(f"platformdirs.user_{place}_dir", lambda *_, place=place, **__: str(tmp_path / place))
    with Sandbox(task_duration=0.3) as sandbox:
        monkeypatch.setenv("GRAVSCALE_HOST", sandbox.url)
        monkeypatch.setenv("GRAVSCALE_EMAIL", EMAIL)
        monkeypatch.setenv("GRAVSCALE_PASSWORD", PASSWORD)
        monkeypatch.delenv("GRAVSCALE_ACCESS_TOKEN", raising=False)
        yield sandbox


def shown(source: str) -> list[str]:
    """What a block says that it prints. A long line may be shown in several parts."""
    return " ".join(re.findall(r"^ *# -> (.*)$", source, re.MULTILINE)).split()


def printed(output: str) -> list[str]:
    """What a block has printed, as the pages show it."""
    return re.sub(r"\b[0-9a-f]{32}\b", REQUEST_ID, re.sub(r"http://127\.0\.0\.1:\d+", ADDRESS, output)).split()


@pytest.mark.parametrize("page", PAGES_RUN, ids=lambda page: page.stem)
def test_each_page_runs_and_prints_what_it_shows(
    page: Path, reader: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    if page.stem != "quickstart":  # which shows how to sign up
        with gravscale.ApiClient(gravscale.Configuration(reader.url)) as api_client:
            gravscale.AuthenticationApi(api_client).sign_up({"email": EMAIL, "password": PASSWORD})
            if page.stem == "authentication":  # which begins after a login by the command line
                begin_session(api_client, EMAIL, PASSWORD)
                ProfileFile().save(Profile("default", reader.url, EMAIL))
    document = Document.parse(str(page), PythonCodeBlockParser())
    for example in document.examples():
        example.evaluate()
        assert printed(capsys.readouterr().out) == shown(example.parsed), f"{page.name}, line {example.line}"
    for value in document.namespace.values():
        if isinstance(value, gravscale.ApiClient):
            value.close()


def test_the_examples_can_be_pasted_into_an_interactive_python() -> None:
    programs = [block.source for page in PAGES for block in blocks(page) if block.language == "python"]
    refused = [program for program in programs if not can_be_pasted(program)]
    # Of classes the quick start says so.
    assert [program for program in refused if not re.search("^(class|@)", program, re.MULTILINE)] == []
    assert len(refused) < len(programs) / 10


def can_be_pasted(program: str) -> bool:
    """Whether the Python before 3.13 takes it, where an empty line ends what is indented, and nothing else does."""
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
    assert {block.language for page in PAGES for block in blocks(page)} <= {"python", "sh", "json", "text"}
    # These two have tests of their own, which put the files to use.
    assert {page.name for page in PAGES if files(page)} == {"adding-an-operation.md", "services.md"}


def test_paths_in_shell_commands_exist() -> None:
    commands = "\n".join(block.source for page in PAGES for block in blocks(page) if block.language == "sh")
    settings, metadata = ((ROOT / name).read_text("utf-8") for name in ("tox.ini", "pyproject.toml"))
    environments = {name for names in re.findall(r"tox run -e (\S+)", commands) for name in names.split(",")}
    assert environments >= {"py", "lint", "types", "generate", "docs"}
    assert [name for name in environments - {"py"} if f"\n[testenv:{name}]\n" not in settings] == []
    named = re.findall(r"gravscale\[([\w,]+)\]", "\n".join(page.read_text("utf-8") for page in PAGES))
    extras = set(",".join(named).split(","))
    assert extras == {"cli", "sandbox", "store", "redis", "progress"}
    assert [extra for extra in extras if not re.search(rf"^{extra} = \[", metadata, re.MULTILINE)] == []


@pytest.mark.parametrize("translation", TRANSLATIONS, ids=lambda page: page.stem)
def test_both_languages_show_the_same_code(translation: Path) -> None:
    original = original_of(translation)
    assert [essence(block) for block in blocks(translation)] == [essence(block) for block in blocks(original)]


@pytest.mark.parametrize("translation", TRANSLATIONS, ids=lambda page: page.stem)
def test_both_languages_have_the_same_parts_and_links(translation: Path) -> None:
    assert outline(translation) == outline(original_of(translation))


def essence(block: Block) -> object:
    """What a block does, and what it says that it prints; comments may be translated."""
    if block.language == "python":
        return ast.dump(ast.parse(block.source)), shown(block.source)
    return re.sub(r"\s*#.*", "", block.source)


def outline(page: Path) -> tuple[list[str], list[str]]:
    """The levels of a page's headings, and where its links lead."""
    text = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    links = [link.replace(".pt-BR.", ".") for link in re.findall(r"\]\(([^)]+)\)", text)]
    return re.findall(r"^#+", text, re.MULTILINE), [link for link in links if link != original_of(page).name]
