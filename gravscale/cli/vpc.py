"""`gravscale vpc`"""

from __future__ import annotations

import click

import gravscale
from gravscale.cli.invocation import Invocation
from gravscale.cli.options import Group


@click.group(cls=Group)
def vpc() -> None:
    """Virtual private clouds."""


@vpc.command("list")
@click.pass_obj
def list_vpcs(invocation: Invocation) -> None:
    """List the VPCs."""
    api = gravscale.VirtualPrivateCloudApi(invocation.api_client)
    vpcs = gravscale.paginate(api.list_vpc, invocation.acting_for)
    invocation.show_list(vpcs, "name", "tenant.name", "tenant.group.name")
