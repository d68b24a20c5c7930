# Generated from openapi.json by templates/. Do not edit.

from pydantic import StrictStr

from example_service.models.validation_error_loc_inner import ValidationErrorLocInner
from gravscale.schema.model import Model


class ValidationError(Model):
    """ValidationError."""

    loc: list[ValidationErrorLocInner]
    """"""
    msg: StrictStr
    """"""
    type: StrictStr
    """"""
