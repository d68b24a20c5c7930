"""Show the progress of tasks. If the display fails, the wait goes on without it."""

from __future__ import annotations

import shutil
import sys
import warnings
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from gravscale.support.ipython import running_shell
from gravscale.support.text import excerpt
from gravscale.tracebacks import calls_user_code

if TYPE_CHECKING:
    from gravscale.models import TaskTreeSchema

_BAR_COLUMNS = 79
_BAR_ROWS = 20
_ID_LENGTH = 8
# The length of the longest state, so that the bar does not jump.
_STATUS_WIDTH = 9
_ENDED = ("completed", "failed")

Progress = bool | Callable[["TaskTreeSchema"], object] | None
"""The type of `wait_for_task(progress=…)`."""

Reporter = Callable[[str, "TaskTreeSchema"], object]
"""A function that shows the state of the task with an id."""


@contextmanager
def progress_reporter(progress: Progress, tasks: Sequence[tuple[str, str]]) -> Generator[Reporter]:
    """Yield the function that shows each new state of a task: a bar, or lines if no bar can be shown.

    It is called with the id of a task and its state. The errors of a user's own function propagate.
    """
    if callable(progress):
        yield calls_user_code(lambda _, task: progress(task))
    elif progress:
        display = _Display(tasks)
        try:
            yield display
        finally:
            display.close()
    else:
        yield lambda _, task: None


class _Display:
    """Show a bar in a terminal or a notebook, lines elsewhere, and nothing more once that has failed."""

    def __init__(self, tasks: Sequence[tuple[str, str]]) -> None:
        in_notebook = getattr(running_shell(), "kernel", None) is not None
        # A notebook shows stderr on a red background.
        stream = _Stream(sys.stdout if in_notebook else sys.stderr)
        self._display: _Bar | _Lines | None = _Lines(stream)
        if in_notebook or stream.isatty():
            # Any error at all: tqdm may be missing, and tqdm or the widgets may be broken.
            with suppress(Exception):
                self._display = _Bar(_kind_of_bar(in_notebook), stream, tasks)

    def __call__(self, task_id: str, task: TaskTreeSchema) -> None:
        if self._display is not None:
            try:
                self._display.show(task_id, task)
            except Exception:
                self.close()

    def close(self) -> None:
        display, self._display = self._display, None
        if isinstance(display, _Bar):
            with suppress(Exception):
                display.close()


class _Stream:
    """The program's output stream, which it may have replaced by anything. Writing to it can raise any error."""

    def __init__(self, stream: Any) -> None:
        # It is None in a program without a console.
        self._stream = stream

    def flush(self) -> None:
        # Many replacements lack this method.
        with suppress(Exception):
            self._stream.flush()

    def isatty(self) -> bool:
        try:
            return bool(self._stream.isatty())
        except Exception:
            return False

    def __getattr__(self, name: str) -> Any:
        # Besides `write`, tqdm reads the encoding and other optional attributes.
        return getattr(self._stream, name)


class _Lines:
    """Write a line for each new state of a task."""

    def __init__(self, stream: _Stream) -> None:
        self._stream = stream
        self._last: dict[str, str] = {}

    def show(self, task_id: str, task: TaskTreeSchema) -> None:
        line = f"task {excerpt(task_id)}: {excerpt(task.status)}, {task.percentage_complete or 0} %\n"
        if self._last.get(task_id) != line:
            self._last[task_id] = line
            self._stream.write(line)
            self._stream.flush()


class _Bar:
    """Show the progress of a task, or the average of several, as a bar of tqdm."""

    def __init__(self, kind: type[Any], stream: _Stream, tasks: Sequence[tuple[str, str]]) -> None:
        self._percentages = dict.fromkeys((task_id for task_id, _ in tasks), 0)
        self._ended: set[str] = set()
        is_widget = any(base.__module__ == "tqdm.notebook" for base in kind.__mro__)
        self._bar = kind(
            file=stream,
            total=100,
            desc=self._described(*tasks[0]),
            bar_format="{desc} {percentage:3.0f} %|{bar}|",
            ncols=None if is_widget else min(_BAR_COLUMNS, shutil.get_terminal_size().columns - 1),
            # In a terminal that does not know its size, as in some containers, tqdm would show nothing.
            nrows=None if is_widget else _BAR_ROWS,
        )

    def show(self, task_id: str, task: TaskTreeSchema) -> None:
        self._percentages[task_id] = task.percentage_complete or 0
        if task.status in _ENDED:
            self._ended.add(task_id)
        self._bar.n = round(sum(self._percentages.values()) / len(self._percentages))
        self._bar.set_description_str(self._described(task_id, task.status))

    def close(self) -> None:
        self._bar.close()

    def _described(self, task_id: str, status: str) -> str:
        if len(self._percentages) > 1:
            return f"{len(self._ended)} of {len(self._percentages)} tasks ended"
        return f"task {excerpt(task_id[:_ID_LENGTH])} {excerpt(status):{_STATUS_WIDTH}}"


def _kind_of_bar(in_notebook: bool) -> type[Any]:
    """Return tqdm's class of bars. Raises ImportError if tqdm is not installed."""
    with warnings.catch_warnings():
        # tqdm issues warnings about itself, and the program may have turned warnings into errors.
        warnings.simplefilter("ignore")
        if in_notebook and find_spec("ipywidgets") is None:
            # tqdm.auto would choose this text bar too, but warn.
            from tqdm.std import tqdm as text

            return text
        from tqdm.auto import tqdm

        return tqdm
