"""Wait for a task, with a bar in a terminal and lines elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import gravscale
from gravscale.cli.invocation import Invocation
from gravscale.cli.terminal import note
from gravscale.support.text import printable

if TYPE_CHECKING:
    from gravscale import TaskTreeSchema
    from gravscale.notebook.progress import Progress

TASK_COLUMNS = ("id", "status", "percentageComplete", "action")
_TIMEOUT_SECONDS = 600.0
# A person is watching, so poll more often than by default.
_POLL_SECONDS = 0.5
_ID_LENGTH = 8


def finish(invocation: Invocation, task_or_id: TaskTreeSchema | str, no_wait: bool = False) -> None:
    """Wait for a task to end, unless `no_wait` is set, and show it."""
    if no_wait:
        invocation.show_one(task_or_id, *TASK_COLUMNS)
        return
    task_id = task_or_id if isinstance(task_or_id, str) else task_or_id.id
    client, client_id = invocation.api_client, invocation.acting_for
    timeout = _TIMEOUT_SECONDS if invocation.timeout is None else invocation.timeout
    try:
        with _progress(invocation, task_id) as progress:
            task = gravscale.wait_for_task(
                client, task_or_id, client_id, timeout=timeout, poll_interval=_POLL_SECONDS, progress=progress
            )
    except KeyboardInterrupt:
        note(f"\nThe task is still running. To see it: {invocation.command('task', 'show', task_id)}".lstrip())
        raise
    invocation.show_one(task, *TASK_COLUMNS, "result")


@contextmanager
def _progress(invocation: Invocation, task_id: str) -> Generator[Progress]:
    """Yield the `progress` argument for `wait_for_task`: for nothing, lines, or a bar."""
    if invocation.quiet or not sys.stderr.isatty():
        yield not invocation.quiet
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    name = printable(task_id[:_ID_LENGTH])
    columns = TextColumn("{task.description}", markup=False), BarColumn(), TextColumn("{task.percentage:3.0f} %")
    with Progress(*columns, console=Console(file=sys.stderr), transient=True) as bars:
        bar = bars.add_task(f"task {name}", total=100)

        def show(task: TaskTreeSchema) -> None:
            description = f"task {name} {printable(task.status)}"
            bars.update(bar, completed=task.percentage_complete or 0, description=description)

        yield show
