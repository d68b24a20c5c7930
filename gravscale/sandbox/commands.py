"""The commands of the sandbox: `python -m gravscale.sandbox` and `gravscale sandbox`."""

from __future__ import annotations

import sys
from typing import Any

import click

from gravscale.sandbox import serving
from gravscale.sandbox import tour as walk
from gravscale.sandbox.server import TASK_DURATION, TOKEN_TTL


@click.group()
def sandbox() -> None:
    """A local stand-in for Gravscale."""


@sandbox.command(context_settings={"show_default": True})
@click.option("--host", default="127.0.0.1", metavar="ADDRESS", help="Address to listen on.")
@click.option("--port", default=8000, metavar="NUMBER", help="Port; 0 for a free one.")
@click.option("--database", metavar="FILE", help="Keep the data in this file instead of in memory.")
@click.option("--demo", is_flag=True, help="Create an account with some public IPs and tasks.")
@click.option("--profile", metavar="NAME", help="Save it as this profile of the command line, signed in with --demo.")
@click.option("--replace", is_flag=True, help="Replace the profile if it belongs to another service.")
@click.option("--token-ttl", default=TOKEN_TTL, metavar="SECONDS", help="Lifetime of an access token.")
@click.option("--task-duration", default=TASK_DURATION, metavar="SECONDS", help="Duration of a task.")
@click.option("--latency", default=0.0, metavar="SECONDS", help="Delay added to each response.")
@click.option("--failure-rate", default=0.0, metavar="SHARE", help="Share of requests that get a 503, 0 to 1.")
def serve(**settings: Any) -> int:
    """Start a sandbox and leave it running until Ctrl-C."""
    return serving.serve(**settings)


@sandbox.command()
def tour() -> int:
    """Start a sandbox and walk through the SDK's main features."""
    try:
        return walk.tour()
    except KeyboardInterrupt:
        sys.exit(130)
