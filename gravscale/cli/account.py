"""`gravscale account`"""

from __future__ import annotations

import click

import gravscale
from gravscale.cli.invocation import Invocation
from gravscale.cli.options import Group

_COLUMNS = ("clientId", "clientStatus", "uuid")


@click.group(cls=Group)
def account() -> None:
    """Accounts to act for."""


@account.command("list")
@click.pass_obj
def list_accounts(invocation: Invocation) -> None:
    """List the accounts."""
    api = gravscale.AccountApi(invocation.api_client)
    invocation.show_list(gravscale.paginate(api.list_accounts), *_COLUMNS)


@account.command()
@click.argument("uuid", required=False)
@click.pass_obj
def show(invocation: Invocation, uuid: str | None) -> None:
    """Show the account with this UUID, or else the one that commands act for."""
    api = gravscale.AccountApi(invocation.api_client)
    found = api.get_account(uuid) if uuid is not None else api.get_account(client_id=invocation.acting_for)
    invocation.show_one(found, *_COLUMNS)
