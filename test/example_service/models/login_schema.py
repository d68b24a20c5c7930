# Generated from openapi.json by templates/. Do not edit.

from pydantic import StrictStr
from typing_extensions import TypedDict

from gravscale.schema.model import Model


class LoginSchema(Model):
    """LoginSchema."""

    email: StrictStr
    """"""
    password: StrictStr
    """"""


class LoginSchemaParams(TypedDict):
    """The fields of LoginSchema as a dict."""

    email: str
    password: str
