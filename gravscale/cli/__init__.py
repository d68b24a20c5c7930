"""The command line `gravscale`. Needs the extra `cli`.

command          one module per group of commands: arguments, one call of the SDK, output
  └─ invocation  the options that every command takes, and the client built from them
      ├─ output  tables, tab-separated text, JSON and CSV
      └─ waiting for a task, with a bar
process          runs a command: streams, warnings, errors and the exit status
"""

from __future__ import annotations

import sys


def main(arguments: list[str] | None = None) -> int:
    """Run the command line with these arguments or those of the process, and return the exit status."""
    try:
        import click as click
    except ModuleNotFoundError:
        print("gravscale: the command line needs its extra: pip install 'gravscale[cli]'", file=sys.stderr)
        return 1
    try:
        from gravscale.cli.process import run

        return run(arguments)
    except KeyboardInterrupt:
        # While modules are loading, before any command could say more.
        return 130
