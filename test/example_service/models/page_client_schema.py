# Generated from openapi.json by templates/. Do not edit.

from typing import Annotated

from pydantic import Field

from example_service.models.client_schema import ClientSchema
from gravscale.schema.field_types import Integer
from gravscale.schema.model import Model


class PageClientSchema(Model):
    """PageClientSchema."""

    items: list[ClientSchema]
    """"""
    total: Annotated[Integer | None, Field(ge=0)] = None
    """"""
    page: Annotated[Integer | None, Field(ge=1)] = None
    """"""
    size: Annotated[Integer | None, Field(ge=1)] = None
    """"""
    pages: Annotated[Integer | None, Field(ge=0)] = None
    """"""
