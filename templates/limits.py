"""Limits of values, as pydantic checks them."""

from __future__ import annotations

import math
import re
from typing import Any

from annotations import quoted
from document import Schema
from faults import Faults, Place

BOUNDS = {
    "minimum": "ge",
    "maximum": "le",
    "exclusiveMinimum": "gt",
    "exclusiveMaximum": "lt",
    "multipleOf": "multiple_of",
}
LENGTHS = {"minLength": "min_length", "maxLength": "max_length"}
COUNTS = {"minItems": "min_length", "maxItems": "max_length"}
SIZES = {"minProperties": "min_length", "maxProperties": "max_length"}

# The smallest or largest integer within a bound.
_WHOLE = {"ge": math.ceil, "gt": math.floor, "le": math.floor, "lt": math.ceil}


def constraints(schema: Schema, keys: dict[str, str], place: Place, faults: Faults) -> str:
    """Return a schema's limits as keyword arguments of pydantic's Field."""
    limits: dict[str, Any] = {}
    for key, name in keys.items():
        value = schema.get(key)
        if value is True:
            # OpenAPI 3.0 marks an exclusive bound with a boolean.
            limits[name] = schema.get({"gt": "minimum", "lt": "maximum"}[name])
            limits.pop({"gt": "ge", "lt": "le"}[name], None)
        elif value is not None and value is not False:
            limits[name] = value
    limits = {name: value for name, value in limits.items() if value is not None}
    if keys is BOUNDS and schema.get("type") == "integer":
        limits |= {name: whole(limits[name]) for name, whole in _WHOLE.items() if name in limits}
    if keys is BOUNDS and "multiple_of" in limits:
        step = _step(limits.pop("multiple_of"), place, faults)
        if step is not None:
            limits["multiple_of"] = step
    text = ", ".join(f"{name}={quoted(value)}" for name, value in limits.items())
    pattern = _pattern(schema["pattern"], place, faults) if keys is LENGTHS and "pattern" in schema else ""
    return ", ".join(part for part in (text, pattern) if part)


def _step(step: float, place: Place, faults: Faults) -> int | None:
    """Return the number that integers must be a multiple of, or None for any integer."""
    if float(step).is_integer():
        return int(step)
    if not math.isclose(1 / step, round(1 / step)):
        faults.add((*place, "multipleOf"), f"expected an integer or a divisor of 1, got {step}")
    return None


def _pattern(pattern: str, place: Place, faults: Faults) -> str:
    from pydantic_core import SchemaError, SchemaValidator, core_schema

    if re.search(r"^/\^|[^\\]\$/[a-z]*$", pattern):
        faults.add((*place, "pattern"), f"{pattern!r} fits nothing; a pattern stands without slashes around it")
    try:
        SchemaValidator(core_schema.str_schema(pattern=pattern))
    except SchemaError:
        pass
    else:
        return f"pattern={quoted(pattern)}"
    try:
        # pydantic's own engine does not support lookahead and lookbehind.
        re.compile(pattern)
    except re.error:
        faults.add((*place, "pattern"), f"Python can't check the pattern {pattern!r}")
        return ""
    return f"pattern=re.compile({quoted(pattern)})"
