"""`gravscale profile`"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from gravscale.cli.invocation import Invocation
from gravscale.cli.options import Group
from gravscale.cli.questions import check_given

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
    in_use = file.in_use()
    invocation.show_list([_fields(each, in_use) for each in file.profiles().values()], *_COLUMNS)


@profile.command()
@click.argument("name", callback=check_given)
@click.pass_obj
def use(invocation: Invocation, name: str) -> None:
    """Make NAME the profile in use."""
    file = invocation.profile_file
    file.use(name)
    if (in_use := file.in_use()) == name:
        invocation.say(f"The profile in use is {name!r}.")
    else:
        invocation.say(f"Switched to the profile {name!r}, but GRAVSCALE_PROFILE still selects {in_use!r}.")


@profile.command()
@click.argument("name", required=False, callback=check_given)
@click.pass_obj
def show(invocation: Invocation, name: str | None) -> None:
    """Show the profile NAME, or the one in use."""
    file = invocation.profile_file
    found = file.find(name or invocation.profile_name)
    if found is None and file.profiles():
        found = file.find(file.in_use())
    if found is None:
        raise click.ClickException(f"there are no profiles yet; run: {invocation.login_command}")
    invocation.show_one(_fields(found, file.in_use()))


def _fields(profile: Profile, in_use: str) -> dict[str, object]:
    named = {"name": profile.name, "host": profile.host, "email": profile.email, "clientId": profile.client_id}
    return {**named, "inUse": profile.name == in_use}
