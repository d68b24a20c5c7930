# Generated from openapi.json by templates/. Do not edit.

from pydantic import StrictStr

from gravscale.schema.model import Model


class UserInfoSchema(Model):
    """The user that an access token belongs to."""

    email: StrictStr
    """E-mail address of the user."""
    nickname: StrictStr
    """Name to show for the user."""
