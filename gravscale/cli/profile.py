"""`gravscale profile`"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from gravscale.cli.invocation import Invocation
from gravscale.cli.options import Group

if TYPE_CHECKING:
    from gravscale.profile_file import Profile

_COLUMNS = ("name", "host", "email", "clientId", "inUse")


@click.group(cls=Group)
def profile() -> None:
    """Profiles: services and accounts that you have logged in to."""


@profile.command("list")
@click.pass_obj
def list_profiles(invocation: Invocation) -> None:
    """List the profiles."""
    file = invocation.profile_file
    current = file.current()
    invocation.show_list((_fields(each, current) for each in file.profiles().values()), *_COLUMNS)


@profile.command()
@click.argument("name")
@click.pass_obj
def use(invocation: Invocation, name: str) -> None:
    """Make NAME the profile in use."""
    invocation.profile_file.use(name)
    invocation.say(f"The profile in use is {name!r}.")


@profile.command()
@click.argument("name", required=False)
@click.pass_obj
def show(invocation: Invocation, name: str | None) -> None:
    """Show the profile NAME, or the one in use."""
    file = invocation.profile_file
    found = file.find(name or invocation.profile_name)
    if found is None:
        raise click.ClickException("there are no profiles yet; run: gravscale login")
    invocation.show_one(_fields(found, file.current()))


def _fields(profile: Profile, current: str) -> dict[str, object]:
    named = {"name": profile.name, "host": profile.host, "email": profile.email, "clientId": profile.client_id}
    return {**named, "inUse": profile.name == current}
