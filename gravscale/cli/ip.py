"""`gravscale ip`"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

import gravscale
from gravscale.cli.invocation import Invocation
from gravscale.cli.options import Group
from gravscale.cli.waiting import finish
from gravscale.support.text import printable

if TYPE_CHECKING:
    from gravscale import PublicIpSchema


@click.group(cls=Group)
def ip() -> None:
    """Public IPs."""


@ip.command("list")
@click.option("--vpc", metavar="NAME", help="Only those of this VPC. By default, those of all VPCs.")
@click.pass_obj
def list_ips(invocation: Invocation, vpc: str | None) -> None:
    """List the public IPs."""
    invocation.show_list(_public_ips(invocation, vpc), "vpc.name", "address", "publicIp.address")


@ip.command()
@click.argument("vpc")
@click.argument("address")
@click.option("--no-wait", is_flag=True, help="Return as soon as the task has started.")
@click.pass_obj
def allocate(invocation: Invocation, vpc: str, address: str, no_wait: bool) -> None:
    """Allocate a public IP to ADDRESS in VPC, and wait until it is done."""
    api = gravscale.NetworkApi(invocation.api_client)
    finish(invocation, api.create_public_ip(invocation.acting_for, {"vpc_name": vpc, "address": address}), no_wait)


@ip.command()
@click.argument("address")
@click.option("-y", "--yes", is_flag=True, help="Don't ask for confirmation.")
@click.option("--no-wait", is_flag=True, help="Return as soon as the task has started.")
@click.pass_obj
def release(invocation: Invocation, address: str, yes: bool, no_wait: bool) -> None:
    """Release the public IP of ADDRESS, and wait until it is done."""
    api, client_id = gravscale.NetworkApi(invocation.api_client), invocation.acting_for
    if not yes and not click.confirm(f"Release the public IP of {printable(address)}?", err=True):
        raise click.ClickException("nothing was released")
    finish(invocation, api.deallocate_public_ip(client_id, address), no_wait)


def _public_ips(invocation: Invocation, vpc: str | None) -> Iterator[PublicIpSchema]:
    client, client_id = invocation.api_client, invocation.acting_for
    vpcs = gravscale.paginate(gravscale.VirtualPrivateCloudApi(client).list_vpc, client_id)
    for name in [vpc] if vpc is not None else (each.name for each in vpcs):
        yield from gravscale.paginate(gravscale.NetworkApi(client).list_all_public_ips, client_id, name)
