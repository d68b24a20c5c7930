# Generated from openapi.json by templates/. Do not edit.

from typing import Annotated

from pydantic import Field, StrictStr

from gravscale.schema.field_types import DateTime
from gravscale.schema.model import Model


class AuthorizationSchema(Model):
    """AuthorizationSchema."""

    access_token: Annotated[StrictStr, Field(alias="accessToken")]
    """"""
    refresh_token: Annotated[StrictStr | None, Field(alias="refreshToken")] = None
    """"""
    type: StrictStr
    """"""
    expires_at: Annotated[DateTime, Field(alias="expiresAt")]
    """"""
