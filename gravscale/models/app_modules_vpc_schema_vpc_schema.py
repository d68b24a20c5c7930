# Generated from openapi.json by templates/. Do not edit.

from pydantic import StrictStr

from gravscale.models.tenant_schema import TenantSchema
from gravscale.schema.model import Model


class AppModulesVpcSchemaVpcSchema(Model):
    """A virtual private cloud (VPC)."""

    name: StrictStr
    """Name of the VPC."""
    tenant: TenantSchema
    """Tenant that the VPC belongs to."""
