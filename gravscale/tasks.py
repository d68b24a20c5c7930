"""Wait for tasks to end."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Literal

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
from gravscale.iteration import FrameHidingIterator
from gravscale.operation_lookup import find_operation
from gravscale.support.logs import logger
from gravscale.support.text import excerpt
from gravscale.support.type_guards import has_methods, is_async, type_name
from gravscale.tracebacks import calls_user_code, hide_sdk_frames
from gravscale.transport.deadline import Timeouts

if TYPE_CHECKING:
    from gravscale.api_client import ApiClient
    from gravscale.models import TaskTreeSchema
    from gravscale.notebook.progress import Progress

log: logging.Logger = logger("tasks")

POLL_MAX_SECONDS = 10.0
_GROWTH = 1.5
# A poll that hangs times out after this, so that there can be another.
_CALL_SECONDS = 30.0
_LISTED_MAX = 20

TaskStatus = Literal["pending", "running", "completed", "failed"] | str
"""The state of a task. The service may add further states; the SDK keeps waiting for a task in one of them."""

PollPolicy = Callable[[int], float]
"""A function that takes the number of polls so far and returns the seconds until the next one."""


class TaskFailedError(OpenApiException):
    """Raised when a task has failed. The message contains its error and its failed sub-tasks.

    Args:
        message: What failed and why.
        task: The last state of the task.

    Attributes:
        task: The last state of the task.
    """

    def __init__(self, message: str, task: TaskTreeSchema) -> None:
        super().__init__(message, task)
        self.task = task

    def __str__(self) -> str:
        return str(self.args[0])


class TaskTimeoutError(OpenApiException, TimeoutError):
    """Raised when a task has not ended in time. The task itself keeps running.

    Args:
        message: Which tasks did not end, and their last states.
        task: The last known state of the task, or None if there is none.

    Attributes:
        task: The last known state of the task, or None if there is none.
    """

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
    poll: PollPolicy | None = None,
) -> TaskTreeSchema:
    """Wait until a task has ended.

    Args:
        api_client: The client to use.
        task_or_id: The task, or its id.
        client_id: The account that the task belongs to. Default: the task's own `client_id`.
        timeout: How many seconds to wait at most. The task itself keeps running after that.
        poll_interval: Seconds until the second poll. The pauses grow, up to 10 s.
        progress: True shows a progress bar (extra `progress`). A function is called with each state.
        poll: A function that sets the pauses, instead of `poll_interval`. It gets the number of polls so far and
            returns the seconds until the next one.

    Returns:
        The completed task.

    Raises:
        TaskFailedError: The task failed. The message contains its failed sub-tasks.
        TaskTimeoutError: The task did not end in time.
        ApiTypeError: An argument has the wrong type.
        ApiValueError: An argument has an invalid value.
        ApiException: The service refused to return the task. A lost connection or a temporary 5xx does not end the
            wait.
    """
    wait = _Wait("wait_for_task()", api_client, timeout, poll_interval, progress, poll)
    (task,) = wait.ended([_Waiting(task_or_id, client_id, "task_or_id")])
    if task.status == "failed":
        raise TaskFailedError(_failure(task), task)
    return task


@hide_sdk_frames
def wait_for_tasks(
    api_client: ApiClient,
    tasks_or_ids: Iterable[TaskTreeSchema | str],
    client_id: int | None = None,
    *,
    timeout: float = 600.0,
    poll_interval: float = 1.0,
    progress: Progress = None,
    poll: PollPolicy | None = None,
) -> Iterator[TaskTreeSchema]:
    """Wait for several tasks, and yield each one as it ends.

        for task in gravscale.wait_for_tasks(api_client, tasks):
            print(task.id, task.status)

    A failed task is yielded like any other, so that you still get the rest. Check `task.status`.

    Args:
        api_client: The client to use.
        tasks_or_ids: The tasks, or their ids.
        client_id: The account that the tasks belong to. Default: each task's own `client_id`.
        timeout: How many seconds to wait at most, for all tasks together. The tasks themselves keep running after that.
        poll_interval: Seconds until the second round of polls. The pauses grow, up to 10 s.
        progress: True shows a progress bar (extra `progress`). A function is called with each state of each task.
        poll: A function that sets the pauses, instead of `poll_interval`. It gets the number of rounds so far and
            returns the seconds until the next one.

    Returns:
        An iterator over the tasks in their last states, in the order in which they end. The timeout starts when you ask
        for the first one.

    Raises:
        TaskTimeoutError: Some tasks did not end in time. The message lists them; `task` is the first of them.
        ApiTypeError: An argument has the wrong type.
        ApiValueError: An argument has an invalid value.
        ApiException: The service refused to return a task. A lost connection or a temporary 5xx does not end the wait.
    """
    wait = _Wait("wait_for_tasks()", api_client, timeout, poll_interval, progress, poll)
    from gravscale.models import TaskTreeSchema

    if isinstance(tasks_or_ids, (str, TaskTreeSchema)) or not isinstance(tasks_or_ids, Iterable):
        raise ApiTypeError(
            f"tasks_or_ids: expected several tasks or their ids, such as a list, got {type_name(tasks_or_ids)}; "
            "wait_for_task() waits for a single one"
        )
    waiting = [_Waiting(each, client_id, f"tasks_or_ids[{index}]") for index, each in enumerate(tasks_or_ids)]
    return FrameHidingIterator(wait.ended(waiting))


class _Waiting:
    """What is known about a task that has not ended yet."""

    def __init__(self, task_or_id: TaskTreeSchema | str, client_id: int | None, argument: str) -> None:
        from gravscale.models import TaskTreeSchema

        self.status: TaskStatus = "unknown"
        if isinstance(task_or_id, str):
            self.id = task_or_id
        elif isinstance(task_or_id, TaskTreeSchema):
            self.id, self.status = task_or_id.id, task_or_id.status
            client_id = task_or_id.client_id if client_id is None else client_id
        else:
            raise ApiTypeError(f"{argument}: expected a TaskTreeSchema or its id, got {type_name(task_or_id)}")
        if client_id is None:
            raise ApiValueError("client_id: required, because the task has no client_id of its own")
        self.client_id = client_id
        self.task: TaskTreeSchema | None = None
        self.failure: ApiException | None = None

    def __str__(self) -> str:
        status = f"{excerpt(self.task.status)}, {self.task.percentage_complete or 0} %" if self.task else "unknown"
        return f"{status}; {self.failure}" if self.failure else status


class _Wait:
    """A wait for one or several tasks, with the arguments that the user passed."""

    def __init__(
        self,
        function: str,
        api_client: ApiClient,
        timeout: float,
        poll_interval: float,
        progress: Progress,
        poll: PollPolicy | None,
    ) -> None:
        if not has_methods(api_client, "perform"):
            raise ApiTypeError(f"api_client: expected an ApiClient, got {type_name(api_client)}")
        self._get_task: Callable[..., TaskTreeSchema] = find_operation(api_client, "get_task", function)
        if not (progress is None or isinstance(progress, bool) or callable(progress)):
            raise ApiTypeError(f"progress: expected a bool or a callable, got {type_name(progress)}")
        if not (poll is None or callable(poll)):
            raise ApiTypeError(f"poll: expected a callable, got {type_name(poll)}")
        for name, argument in (("progress", progress), ("poll", poll)):
            if is_async(argument):
                raise ApiTypeError(f"{name}: expected a function, got an async one")
        self._timeout = _seconds(timeout, "timeout")
        self._interval = _seconds(poll_interval, "poll_interval")
        self._longest_call = min(_CALL_SECONDS, api_client.configuration.timeouts(None).total)
        self._progress = progress
        self._policy = poll

    def ended(self, pending: list[_Waiting]) -> Generator[TaskTreeSchema]:
        """Yield each task as it ends. Raises TaskTimeoutError."""
        if not pending:
            return
        total = len(pending)
        expires_at = time.monotonic() + self._timeout
        # Reserved for a last poll: a task that ended during the last pause has ended in time.
        reserve = min(1.0, self._timeout / 10)
        polls = 0
        # Imported here because many programs never wait for a task.
        from gravscale.notebook.progress import progress_reporter

        with progress_reporter(self._progress, [(each.id, each.status) for each in pending]) as report:
            while True:
                round_ends_at = max(expires_at, time.monotonic() + reserve)
                for each in tuple(pending):
                    remaining = round_ends_at - time.monotonic()
                    if remaining <= 0:
                        break
                    task = self._poll(each, remaining)
                    if task is not None:
                        report(each.id, task)
                        if task.status in ("completed", "failed"):
                            pending.remove(each)
                            yield task
                if not pending:
                    return
                polls += 1
                left = expires_at - reserve - time.monotonic()
                if left <= 0:
                    break
                time.sleep(min(self._pause(polls), left))
        raise TaskTimeoutError(_timeout_message(pending, total, self._timeout), pending[0].task)

    def _poll(self, waiting: _Waiting, seconds: float) -> TaskTreeSchema | None:
        """Return the current state of a task. After a temporary failure, log it, keep it and return None."""
        try:
            task = self._get_task(waiting.id, waiting.client_id, _request_timeout=min(seconds, self._longest_call))
        except (ApiConnectionError, ServiceException, TooManyRequestsException) as error:
            waiting.failure = error
        except ApiResponseError as error:
            # After a good answer, a broken one is a lost connection. Otherwise this may not be the service at all.
            if waiting.task is None:
                raise
            waiting.failure = error
        else:
            waiting.task, waiting.failure = task, None
            return task
        log.info("task %s: %s; still waiting", excerpt(waiting.id), waiting.failure)
        return None

    @calls_user_code
    def _pause(self, polls: int) -> float:
        """Return the seconds until the next poll."""
        if self._policy is not None:
            return _seconds(self._policy(polls), "poll")
        # An unbounded exponent would overflow eventually.
        return min(self._interval * _GROWTH ** min(polls - 1, 100), max(self._interval, POLL_MAX_SECONDS))


def _seconds(value: object, name: str) -> float:
    if not isinstance(value, (int, float)):
        raise ApiTypeError(f"{name}: expected seconds as a number, got {type_name(value)}")
    return Timeouts.parse(value, name).total


def _timeout_message(pending: Sequence[_Waiting], total: int, seconds: float) -> str:
    if total == 1:
        return f"task {excerpt(pending[0].id)} did not end within {seconds:g} s; last state: {pending[0]}"
    states = [f"{excerpt(each.id)}: {each}" for each in pending]
    return _listed(f"{len(pending)} of {total} tasks did not end within {seconds:g} s; last states", states, ": ")


def _failure(task: TaskTreeSchema) -> str:
    action, error = excerpt(task.action or "no action"), excerpt(task.error or "no reason given")
    failed = [sub for sub in task.sub_tasks or () if sub.status == "failed"]
    parts = [f"{excerpt(sub.action or sub.id)}: {excerpt(sub.error or 'no reason given')}" for sub in failed]
    return _listed(f"task {excerpt(task.id)} ({action}) failed: {error}", parts, "; ")


def _listed(head: str, parts: Sequence[str], before: str) -> str:
    if not parts:
        return head
    more = [f"and {len(parts) - _LISTED_MAX} more"] if len(parts) > _LISTED_MAX else []
    return head + before + "; ".join([*parts[:_LISTED_MAX], *more])
