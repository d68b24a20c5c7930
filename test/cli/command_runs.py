"""Running the command line: in this process, as another, and in a terminal."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from gravscale.sandbox import Sandbox
from gravscale.sandbox.account import EMAIL, PASSWORD

Home = dict[str, str]


class Run(NamedTuple):
    """What a command did."""

    status: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """The JSON that it wrote."""
        return json.loads(self.out)

    @property
    def rows(self) -> list[list[str]]:
        """The tab-separated lines that it wrote."""
        return [line.split("\t") for line in self.out.splitlines()]


Gravscale = Callable[..., Run]


def home_in(folder: Path) -> Home:
    """The variables that make a folder a user's home."""
    return {
        "HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder / "config"),
        "XDG_STATE_HOME": str(folder / "state"),
        "APPDATA": str(folder),
        "LOCALAPPDATA": str(folder),
    }


def log_in(gravscale: Gravscale, sandbox: Sandbox, *options: str) -> Gravscale:
    arguments = ("login", "--host", sandbox.url, "--email", EMAIL, "--password-stdin", *options)
    run = gravscale(*arguments, stdin=f"{PASSWORD}\n")
    assert (run.status, run.out) == (0, ""), run.err
    return gravscale
