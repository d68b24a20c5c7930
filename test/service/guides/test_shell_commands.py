"""The shell commands on every page exist."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import click
import pytest
from packaging.requirements import Requirement
from pages import DOCS, EVERY_PAGE, ROOT, blocks

from gravscale.cli.commands import gravscale as command_line

METADATA = (ROOT / "pyproject.toml").read_text("utf-8")
TOX = ConfigParser()
TOX.read(ROOT / "tox.ini", encoding="utf-8")
# Other programs: the tests of their pages start the first ones, and the others exist on every system.
OTHERS = {"uvicorn", "gunicorn", "celery"} | {"cp", "echo", "eval", "head", "python3"}


def commands(page: Path) -> list[list[str]]:
    """The commands in a page's shell blocks, split into words, without the folder of the program."""
    lines = [line for block in blocks(page) if block.language == "sh" for line in block.source.splitlines()]
    words = [shlex.split(part, comments=True) for line in lines for part in re.split(r" (?:&&|\|) ", line)]
    return [[word[0].removeprefix(".venv/bin/"), *word[1:]] for word in words]


# Each command once, as a reader sees it.
COMMANDS = {" ".join(command): command for page in EVERY_PAGE for command in commands(page)}


def test_the_pages_name_every_extra_and_the_main_environments() -> None:
    assert COMMANDS.keys() >= {f"tox run -e {name}" for name in ("py", "lint", "types", "generate", "docs")}
    named = re.findall(r"gravscale\[([\w,]+)\]", "\n".join(page.read_text("utf-8") for page in EVERY_PAGE))
    assert set(",".join(named).split(",")) == {"cli", "sandbox", "store", "redis", "progress"}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_each_command_on_a_page_exists(command: list[str]) -> None:
    program, *arguments = command
    if program == "gravscale":
        assert_is_taken(arguments)
    elif program == "pip":
        assert_can_be_installed(arguments)
    elif program == "tox":
        assert_is_an_environment(arguments)
    elif program == "export":
        assert_is_read(arguments)
    elif program == "python":
        assert_is_a_module(arguments)
    else:
        assert program in OTHERS


def assert_is_taken(arguments: list[str]) -> None:
    """Assert that the command line has a command, with these options."""
    group: click.Command = command_line
    context: click.Context | None = None
    while isinstance(group, click.Group):
        context = click.Context(group, parent=context)
        _, found, arguments = group.resolve_command(context, arguments)
        assert found is not None
        group = found
    if group.name != "sandbox":  # whose arguments are those of the module below
        group.make_context(group.name, arguments, parent=context)


def assert_can_be_installed(arguments: list[str]) -> None:
    assert arguments[0] == "install"
    extras_and_groups = set(re.findall(r"^([\w-]+) = \[", METADATA, re.MULTILINE))
    for word in arguments[1:]:
        requirement = Requirement(word.replace(".[", "gravscale[", 1).lstrip("-"))
        assert requirement.name != "gravscale" or requirement.extras <= extras_and_groups
    if "--group" in arguments:
        assert arguments[arguments.index("--group") + 1] in extras_and_groups


def assert_is_an_environment(arguments: list[str]) -> None:
    assert arguments[:2] == ["run", "-e"]
    for name in arguments[2].split(","):
        assert name == "py" or re.fullmatch(r"3\.\d+", name) or TOX.has_section(f"testenv:{name}")


def assert_is_read(arguments: list[str]) -> None:
    """Assert that the SDK, the program on the page or Celery reads a variable."""
    (name, _, _) = arguments[0].partition("=")
    reference, services = ((DOCS / page).read_text("utf-8") for page in ("reference/environment.md", "services.md"))
    assert f"`{name}`" in reference or f'os.environ["{name}"]' in services or name.startswith("CELERY_")


def assert_is_a_module(arguments: list[str]) -> None:
    """Assert that a module runs with these arguments, and that a sandbox prints what the quick start says."""
    # These are slow, and are tested elsewhere: in test_pages.py of the command line and test_command_line.py of the
    # sandbox.
    if arguments[0] == "-c" or arguments[-1] == "tour":
        return
    if "serve" not in arguments:
        subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
        return
    with subprocess.Popen([sys.executable, "-u", *arguments, "--port", "0"], stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        printed = [line.strip() for line in iter(run.stdout.readline, "Ctrl-C stops it.\n") if line]
        run.terminate()
    if sys.platform != "win32":
        exports = [re.sub(r":\d+$", ":8000", line) for line in printed if line.startswith("export ")]
        shown = [block.source.splitlines() for block in blocks(DOCS / "quickstart.md")]
        assert exports in shown
