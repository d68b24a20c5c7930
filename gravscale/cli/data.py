"""The body of a request, from the command line."""

from __future__ import annotations

import sys
from typing import Any

import click

from gravscale.cli.questions import secret_in_arguments
from gravscale.support.text import NESTED_TOO_DEEPLY

OPTION_HELP = "Body as JSON; @FILE reads it from a file, - from stdin."


def read_data(text: str) -> Any:
    """Return the parsed JSON of an option. Raises click.UsageError if it is unreadable, not JSON, or holds a secret."""
    import json

    from gravscale.pipeline.body import secrets_of

    is_argument = text != "-" and not text.startswith("@")
    try:
        if text == "-":
            text = sys.stdin.read()
        elif text.startswith("@"):
            with open(text[1:], encoding="utf-8") as file:
                text = file.read()
        data = json.loads(text)
        if is_argument and secrets_of(data):
            raise secret_in_arguments("--data", "pass @FILE or -")
        return data
    except OSError as error:
        raise click.UsageError(f"--data: can't be read: {error}") from None
    except RecursionError:
        raise click.UsageError(f"--data: {NESTED_TOO_DEEPLY}") from None
    except ValueError as error:
        raise click.UsageError(f"--data: expected JSON, @FILE or -: {error}") from None
