# Generated from openapi.json by templates/. Do not edit.

from typing import Annotated

from pydantic import Field, StrictInt

from gravscale.models.app_modules_vpc_schema_vpc_schema import AppModulesVpcSchemaVpcSchema
from gravscale.schema.model import Model


class PageVpcSchema(Model):
    """PageVpcSchema."""

    items: list[AppModulesVpcSchemaVpcSchema]
    total: Annotated[StrictInt | None, Field(ge=0)] = None
    page: Annotated[StrictInt | None, Field(ge=1)] = None
    size: Annotated[StrictInt | None, Field(ge=1)] = None
    pages: Annotated[StrictInt | None, Field(ge=0)] = None
