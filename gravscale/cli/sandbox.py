"""`gravscale sandbox`"""

from __future__ import annotations

import click


@click.command(context_settings={"ignore_unknown_options": True}, add_help_option=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="serve|tour [OPTIONS]")
def sandbox(arguments: tuple[str, ...]) -> int:
    """Run a local stand-in for the service, or a tour of it."""
    # Imported here because it needs another extra.
    from gravscale.sandbox.__main__ import main

    return main(list(arguments), prog="gravscale sandbox")
