"""`gravscale metal`"""

from __future__ import annotations

import click

import gravscale
from gravscale.cli.invocation import Invocation
from gravscale.cli.options import Group
from gravscale.support.type_guards import is_list


@click.group(cls=Group)
def metal() -> None:
    """Bare metal servers."""


@metal.command("list")
@click.pass_obj
def list_metals(invocation: Invocation) -> None:
    """List the servers on offer."""
    # The contract does not describe the answer.
    found = gravscale.MetalApi(invocation.api_client).get_metal()
    invocation.show_list(found if is_list(found) else [found])
