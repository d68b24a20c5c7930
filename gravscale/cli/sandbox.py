"""`gravscale sandbox`"""

from __future__ import annotations

import click

from gravscale.cli.invocation import Invocation
from gravscale.cli.options import SuggestingGroup


class _Sandbox(SuggestingGroup):
    """The commands of the sandbox. They are imported when needed, because they need another extra."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return ["serve", "tour"]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        from gravscale.sandbox.commands import sandbox as commands

        return commands.get_command(ctx, cmd_name)


@click.group(cls=_Sandbox)
@click.pass_obj
def sandbox(invocation: Invocation) -> None:
    """A local stand-in for the service."""
    for option, value in (("--profile", invocation.profile), ("--host", invocation.host)):
        if value is not None:
            # The options of `serve` with these names mean something else.
            raise click.UsageError(f"{option}: goes after gravscale sandbox serve")
