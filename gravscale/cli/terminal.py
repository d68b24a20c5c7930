"""The standard streams. Nothing that the service says controls a terminal."""

from __future__ import annotations

import io
import os
import sys
from typing import Literal, TextIO

from gravscale.support.text import printable


def prepare_streams() -> None:
    """Have characters that a terminal's encoding does not have written as escapes, and not be an error.

    A stream that is closed (`>&-`) becomes one of nothing.
    """
    # In this order, so that each gets the number of the one that is missing.
    sys.stdin = sys.stdin or _nothing("r")
    sys.stdout = sys.stdout or _nothing("w")
    sys.stderr = sys.stderr or _nothing("w")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _nothing(mode: Literal["r", "w"]) -> TextIO:
    return open(os.devnull, mode, encoding="utf-8")


def is_unicode() -> bool:
    """Return whether stdout takes any character."""
    return (getattr(sys.stdout, "encoding", None) or "").lower().replace("-", "").startswith("utf")


def write(text: str) -> None:
    """Write to stdout at once."""
    # Not by click.echo, which takes a terminal without Unicode for one that is misconfigured.
    sys.stdout.write(text)
    sys.stdout.flush()


def note(text: str) -> None:
    """Write a line for the user to stderr, so that stdout is data alone."""
    sys.stderr.write(f"{printable(text)}\n")
    sys.stderr.flush()


def close_quietly() -> None:
    """Have nothing more written to a stdout that nobody reads any more."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
