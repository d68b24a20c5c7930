# Generated from openapi.json by templates/. Do not edit.

from gravscale.models.validation_error import ValidationError
from gravscale.schema.field_types import Omissible
from gravscale.schema.model import Model


class HTTPValidationError(Model):
    """What is wrong with a request (422)."""

    detail: Omissible[list[ValidationError]] = None
    """One entry for each fault."""
