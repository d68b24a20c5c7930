"""The types of fields, where pydantic's own take more, less, or something else than the contract means."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from datetime import date, datetime
from enum import Enum
from typing import Annotated, Any, TypeVar, get_args

import pydantic_core
from pydantic import BeforeValidator, Field, GetCoreSchemaHandler
from pydantic_core import core_schema

from gravscale.support.times import parse_time

T = TypeVar("T")
U = TypeVar("U")


# Measured are up to 2.4 µs for each value of a model, and 14 ns for each digit of a long number.
_SECONDS_A_VALUE = 3e-6
_SECONDS_A_BYTE = 2e-8
# By so much a call may outlast its time.
_SLACK_SECONDS = 0.5
# A shorter text takes less than that, whatever it is.
_CHEAP_BYTES = 2**20


class NoneIsAbsent:
    """Marks a field whose null the contract does not allow: None stands for its absence."""


class NoneIsOneValue:
    """Marks a field of which null is one value among others: None stands for it only where it was given."""


Omissible = Annotated[T | None, NoneIsAbsent()]
"""The type of a field that may be absent but not null."""
OmittedUnlessGiven = Annotated[T | None, NoneIsOneValue()]
"""The type of a field whose null is written only where it was given, also in what was read."""


class _OnlyRequests:
    """Asks for a value, except of answers, which lack it."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.with_info_after_validator_function(_required_in_requests, handler(source))


def _required_in_requests(value: object, info: core_schema.ValidationInfo) -> object:
    if value is None and info.mode != "json" and not isinstance(info.context, Reading):
        raise pydantic_core.PydanticKnownError("missing")
    return value


RequiredInRequests = Annotated[T | None, NoneIsAbsent(), _OnlyRequests(), Field(validate_default=True)]
"""The type of a required field that answers lack, as it is writeOnly (OpenAPI 3.0.3, section 4.7.24.2)."""


class Reading:
    """The context in which pydantic reads an answer rather than checks an argument.

    Args:
        check_time: raises an error when the time for reading is over, or less is left than the seconds it is given.
        values_max: how many values of JSON are taken. Each may take 400 bytes of memory, and its text but two.

    Attributes:
        odd_times: how many times that are not quite ISO 8601 are still taken. Each takes a tenth of a millisecond.
    """

    def __init__(
        self, check_time: Callable[[float], object] = lambda _: None, values_max: float = float("inf")
    ) -> None:
        self.check_time = check_time
        self.values_max = values_max
        self.odd_times = 4_000

    def check_cost(self, raw: bytes) -> None:
        """Raise an error for a JSON text that would take too much memory or time.

        A text of more values than are taken is a ValueError; commas in strings count as well. One that may take longer
        to read than there is time is the error of `check_time`: nothing can interrupt pydantic's compiled code.
        """
        if len(raw) <= _CHEAP_BYTES:
            return
        values = raw.count(b",") + raw.count(b"[") + raw.count(b"{")
        if values > self.values_max:
            raise ValueError(f"more than {self.values_max:.0f} values (see Configuration.max_response_size)")
        self.check_time(max(0.0, values * _SECONDS_A_VALUE + len(raw) * _SECONDS_A_BYTE - _SLACK_SECONDS))


def _read_time(value: object, iso: Callable[[object], object], info: core_schema.ValidationInfo) -> object:
    """Read a time that may be not quite ISO 8601, such as one with a space and an offset without a colon."""
    if isinstance(reading := info.context, Reading):
        reading.check_time(0.0)
    try:
        return iso(value)
    except pydantic_core.ValidationError:
        if not isinstance(value, str):
            raise
        if isinstance(reading, Reading):
            reading.odd_times -= 1
            if reading.odd_times < 0:
                raise
        time = parse_time(value)
        if time is None:
            raise
        return iso(time)


class _Times:
    """Takes other times than ISO 8601 from Python. From JSON they are taken at a second attempt, by `reader`."""

    # For speed: the first attempt never leaves pydantic's compiled code.

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        iso = handler(source)
        return core_schema.json_or_python_schema(
            json_schema=iso, python_schema=core_schema.with_info_wrap_validator_function(_read_time, iso)
        )


DateTime = Annotated[datetime, _Times()]
"""A date and time, with whatever offset it was written."""


def _read_day(value: object) -> object:
    if isinstance(value, datetime) or (isinstance(value, str) and len(value) > len("2026-01-31")):
        raise pydantic_core.PydanticCustomError("date_type", "expected a date without a time")
    return value


Day = Annotated[date, BeforeValidator(_read_day)]
"""A date that no time of a day stands for, for values that are a date or a time."""


def _read_integer(value: object, info: core_schema.ValidationInfo) -> object:
    if isinstance(info.context, Reading):
        info.context.check_time(0.0)
    return int(value) if isinstance(value, float) and value.is_integer() else value


class _Integers:
    """Takes numbers without a fraction (JSON Schema 2020-12, section 4.2.3); those of JSON, such as `5.0`, at a second
    attempt, by `reader`."""

    # For speed: the first attempt never leaves pydantic's compiled code.

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        strict = core_schema.int_schema(strict=True)
        return core_schema.json_or_python_schema(
            json_schema=strict, python_schema=core_schema.with_info_before_validator_function(_read_integer, strict)
        )


Integer = Annotated[int, _Integers()]
"""An integer, also where it is written as `5.0`."""


def _read_base64(value: object) -> object:
    return b64encode(value).decode() if isinstance(value, bytes) else value


class _Base64:
    """Turns bytes into their base64, as which JSON has them (OpenAPI 3.0.3, section 4.4)."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_before_validator_function(_read_base64, core_schema.str_schema(strict=True))


Base64 = Annotated[bytes | str, _Base64()]
"""Binary content in JSON, a str of base64. Bytes are turned into it."""


def _read_open(value: Any, handler: Callable[[Any], Any], info: core_schema.ValidationInfo) -> Any:
    try:
        return handler(value)
    except pydantic_core.ValidationError:
        if (info.mode == "json" or isinstance(info.context, Reading)) and type(value) in (str, int):
            return value
        raise


class _Open:
    """Takes values that an enum does not have yet, where they come in an answer."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        # The second is there for type checkers.
        *known, base = get_args(source)
        if len(known) > 1:
            raise TypeError(f"expected an enum and the type of its values, got {source} and {base}")
        return core_schema.with_info_wrap_validator_function(_read_open, handler.generate_schema(known[0]))


class OpenEnum(Enum):
    """The base of enums. An unknown value of an answer is kept as it came; in an argument it is refused."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.with_info_wrap_validator_function(_read_open, handler(source))


Open = Annotated[T | U, _Open()]
"""An enum and the type of its values: a value of an answer that the enum does not have is kept as it came."""
