"""Merge the schemas of an `allOf` into one object."""

from __future__ import annotations

from typing import Any

from document import Document, Schema, meaning, several
from faults import Place

# A property's schema and its location.
Property = tuple[Any, Place]


class AllOf:
    """Merges the schemas that `allOf` lists.

    Args:
        document: The contract.
    """

    def __init__(self, document: Document) -> None:
        self._document = document
        self._open: list[str] = []

    def merged(self, schema: Schema, place: Place) -> Schema:
        """Return an object with the properties of all its parts, each with its location."""
        merged: Schema = {key: value for key, value in schema.items() if key != "allOf"}
        own = {wire: (part, (*place, "properties", wire)) for wire, part in schema.get("properties", {}).items()}
        merged["properties"] = dict(own)
        merged["required"] = list(schema.get("required", []))
        for number, part in enumerate(schema.get("allOf", ())):
            where: Place = (*place, "allOf", str(number))
            if isinstance(part, dict) and "$ref" in part:
                reference = part["$ref"]
                if reference in self._open:
                    self._document.faults.add(where, f"{reference!r} contains itself in an allOf")
                    continue
                self._open.append(reference)
                target, where = self._document.resolve(part, where)
                normal, _ = self._document.normal(target, where)
                inner = self.merged(normal, where) if "$ref" not in normal else self.merged({"allOf": [normal]}, where)
                self._open.pop()
            else:
                normal, _ = self._document.normal(part, where)
                inner = self.merged({"allOf": [normal]} if "$ref" in normal else normal, where)
            self._combine(merged, inner, where)
        for wire, (part, where) in own.items():
            merged["properties"][wire] = _more_special(merged["properties"][wire], (part, where))
        return merged

    def _combine(self, merged: Schema, inner: Schema, where: Place) -> None:
        for key, value in inner.items():
            if key == "properties":
                for wire, found in value.items():
                    merged["properties"][wire] = _more_special(merged["properties"].get(wire), found)
            elif key == "required":
                merged["required"] += [name for name in value if name not in merged["required"]]
            elif key == "discriminator":
                self._document.faults.add(
                    (*where, "discriminator"), "a discriminator is only supported with oneOf or anyOf"
                )
            elif key in ("anyOf", "oneOf") and inner["properties"] | merged["properties"] and several(inner):
                self._document.faults.add(
                    (*where, key), f"{key} within allOf is not supported where there are properties"
                )
            elif key not in merged or key not in meaning(inner):
                merged.setdefault(key, value)
            elif key == "enum":
                merged[key] = [each for each in merged[key] if each in value]
                if not merged[key]:
                    self._document.faults.add((*where, key), "has no value in common with the enum beside it in allOf")
            elif merged[key] != value and key in ("type", "anyOf", "oneOf", "format"):
                self._document.faults.add((*where, key), "differs from what is said beside it in allOf")


def _more_special(first: Property | None, second: Property) -> Property:
    """Return the schema that replaces two of a property: the second, if it says which values are valid."""
    part = second[0]
    if first is None or not isinstance(part, dict) or not isinstance(first[0], dict) or meaning(part):
        return second
    return {**first[0], **part}, first[1]
