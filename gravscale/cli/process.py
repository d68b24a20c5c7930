"""Run a command as a process: its streams, warnings, errors and exit status."""

from __future__ import annotations

import sys
import warnings

import click

import gravscale as sdk
from gravscale.cli.commands import gravscale
from gravscale.cli.invocation import Invocation
from gravscale.cli.questions import check_arguments
from gravscale.cli.terminal import note, prepare_streams


def run(arguments: list[str] | None = None) -> int:
    """Run the command line, and return the exit status."""
    prepare_streams()
    invocation = Invocation()
    with warnings.catch_warnings():
        if not sys.warnoptions:
            warnings.simplefilter("default")
        warnings.showwarning = _show_warning
        try:
            check_arguments(sys.argv[1:] if arguments is None else arguments)
            ended = gravscale.main(arguments, prog_name="gravscale", obj=invocation, standalone_mode=False)
        except click.exceptions.NoArgsIsHelpError as error:
            error.show()
            return error.exit_code
        except AttributeError as error:
            # Imported here because it loads modules that --help and --version don't need.
            from gravscale.api_base import Api

            if not (error.obj is sdk or isinstance(error.obj, Api)):
                raise
            note(f"gravscale: this command needs {error.name}, which the contract does not have")
            return 2
        except Exception as error:
            # Imported here for the same reason.
            from gravscale.cli.errors import describe, exit_status, is_expected

            if not is_expected(error):
                raise
            note(f"gravscale: {describe(error, invocation)}")
            return exit_status(error)
    return ended if isinstance(ended, int) else 0


def _show_warning(message: Warning | str, *_: object, **__: object) -> None:
    note(f"gravscale: warning: {message}")
