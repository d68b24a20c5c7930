"""Convert the schemas of the contract to classes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import annotations as types
import limits
import names
from all_of import AllOf
from annotations import Annotation
from classes import Class, Member
from defaults import Defaults
from document import Document, Schema, meaning, several
from faults import Place
from unions import define_union

# The other members of models, and the imports of their modules.
_METHODS = {"to_dict", "to_json", "to_str", "from_dict", "from_json", "additional_properties", "actual_instance"}
_IMPORTED = {"date", "re", "builtins", "times", "Annotated", "Field", "UUID", "Literal", "Open", "Enum"}


class Schemas:
    """The classes for the schemas.

    Args:
        document: The contract.
        taken: Names that classes can't have.
    """

    def __init__(self, document: Document, taken: set[str]) -> None:
        self.document = document
        self.faults = document.faults
        self.classes: dict[str, Class] = {}
        self._by_place: dict[Place, Class] = {}
        self._scope = names.Scope(taken, key=names.plain)
        self._of_component: dict[str, str] = {}
        self._params: dict[str, str] = {}
        self._homes: dict[str, str] = {}
        self._reserved = _reserved_fields()
        self._open: list[str] = []
        self._all_of = AllOf(document)
        self.defaults = Defaults(self)
        # Components keep their names, even if an inline schema would get the same one.
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
        if found := several(normal):
            return len(found) > 1 or bool(normal.get("properties"))
        if normal.get("allOf"):
            merged = self._all_of.merged(normal, place)
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
        """Return the type that a schema describes.

        Args:
            schema: The schema.
            place: Its location.
            hint: The name for a class, if one must be created for it.
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
            merged = self._all_of.merged(schema, place)
            if _is_object(merged) and merged.get("properties"):
                return self._class(hint, schema, place)
            return self._annotation({k: v for k, v in merged.items() if k != "allOf"}, place, hint)
        if "enum" in schema:
            return self._enum(schema, place, hint)
        if members := several(schema):
            if len(members) == 1 and not schema.get("properties"):
                key = "anyOf" if "anyOf" in schema else "oneOf"
                return self.annotation(members[0], (*place, key, "0"), hint)
            return self._class(hint, schema, place)
        if "discriminator" in schema:
            self.faults.add((*place, "discriminator"), "a discriminator is only supported with oneOf or anyOf")
        return self._of_type(schema, place, hint)

    def _referred(self, schema: Schema, place: Place, hint: str) -> Annotation:
        name = self.document.component(schema)
        if name is None:
            target, where = self.document.resolve(schema, place)
            reference = schema["$ref"]
            if reference in self._open:
                self.faults.add(place, f"{reference!r} contains itself without a named object in between")
                return types.ANY
            self._open.append(reference)
            try:
                return self.annotation(target, where, hint)
            finally:
                self._open.pop()
        class_name = self._of_component.get(name)
        if class_name is not None:
            kind = self.document.normal(self.document.schemas[name], ("components", "schemas", name))[0]
            return replace(self._of_class(class_name, kind), nullable=self._null_fits(name))
        if name in self._open:
            self.faults.add(
                ("components", "schemas", name),
                "contains itself without an object with properties or a union in between",
            )
            return types.ANY
        self._open.append(name)
        try:
            return self.annotation(self.document.schemas[name], ("components", "schemas", name), names.class_name(name))
        finally:
            self._open.pop()

    def _null_fits(self, name: str) -> bool:
        return self.document.normal(self.document.schemas[name], ("components", "schemas", name))[1]

    def _of_class(self, name: str, schema: Schema) -> Annotation:
        if "enum" in schema:
            return types.of_enum(name, schema["enum"], is_number=schema.get("type") == "number")
        if several(schema):
            return types.of_class(name, "union", f"{name} | ⟨{name}⟩")
        return types.of_class(name, "model", f"{name} | {self.params_of(name)}")

    def params_of(self, name: str) -> str:
        """Return the name of the TypedDict with the fields of a model."""
        if name not in self._params:
            self._params[name] = self._scope.claim(f"{name}Params")
            self._homes[self._params[name]] = name
        return self._params[name]

    def home(self, name: str) -> str:
        """Return the class whose module defines a name, or an empty string."""
        return name if name in self.classes else self._homes.get(name, "")

    def _class(self, hint: str, schema: Schema, place: Place) -> Annotation:
        wanted = names.class_name(schema["title"]) if isinstance(schema.get("title"), str) else hint
        if (known := self._by_place.get(place)) is not None:
            return self._of_class(known.name, known.schema)
        name = self._scope.claim(names.class_name(wanted or hint))
        # What contains itself by way of a class may do so.
        self._open, outer = [], self._open
        self._define(name, schema, place)
        self._open = outer
        return self._of_class(name, schema)

    def _define(self, name: str, schema: Schema, place: Place) -> None:
        kind = "enum" if "enum" in schema else "union" if several(schema) else "model"
        made = self.classes[name] = self._by_place[place] = Class(name, kind, schema, place)
        if kind == "enum":
            if not _are_of_one_type(schema["enum"]):
                self.faults.add((*place, "enum"), "an enum with properties or allOf is not supported")
            return
        if kind == "union":
            define_union(self, made)
            return
        if "discriminator" in schema:
            self.faults.add((*place, "discriminator"), "a discriminator is only supported with oneOf or anyOf")
        merged = self._all_of.merged(schema, place)
        scope = names.Scope(self._reserved)
        required = merged.get("required", [])
        # A field whose name is already Python's keeps it, because models also accept the contract's names.
        every = list(dict.fromkeys((*merged["properties"], *required)))
        every.sort(key=lambda wire: self._field_name(wire) != wire)
        of_wire = {wire: scope.claim(self._field_name(wire)) for wire in every}
        for wire, (part, where) in merged["properties"].items():
            self._member(made, of_wire[wire], wire, part, where, wire in required)
        for wire in required:
            if wire not in merged["properties"]:
                made.members.append(Member(of_wire[wire], wire, types.ANY, True, None, {}))
        # Properties that match a pattern have no fields of their own.
        # Without any property, the object is free: the unlisted ones would be all there is.
        is_free = not merged["properties"]
        additional = merged.get("additionalProperties", merged.get("unevaluatedProperties", is_free))
        if additional is False and merged.get("patternProperties"):
            additional = True
        if additional is not False:
            if "additional_properties" in merged["properties"]:
                reason = "a field of this name is where the SDK keeps the properties that are not listed"
                self.faults.add(merged["properties"]["additional_properties"][1], reason)
            made.additional = self.annotation(
                additional, (*place, "additionalProperties"), f"{name}AdditionalProperties"
            )

    def _member(self, made: Class, name: str, wire: str, part: Any, where: Place, required: bool) -> None:
        found = self.annotation(part, where, f"{made.name}{names.camel_case(wire)}")
        normal = part if isinstance(part, dict) else {}
        default = None
        if normal.get("default") is not None:
            default = self.defaults.source(normal["default"], part, where)
        made.members.append(Member(name, wire, found, required and default is None, default, normal))

    def _field_name(self, wire: str) -> str:
        name = names.variable(wire)
        return f"var_{name}" if name in self._reserved or name in _IMPORTED else name

    def _enum(self, schema: Schema, place: Place, hint: str) -> Annotation:
        values = schema["enum"]
        if not values:
            return replace(types.simple("None", kind="any"), nullable=True)
        if any(isinstance(value, (float, list, dict)) for value in values):
            self.faults.add((*place, "enum"), "an enum may only have strings, integers, booleans and null")
            return types.ANY
        return types.of_values(values, closed="x-const" in schema, is_number=schema.get("type") == "number")

    def _of_type(self, schema: Schema, place: Place, hint: str) -> Annotation:
        type_ = schema.get("type")
        if type_ is None:
            type_ = next((each for each, keys in _IMPLIED.items() if keys & schema.keys()), None)
        if type_ == "array":
            items = schema.get("items", True)
            if "prefixItems" in schema or items is False:
                return replace(
                    types.ANY.within("list[{}]", "list"),
                    constraints=self._limits(schema, limits.COUNTS, place),
                )
            found = self.annotation(items, (*place, "items"), f"{hint}Inner")
            return replace(
                found.within("list[{}]", "list"),
                constraints=self._limits(schema, limits.COUNTS, place),
            )
        if type_ == "object":
            if schema.get("properties") or ("properties" in schema and "additionalProperties" not in schema):
                return self._class(hint, schema, place)
            values = schema.get("additionalProperties", True)
            if "patternProperties" in schema or values is False:
                values = True
            found = self.annotation(values, (*place, "additionalProperties"), f"{hint}Value")
            return replace(
                found.within("dict[str, {}]", "dict"),
                constraints=self._limits(schema, limits.SIZES, place),
            )
        format_ = schema.get("format")
        if type_ == "string":
            if format_ == "binary" or schema.get("contentMediaType") == "application/octet-stream":
                return types.FILE
            if format_ in types.BY_FORMAT:
                return types.BY_FORMAT[format_]
            return replace(types.BY_TYPE["string"], constraints=self._limits(schema, limits.LENGTHS, place))
        if type_ == "number" and "multipleOf" in schema:
            # If no other type is possible, pydantic tolerates the rounding of floats.
            text = f"Annotated[StrictFloat, Field(multiple_of={schema['multipleOf']!r})]"
            others = {key: value for key, value in schema.items() if key != "multipleOf"}
            return replace(types.simple("float", text), constraints=self._limits(others, limits.BOUNDS, place))
        if type_ in types.BY_TYPE:
            return replace(types.BY_TYPE[type_], constraints=self._limits(schema, limits.BOUNDS, place))
        if type_ is not None:
            self.faults.add((*place, "type"), f"{type_!r} is not a JSON type")
        return types.ANY

    def _limits(self, schema: Schema, keys: dict[str, str], place: Place) -> str:
        return limits.constraints(schema, keys, place, self.faults)

    def class_of(self, component: str) -> str:
        """Return the class of a component, or an empty string if it has none."""
        return self._of_component.get(component, "")

    def kind_of(self, name: str) -> str:
        """Return whether a class is a model, an enum or a union."""
        return self.classes[name].kind if name in self.classes else "model"

    def leave_out(self, annotation: Annotation, keyword: str) -> None:
        """Note that some properties are left out, whether or not they are required (OpenAPI 3.0.3, section 4.7.24.2).

        Args:
            annotation: The type of a request, without readOnly fields, or of an answer, without writeOnly fields.
            keyword: readOnly or writeOnly.
        """
        left, seen = list(annotation.classes), set[str]()
        while left:
            made = self.classes[left.pop()]
            if made.name in seen:
                continue
            seen.add(made.name)
            for each in made.members:
                left += each.type.classes
                if each.schema.get(keyword) is True:
                    each.is_in_answers &= keyword != "writeOnly"
                    each.required &= keyword != "readOnly"
            left += [name for part in made.alternatives for name in part.classes]
            left += made.additional.classes if made.additional else ()

    def properties(self, schema: Any, place: Place) -> dict[str, tuple[Any, Place, bool]] | None:
        """Return the properties of an object, with their locations and whether they are required, or None otherwise."""
        normal, _ = self.document.normal(*self.document.resolve(schema, place))
        where = self.document.resolve(schema, place)[1]
        merged = self._all_of.merged(normal, where)
        if not merged["properties"] or not _is_object(merged):
            return None
        # Requests leave out readOnly properties.
        return {
            wire: (part, at, wire in merged["required"] and not (isinstance(part, dict) and part.get("readOnly")))
            for wire, (part, at) in merged["properties"].items()
        }


_IMPLIED = {
    "object": {"properties", "additionalProperties", "patternProperties"},
    "array": {"items", "prefixItems"},
}


def _is_object(schema: Schema) -> bool:
    return schema.get("type", "object") == "object"


def _are_of_one_type(values: list[Any]) -> bool:
    return bool(values) and (all(type(value) is str for value in values) or all(type(value) is int for value in values))


def _reserved_fields() -> set[str]:
    from pydantic import BaseModel

    own = {name for name in (*dir(BaseModel), *dir(type(BaseModel))) if not name.startswith("_")}
    return own | _METHODS
