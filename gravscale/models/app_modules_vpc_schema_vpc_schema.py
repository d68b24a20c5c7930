# Generated from openapi.json by templates/. Do not edit.

from pydantic import StrictStr

from gravscale.model import Model
from gravscale.models.tenant_schema import TenantSchema


class AppModulesVpcSchemaVpcSchema(Model):
    """AppModulesVpcSchemaVpcSchema."""

    name: StrictStr
    tenant: TenantSchema
