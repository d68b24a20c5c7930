# Generated from openapi.json by templates/. Do not edit.

from pydantic import Field, StrictStr

from gravscale.schema.any_of import AnyOf
from gravscale.schema.field_types import Integer


class ValidationErrorLocInner(AnyOf):
    """ValidationErrorLocInner."""

    actual_instance: StrictStr | Integer | None = Field(default=None, kw_only=False)
