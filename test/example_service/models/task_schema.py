# Generated from openapi.json by templates/. Do not edit.

from typing import Annotated

from pydantic import Field, JsonValue, StrictStr

from gravscale.schema.field_types import DateTime, Integer
from gravscale.schema.model import Model


class TaskSchema(Model):
    """TaskSchema."""

    id: StrictStr
    """"""
    status: StrictStr
    """"""
    action: StrictStr | None = None
    """"""
    result: JsonValue = None
    """"""
    correlation_id: Annotated[StrictStr | None, Field(alias="correlationId")] = None
    """"""
    client_id: Annotated[Integer | None, Field(alias="clientId")] = None
    """"""
    email: StrictStr | None = None
    """"""
    error: StrictStr | None = None
    """"""
    created_at: Annotated[DateTime, Field(alias="createdAt")]
    """"""
    updated_at: Annotated[DateTime, Field(alias="updatedAt")]
    """"""
