# Generated from openapi.json by templates/. Do not edit.

from pydantic import StrictStr

from gravscale.schema.model import Model


class VpcSchema(Model):
    """VpcSchema."""

    name: StrictStr
    """"""
