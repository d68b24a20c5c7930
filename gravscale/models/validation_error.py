# Generated from openapi.json by templates/. Do not edit.

from pydantic import StrictStr

from gravscale.models.validation_error_loc_inner import ValidationErrorLocInner
from gravscale.schema.model import Model


class ValidationError(Model):
    """A fault in one part of a request."""

    loc: list[ValidationErrorLocInner]
    """Where the fault is, such as body and the name of a field."""
    msg: StrictStr
    """What is wrong, for people to read."""
    type: StrictStr
    """Kind of the fault, for programs to read."""
