# Generated from openapi.json by templates/. Do not edit.

"""Task Manager: `get_task`, `list_tasks`."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from pydantic import StrictInt, StrictStr
from typing_extensions import Unpack
from urllib3 import BaseHTTPResponse

from example_service import models
from gravscale.api_base import Api
from gravscale.schema.call_options import CallOptions
from gravscale.schema.field_types import DateTime
from gravscale.schema.operation import Operation
from gravscale.schema.parameters import Path, Query

if TYPE_CHECKING:
    from example_service.models import PageTaskTreeSchema, TaskTreeSchema
    from gravscale.api_response import ApiResponse


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
        """get_task.

        Args:
            task_id: the task_id.
            client_id: the client_id.
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
        """list_tasks.

        Args:
            client_id: the client_id.
            correlation_id: the correlation_id.
            status: the status.
            created_at: the created_at.
            updated_at: the updated_at.
            page: the page.
            size: the size.
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
