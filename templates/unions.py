"""Values that are one of several types."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import names
from annotations import Annotation
from document import Schema, meaning

if TYPE_CHECKING:
    from classes import Class
    from schemas import Schemas


def define_union(schemas: Schemas, made: Class) -> None:
    """Determine the types of a union, and the property that distinguishes them."""
    schema, place = made.schema, made.place
    key = "anyOf" if "anyOf" in schema else "oneOf"
    base = meaning({k: v for k, v in schema.items() if k in ("properties", "required", "additionalProperties")})
    found: dict[tuple[str, str], Annotation] = {}
    for number, member in enumerate(schema[key]):
        if not (isinstance(member, dict) and meaning(member).keys() <= {"required"} and base):
            part = {"allOf": [base, member]} if base.get("properties") else member
            where = (*place, key, str(number))
            hint = f"{made.name}{key[0].upper()}{key[1:]}{number or ''}"
            type_ = schemas.annotation(part, where, hint)
            found.setdefault((type_.model, type_.constraints), type_)
    types = list(found.values())
    if {"FullDate", "DateTime"} <= {type_.model for type_ in types}:
        # If a time is possible too, a date must not have one. It comes first, because it refuses other values.
        types = [replace(type_, model="Day") if type_.model == "FullDate" else type_ for type_ in types]
        types.sort(key=lambda type_: type_.model != "Day")
    # pydantic selects the member with the most known fields, or the first of several. A union counts one field more.
    made.alternatives = sorted(types, key=lambda type_: type_.kind == "union")
    tag = schema.get("discriminator")
    if isinstance(tag, dict):
        _define_tags(schemas, made, tag, [schema[key]] if isinstance(schema[key], dict) else schema[key])


def _define_tags(schemas: Schemas, made: Class, tag: Schema, members: list[Schema]) -> None:
    place = (*made.place, "discriminator")
    wire = tag.get("propertyName")
    if not isinstance(wire, str) or any(found.kind not in ("model", "union") for found in made.alternatives):
        schemas.faults.add(place, "expected a propertyName, and objects with properties as alternatives")
        return
    by_component = {
        name: schemas.class_of(name) for name in map(schemas.document.component, members) if name is not None
    }
    values: dict[str, str] = {}
    mapped = set()
    for key, target in tag.get("mapping", {}).items():
        # As pydantic writes boolean values.
        value = {"True": "true", "False": "false"}.get(key, key)
        name = schemas.document.component({"$ref": target}) or target
        if name not in by_component:
            schemas.faults.add((*place, "mapping", key), f"{target!r} is not one of the alternatives")
        values[value] = by_component.get(name, "")
        mapped.add(name)
    values |= {name: class_name for name, class_name in by_component.items() if name not in mapped}
    if len(by_component) < len(made.alternatives):
        schemas.faults.add(place, "every alternative must be one of the components")
    made.tags = (wire, names.variable(wire), values)
