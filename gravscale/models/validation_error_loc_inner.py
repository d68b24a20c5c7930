# Generated from openapi.json by templates/. Do not edit.

from pydantic import Field, StrictInt, StrictStr

from gravscale.schema.any_of import AnyOf


class ValidationErrorLocInner(AnyOf):
    """ValidationErrorLocInner."""

    actual_instance: StrictStr | StrictInt | None = Field(default=None, kw_only=False)
