"""Write the defaults of the contract as Python source."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from annotations import quoted
from document import several
from faults import Place

if TYPE_CHECKING:
    from schemas import Schemas


class Defaults:
    """Writes defaults.

    Args:
        schemas: The schemas that define their types.
    """

    def __init__(self, schemas: Schemas) -> None:
        self._schemas = schemas

    def source(self, value: Any, schema: Any, place: Place) -> str | None:
        """Return a default as Python source. If it is not plain JSON, return a function that creates it."""
        try:
            source, is_plain = self._source(value, schema, place)
        except (ValueError, TypeError, KeyError):
            self._schemas.faults.add((*place, "default"), f"{value!r} does not have the type of the schema")
            return None
        return source if is_plain and not source.startswith(("list[", "dict[")) else f"lambda: {source}"

    def _source(self, value: Any, schema: Any, place: Place) -> tuple[str, bool]:
        normal, _ = self._schemas.document.normal(schema, place)
        found = self._schemas.annotation(schema, place, "")
        if found.kind == "any" and isinstance(value, (list, dict)):
            return f"from_json({quoted(json.dumps(value))})", False
        if value is None or found.kind in ("any", "literal", "file", "bytes"):
            if found.kind == "literal" and value not in normal.get("enum", [value]):
                raise ValueError(value)
            return quoted(value), True
        if found.kind in ("model", "union"):
            return f"{found.plain}.model_validate({quoted(value)})", False
        if found.kind == "enum":
            (name,) = found.classes
            values = self._schemas.classes[name].schema["enum"] if name in self._schemas.classes else [value]
            if value not in values:
                raise ValueError(value)
            return f"{name}({quoted(value)})", False
        if found.kind in ("list", "dict"):
            inner, where = self._inner(schema, place)
            expected = list if found.kind == "list" else dict
            if not isinstance(value, expected):
                raise TypeError(value)
            pairs = enumerate(value) if isinstance(value, list) else value.items()
            parts = [(key, *self._source(item, inner, where)) for key, item in pairs]
            is_plain = all(part[2] for part in parts)
            if found.kind == "list":
                source = f"[{', '.join(part[1] for part in parts)}]"
            else:
                source = "{" + ", ".join(f"{quoted(key)}: {text}" for key, text, _ in parts) + "}"
            # To type checkers, a list of enums, of floats or with None is not a list of the wider type.
            inner_type = self._schemas.annotation(inner, where, "")
            is_exact = not parts or (inner_type.kind in ("str", "int", "bool", "literal") and not inner_type.nullable)
            return (source, is_plain) if is_exact else (f"{found.plain}({source})", is_plain)
        return _scalar(value, found.kind)

    def _inner(self, schema: Any, place: Place) -> tuple[Any, Place]:
        while True:
            resolved, place = self._schemas.document.resolve(schema, place)
            schema, _ = self._schemas.document.normal(resolved, place)
            parts = schema.get("allOf") or several(schema)
            if "$ref" not in schema and not parts:
                break
            schema = parts[0] if parts else schema
        for key in ("items", "additionalProperties"):
            if isinstance(schema.get(key), dict):
                return schema[key], (*place, key)
        return True, place


def _scalar(value: Any, kind: str) -> tuple[str, bool]:
    if kind in ("UUID", "date", "datetime") and not isinstance(value, str):
        raise TypeError(value)
    if kind == "UUID":
        return f"UUID({quoted(str(UUID(value)))})", False
    if kind == "date":
        date.fromisoformat(value)
        return f"date.fromisoformat({quoted(value)})", False
    if kind == "datetime":
        text = value.replace("Z", "+00:00").replace("z", "+00:00")
        datetime.fromisoformat(text)
        return f"datetime.fromisoformat({quoted(text)})", False
    if kind == "int" and isinstance(value, float) and value.is_integer():
        # A number without a fraction is an integer (JSON Schema 2020-12, section 4.2.3).
        value = int(value)
    expected = {"str": str, "int": int, "float": (int, float), "bool": bool}[kind]
    if not isinstance(value, expected) or (isinstance(value, bool) and kind != "bool"):
        raise TypeError(value)
    return quoted(value), True
