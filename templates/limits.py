"""Limits of values, as pydantic checks them."""

from __future__ import annotations

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


def constraints(schema: Schema, keys: dict[str, str], place: Place, faults: Faults) -> str:
    """Return what a schema asks of its values as keyword arguments of pydantic's Field."""
    limits = {}
    for key, name in keys.items():
        value = schema.get(key)
        if value is True:
            # OpenAPI 3.0 says by a boolean that a bound is itself excluded.
            limits[name] = schema.get({"gt": "minimum", "lt": "maximum"}[name])
            limits.pop({"gt": "ge", "lt": "le"}[name], None)
        elif value is not None and value is not False:
            limits[name] = value
    if keys is LENGTHS and isinstance(schema.get("pattern"), str):
        if _is_regular(schema["pattern"]):
            limits["pattern"] = schema["pattern"]
        else:
            faults.add((*place, "pattern"), f"{schema['pattern']!r} is no pattern that pydantic can check")
    return ", ".join(f"{name}={quoted(value)}" for name, value in limits.items())


def _is_regular(pattern: str) -> bool:
    from pydantic_core import SchemaError, SchemaValidator, core_schema

    try:
        SchemaValidator(core_schema.str_schema(pattern=pattern))
    except SchemaError:
        return False
    return True
