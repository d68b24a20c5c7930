"""The command `gravscale`, with all its subcommands."""

from __future__ import annotations

from typing import Any

import click

from gravscale.cli.account import account
from gravscale.cli.completion import completion
from gravscale.cli.ip import ip
from gravscale.cli.legacy import auth, nat11
from gravscale.cli.metal import metal
from gravscale.cli.operation import call
from gravscale.cli.options import Group
from gravscale.cli.profile import profile
from gravscale.cli.request import api
from gravscale.cli.sandbox import sandbox
from gravscale.cli.session import login, logout, sign_up, whoami
from gravscale.cli.task import task
from gravscale.cli.terminal import close_quietly
from gravscale.cli.vpc import vpc
from gravscale.support.version import __version__


class _Outermost(Group):
    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            # The reader, such as `head`, has seen enough.
            close_quietly()
            return 0


@click.group(cls=_Outermost, outermost=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="gravscale %(version)s")
def gravscale() -> None:
    """Use Gravscale's API: bare metal servers, VPCs, public IPs and tasks.

    Begin with: gravscale login. Exit status: 0 done, 1 refused or failed, 2 usage, 3 not signed in, 4 not found, 5 no
    answer in time, 130 interrupted.
    """


for _command in (
    *(login, logout, whoami, sign_up, profile),
    *(account, metal, vpc, ip, task),
    *(api, call, completion, sandbox),
    *(auth, nat11),
):
    gravscale.add_command(_command)
