"""Field types for cases in which pydantic's own types do not match the contract."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar
from datetime import date, datetime
from enum import Enum
from typing import Annotated, Any, TypeVar, get_args

import pydantic_core
from pydantic import AfterValidator, BeforeValidator, Field, GetCoreSchemaHandler
from pydantic_core import core_schema
from typing_extensions import LiteralString

from gravscale.schema.model import NoneIsAbsent, NoneIsOneValue
from gravscale.schema.reading import Reading, is_answer
from gravscale.support.times import parse_time

T = TypeVar("T")
U = TypeVar("U")


Omissible = Annotated[T | None, NoneIsAbsent()]
"""A field that may be absent but not null."""
OmittedUnlessGiven = Annotated[T | None, NoneIsOneValue()]
"""A field whose null is written only if it was set, even in models that were read."""


def _required_in_requests(value: object, info: core_schema.ValidationInfo) -> object:
    if value is None and not is_answer(info):
        raise pydantic_core.PydanticKnownError("missing")
    return value


RequiredInRequests = Annotated[
    T | None, NoneIsAbsent(), AfterValidator(_required_in_requests), Field(validate_default=True)
]
"""A required field that answers lack because it is writeOnly (OpenAPI 3.0.3, section 4.7.24.2)."""


# A time starts with its date (RFC 3339, section 5.6). pydantic would read a number in a string as Unix time.
_YEAR = r"^[0-9]{4}-"
_EXAMPLES: dict[str, LiteralString] = {"date": "2026-01-31", "datetime": "2026-01-31T12:00:00Z"}


class _Times:
    """Accept other times than ISO 8601 from Python, such as one with a space and an offset without a colon. From JSON,
    `reader` accepts them at a second attempt.

    Numbers are refused, even in strings: they may count seconds or milliseconds, or be a year.
    """

    # For speed: the first attempt never leaves pydantic's compiled code.

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        schema = handler(source)
        kind = "date" if source is date else "datetime"
        starts_with_year = re.compile(_YEAR).match

        def read(value: object, iso: Callable[[object], object], info: core_schema.ValidationInfo) -> object:
            if isinstance(reading := info.context, Reading):
                reading.check_time(0.0)
            if isinstance(value, date):
                return iso(value)
            if not isinstance(value, str):
                raise pydantic_core.PydanticCustomError(f"{kind}_type", f"Input should be a valid {kind}")
            if starts_with_year(value):
                with suppress(pydantic_core.ValidationError):
                    return iso(value)
            if isinstance(reading, Reading):
                reading.odd_times -= 1
            is_allowed = not isinstance(reading, Reading) or reading.odd_times >= 0
            if is_allowed and (time := parse_time(value)) is not None:
                return iso(time)
            raise pydantic_core.PydanticCustomError(
                f"{kind}_parsing", f"Input should be a valid {kind}, such as {_EXAMPLES[kind]}"
            )

        text = core_schema.str_schema(pattern=_YEAR)
        return core_schema.json_or_python_schema(
            json_schema=core_schema.chain_schema([text, schema]),
            python_schema=core_schema.with_info_wrap_validator_function(read, schema),
        )


DateTime = Annotated[datetime, _Times()]
"""A date and time, with the offset that it was written with."""
FullDate = Annotated[date, _Times()]
"""A date (full-date in RFC 3339, section 5.6)."""


def _read_day(value: object) -> object:
    if isinstance(value, datetime) or (isinstance(value, str) and len(value) > len("2026-01-31")):
        raise pydantic_core.PydanticCustomError("date_type", "expected a date without a time")
    return value


Day = Annotated[FullDate, BeforeValidator(_read_day)]
"""A date without a time of day, for values that are either a date or a time."""


def _read_integer(value: object, info: core_schema.ValidationInfo) -> object:
    if isinstance(info.context, Reading):
        info.context.check_time(0.0)
    return int(value) if isinstance(value, float) and value.is_integer() else value


class _Integers:
    """Accept numbers without a fraction (JSON Schema 2020-12, section 4.2.3). From JSON, `reader` accepts those such as
    `5.0` at a second attempt."""

    # For speed: the first attempt never leaves pydantic's compiled code.

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        strict = core_schema.int_schema(strict=True)
        return core_schema.json_or_python_schema(
            json_schema=strict, python_schema=core_schema.with_info_before_validator_function(_read_integer, strict)
        )


Integer = Annotated[int, _Integers()]
"""An integer, even if it is written as `5.0`."""


def _read_base64(value: object) -> object:
    return b64encode(value).decode() if isinstance(value, bytes) else value


class _Base64:
    """Convert bytes to base64, as JSON represents them (OpenAPI 3.0.3, section 4.4)."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_before_validator_function(_read_base64, core_schema.str_schema(strict=True))


Base64 = Annotated[bytes | str, _Base64()]
"""Binary content in JSON: a str of base64. Bytes are converted to it."""


_ONLY_KNOWN = -1
# How many unions around a value were read again because an enum in them did not know a value, or _ONLY_KNOWN while
# enums accept no unknown values.
_read_again: ContextVar[int] = ContextVar("read_again", default=0)
# Unions nested deeper are read once, so that a short text can't take long.
_READ_AGAIN_MAX = 4


def prefer_known(read: Callable[[], T]) -> T:
    """Read one of several types, so that one whose enums know all values comes before one that would keep others."""
    around = _read_again.get()
    if not 0 <= around < _READ_AGAIN_MAX:
        return read()
    with suppress(pydantic_core.ValidationError):
        return _reading(read, _ONLY_KNOWN)
    return _reading(read, around + 1)


def _reading(read: Callable[[], T], again: int) -> T:
    token = _read_again.set(again)
    try:
        return read()
    finally:
        _read_again.reset(token)


def _read_open(value: Any, handler: Callable[[Any], Any], info: core_schema.ValidationInfo) -> Any:
    try:
        return handler(value)
    except pydantic_core.ValidationError:
        if is_answer(info) and type(value) in (str, int, float) and _read_again.get() != _ONLY_KNOWN:
            return value
        raise


def _open(known: core_schema.CoreSchema) -> core_schema.CoreSchema:
    # pydantic would warn when it writes other values.
    written = core_schema.simple_ser_schema("any")
    return core_schema.with_info_wrap_validator_function(_read_open, known, serialization=written)


class _Open:
    """Accept values in an answer that an enum does not have yet."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        # The other arguments are for type checkers.
        return _open(handler.generate_schema(get_args(source)[0]))


class OpenEnum(Enum):
    """Base class of enums. An unknown value is kept unchanged in an answer, and refused in an argument."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return _open(handler(source))


Open = Annotated[T | U, _Open()]
"""An enum and the type of its values. A value in an answer that the enum does not have is kept unchanged."""
