# Generated from openapi.json by templates/. Do not edit.

from pydantic import StrictStr
from typing_extensions import TypedDict

from gravscale.schema.model import Model


class LoginSchema(Model):
    """An e-mail address and a password."""

    email: StrictStr
    """E-mail address of the account."""
    password: StrictStr
    """Password of the account."""


class LoginSchemaParams(TypedDict):
    """The fields of LoginSchema as a dict."""

    email: str
    password: str
