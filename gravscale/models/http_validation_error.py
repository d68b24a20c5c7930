# Generated from openapi.json by templates/. Do not edit.

from gravscale.model import Model, Omissible
from gravscale.models.validation_error import ValidationError


class HTTPValidationError(Model):
    """HTTPValidationError."""

    detail: Omissible[list[ValidationError]] = None
