# Generated from openapi.json by templates/. Do not edit.

from typing import Annotated

from pydantic import Field, StrictStr
from typing_extensions import TypedDict

from gravscale.schema.model import Model


class CreatePublicIpSchema(Model):
    """CreatePublicIpSchema."""

    vpc_name: Annotated[StrictStr, Field(alias="vpcName")]
    """"""
    address: StrictStr
    """"""


class CreatePublicIpSchemaParams(TypedDict):
    """The fields of CreatePublicIpSchema as a dict."""

    vpc_name: str
    address: str
