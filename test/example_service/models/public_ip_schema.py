# Generated from openapi.json by templates/. Do not edit.

from typing import Annotated

from pydantic import Field, StrictStr

from example_service.models.ip_schema import IpSchema
from example_service.models.vpc_schema import VpcSchema
from gravscale.schema.model import Model


class PublicIpSchema(Model):
    """PublicIpSchema."""

    address: StrictStr
    """"""
    vpc: VpcSchema
    """"""
    public_ip: Annotated[list[IpSchema], Field(alias="publicIp")]
    """"""
