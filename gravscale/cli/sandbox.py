"""`gravscale sandbox`"""

from __future__ import annotations

import click

from gravscale.cli.invocation import Invocation
from gravscale.cli.options import SuggestingGroup


class _Sandbox(SuggestingGroup):
    """The commands of the sandbox. They are made when needed, because they need another extra."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return ["serve", "tour"]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return {"serve": _serve, "tour": _tour}[cmd_name]() if cmd_name in self.list_commands(ctx) else None


@click.group(cls=_Sandbox)
@click.pass_obj
def sandbox(invocation: Invocation) -> None:
    """A local stand-in for the service."""
    for option, value in (("--profile", invocation.profile), ("--host", invocation.host)):
        if value is not None:
            # The options of `serve` with these names mean something else.
            raise click.UsageError(f"{option}: goes after gravscale sandbox serve")


def _serve() -> click.Command:
    from gravscale.sandbox.serving import OPTIONS, serve

    options: list[click.Parameter] = [
        click.Option(
            [f"--{each.name}"],
            type=None if each.default is None else type(each.default),
            default=each.default,
            is_flag=each.default is False,
            show_default=each.metavar is not None,
            metavar=each.metavar,
            help=each.help,
        )
        for each in OPTIONS
    ]
    text = "Start a sandbox and leave it running until Ctrl-C."
    return click.Command("serve", callback=serve, params=options, help=text)


def _tour() -> click.Command:
    from gravscale.sandbox.tour import tour

    return click.Command("tour", callback=tour, help="Start a sandbox and walk through the SDK's main features.")
