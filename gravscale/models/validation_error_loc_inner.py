# Generated from openapi.json by templates/. Do not edit.

from pydantic import StrictInt, StrictStr

from gravscale.any_of import AnyOf


class ValidationErrorLocInner(AnyOf):
    """ValidationErrorLocInner."""

    actual_instance: StrictStr | StrictInt | None = None
