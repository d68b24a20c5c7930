# Generated from openapi.json by templates/. Do not edit.

from typing import Annotated

from pydantic import Field, StrictStr

from gravscale.schema.field_types import DateTime
from gravscale.schema.model import Model


class AuthorizationSchema(Model):
    """An access token, and what is needed to renew it."""

    access_token: Annotated[StrictStr, Field(alias="accessToken")]
    """Bearer token to send with each call."""
    refresh_token: Annotated[StrictStr | None, Field(alias="refreshToken")] = None
    """Token to exchange for the next access token."""
    type: StrictStr
    """Type of the access token: Bearer."""
    expires_at: Annotated[DateTime, Field(alias="expiresAt")]
    """When the access token expires (ISO 8601)."""
