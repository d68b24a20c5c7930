# Generated from openapi.json by templates/. Do not edit.

from typing import Annotated

from pydantic import Field, StrictInt

from gravscale.models.task_tree_schema import TaskTreeSchema
from gravscale.schema.model import Model


class PageTaskTreeSchema(Model):
    """PageTaskTreeSchema."""

    items: list[TaskTreeSchema]
    total: Annotated[StrictInt | None, Field(ge=0)] = None
    page: Annotated[StrictInt | None, Field(ge=1)] = None
    size: Annotated[StrictInt | None, Field(ge=1)] = None
    pages: Annotated[StrictInt | None, Field(ge=0)] = None
