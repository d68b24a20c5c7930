# Generated from openapi.json by templates/. Do not edit.

from typing import Annotated

from pydantic import Field, StrictStr

from gravscale.models.app_modules_network_schema_vpc_schema import AppModulesNetworkSchemaVpcSchema
from gravscale.models.ip_schema import IpSchema
from gravscale.schema.model import Model


class PublicIpSchema(Model):
    """PublicIpSchema."""

    address: StrictStr
    vpc: AppModulesNetworkSchemaVpcSchema
    public_ip: Annotated[list[IpSchema], Field(alias="publicIp")]
