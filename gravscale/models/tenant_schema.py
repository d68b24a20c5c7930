# Generated from openapi.json by templates/. Do not edit.

from pydantic import StrictStr

from gravscale.models.group_schema import GroupSchema
from gravscale.schema.model import Model


class TenantSchema(Model):
    """The tenant of a VPC."""

    name: StrictStr
    """Name of the tenant."""
    group: GroupSchema
    """Group that the tenant belongs to."""
