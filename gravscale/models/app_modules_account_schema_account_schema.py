# Generated from openapi.json by templates/. Do not edit.

from typing import Annotated

from pydantic import Field, StrictStr

from gravscale.schema.field_types import Integer
from gravscale.schema.model import Model


class AppModulesAccountSchemaAccountSchema(Model):
    """An account that you may act for."""

    uuid: StrictStr
    """Unique id of the account."""
    client_id: Annotated[Integer, Field(alias="clientId")]
    """Client id, which most operations ask for."""
    client_status: Annotated[StrictStr, Field(alias="clientStatus")]
    """Status of the account."""
