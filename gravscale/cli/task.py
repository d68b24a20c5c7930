"""`gravscale task`"""

from __future__ import annotations

import click

import gravscale
from gravscale.cli.invocation import Invocation
from gravscale.cli.options import Group
from gravscale.cli.waiting import TASK_COLUMNS, finish

_DETAILS = (
    *("id", "status", "percentageComplete", "action", "result", "error", "createdAt", "updatedAt"),
    *("subTasks.action", "subTasks.status"),
)


@click.group(cls=Group)
def task() -> None:
    """Tasks: operations in progress, and their results."""


@task.command("list")
@click.option("--status", metavar="STATUS", help="Only those with this status, such as running or failed.")
@click.pass_obj
def list_tasks(invocation: Invocation, status: str | None) -> None:
    """List the tasks."""
    api = gravscale.TaskManagerApi(invocation.api_client)
    tasks = gravscale.paginate(api.list_tasks, invocation.acting_for, status=status)
    invocation.show_list(tasks, *TASK_COLUMNS, "createdAt")


@task.command()
@click.argument("id")
@click.pass_obj
def show(invocation: Invocation, id: str) -> None:
    """Show the task ID with its sub-tasks."""
    api = gravscale.TaskManagerApi(invocation.api_client)
    invocation.show_one(api.get_task(id, invocation.acting_for), *_DETAILS)


@task.command()
@click.argument("id")
@click.pass_obj
def wait(invocation: Invocation, id: str) -> None:
    """Wait for the task ID to end."""
    finish(invocation, id)
