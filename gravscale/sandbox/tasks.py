"""The progress of tasks. The state of a task follows from its age, so nothing has to run in the background."""

from __future__ import annotations

import time
import uuid
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select

from gravscale.sandbox.database import Account, PublicIp, Task, as_time
from gravscale.sandbox.schemas import TaskSchema, TaskTreeSchema

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

# Tasks for addresses in this network (RFC 5737) always fail, so that users can try out failures.
FAILING_NETWORK = ip_network("192.0.2.0/24")

_PENDING_SHARE = 0.15
_STEPS = {
    "allocate": ("address.reserve", "public_ip.allocate", "firewall.configure", "route.announce"),
    "release": ("route.withdraw", "firewall.configure", "public_ip.release"),
}


def start_task(session: Session, account: Account, action: str, public_ip: PublicIp, duration: float) -> Task:
    """Start a task that allocates or releases a public IP, as `action` says, in `duration` seconds."""
    fails = action == "allocate" and ip_address(public_ip.address) in FAILING_NETWORK
    task = Task(
        id=str(uuid.uuid4()),
        client_id=account.client_id,
        correlation_id=str(uuid.uuid4()),
        email=account.email,
        action=action,
        created_at=time.time(),
        duration=duration,
        public_ip_id=public_ip.id,
        address=public_ip.address,
        public_address=public_ip.public_address,
        error=f"no route can be announced for {public_ip.address}" if fails else None,
    )
    session.add(task)
    return task


def settle(session: Session) -> None:
    """Apply the effects of all tasks that have ended by now."""
    now = time.time()
    for task in session.scalars(select(Task).where(Task.settled.is_(False), Task.created_at + Task.duration <= now)):
        task.settled = True
        public_ip = session.get(PublicIp, task.public_ip_id)
        if public_ip is None:
            continue
        if task.action == "allocate" and task.error is None:
            public_ip.ready = True
        else:
            session.delete(public_ip)


class Progress(NamedTuple):
    """The progress of a task.

    Attributes:
        status: The task's status.
        steps_done: How many of its steps are done. The current step counts in part.
        updated_at: When the task last changed, in seconds since the epoch.
    """

    status: str
    steps_done: float
    updated_at: float


def progress_of(task: Task) -> Progress:
    """Return the current progress of a task."""
    share = min(1.0, (time.time() - task.created_at) / task.duration) if task.duration > 0 else 1.0
    done = max(0.0, (share - _PENDING_SHARE) / (1 - _PENDING_SHARE)) * len(_STEPS[task.action])
    status = "pending" if done <= 0 else "running" if share < 1.0 else "failed" if task.error else "completed"
    return Progress(status, done, task.created_at + share * task.duration)


def tree(task: Task) -> TaskTreeSchema:
    """Return the current state of a task with its sub-tasks."""
    status, done, updated_at = progress_of(task)
    steps = _STEPS[task.action]
    states = [_step_state(index, done, len(steps), status == "failed") for index in range(len(steps))]
    common = TaskSchema(
        id=task.id,
        status=status,
        correlation_id=task.correlation_id,
        client_id=task.client_id,
        email=task.email,
        created_at=as_time(task.created_at),
        updated_at=as_time(updated_at),
    )
    sub_tasks = [
        common.model_copy(
            update={
                "id": str(uuid.uuid5(uuid.UUID(task.id), step)),
                "status": state,
                "action": step,
                "error": task.error if state == "failed" else None,
            }
        )
        for step, state in zip(steps, states, strict=True)
    ]
    common.action = f"public_ip.{task.action}"
    common.error = task.error if status == "failed" else None
    common.result = {"address": task.address, "publicIp": task.public_address} if status == "completed" else None
    return TaskTreeSchema(
        **dict(common),
        percentage_complete=100 if status == "completed" else min(99, int(100 * done / len(steps))),
        sub_tasks=sub_tasks,
    )


def _step_state(index: int, done: float, count: int, failed: bool) -> str:
    if failed and index == count - 1:
        return "failed"
    if done >= index + 1:
        return "completed"
    return "running" if done > index else "pending"
