# Generated from openapi.json by templates/. Do not edit.

from typing import Annotated

from pydantic import Field

from gravscale.models.app_modules_account_schema_account_schema import AppModulesAccountSchemaAccountSchema
from gravscale.schema.field_types import Integer
from gravscale.schema.model import Model


class PageAccountSchema(Model):
    """A page of a list of accounts."""

    items: list[AppModulesAccountSchemaAccountSchema]
    """Items on this page."""
    total: Annotated[Integer | None, Field(ge=0)] = None
    """Number of items on all pages."""
    page: Annotated[Integer | None, Field(ge=1)] = None
    """Number of this page, counted from 1."""
    size: Annotated[Integer | None, Field(ge=1)] = None
    """Number of items asked for per page."""
    pages: Annotated[Integer | None, Field(ge=0)] = None
    """Number of pages."""
