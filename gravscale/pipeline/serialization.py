"""Serialize values: as plain data for JSON, and as text for paths, queries and headers."""

from __future__ import annotations

import decimal
import math
import re
import uuid
from contextlib import suppress
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from typing import TYPE_CHECKING, Any

import pydantic_core
from pydantic import BaseModel, SecretStr

from gravscale.exceptions import ApiTypeError, ApiValueError
from gravscale.support.text import LONE_SURROGATE, NESTED_TOO_DEEPLY, is_encodable
from gravscale.support.type_guards import is_bytes, is_list, is_mapping, type_name
from gravscale.transport.urls import percent_encode

if TYPE_CHECKING:
    from gravscale.configuration import Configuration
    from gravscale.schema.parameters import Form, Query

# The default of Configuration.datetime_format, as in generated clients.
_DATETIME_FORMAT = "%Y-%m-%dT%H:%M:%S.%f%z"


def as_plain(value: Any, name: str, secrets: list[str] | None = None) -> Any:
    """Convert models, times and other known types to plain data for JSON. Add each SecretStr in them to `secrets`.

    Raises ApiTypeError for other types, and ApiValueError for values that JSON can't represent. Both name the argument.
    """
    try:
        return _plain(value, name, [] if secrets is None else secrets)
    except RecursionError:
        raise ApiValueError(f"{name}: {NESTED_TOO_DEEPLY}") from None


def _plain(value: Any, name: str, secrets: list[str]) -> Any:
    if isinstance(value, Enum):
        return _plain(value.value, name, secrets)
    if isinstance(value, float) and not math.isfinite(value):
        raise ApiValueError(f"{name}: JSON can't represent {value}")
    if value is None or isinstance(value, (str, int, float, bytes)):
        return value
    if is_bytes(value):
        return bytes(value)
    if isinstance(value, SecretStr):
        secrets.append(value.get_secret_value())
        return value.get_secret_value()
    if isinstance(value, datetime):
        try:
            # A date-time needs an offset (RFC 3339, section 5.6). Without one, it is local time, as in Python.
            return (value if value.tzinfo else value.astimezone()).isoformat()
        except (ValueError, OverflowError):
            raise ApiValueError(f"{name}: a time that can't be formatted") from None
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (uuid.UUID, decimal.Decimal)):
        return str(value)
    if is_mapping(value):
        return {key: _plain(item, name, secrets) for key, item in value.items()}
    if is_list(value):
        return [_plain(item, name, secrets) for item in value]
    if isinstance(value, type):
        raise ApiTypeError(f"{name}: expected a model or plain data, got {type_name(value)}")
    if hasattr(value, "to_dict"):
        return _plain(value.to_dict(), name, secrets)
    if isinstance(value, BaseModel):
        # A user's own model. Dump it as Python types, so that each is written as usual.
        return _plain(value.model_dump(by_alias=True), name, secrets)
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name), name, secrets) for field in fields(value)}
    raise ApiTypeError(f"{name}: expected a model or plain data, got {type(value).__name__}")


def as_text(value: Any, name: str, configuration: Configuration) -> str:
    """Convert a parameter's value to text. Times have the configuration's formats, and lists are joined by commas.

    Raises ApiValueError, which names the parameter, if the value can't be converted.
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
    if is_bytes(value):
        try:
            return bytes(value).decode()
        except UnicodeDecodeError:
            raise ApiValueError(f"{name}: bytes that are not UTF-8 can't be written as text") from None
    if hasattr(value, "actual_instance"):
        return as_text(value.actual_instance, name, configuration)
    if isinstance(value, (BaseModel, dict)):
        with suppress(pydantic_core.PydanticSerializationError):
            return pydantic_core.to_json(as_plain(value, name)).decode()
        # Raised outside the with block, so that it is not chained to pydantic's error, which may quote the value.
        raise ApiValueError(f"{name}: can't be written as JSON")
    return str(value)


def _number(value: float, name: str) -> str:
    try:
        return str(value)
    except ValueError:
        # Python refuses to format integers with thousands of digits.
        raise ApiValueError(f"{name}: a number with too many digits") from None


def _written(moment: date, format_: str, name: str) -> str:
    try:
        if isinstance(moment, datetime) and moment.tzinfo is None:
            moment = moment.astimezone()
        # glibc formats the year 999 with three digits, which ISO 8601 does not allow.
        text = moment.strftime(re.sub("(?<!%)%Y", f"{moment.year:04}", format_))
        # strftime writes an offset without the colon that RFC 3339, section 5.6, asks for.
        return re.sub(r"([+-]\d\d)(\d\d)$", r"\1:\2", text) if format_ == _DATETIME_FORMAT else text
    except (ValueError, OverflowError):
        # For example pandas' NaT, a datetime that is not a time.
        raise ApiValueError(f"{name}: a time that can't be formatted") from None


def as_path(value: Any, name: str, configuration: Configuration) -> str:
    """Percent-encode a path parameter's value. Raises ApiValueError if it would lead to another resource."""
    parts = [as_text(item, name, configuration) for item in (value if is_list(value) else (value,))]
    # Dot segments are removed, and an empty segment merges with its neighbors (RFC 3986, section 5.2.4).
    if (text := as_joined(parts)) in ("", ".", ".."):
        raise ApiValueError(f"{name}: {text!r} can't be a part of a path")
    return encode_value(parts, name, configuration.safe_chars_for_path_param)


def as_cookie(value: Any, name: str, configuration: Configuration) -> str:
    """Return a cookie's value. Raises ApiValueError if it has invalid characters (RFC 6265, section 4.1.1)."""
    text = as_text(value, name, configuration)
    if any(character.isspace() or character in '",;\\' for character in text):
        raise ApiValueError(f"{name}: a cookie can't contain a space, quote, comma, semicolon or backslash")
    return text


def as_pairs(parameter: Query, value: Any, configuration: Configuration) -> list[tuple[str, str | list[str]]]:
    """Return a query parameter's names and values. A list repeats it, and each property of an object becomes one.

    Without explode, the value is a list to join (OpenAPI 3.1, section 4.8.12.4). An empty list is left out.
    """
    wire, name = parameter.wire, parameter.name
    # For speed: most values are a str or an int.
    if type(value) in (str, int):
        return [(wire, as_text(value, name, configuration))]
    value = getattr(value, "actual_instance", value)
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
    """Percent-encode a value. The commas that join a list stay unencoded (RFC 6570, section 3.2.1)."""
    return (
        percent_encode(value, name, safe)
        if isinstance(value, str)
        else ",".join(percent_encode(part, name, safe) for part in value)
    )


def as_joined(value: str | list[str]) -> str:
    return value if isinstance(value, str) else ",".join(value)


def as_field(parameter: Form, value: Any, configuration: Configuration) -> Any:
    """Return a form field's value: text, or a tuple (name, content, media type) whose parts may be None."""
    if parameter.is_file:
        from gravscale.pipeline.files import open_file  # not needed without files

        file_name, content, media = open_file(value, parameter.name)
        return file_name or parameter.wire, content, media
    is_multipart = parameter.content_type.startswith("multipart/")
    if is_multipart and isinstance(value, bytes):
        return parameter.wire, value, None
    value = getattr(value, "actual_instance", value)
    text = as_text(value, parameter.name, configuration)
    if not is_encodable(text):
        raise ApiValueError(f"{parameter.name}: {LONE_SURROGATE}")
    return (None, text.encode(), "application/json") if is_multipart and isinstance(value, (BaseModel, dict)) else text
