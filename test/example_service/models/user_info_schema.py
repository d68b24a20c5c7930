# Generated from openapi.json by templates/. Do not edit.

from pydantic import StrictStr

from gravscale.schema.model import Model


class UserInfoSchema(Model):
    """UserInfoSchema."""

    email: StrictStr
    """"""
    nickname: StrictStr
    """"""
