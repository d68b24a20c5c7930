"""Run the command line: in this process, in another one, and in a terminal."""

from __future__ import annotations

import json
import os
import select
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from gravscale.sandbox import Sandbox
from gravscale.sandbox.account import EMAIL, PASSWORD

Home = dict[str, str]


class Run(NamedTuple):
    """The result of a command."""

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
    """The environment variables that make a folder a user's home."""
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


PROGRAM = [sys.executable, "-c", "import sys; from gravscale.cli import main; sys.exit(main(sys.argv[1:]))"]
# A terminal that is not the controlling one sends no signals, and passwords are not read from it.
IN_TERMINAL = """
import fcntl, signal, sys, termios
# A shell without job control has what it runs in the background ignore interrupts.
signal.signal(signal.SIGINT, signal.default_int_handler)
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
from gravscale.cli import main
sys.exit(main(sys.argv[1:]))
"""


class Terminal:
    """The command in its own terminal.

    Args:
        arguments: The arguments after the command's name.
        columns: The width of the terminal.
        settings: Environment variables.
    """

    def __init__(self, *arguments: str, columns: int = 100, **settings: str) -> None:
        # This does not exist on Windows.
        import fcntl
        import pty
        import termios

        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        self.process = subprocess.Popen(
            [sys.executable, "-c", IN_TERMINAL, *arguments],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            env={**os.environ, "TERM": "xterm-256color", **settings},
        )
        os.close(slave)
        self.said = ""

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._master)

    def until(self, text: str) -> str:
        """Wait until a text appears, and return the whole output."""
        while text not in self.said:
            assert self._read(), f"it ended: {self.said}"
        return self.said

    def type(self, text: str) -> None:
        """Type as a user does."""
        os.write(self._master, text.encode())

    def interrupt(self) -> None:
        """Press Ctrl-C until the command reacts. Python does not see one that comes just before it reads."""
        self.type("\x03")
        while not select.select([self._master], [], [], 5)[0]:
            self.type("\x03")

    def end(self) -> int:
        """Read the rest of the output, and return the exit status."""
        while self._read():
            pass
        return self.process.wait(30)

    def _read(self) -> bool:
        assert select.select([self._master], [], [], 30)[0], f"it says nothing more: {self.said}"
        try:
            read = os.read(self._master, 65536)
        except OSError:
            # On Linux, this means that the end is reached.
            return False
        self.said += read.decode("utf-8", "replace").replace("\r\n", "\n")
        return bool(read)
