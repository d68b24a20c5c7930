# Generated from openapi.json by templates/. Do not edit.

from typing import Annotated

from pydantic import Field, StrictStr

from gravscale.schema.field_types import Integer
from gravscale.schema.model import Model


class ClientSchema(Model):
    """ClientSchema."""

    uuid: StrictStr
    """"""
    client_id: Annotated[Integer, Field(alias="clientId")]
    """"""
    client_status: Annotated[StrictStr, Field(alias="clientStatus")]
    """"""
