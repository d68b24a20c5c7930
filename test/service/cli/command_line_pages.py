"""Write the command-line pages of docs/: `tox run -e cli`, or only the reference: `tox run -e generate`.

The reference comes from the commands, and the recording from a real run in a terminal. A test checks that both are up
to date.
"""

from __future__ import annotations

import inspect
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import click

ROOT = Path(__file__).parents[3]
DOCS = ROOT / "docs"
REFERENCE = DOCS / "command-reference.md"
RECORDING = DOCS / "command-line.svg"

_HEAD = """<!-- Generated from gravscale/cli by `tox run -e cli`. Do not edit. -->
# The commands

What `--help` says, on one page. For an introduction see [the command line](command-line.md).

## Options of every command

"""
_COLUMNS = 84
# These differ from run to run.
_VARYING = (
    (re.compile(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"), "6f1c0e0d-5b7a-4c2f-9e8d-7c6b5a493827"),
    (re.compile(r"http://127\.0\.0\.1:\d+"), "http://127.0.0.1:8000"),
)


def same(text: str, home: Path) -> str:
    """Replace the parts of a text that differ from run to run."""
    for pattern, instead in _VARYING:
        text = pattern.sub(instead, text)
    return text.replace(str(home), "~")


def reference() -> str:
    """The page of all commands."""
    from gravscale.cli.commands import gravscale

    context = click.Context(gravscale, info_name="gravscale")
    common = [option for option in gravscale.params if option.name not in ("version", "help")]
    return _HEAD + _options(common, context) + "".join(_commands(gravscale, context))


def _commands(group: click.Group, context: click.Context) -> Iterator[str]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        inner = click.Context(command, info_name=name, parent=context)
        if command.hidden:
            continue
        if isinstance(command, click.Group):
            yield from _commands(command, inner)
            continue
        own = [parameter for parameter in command.params if parameter.expose_value]
        pieces = " ".join(command.collect_usage_pieces(inner))
        usage = f"```text\n{inner.command_path} {pieces}\n```"
        yield f"\n## {inner.command_path}\n\n{inspect.cleandoc(command.help or '')}\n\n{usage}\n"
        options = [parameter for parameter in own if isinstance(parameter, click.Option) and not parameter.hidden]
        if options:
            yield "\n" + _options(options, inner)


def _options(options: list[click.Parameter], context: click.Context) -> str:
    rows = "".join(
        f"| `{', '.join(option.opts)}{'' if option.is_flag else f' {_metavar(option, context)}'}` | {option.help} |\n"
        for option in options
        if isinstance(option, click.Option) and not option.hidden
    )
    return f"| Option | What it does |\n| --- | --- |\n{rows}"


def _metavar(option: click.Option, context: click.Context) -> str:
    return option.make_metavar(context).replace("|", r"\|")


def recording() -> str:
    """The recording, as SVG."""
    from rich.console import Console
    from rich.text import Text

    from gravscale.sandbox import Sandbox
    from gravscale.sandbox.account import EMAIL, PASSWORD, sign_up

    with (
        open("/dev/null", "w") as nowhere,
        tempfile.TemporaryDirectory() as folder,
        Sandbox(task_duration=0.4) as sandbox,
    ):
        sign_up(sandbox, demo=True)
        console = Console(record=True, width=_COLUMNS, file=nowhere, force_terminal=True, color_system="truecolor")
        for command in (
            f"login --host {sandbox.url} --email {EMAIL}",
            "vpc list",
            "ip allocate vpc-main 10.0.0.10",
        ):
            said = _run(Path(folder), command.split(), f"{PASSWORD}\n" if command.startswith("login") else "")
            console.print(Text(same(f"$ gravscale {command}", Path(folder)), style="bold green"))
            console.print(Text.from_ansi(same(said, Path(folder)).rstrip()), end="\n\n", soft_wrap=False)
    svg = console.export_svg(title="gravscale", unique_id="gravscale")
    # Without downloaded fonts: the reader's own are used.
    return re.sub(r"\s*@font-face \{.*?\}\n", "\n", svg, flags=re.DOTALL)


def _run(home: Path, arguments: list[str], typed: str) -> str:
    """The final text of a command in a terminal, without the intermediate frames of a progress bar."""
    from command_runs import Terminal, home_in

    with Terminal(*arguments, columns=_COLUMNS, **home_in(home)) as terminal:
        if typed:
            terminal.until("Password: ")
            terminal.type(typed)
        assert terminal.end() == 0, terminal.said
    return terminal.said.rpartition("\x1b[2K")[2]


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    REFERENCE.write_text(reference(), "utf-8")
    if sys.argv[1:] != ["reference"]:
        RECORDING.write_text(recording(), "utf-8")
