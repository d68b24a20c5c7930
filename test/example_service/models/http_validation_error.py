# Generated from openapi.json by templates/. Do not edit.

from example_service.models.validation_error import ValidationError
from gravscale.schema.field_types import Omissible
from gravscale.schema.model import Model


class HTTPValidationError(Model):
    """HTTPValidationError."""

    detail: Omissible[list[ValidationError]] = None
    """"""
