"""The commands of the former command line. They are hidden, and refer to the new names."""

from __future__ import annotations

import click

from gravscale.cli.invocation import Invocation
from gravscale.cli.ip import allocate, list_ips, release
from gravscale.cli.options import Group
from gravscale.cli.session import choose_account, log_in, login, whoami

_vpc = click.option("-v", "--vpc", required=True)
_address = click.option("-a", "--address", required=True)


@click.group(cls=Group, hidden=True)
def auth() -> None:
    """See login and whoami."""


@click.group(cls=Group, hidden=True)
def nat11() -> None:
    """See ip."""


@auth.command("login")
@click.option("-e", "--email")
@click.option("-p", "--password", hidden=True)
@click.pass_context
def old_login(context: click.Context, email: str | None, password: str | None) -> None:
    """See login."""
    _moved(context, "login")
    if password is None:
        context.invoke(login, email=email)
    else:
        context.obj.say("gravscale: warning: other users of this machine can read a password that is an argument")
        log_in(context.obj, choose_account(context.obj, email), password)


@auth.command("info")
@click.pass_context
def old_info(context: click.Context) -> None:
    """See whoami."""
    _moved(context, "whoami")
    context.invoke(whoami)


@nat11.command("list")
@_vpc
@click.pass_context
def old_list(context: click.Context, vpc: str) -> None:
    """See ip list."""
    _moved(context, "ip list --vpc NAME")
    context.invoke(list_ips, vpc=vpc)


@nat11.command("allocate")
@_vpc
@_address
@click.pass_context
def old_allocate(context: click.Context, vpc: str, address: str) -> None:
    """See ip allocate."""
    _moved(context, "ip allocate VPC ADDRESS")
    context.invoke(allocate, vpc=vpc, address=address)


@nat11.command("deallocate")
@_address
@click.pass_context
def old_deallocate(context: click.Context, address: str) -> None:
    """See ip release."""
    _moved(context, "ip release ADDRESS")
    context.invoke(release, address=address, yes=True)


def _moved(context: click.Context, name: str) -> None:
    invocation: Invocation = context.obj
    invocation.say(f"gravscale: this command is now: gravscale {name}")
