# Generated from openapi.json by templates/. Do not edit.

from typing import Annotated

from pydantic import Field

from gravscale.models.app_modules_account_schema_account_schema import AppModulesAccountSchemaAccountSchema
from gravscale.schema.field_types import Integer
from gravscale.schema.model import Model


class PageAccountSchema(Model):
    """PageAccountSchema."""

    items: list[AppModulesAccountSchemaAccountSchema]
    total: Annotated[Integer | None, Field(ge=0)] = None
    page: Annotated[Integer | None, Field(ge=1)] = None
    size: Annotated[Integer | None, Field(ge=1)] = None
    pages: Annotated[Integer | None, Field(ge=0)] = None
