"""The options that every command takes, before or after its name, and the command classes that add them."""

from __future__ import annotations

from typing import Any

import click

from gravscale.cli.invocation import Invocation
from gravscale.cli.questions import check_given
from gravscale.support.text import did_you_mean

_FORMATS = ("table", "json", "jsonl", "csv")


_COMMON: tuple[tuple[tuple[str, ...], dict[str, Any]], ...] = (
    (
        ("-o", "--output"),
        {"type": click.Choice(_FORMATS), "help": "Output format. Default: a table, or tab-separated text in a pipe."},
    ),
    (("--columns",), {"metavar": "NAMES", "help": "Fields to show, separated by commas, such as name,tenant.name."}),
    (("--client-id",), {"type": int, "help": "Account to act for. Default: the profile's, or your only one."}),
    (("--profile",), {"metavar": "NAME", "help": "Profile to use. Default: the one in use."}),
    (("--host",), {"metavar": "URL", "help": "Base URL of the service. Default: the profile's."}),
    (
        ("--timeout",),
        {
            "type": float,
            "metavar": "SECONDS",
            "help": "Timeout for each call (default 30) or for a wait (default 600).",
        },
    ),
    (("--limit",), {"type": click.IntRange(1), "metavar": "COUNT", "help": "Show at most this many items of a list."}),
    (("-q", "--quiet"), {"is_flag": True, "help": "Show no messages and no progress."}),
    (("--debug",), {"is_flag": True, "help": "Log every call to stderr, without secrets."}),
    # Options of the former command line.
    (("-j", "--json", "output"), {"flag_value": "json", "hidden": True}),
    (("-c", "client_id"), {"type": int, "hidden": True}),
)


def _store(context: click.Context, option: click.Parameter, value: Any) -> None:
    if option.name in ("columns", "host", "profile"):
        check_given(context, option, value)
    if option.name == "columns" and value:
        value = tuple(name.strip() for name in value.split(",") if name.strip())
        if not value:
            raise click.BadParameter("expected names separated by commas, got none")
    if option.name == "host" and value:
        # The stored session's key has no trailing slash.
        value = value.rstrip("/")
    # Compare by identity, because 0 is a valid value and equals False.
    if option.name and value is not None and value is not False:
        setattr(context.ensure_object(Invocation), option.name, value)


def _common_options(taken: set[str], hidden: bool) -> list[click.Option]:
    """Return the options, without those names that the command uses itself."""
    options: list[click.Option] = []
    for names, settings in _COMMON:
        free = [name for name in names if name not in taken]
        if any(name.startswith("-") for name in free):
            options.append(click.Option(free, expose_value=False, callback=_store, **settings))
            options[-1].hidden = hidden or settings.get("hidden", False)
    return options


def _names(command: click.Command) -> set[str]:
    return {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}


class Command(click.Command):
    """A command with the common options."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params.extend(_common_options(_names(self), hidden=False))


class SuggestingGroup(click.Group):
    """A group that suggests a command for an unknown name.

    click itself doesn't suggest commands that are made when needed, and some of its versions make no suggestions.
    """

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if not (ctx.resilient_parsing or name.startswith("-") or self.get_command(ctx, name)):
            commands = ((known, self.get_command(ctx, known)) for known in self.list_commands(ctx))
            shown = [known for known, command in commands if command is not None and not command.hidden]
            raise click.UsageError(f"No such command {name!r}{did_you_mean(name, shown)}", ctx)
        return super().resolve_command(ctx, args)


class Group(SuggestingGroup):
    """A group of commands that takes the common options too. Only the outermost group shows them in its help."""

    command_class: type[click.Command] | None = Command

    def __init__(self, *args: Any, outermost: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params.extend(_common_options(_names(self), hidden=not outermost))


Group.group_class = Group
