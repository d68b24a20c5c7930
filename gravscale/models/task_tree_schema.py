# Generated from openapi.json by templates/. Do not edit.

from typing import Annotated

from pydantic import Field, JsonValue, StrictStr

from gravscale.models.task_schema import TaskSchema
from gravscale.schema.field_types import DateTime, Integer
from gravscale.schema.model import Model


class TaskTreeSchema(Model):
    """A task with its sub-tasks."""

    id: StrictStr
    """Id of the task."""
    status: StrictStr
    """State of the task: pending or running, and finally completed or failed."""
    action: StrictStr | None = None
    """What the task does, such as public_ip.allocate."""
    result: JsonValue = None
    """What the task produced, once it has completed."""
    correlation_id: Annotated[StrictStr | None, Field(alias="correlationId")] = None
    """Id that belongs to all tasks of one request."""
    client_id: Annotated[Integer | None, Field(alias="clientId")] = None
    """Client id of the account that the task belongs to."""
    email: StrictStr | None = None
    """E-mail address of the user who started the task."""
    error: StrictStr | None = None
    """Why the task failed."""
    created_at: Annotated[DateTime, Field(alias="createdAt")]
    """When the task was created (ISO 8601)."""
    updated_at: Annotated[DateTime, Field(alias="updatedAt")]
    """When the task last changed (ISO 8601)."""
    percentage_complete: Annotated[Integer | None, Field(alias="percentageComplete")] = 0
    """Progress in percent, 0 to 100."""
    sub_tasks: Annotated[list[TaskSchema] | None, Field(alias="subTasks")] = None
    """The steps of the task."""
