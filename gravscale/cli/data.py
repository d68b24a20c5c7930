"""The body of a request, as it is given on the command line."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

OPTION_HELP = "Body as JSON; @FILE reads it from a file, - from stdin."


def read_data(text: str) -> Any:
    """Return the JSON that an option gives. Raises click.UsageError if it is none, or can't be read."""
    try:
        if text == "-":
            text = sys.stdin.read()
        elif text.startswith("@"):
            text = Path(text[1:]).read_text("utf-8")
        return json.loads(text)
    except OSError as error:
        raise click.UsageError(f"--data: can't be read: {error}") from None
    except ValueError as error:
        raise click.UsageError(f"--data: expected JSON, @FILE or -: {error}") from None
