"""The standard streams. No text from the service can control the terminal."""

from __future__ import annotations

import io
import os
import sys
from typing import Literal, TextIO

from gravscale.support.text import printable


def prepare_streams() -> None:
    """Write characters that the terminal's encoding lacks as escapes, instead of failing.

    A closed stream (`>&-`) is replaced by the null device.
    """
    # In this order, so that each gets the missing file descriptor number.
    sys.stdin = sys.stdin or _nothing("r")
    sys.stdout = sys.stdout or _nothing("w")
    sys.stderr = sys.stderr or _nothing("w")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _nothing(mode: Literal["r", "w"]) -> TextIO:
    return open(os.devnull, mode, encoding="utf-8")


def is_unicode() -> bool:
    """Return whether stdout can encode any character."""
    return (getattr(sys.stdout, "encoding", None) or "").lower().replace("-", "").startswith("utf")


def write(text: str) -> None:
    """Write to stdout at once."""
    # Not with click.echo, which treats a terminal without Unicode as misconfigured.
    sys.stdout.write(text)
    sys.stdout.flush()


def note(text: str) -> None:
    """Write a line for the user to stderr, so that stdout contains only data."""
    sys.stderr.write(f"{printable(text)}\n")
    sys.stderr.flush()


def close_quietly() -> None:
    """Redirect stdout to the null device, because its reader is gone."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
