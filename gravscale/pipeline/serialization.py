"""How values are written: as plain data for JSON, and as text for paths, queries and header fields."""

from __future__ import annotations

import decimal
import math
import re
import uuid
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from typing import TYPE_CHECKING, Any

import pydantic_core
from pydantic import BaseModel, SecretStr

from gravscale.exceptions import ApiTypeError, ApiValueError
from gravscale.support.text import NESTED_TOO_DEEPLY
from gravscale.support.type_guards import is_bytes, is_list, is_mapping
from gravscale.transport.urls import percent_encode

if TYPE_CHECKING:
    from gravscale.configuration import Configuration
    from gravscale.schema.parameters import Form, Query

_JSON_TYPES = frozenset((str, int, bool))
# What Configuration.datetime_format is unless it was changed, as in generated clients.
_DATETIME_FORMAT = "%Y-%m-%dT%H:%M:%S.%f%z"


def as_plain(value: Any, name: str) -> Any:
    """Models, times and other known types as what JSON can hold.

    Raises ApiTypeError for anything else, and ApiValueError for what JSON can't express, naming the argument.
    """
    try:
        return _plain(value, name)
    except RecursionError:
        raise ApiValueError(f"{name}: {NESTED_TOO_DEEPLY}") from None


def _plain(value: Any, name: str) -> Any:
    # First, as most values are such. Of a class of its own, a text may be a member of an enum.
    if value is None or type(value) in _JSON_TYPES:
        return value
    if isinstance(value, Enum):
        return _plain(value.value, name)
    if isinstance(value, float) and not math.isfinite(value):
        raise ApiValueError(f"{name}: {value} is no number that JSON could hold")
    if isinstance(value, (str, int, float, bytes)):
        return value
    if is_bytes(value):
        return bytes(value)
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, datetime):
        try:
            # A date-time has an offset (RFC 3339, section 5.6); without one it is taken as local time, as Python does.
            return (value if value.tzinfo else value.astimezone()).isoformat()
        except (ValueError, OverflowError):
            raise ApiValueError(f"{name}: a time that can't be written") from None
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (uuid.UUID, decimal.Decimal)):
        return str(value)
    if is_mapping(value):
        return {key: _plain(item, name) for key, item in value.items()}
    if is_list(value):
        return [_plain(item, name) for item in value]
    if hasattr(value, "to_dict"):
        return _plain(value.to_dict(), name)
    if isinstance(value, BaseModel):
        # A model of the user's own. As Python's types, so that each is written as it would be elsewhere.
        return _plain(value.model_dump(by_alias=True), name)
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name), name) for field in fields(value)}
    raise ApiTypeError(f"{name}: expected a model or plain data, got {type(value).__name__}")


def as_text(value: Any, name: str, configuration: Configuration) -> str:
    """A parameter's value as text: times in the configuration's formats, lists joined by commas.

    Raises ApiValueError, naming the parameter, for what can't be written.
    """
    if isinstance(value, Enum):
        return as_text(value.value, name, configuration)
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return _number(value, name)
    if isinstance(value, datetime):
        return _written(value, configuration.datetime_format, name)
    if isinstance(value, date):
        return _written(value, configuration.date_format, name)
    if is_list(value):
        return ",".join(as_text(item, name, configuration) for item in value)
    if value is None:
        raise ApiValueError(f"{name}: None can't be written as text")
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if hasattr(value, "actual_instance"):
        return as_text(value.__dict__["actual_instance"], name, configuration)
    if isinstance(value, (BaseModel, dict)):
        return pydantic_core.to_json(as_plain(value, name)).decode()
    return str(value)


def _number(value: float, name: str) -> str:
    try:
        return str(value)
    except ValueError:
        # Python writes out no integer of more than some thousand digits.
        raise ApiValueError(f"{name}: a number of too many digits") from None


