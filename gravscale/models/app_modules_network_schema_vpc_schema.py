# Generated from openapi.json by templates/. Do not edit.

from pydantic import StrictStr

from gravscale.schema.model import Model


class AppModulesNetworkSchemaVpcSchema(Model):
    """The VPC that an address belongs to."""

    name: StrictStr
    """Name of the VPC."""
