# Generated from openapi.json by templates/. Do not edit.

from pydantic import StrictStr

from gravscale.model import Model
from gravscale.models.group_schema import GroupSchema


class TenantSchema(Model):
    """TenantSchema."""

    name: StrictStr
    group: GroupSchema