def _written(moment: date, format_: str, name: str) -> str:
    try:
        if isinstance(moment, datetime) and moment.tzinfo is None:
            moment = moment.astimezone()
        # glibc writes the year 999 with three digits, which no reader of ISO 8601 takes.
        text = moment.strftime(format_ if moment.year > 999 else format_.replace("%Y", f"{moment.year:04}"))
        # strftime writes an offset without the colon that RFC 3339, section 5.6, asks for.
        return re.sub(r"([+-]\d\d)(\d\d)$", r"\1:\2", text) if format_ == _DATETIME_FORMAT else text
    except (ValueError, OverflowError):
        # Such as pandas' NaT, a datetime that is none.
        raise ApiValueError(f"{name}: a time that can't be written") from None


def as_path(value: Any, name: str, configuration: Configuration) -> str:
    """A path parameter's value, percent-encoded. Raises ApiValueError for what would lead to another resource."""
    value = [as_text(item, name, configuration) for item in value] if is_list(value) else value
    text = as_text(value, name, configuration)
    # Dot segments are resolved away, and an empty one merges with its neighbours (RFC 3986, section 5.2.4).
    if text in ("", ".", ".."):
        raise ApiValueError(f"{name}: {text!r} can't be a part of a path")
    return encode_value(value if is_list(value) else text, name, configuration.safe_chars_for_path_param)


def as_cookie(value: Any, name: str, configuration: Configuration) -> str:
    """A cookie's value. Raises ApiValueError for what does not belong into one (RFC 6265, section 4.1.1)."""
    text = as_text(value, name, configuration)
    if any(character.isspace() or character in '",;\\' for character in text):
        raise ApiValueError(f"{name}: a space, quote, comma, semicolon or backslash can't stand in a cookie")
    return text


def as_pairs(parameter: Query, value: Any, configuration: Configuration) -> list[tuple[str, str | list[str]]]:
    """Return a query parameter's names and values: a list repeats it, and of an object each property is one.

    Without explode the value is a list, to be joined (OpenAPI 3.1, section 4.8.12.4). An empty list is left out.
    """
    wire, name = parameter.wire, parameter.name
    # For speed: most are neither.
    if type(value) in (str, int):
        return [(wire, as_text(value, name, configuration))]
    value = value.__dict__["actual_instance"] if hasattr(value, "actual_instance") else value
    if isinstance(value, (BaseModel, dict)):
        plain = as_plain(value, name)
        pairs = [(str(key), as_text(item, name, configuration)) for key, item in plain.items() if item is not None]
        return list(pairs) if parameter.explode else [(wire, [part for pair in pairs for part in pair])]
    if not is_list(value):
        return [(wire, as_text(value, name, configuration))]
    texts = [as_text(item, name, configuration) for item in value]
    if parameter.explode:
        return [(wire, text) for text in texts]
    return [(wire, texts)] if texts else []


def encode_value(value: str | list[str], name: str, safe: str = "") -> str:
    """Return a value percent-encoded. The commas that join a list stay (RFC 6570, section 3.2.1)."""
    return (
        percent_encode(value, name, safe)
        if isinstance(value, str)
        else ",".join(percent_encode(part, name, safe) for part in value)
    )


def as_joined(value: str | list[str]) -> str:
    return value if isinstance(value, str) else ",".join(value)


def as_field(parameter: Form, value: Any, configuration: Configuration) -> Any:
    """Return a form field's value: text, or a tuple (name, content, media type), of which some are None."""
    if parameter.is_file:
        from gravscale.pipeline.files import open_file  # not needed without files

        file_name, content, media = open_file(value, parameter.name)
        return file_name or parameter.wire, content, media
    if isinstance(value, bytes):
        return parameter.wire, value, None
    value = value.__dict__["actual_instance"] if hasattr(value, "actual_instance") else value
    text = as_text(value, parameter.name, configuration)
    is_multipart = parameter.content_type.startswith("multipart/")
    return (None, text.encode(), "application/json") if is_multipart and isinstance(value, (BaseModel, dict)) else text
