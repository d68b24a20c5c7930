"""The progress of a task: a bar in a terminal and in a notebook, plain lines elsewhere."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from gravscale.support.ipython import running_shell
from gravscale.support.text import excerpt

if TYPE_CHECKING:
    from gravscale.models import TaskTreeSchema

_BAR_COLUMNS = 79
_BAR_ROWS = 20

Progress = bool | Callable[["TaskTreeSchema"], object] | None


@contextmanager
def progress_reporter(progress: Progress, task_id: str, status: str) -> Generator[Callable[[TaskTreeSchema], object]]:
    """Give what is to be called with each state of a task.

    No fault of the display ends the wait; an error of the caller's own callable does.

    Args:
        progress: True for a bar, a callable to be called itself, None or False for nothing.
        task_id: of the task.
        status: its state, as far as it is known.
    """
    if callable(progress):
        yield progress
        return
    if not progress:
        yield lambda _: None
        return
    display: _Bar | _Lines = _Lines(task_id)
    with suppress(Exception):
        display = _Bar(task_id, status)

    def report(task: TaskTreeSchema) -> None:
        with suppress(Exception):
            display.show(task)

    try:
        yield report
    finally:
        with suppress(Exception):
            display.close()


class _Lines:
    """A line for each state, to stderr.

    Args:
        task_id: of the task.
    """

    def __init__(self, task_id: str) -> None:
        self._task_id = task_id
        self._last = ""

    def show(self, task: TaskTreeSchema) -> None:
        # None in a program without a console.
        stderr = sys.stderr
        line = f"task {excerpt(self._task_id)}: {excerpt(task.status)}, {task.percentage_complete or 0} %"
        if stderr is not None and line != self._last:
            self._last = line
            stderr.write(f"{line}\n")
            stderr.flush()

    def close(self) -> None:
        """Leave the lines as they are."""


class _Bar:
    """tqdm's bar. Raises ImportError where there is no tqdm, and OSError where there is no place for a bar.

    Args:
        task_id: of the task.
        status: its state, as far as it is known.
    """

    def __init__(self, task_id: str, status: str) -> None:
        self._task_id = task_id
        in_notebook = getattr(running_shell(), "kernel", None) is not None
        if not (in_notebook or sys.stderr.isatty()):
            raise OSError("stderr is no terminal")
        make_bar = _kind_of_bar(in_notebook)
        is_widget = any(base.__module__ == "tqdm.notebook" for base in make_bar.__mro__)
        self._bar: Any = make_bar(
            # A notebook has a red background for what goes to stderr.
            file=sys.stdout if in_notebook else sys.stderr,
            total=100,
            desc=self._described(status),
            bar_format="{desc} {percentage:3.0f} %|{bar}|",
            ncols=None if is_widget else min(_BAR_COLUMNS, shutil.get_terminal_size().columns - 1),
            # A terminal that does not know its size, as those of containers at times, is no reason to show nothing.
            nrows=None if is_widget else _BAR_ROWS,
        )

    def show(self, task: TaskTreeSchema) -> None:
        self._bar.n = task.percentage_complete or 0
        self._bar.set_description_str(self._described(task.status))

    def close(self) -> None:
        self._bar.close()

    def _described(self, status: str) -> str:
        # As wide as the longest state, so that the bar does not jump.
        return f"task {excerpt(self._task_id[:8])} {excerpt(status):9}"


def _kind_of_bar(in_notebook: bool) -> type[Any]:
    """tqdm's class of bars."""
    if in_notebook and find_spec("ipywidgets") is None:
        # A bar of text; tqdm.auto would choose it too, and warn.
        from tqdm.std import tqdm as text

        return text
    from tqdm.auto import tqdm

    return tqdm
