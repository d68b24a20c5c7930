"""The schemas of the contract as the classes that they become."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

import annotations as types
import names
from annotations import Annotation, quoted
from document import Document, Schema, meaning
from faults import Place

_BOUNDS = {
    "minimum": "ge",
    "maximum": "le",
    "exclusiveMinimum": "gt",
    "exclusiveMaximum": "lt",
    "multipleOf": "multiple_of",
}
_LENGTHS = {"minLength": "min_length", "maxLength": "max_length"}
_COUNTS = {"minItems": "min_length", "maxItems": "max_length"}
_SIZES = {"minProperties": "min_length", "maxProperties": "max_length"}
# What models have besides their fields, and what their modules import.
_METHODS = {"to_dict", "to_json", "to_str", "from_dict", "from_json", "additional_properties", "actual_instance"}
_IMPORTED = {"date", "builtins", "Annotated", "Field", "UUID", "Literal", "Open", "Enum"}


@dataclass
class Member:
    """A field of a model."""

    name: str
    wire: str
    type: Annotation
    required: bool
    default: str | None
    schema: Schema
    text: str = ""


@dataclass
class Class:
    """A class that is generated.

    Attributes:
        kind: model, enum or union.
        additional: the type of the properties that are not listed, where such are kept.
    """

    name: str
    kind: str
    schema: Schema
    place: Place
    members: list[Member] = field(default_factory=list)
    additional: Annotation | None = None
    alternatives: list[Annotation] = field(default_factory=list)
    tags: tuple[str, str, dict[str, str]] | None = None


class Schemas:
    """What the schemas become.

    Args:
        document: the contract.
        taken: what no class can be called.
    """

    def __init__(self, document: Document, taken: set[str]) -> None:
        self.document = document
        self.faults = document.faults
        self.classes: dict[str, Class] = {}
        self._scope = names.Scope(taken, key=names.plain)
        self._of_component: dict[str, str] = {}
        self._reserved = _reserved_fields()
        self._open: list[str] = []
        # Components keep their names, whatever inline schemas are called.
        for name, schema in document.schemas.items():
            if self._is_class(schema, ("components", "schemas", name)):
                self._of_component[name] = self._scope.claim(self._wanted(name, taken))
        for name in self._of_component:
            self._define_component(name)

    @staticmethod
    def _wanted(name: str, taken: set[str]) -> str:
        wanted = names.class_name(name)
        return f"Model{wanted}" if names.plain(wanted) in {names.plain(each) for each in taken} else wanted

    def _is_class(self, schema: Any, place: Place) -> bool:
        normal, _ = self.document.normal(schema, place)
        if "$ref" in normal:
            return False
        if "enum" in normal:
            return _are_of_one_type(normal["enum"])
        if several := _several(normal):
            return len(several) > 1 or bool(normal.get("properties"))
        if normal.get("allOf"):
            merged = self._merged(normal, place)
            return _is_object(merged) and bool(merged["properties"])
        has_others = {"additionalProperties", "patternProperties"} & normal.keys()
        return _is_object(normal) and "properties" in normal and bool(normal["properties"] or not has_others)

    def _define_component(self, name: str) -> None:
        place = ("components", "schemas", name)
        class_name = self._of_component[name]
        if class_name not in self.classes:
            normal, _ = self.document.normal(self.document.schemas[name], place)
            self._define(class_name, normal, place)

    def annotation(self, schema: Any, place: Place, hint: str) -> Annotation:
        """Return the type of what a schema describes.

        Args:
            schema: the schema.
            place: where it stands.
            hint: what a class is called that has to be made for it.
        """
        if schema is not True and not isinstance(schema, dict):
            self.document.normal(schema, place)
            return types.ANY
        normal, nullable = self.document.normal(schema, place)
        found = self._annotation(normal, place, hint)
        return replace(found, nullable=True) if nullable and not found.nullable else found

    def _annotation(self, schema: Schema, place: Place, hint: str) -> Annotation:
        if "$ref" in schema:
            return self._referred(schema, place, hint)
        if "allOf" in schema:
            parts = schema["allOf"]
            own = meaning({key: value for key, value in schema.items() if key != "allOf"})
            if len(parts) == 1 and not own:
                return self.annotation(parts[0], (*place, "allOf", "0"), hint)
            merged = self._merged(schema, place)
            if _is_object(merged) and merged.get("properties"):
                return self._class(hint, schema, place)
            return self._annotation({k: v for k, v in merged.items() if k != "allOf"}, place, hint)
        if "enum" in schema:
            return self._enum(schema, place, hint)
        if several := _several(schema):
            if len(several) == 1 and not schema.get("properties"):
                key = "anyOf" if "anyOf" in schema else "oneOf"
                return self.annotation(several[0], (*place, key, "0"), hint)
            return self._class(hint, schema, place)
        if "discriminator" in schema:
            self.faults.add((*place, "discriminator"), "a discriminator is supported beside oneOf and anyOf only")
        return self._of_type(schema, place, hint)

    def _referred(self, schema: Schema, place: Place, hint: str) -> Annotation:
        name = self.document.component(schema)
        if name is None:
            target, where = self.document.resolve(schema, place)
            reference = schema["$ref"]
            if reference in self._open:
                self.faults.add(place, f"{reference!r} contains itself by way of no named object")
                return types.ANY
            self._open.append(reference)
            try:
                return self.annotation(target, where, hint)
            finally:
                self._open.pop()
        class_name = self._of_component.get(name)
        if class_name is not None:
            kind = self.document.normal(self.document.schemas[name], place)[0]
            return replace(self._of_class(class_name, kind), nullable=self._null_fits(name))
        if name in self._open:
            self.faults.add(("components", "schemas", name), "contains itself by way of no object with properties")
            return types.ANY
        self._open.append(name)
        try:
            return self.annotation(
                self.document.schemas[name], ("components", "schemas", name), names.class_name(name)
            )
        finally:
            self._open.pop()

    def _null_fits(self, name: str) -> bool:
        return self.document.normal(self.document.schemas[name], ("components", "schemas", name))[1]

    def _of_class(self, name: str, schema: Schema) -> Annotation:
        if "enum" in schema:
            return types.of_enum(name, schema["enum"])
        if _several(schema):
            return types.of_class(name, "union", f"{name} | ⟨{name}⟩")
        return types.of_class(name, "model", f"{name} | {name}Params")

    def _class(self, hint: str, schema: Schema, place: Place) -> Annotation:
        wanted = names.class_name(schema["title"]) if isinstance(schema.get("title"), str) else hint
        for found in self.classes.values():
            if found.place == place:
                return self._of_class(found.name, found.schema)
        name = self._scope.claim(names.class_name(wanted or hint))
        self._define(name, schema, place)
        return self._of_class(name, schema)

    def _define(self, name: str, schema: Schema, place: Place) -> None:
        kind = "enum" if "enum" in schema else "union" if _several(schema) else "model"
        made = self.classes[name] = Class(name, kind, schema, place)
        if kind == "enum":
            return
        if kind == "union":
            self._define_union(made)
            return
        if "discriminator" in schema:
            self.faults.add((*place, "discriminator"), "a discriminator is supported beside oneOf and anyOf only")
        merged = self._merged(schema, place)
        scope = names.Scope(self._reserved)
        required = merged.get("required", [])
        for wire, (part, where) in merged["properties"].items():
            self._member(made, scope, wire, part, where, wire in required)
        for wire in required:
            if wire not in merged["properties"]:
                scope_name = scope.claim(self._field_name(wire))
                made.members.append(Member(scope_name, wire, types.ANY, True, None, {}))
        additional = merged.get("additionalProperties", False)
        if additional is not False:
            made.additional = self.annotation(
                additional, (*place, "additionalProperties"), f"{name}AdditionalProperties"
            )

    def _member(self, made: Class, scope: names.Scope, wire: str, part: Any, where: Place, required: bool) -> None:
        found = self.annotation(part, where, f"{made.name}{names.camel_case(wire)}")
        normal = part if isinstance(part, dict) else {}
        default = None
        if normal.get("default") is not None:
            default = self.default(normal["default"], part, where, found)
        made.members.append(
            Member(scope.claim(self._field_name(wire)), wire, found, required and default is None, default, normal)
        )

    def _field_name(self, wire: str) -> str:
        name = names.variable(wire)
        return f"var_{name}" if name in self._reserved or name in _IMPORTED else name

    def _define_union(self, made: Class) -> None:
        schema, place = made.schema, made.place
        key = "anyOf" if "anyOf" in schema else "oneOf"
        base = meaning({k: v for k, v in schema.items() if k in ("properties", "required", "additionalProperties")})
        texts: dict[str, Annotation] = {}
        for number, member in enumerate(schema[key]):
            if not (isinstance(member, dict) and meaning(member).keys() <= {"required"} and base):
                part = {"allOf": [base, member]} if base.get("properties") else member
                where = (*place, key, str(number))
                hint = f"{made.name}{key[0].upper()}{key[1:]}{number or ''}"
                found = self.annotation(part, where, hint)
                texts.setdefault(found.model, found)
        made.alternatives = list(texts.values())
        tag = schema.get("discriminator")
        if isinstance(tag, dict):
            self._define_tags(made, tag, [schema[key]] if isinstance(schema[key], dict) else schema[key])

    def _define_tags(self, made: Class, tag: Schema, members: list[Schema]) -> None:
        place = (*made.place, "discriminator")
        wire = tag.get("propertyName")
        if not isinstance(wire, str) or any(found.kind != "model" for found in made.alternatives):
            self.faults.add(place, "expected a propertyName, and objects with properties to choose among")
            return
        by_component = {
            name: self._of_component.get(name, "") for name in map(self.document.component, members) if name is not None
        }
        values: dict[str, str] = {}
        mapped = set()
        for value, target in tag.get("mapping", {}).items():
            name = self.document.component({"$ref": target}) or target
            if name not in by_component:
                self.faults.add((*place, "mapping", value), f"{target!r} is none of the schemas to choose among")
            values[value] = by_component.get(name, "")
            mapped.add(name)
        values |= {name: class_name for name, class_name in by_component.items() if name not in mapped}
        if len(by_component) < len(made.alternatives):
            self.faults.add(place, "every schema to choose among has to be one of the components")
        made.tags = (wire, names.variable(wire), values)

    def _enum(self, schema: Schema, place: Place, hint: str) -> Annotation:
        values = schema["enum"]
        if not values:
            return replace(types.simple("None", kind="any"), nullable=True)
        if any(isinstance(value, (float, list, dict)) for value in values):
            self.faults.add((*place, "enum"), "an enum has strings, integers, booleans and null only")
            return types.ANY
        if schema.get("type") == "number":
            self.faults.add((*place, "enum"), "an enum of numbers that need not be integers is not supported")
            return types.ANY
        return types.of_values(values, closed="x-const" in schema)

    def _of_type(self, schema: Schema, place: Place, hint: str) -> Annotation:
        type_ = schema.get("type")
        if type_ is None:
            type_ = next((each for each, keys in _IMPLIED.items() if keys & schema.keys()), None)
        if type_ == "array":
            items = schema.get("items", True)
            if "prefixItems" in schema or items is False:
                return replace(types.ANY.within("list[{}]", "list"), constraints=self._limits(schema, _COUNTS))
            found = self.annotation(items, (*place, "items"), f"{hint}Inner")
            return replace(found.within("list[{}]", "list"), constraints=self._limits(schema, _COUNTS))
        if type_ == "object":
            if schema.get("properties") or ("properties" in schema and "additionalProperties" not in schema):
                return self._class(hint, schema, place)
            values = schema.get("additionalProperties", True)
            if "patternProperties" in schema or values is False:
                values = True
            found = self.annotation(values, (*place, "additionalProperties"), f"{hint}Value")
            return replace(found.within("dict[str, {}]", "dict"), constraints=self._limits(schema, _SIZES))
        format_ = schema.get("format")
        if type_ == "string":
            if format_ == "binary" or schema.get("contentMediaType") == "application/octet-stream":
                return types.FILE
            if format_ in types.BY_FORMAT:
                return types.BY_FORMAT[format_]
            return replace(types.BY_TYPE["string"], constraints=self._limits(schema, _LENGTHS, place))
        if type_ in types.BY_TYPE:
            return replace(types.BY_TYPE[type_], constraints=self._limits(schema, _BOUNDS))
        if type_ is not None:
            self.faults.add((*place, "type"), f"{type_!r} is none of the types of JSON")
        return types.ANY

    def _limits(self, schema: Schema, keys: dict[str, str], place: Place = ()) -> str:
        limits = {}
        for key, name in keys.items():
            value = schema.get(key)
            if value is True:
                # OpenAPI 3.0 says by a boolean that a bound is itself excluded.
                limits[name] = schema.get({"gt": "minimum", "lt": "maximum"}[name])
                limits.pop({"gt": "ge", "lt": "le"}[name], None)
            elif value is not None and value is not False:
                limits[name] = value
        if keys is _LENGTHS and isinstance(schema.get("pattern"), str):
            if _is_regular(schema["pattern"]):
                limits["pattern"] = schema["pattern"]
            else:
                self.faults.add((*place, "pattern"), f"{schema['pattern']!r} is no pattern that pydantic can check")
        return ", ".join(f"{name}={quoted(value)}" for name, value in limits.items())

    def _merged(self, schema: Schema, place: Place) -> Schema:
        """Return an object with the properties of all that it is made of, each with its place."""
        merged: Schema = {key: value for key, value in schema.items() if key != "allOf"}
        merged["properties"] = {
            wire: (part, (*place, "properties", wire)) for wire, part in schema.get("properties", {}).items()
        }
        merged["required"] = list(schema.get("required", []))
        for number, part in enumerate(schema.get("allOf", ())):
            where: Place = (*place, "allOf", str(number))
            if isinstance(part, dict) and "$ref" in part:
                reference = part["$ref"]
                if reference in self._open:
                    self.faults.add(where, f"{reference!r} is made of itself")
                    continue
                self._open.append(reference)
                target, where = self.document.resolve(part, where)
                normal, _ = self.document.normal(target, where)
                inner = self._merged(normal, where) if "$ref" not in normal else self._merged({"allOf": [normal]}, where)
                self._open.pop()
            else:
                normal, _ = self.document.normal(part, where)
                inner = self._merged({"allOf": [normal]} if "$ref" in normal else normal, where)
            self._combine(merged, inner, where)
        return merged

    def _combine(self, merged: Schema, inner: Schema, where: Place) -> None:
        for key, value in inner.items():
            if key == "properties":
                # The more special of two, which comes last, stands in place of the other.
                merged["properties"] = {**merged["properties"], **value}
            elif key == "required":
                merged["required"] += [name for name in value if name not in merged["required"]]
            elif key == "discriminator":
                self.faults.add((*where, "discriminator"), "a discriminator is supported beside oneOf and anyOf only")
            elif key not in merged or key not in meaning(inner):
                merged.setdefault(key, value)
            elif key == "enum":
                merged[key] = [each for each in merged[key] if each in value]
            elif merged[key] != value and key in ("type", "anyOf", "oneOf", "format"):
                self.faults.add((*where, key), "differs from what is said beside it in allOf")

    def kind_of(self, name: str) -> str:
        """Return whether a class is a model, an enum or a union."""
        return self.classes[name].kind if name in self.classes else "model"

    def check_access(self, annotation: Annotation, keyword: str, *, where: str) -> None:
        """Note the properties that are required and yet left out in requests, or in answers.

        Args:
            annotation: what is sent, or received.
            keyword: readOnly or writeOnly.
            where: where they are left out.
        """
        left, seen = list(annotation.classes), set[str]()
        while left:
            made = self.classes[left.pop()]
            if made.name in seen:
                continue
            seen.add(made.name)
            for each in made.members:
                left += each.type.classes
                if each.required and each.schema.get(keyword) is True:
                    place = (*made.place, "properties", each.wire, keyword)
                    self.faults.add(place, f"{each.wire} is required, and as {keyword} left out {where}")
            left += [name for part in made.alternatives for name in part.classes]

    def properties(self, schema: Any, place: Place) -> dict[str, tuple[Any, Place, bool]] | None:
        """Return the properties of an object, each with its place and whether it is required; None of anything else."""
        normal, _ = self.document.normal(*self.document.resolve(schema, place))
        where = self.document.resolve(schema, place)[1]
        merged = self._merged(normal, where)
        if not merged["properties"] or not _is_object(merged):
            return None
        return {wire: (*found, wire in merged["required"]) for wire, found in merged["properties"].items()}

    def default(self, value: Any, schema: Any, place: Place, found: Annotation) -> str | None:
        """Return a default as Python source; what is not plain JSON as a function that makes it."""
        try:
            source, is_plain = self._source(value, schema, place)
        except (ValueError, TypeError, KeyError):
            self.faults.add((*place, "default"), f"{value!r} is no value of the type beside it")
            return None
        return source if is_plain else f"lambda: {source}"

    def _source(self, value: Any, schema: Any, place: Place) -> tuple[str, bool]:
        normal, _ = self.document.normal(schema, place)
        found = self.annotation(schema, place, "")
        if value is None or found.kind in ("any", "literal", "file", "bytes"):
            if found.kind == "literal" and value not in normal.get("enum", [value]):
                raise ValueError(value)
            return quoted(value), True
        if found.kind in ("model", "union"):
            return f"{found.plain}.model_validate({quoted(value)})", False
        if found.kind == "enum":
            (name,) = found.classes
            values = self.classes[name].schema["enum"] if name in self.classes else [value]
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
                return f"[{', '.join(part[1] for part in parts)}]", is_plain
            return "{" + ", ".join(f"{quoted(key)}: {text}" for key, text, _ in parts) + "}", is_plain
        return _scalar(value, found.kind)

    def _inner(self, schema: Any, place: Place) -> tuple[Any, Place]:
        while True:
            resolved, place = self.document.resolve(schema, place)
            schema, _ = self.document.normal(resolved, place)
            several = schema.get("allOf") or _several(schema)
            if "$ref" not in schema and not several:
                break
            schema = several[0] if several else schema
        for key in ("items", "additionalProperties"):
            if isinstance(schema.get(key), dict):
                return schema[key], (*place, key)
        return True, place


_IMPLIED = {
    "object": {"properties", "additionalProperties", "patternProperties"},
    "array": {"items", "prefixItems"},
}


def _scalar(value: Any, kind: str) -> tuple[str, bool]:
    if kind == "UUID":
        return f"UUID({quoted(str(UUID(value)))})", False
    if kind == "date":
        date.fromisoformat(value)
        return f"date.fromisoformat({quoted(value)})", False
    if kind == "datetime":
        text = value.replace("Z", "+00:00").replace("z", "+00:00")
        datetime.fromisoformat(text)
        return f"datetime.fromisoformat({quoted(text)})", False
    expected = {"str": str, "int": int, "float": (int, float), "bool": bool}[kind]
    if not isinstance(value, expected) or (isinstance(value, bool) and kind != "bool"):
        raise TypeError(value)
    return quoted(value), True


def _several(schema: Schema) -> list[Any]:
    found = schema.get("anyOf") or schema.get("oneOf") or []
    if not isinstance(found, list):
        return []
    # Such members say which fields come together, not what they are.
    if all(isinstance(member, dict) and meaning(member).keys() <= {"required", "not"} for member in found):
        return []
    return found


def _is_object(schema: Schema) -> bool:
    return schema.get("type", "object") == "object"


def _are_of_one_type(values: list[Any]) -> bool:
    return bool(values) and (
        all(type(value) is str for value in values) or all(type(value) is int for value in values)
    )


def _is_regular(pattern: str) -> bool:
    from pydantic_core import SchemaError, SchemaValidator, core_schema

    try:
        SchemaValidator(core_schema.str_schema(pattern=pattern))
    except SchemaError:
        return False
    return True


def _reserved_fields() -> set[str]:
    from pydantic import BaseModel

    own = {name for name in (*dir(BaseModel), *dir(type(BaseModel))) if not name.startswith("_")}
    return own | _METHODS
