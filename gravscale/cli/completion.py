"""`gravscale completion`"""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from gravscale.cli.options import Command
from gravscale.cli.terminal import write

_SHELLS = ("bash", "zsh", "fish")


@click.command(cls=Command)
@click.argument("shell", type=click.Choice(_SHELLS))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the completion for a shell.

    For bash, put this into ~/.bashrc: eval "$(gravscale completion bash)"
    """
    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"no completion for {shell}")
    write(kind(context.find_root().command, {}, "gravscale", "_GRAVSCALE_COMPLETE").source() + "\n")
