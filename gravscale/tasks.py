"""Waiting for a task to end."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from gravscale.exceptions import (
    ApiConnectionError,
    ApiException,
    ApiResponseError,
    ApiTypeError,
    ApiValueError,
    OpenApiException,
    ServiceException,
    TooManyRequestsException,
)
from gravscale.notebook.progress import Progress, progress_reporter
from gravscale.support.logs import logger
from gravscale.support.text import excerpt
from gravscale.tracebacks import hide_sdk_frames
from gravscale.transport.deadline import Timeouts

if TYPE_CHECKING:
    from gravscale.api_client import ApiClient
    from gravscale.models import TaskTreeSchema

log: logging.Logger = logger("tasks")

POLL_MAX_SECONDS = 10.0
_GROWTH = 1.5
# A look at a service that hangs ends, so that there is another.
_CALL_SECONDS = 30.0
_FAILED_SHOWN = 20


class TaskFailedError(OpenApiException):
    """A task ended as failed. `task` is its last state; the message has its error and its failed sub-tasks."""

    def __init__(self, message: str, task: TaskTreeSchema) -> None:
        super().__init__(message, task)
        self.task = task

    def __str__(self) -> str:
        return str(self.args[0])


class TaskTimeoutError(OpenApiException, TimeoutError):
    """A task did not end in time; it goes on. `task` is the last state seen, None if there was none."""

    def __init__(self, message: str, task: TaskTreeSchema | None) -> None:
        super().__init__(message, task)
        self.task = task

    def __str__(self) -> str:
        return str(self.args[0])


@hide_sdk_frames
def wait_for_task(
    api_client: ApiClient,
    task_or_id: TaskTreeSchema | str,
    client_id: int | None = None,
    *,
    timeout: float = 600.0,
    poll_interval: float = 1.0,
    progress: Progress = None,
) -> TaskTreeSchema:
    """Wait until a task has ended.

    Args:
        api_client: the client to ask with.
        task_or_id: the task, or its id.
        client_id: the account the task belongs to; taken from the task if left out.
        timeout: seconds to wait at the most. The task itself goes on after that.
        poll_interval: seconds before the second look; each pause is longer than the last, up to 10 s.
        progress: True for a progress bar (extra `progress`), or a callable that gets each state seen.

    Returns:
        The completed task.

    Raises:
        TaskFailedError: the task failed; its message has the failed sub-tasks.
        TaskTimeoutError: the task did not end in time.
        ApiTypeError, ApiValueError: an argument is not what it should be.
        ApiException: the service refused to tell. A passing 5xx or a lost connection does not end the wait.
    """
    from gravscale.api import TaskManagerApi
    from gravscale.models import TaskTreeSchema

    task: TaskTreeSchema | None = None
    if isinstance(task_or_id, str):
        task_id, status = task_or_id, "unknown"
    elif isinstance(task_or_id, TaskTreeSchema):
        task_id, status = task_or_id.id, task_or_id.status
        client_id = task_or_id.client_id if client_id is None else client_id
    else:
        raise ApiTypeError(f"task_or_id: expected a TaskTreeSchema or its id, got {type(task_or_id).__name__}")
    if not (progress is None or isinstance(progress, bool) or callable(progress)):
        raise ApiTypeError(f"progress: expected a bool or a callable, got {type(progress).__name__}")
    if client_id is None:
        raise ApiValueError("client_id: needed, as the task does not say whose it is")
    seconds = _seconds(timeout, "timeout")
    pause = _seconds(poll_interval, "poll_interval")
    longest = max(pause, POLL_MAX_SECONDS)
    over = time.monotonic() + seconds
    # Kept for a last look: a task that ended during the last pause has ended in time.
    reserve = min(1.0, seconds / 10)
    task_api = TaskManagerApi(api_client)
    with progress_reporter(progress, task_id, status) as report:
        while True:
            failure: ApiException | None = None
            try:
                seconds_for_call = min(max(reserve, over - time.monotonic()), _call_seconds(api_client))
                task = task_api.get_task(task_id, client_id, _request_timeout=seconds_for_call)
            except (ApiConnectionError, ServiceException, TooManyRequestsException) as error:
                failure = error
            except ApiResponseError as error:
                # Lost in the middle of an answer, if there were good ones before; else it is no service at all.
                if task is None:
                    raise
                failure = error
            else:
                report(task)
                if task.status == "completed":
                    return task
                if task.status == "failed":
                    raise TaskFailedError(_failure(task), task)
            left = over - reserve - time.monotonic()
            if failure is not None:
                log.info("task %s: %s; still waiting", task_id, failure)
            if left <= 0:
                break
            time.sleep(min(pause, left))
            pause = min(pause * _GROWTH, longest)
    state = f"{task.status}, {task.percentage_complete or 0} %" if task else "unknown"
    message = f"task {task_id} did not end within {seconds:g} s; last state: {state}"
    raise TaskTimeoutError(f"{message}; {failure}" if failure else message, task)


def _seconds(value: object, name: str) -> float:
    if not isinstance(value, (int, float)):
        raise ApiTypeError(f"{name}: expected seconds as a number, got {type(value).__name__}")
    return Timeouts.parse(value, name).total


def _call_seconds(api_client: ApiClient) -> float:
    return min(_CALL_SECONDS, api_client.configuration.timeouts(None).total)


def _failure(task: TaskTreeSchema) -> str:
    failed = [sub for sub in task.sub_tasks or () if sub.status == "failed"]
    parts = [f"task {task.id} ({task.action or 'no action'}) failed: {excerpt(task.error or 'no reason given')}"]
    parts += [f"{sub.action or sub.id}: {excerpt(sub.error or 'no reason given')}" for sub in failed[:_FAILED_SHOWN]]
    if len(failed) > _FAILED_SHOWN:
        parts.append(f"and {len(failed) - _FAILED_SHOWN} more")
    return "; ".join(parts)
