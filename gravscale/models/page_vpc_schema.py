# Generated from openapi.json by templates/. Do not edit.

from typing import Annotated

from pydantic import Field

from gravscale.models.app_modules_vpc_schema_vpc_schema import AppModulesVpcSchemaVpcSchema
from gravscale.schema.field_types import Integer
from gravscale.schema.model import Model


class PageVpcSchema(Model):
    """PageVpcSchema."""

    items: list[AppModulesVpcSchemaVpcSchema]
    total: Annotated[Integer | None, Field(ge=0)] = None
    page: Annotated[Integer | None, Field(ge=1)] = None
    size: Annotated[Integer | None, Field(ge=1)] = None
    pages: Annotated[Integer | None, Field(ge=0)] = None
