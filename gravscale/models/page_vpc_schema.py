# Generated from openapi.json by templates/. Do not edit.

from typing import Annotated

from pydantic import Field

from gravscale.models.app_modules_vpc_schema_vpc_schema import AppModulesVpcSchemaVpcSchema
from gravscale.schema.field_types import Integer
from gravscale.schema.model import Model


class PageVpcSchema(Model):
    """A page of a list of VPCs."""

    items: list[AppModulesVpcSchemaVpcSchema]
    """Items on this page."""
    total: Annotated[Integer | None, Field(ge=0)] = None
    """Number of items on all pages."""
    page: Annotated[Integer | None, Field(ge=1)] = None
    """Number of this page, counted from 1."""
    size: Annotated[Integer | None, Field(ge=1)] = None
    """Number of items asked for per page."""
    pages: Annotated[Integer | None, Field(ge=0)] = None
    """Number of pages."""
