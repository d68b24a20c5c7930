"""Values that are one of several types."""

from __future__ import annotations

import json
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
    members: list[tuple[Schema, Annotation]] = []
    for number, member in enumerate(schema[key]):
        if not (isinstance(member, dict) and meaning(member).keys() <= {"required"} and base):
            part = {"allOf": [base, member]} if base.get("properties") else member
            where = (*place, key, str(number))
            hint = f"{made.name}{key[0].upper()}{key[1:]}{number or ''}"
            type_ = schemas.annotation(part, where, hint)
            found.setdefault((type_.model, type_.constraints), type_)
            members.append((member, type_))
    types = list(found.values())
    if {"FullDate", "DateTime"} <= {type_.model for type_ in types}:
        # If a time is possible too, a date must not have one. It comes first, because it refuses other values.
        types = [replace(type_, model="Day") if type_.model == "FullDate" else type_ for type_ in types]
        types.sort(key=lambda type_: type_.model != "Day")
    # pydantic selects the member with the most known fields, or the first of several. A union counts one field more.
    made.alternatives = sorted(types, key=lambda type_: type_.kind == "union")
    tag = schema.get("discriminator")
    if isinstance(tag, dict):
        _define_tags(schemas, made, tag, members)


def _define_tags(schemas: Schemas, made: Class, tag: Schema, members: list[tuple[Schema, Annotation]]) -> None:
    place = (*made.place, "discriminator")
    wire = tag.get("propertyName")
    if not isinstance(wire, str) or any(found.kind not in ("model", "union") for found in made.alternatives):
        schemas.faults.add(place, "expected a propertyName, and objects with properties as alternatives")
        return
    classes = {_key(schemas, member): "".join(type_.classes) for member, type_ in members}
    values: dict[str, str] = {}
    for key, target in tag.get("mapping", {}).items():
        # As pydantic writes boolean values.
        value = {"True": "true", "False": "false"}.get(key, key)
        name = _key(schemas, {"$ref": target} if isinstance(target, str) else target)
        if name not in classes:
            schemas.faults.add((*place, "mapping", key), f"{target!r} is not one of the alternatives")
        values[value] = classes.get(name, "")
    for name, class_name in classes.items():
        if class_name not in values.values():
            values[name] = class_name
            if name.startswith("{"):
                schemas.faults.add(place, "every alternative must be one of the components")
    made.tags = (wire, names.variable(wire), values)


def _key(schemas: Schemas, member: Schema) -> str:
    """Return the name of a component, or else the schema as JSON: FastAPI maps a value to a union within the union."""
    reference = member.get("$ref", "")
    if reference in schemas.document.schemas:
        return str(reference)
    return schemas.document.component(member) or json.dumps(member)
