# Generated from openapi.json by templates/. Do not edit.

from typing import Annotated

from pydantic import Field, StrictInt

from gravscale.models.public_ip_schema import PublicIpSchema
from gravscale.schema.model import Model


class PagePublicIpSchema(Model):
    """PagePublicIpSchema."""

    items: list[PublicIpSchema]
    total: Annotated[StrictInt | None, Field(ge=0)] = None
    page: Annotated[StrictInt | None, Field(ge=1)] = None
    size: Annotated[StrictInt | None, Field(ge=1)] = None
    pages: Annotated[StrictInt | None, Field(ge=0)] = None
