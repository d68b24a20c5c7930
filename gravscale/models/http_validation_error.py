# Generated from openapi.json by templates/. Do not edit.

from gravscale.models.validation_error import ValidationError
from gravscale.schema.model import Model, Omissible


class HTTPValidationError(Model):
    """HTTPValidationError."""

    detail: Omissible[list[ValidationError]] = None
