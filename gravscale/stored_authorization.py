"""What credentials hand to a token store."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gravscale.models.authorization_schema import AuthorizationSchema
from gravscale.schema.model import DateTime


class StoredAuthorization(AuthorizationSchema):
    """An authorization and when it was obtained, by the local clock: from both follows how long its token lives.

    A store of a user's own that keeps the contract's fields alone serves as well; then the life is not known.
    """

    obtained_at: Annotated[DateTime | None, Field(alias="obtainedAt")] = None
