# Generated from openapi.json by templates/. Do not edit.

from typing import Annotated

from pydantic import Field, StrictStr

from gravscale.schema.model import Model


class AppModulesAuthenticationSchemaAccountSchema(Model):
    """An account that was just registered."""

    account_id: Annotated[StrictStr, Field(alias="accountId")]
    """Id of the account."""
    email: StrictStr
    """E-mail address of the account."""
    nickname: StrictStr
    """Name to show for the account."""
    picture: StrictStr
    """URL of the account's picture."""
