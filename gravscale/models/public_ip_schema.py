# Generated from openapi.json by templates/. Do not edit.

from typing import Annotated

from pydantic import Field, StrictStr

from gravscale.models.app_modules_network_schema_vpc_schema import AppModulesNetworkSchemaVpcSchema
from gravscale.models.ip_schema import IpSchema
from gravscale.schema.model import Model


class PublicIpSchema(Model):
    """An address in a VPC, and its public IPs."""

    address: StrictStr
    """IP address within the VPC."""
    vpc: AppModulesNetworkSchemaVpcSchema
    """VPC that the address belongs to."""
    public_ip: Annotated[list[IpSchema], Field(alias="publicIp")]
    """Public IPs by which the address can be reached."""
