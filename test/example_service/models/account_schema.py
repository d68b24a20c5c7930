# Generated from openapi.json by templates/. Do not edit.

from typing import Annotated

from pydantic import Field, StrictStr

from gravscale.schema.model import Model


class AccountSchema(Model):
    """AccountSchema."""

    account_id: Annotated[StrictStr, Field(alias="accountId")]
    """"""
    email: StrictStr
    """"""
    nickname: StrictStr
    """"""
    picture: StrictStr
    """"""
