# Generated from openapi.json by templates/. Do not edit.

"""Task Manager: `get_task`, `list_tasks`."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from pydantic import StrictInt, StrictStr
from typing_extensions import Unpack
from urllib3 import BaseHTTPResponse

from gravscale import models
from gravscale.api_base import Api
from gravscale.schema.call_options import CallOptions
from gravscale.schema.field_types import DateTime
from gravscale.schema.operation import Operation
from gravscale.schema.parameters import Path, Query

if TYPE_CHECKING:
    from gravscale.api_response import ApiResponse
    from gravscale.models import PageTaskTreeSchema, TaskTreeSchema


class TaskManagerApi(Api):
    """Task Manager."""

    _GET_TASK: Operation[TaskTreeSchema] = Operation(
        "get_task",
        "GET",
        "/api/task/{task_id}",
        Path("task_id", StrictStr),
        Query("client_id", StrictInt),
        security=("HTTPBearer",),
        answer=lambda: models.TaskTreeSchema,
        errors=lambda: {422: models.HTTPValidationError},
    )

    def get_task(self, task_id: str, client_id: int, **options: Unpack[CallOptions]) -> TaskTreeSchema:
        """Get Task.

        Return one task with its sub-tasks. Answers 401 without a valid access token, and 404 if there is no such
        account or task.

        Args:
            task_id: Id of the task.
            client_id: Client id of the account to act for.
            options: See CallOptions.

        Raises ApiTypeError or ApiValueError if an argument is wrong, and ApiException if the call fails.
        """
        return self.api_client.perform(self._GET_TASK, options, task_id, client_id)

    def get_task_with_http_info(
        self, task_id: str, client_id: int, **options: Unpack[CallOptions]
    ) -> ApiResponse[TaskTreeSchema]:
        """Like `get_task`, but return the status and the headers of the answer too."""
        return self.api_client.perform_with_http_info(self._GET_TASK, options, task_id, client_id)

    def get_task_without_preload_content(
        self, task_id: str, client_id: int, **options: Unpack[CallOptions]
    ) -> BaseHTTPResponse:
        """Like `get_task`, but return the open response with its body unread."""
        return self.api_client.perform_without_preload_content(self._GET_TASK, options, task_id, client_id)

    _LIST_TASKS: Operation[PageTaskTreeSchema] = Operation(
        "list_tasks",
        "GET",
        "/api/task/",
        Query("client_id", StrictInt),
        Query("correlation_id", StrictStr, required=False),
        Query("status", StrictStr, required=False),
        Query("created_at", DateTime, required=False),
        Query("updated_at", DateTime, required=False),
        Query("page", StrictInt, required=False, ge=1),
        Query("size", StrictInt, required=False, ge=1, le=100),
        security=("HTTPBearer",),
        answer=lambda: models.PageTaskTreeSchema,
        errors=lambda: {422: models.HTTPValidationError},
    )

    def list_tasks(
        self,
        client_id: int,
        correlation_id: str | None = None,
        status: str | None = None,
        created_at: datetime | None = None,
        updated_at: datetime | None = None,
        page: int | None = None,
        size: int | None = None,
        **options: Unpack[CallOptions],
    ) -> PageTaskTreeSchema:
        """List Tasks.

        List tasks with their sub-tasks, page by page, newest first. A task has to match all filters that you
        pass. Answers 401 without a valid access token, and 404 if there is no such account.

        Args:
            client_id: Client id of the account to act for.
            correlation_id: Only tasks with exactly this correlation id.
            status: Only tasks with exactly this status: pending, running, completed or failed.
            created_at: Only tasks created at or after this time.
            updated_at: Only tasks that last changed at or after this time.
            page: Number of the page, counted from 1.
            size: Number of items on a page, at most 100.
            options: See CallOptions.

        Raises ApiTypeError or ApiValueError if an argument is wrong, and ApiException if the call fails.
        """
        return self.api_client.perform(
            self._LIST_TASKS, options, client_id, correlation_id, status, created_at, updated_at, page, size
        )

    def list_tasks_with_http_info(
        self,
        client_id: int,
        correlation_id: str | None = None,
        status: str | None = None,
        created_at: datetime | None = None,
        updated_at: datetime | None = None,
        page: int | None = None,
        size: int | None = None,
        **options: Unpack[CallOptions],
    ) -> ApiResponse[PageTaskTreeSchema]:
        """Like `list_tasks`, but return the status and the headers of the answer too."""
        return self.api_client.perform_with_http_info(
            self._LIST_TASKS, options, client_id, correlation_id, status, created_at, updated_at, page, size
        )

    def list_tasks_without_preload_content(
        self,
        client_id: int,
        correlation_id: str | None = None,
        status: str | None = None,
        created_at: datetime | None = None,
        updated_at: datetime | None = None,
        page: int | None = None,
        size: int | None = None,
        **options: Unpack[CallOptions],
    ) -> BaseHTTPResponse:
        """Like `list_tasks`, but return the open response with its body unread."""
        return self.api_client.perform_without_preload_content(
            self._LIST_TASKS, options, client_id, correlation_id, status, created_at, updated_at, page, size
        )
