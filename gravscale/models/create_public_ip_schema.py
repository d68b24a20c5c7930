# Generated from openapi.json by templates/. Do not edit.

from typing import Annotated

from pydantic import Field, StrictStr
from typing_extensions import TypedDict

from gravscale.schema.model import Model


class CreatePublicIpSchema(Model):
    """The address to allocate a public IP to."""

    vpc_name: Annotated[StrictStr, Field(alias="vpcName")]
    """Name of the VPC, as list_vpc returns it."""
    address: StrictStr
    """IP address within the VPC that gets the public IP."""


class CreatePublicIpSchemaParams(TypedDict):
    """The fields of CreatePublicIpSchema as a dict."""

    vpc_name: str
    address: str
