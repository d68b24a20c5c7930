# Generated from openapi.json by templates/. Do not edit.

from pydantic import StrictStr

from gravscale.schema.model import Model


class GroupSchema(Model):
    """A group of tenants."""

    name: StrictStr
    """Name of the group."""
