"""Read the contract: resolve references, and normalize the different ways to write null, enums and objects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import structure
from faults import Faults, Place

Schema = dict[str, Any]

METHODS = ("get", "put", "post", "delete", "options", "head", "patch")

# Keywords that say nothing about which values are valid.
_ANNOTATIONS = {
    *("title", "description", "default", "example", "examples", "deprecated", "readOnly", "writeOnly", "xml"),
    *("externalDocs", "$comment", "nullable", "$schema", "$defs"),
}
# Keywords that restrict values further. The SDK does not check them, but the service does.
_UNSEEN = {"not", "if", "then", "else", "dependentRequired", "dependentSchemas", "contains", "propertyNames"}
_UNKNOWN = {"$dynamicRef", "$recursiveRef", "$dynamicAnchor", "$id", "$anchor"}
NULL: Schema = {"type": "null"}


def meaning(schema: Schema) -> Schema:
    """Return the keywords of a schema that say which values are valid."""
    return {
        key: value for key, value in schema.items() if key not in _ANNOTATIONS | _UNSEEN and not key.startswith("x-")
    }


def several(schema: Schema) -> list[Any]:
    """Return the alternatives of a schema, if they define its values."""
    found = schema.get("anyOf") or schema.get("oneOf") or []
    return found if isinstance(found, list) and _say_what(found) else []


def _say_what(members: list[Any]) -> bool:
    """Return whether the schemas define the values, and not only which fields occur together."""
    return not all(isinstance(member, dict) and meaning(member).keys() <= {"required", "not"} for member in members)


class Document:
    """The contract.

    Args:
        content: The parsed document.
        faults: Collects the faults in it.

    Attributes:
        content: The document, without what does not follow OpenAPI.
        is_readable: Whether enough of it follows OpenAPI to look for more faults.
    """

    def __init__(self, content: Any, faults: Faults) -> None:
        self.faults = faults
        sound = structure.sound(content, faults)
        content = content if isinstance(content, dict) else {}
        version = content.get("openapi")
        is_known = isinstance(version, str) and version.startswith(("3.0.", "3.1."))
        if not is_known:
            faults.add(("openapi",), f"expected OpenAPI 3.0 or 3.1, got {version!r}")
        if "paths" not in content and "components" not in content:
            faults.add(("paths",), "expected the paths of the service")
        self.content: dict[str, Any] = sound or {}
        self.is_readable = sound is not None and is_known
        self.schemas: dict[str, Any] = self.content.get("components", {}).get("schemas", {})

    def paths(self) -> Iterator[tuple[str, dict[str, Any], Place]]:
        """Yield the paths of the service, each with its content and its location."""
        for path, item in self.content.get("paths", {}).items():
            # Other keys are extensions (OpenAPI 3.1, section 4.9).
            if not path.startswith("x-"):
                yield path, *self.resolve(item, ("paths", path))

    def resolve(self, node: Any, place: Place) -> tuple[Any, Place]:
        """Return the target of a reference, or the node itself, with its location. An empty schema if it is broken."""
        seen: set[str] = set()
        while isinstance(node, dict) and isinstance(node.get("$ref"), str):
            reference = node["$ref"]
            target = self._target(reference)
            if target is None or not isinstance(target[0], (dict, bool)) or reference in seen:
                what = "refers to itself" if reference in seen else "refers to nothing in this document"
                self.faults.add((*place, "$ref"), f"{reference!r} {what}")
                return {}, place
            seen.add(reference)
            node, place = target
        return node, place

    def _target(self, reference: str) -> tuple[Any, Place] | None:
        if not reference.startswith("#/"):
            return None
        from urllib.parse import unquote

        parts = tuple(unquote(part).replace("~1", "/").replace("~0", "~") for part in reference[2:].split("/"))
        node: Any = self.content
        for part in parts:
            try:
                node = node[int(part)] if isinstance(node, list) else node[part]
            except (KeyError, IndexError, ValueError, TypeError):
                return None
        return node, parts

    def component(self, schema: Schema) -> str | None:
        """Return the name of the referenced schema if it is one of the components."""
        reference = schema.get("$ref", "")
        prefix = "#/components/schemas/"
        if not (isinstance(reference, str) and reference.startswith(prefix)):
            return None
        target = self._target(reference)
        return target[1][-1] if target is not None and len(target[1]) == 3 else None

    def normal(self, schema: Any, place: Place) -> tuple[Schema, bool]:
        """Return a schema without null among its types, members and values, and whether null is valid.

        A list of types becomes an `anyOf`, a const becomes an enum, and the siblings of a reference become an `allOf`.
        """
        if schema is True:
            return {}, False
        if not isinstance(schema, dict):
            self.faults.add(place, "expected a schema with at least one valid value")
            return {}, False
        for key in _UNKNOWN & schema.keys():
            self.faults.add((*place, key), f"{key} is not supported")
        schema = dict(schema)
        nullable = schema.pop("nullable", False) is True
        if "$ref" in schema:
            beside = meaning({key: value for key, value in schema.items() if key != "$ref"})
            return ({**schema, "$ref": schema["$ref"]} if not beside else _beside(schema, beside)), nullable
        if "const" in schema:
            schema["enum"] = [schema.pop("const")]
            schema["x-const"] = True
        types = schema.get("type")
        if isinstance(types, list):
            nullable |= "null" in types
            types = [type_ for type_ in types if type_ != "null"]
            if len(types) > 1 and "enum" not in schema:
                return self._of_types(schema, types), nullable
            schema["type"] = types[0] if len(types) == 1 else None
        elif types == "null":
            nullable, schema["type"], schema["enum"] = True, None, []
        if schema.get("type", "") is None:
            del schema["type"]
            if types == []:
                schema["enum"] = []
        if "enum" in schema:
            values = list({(type(value), repr(value)): value for value in schema["enum"]}.values())
            nullable |= None in values
            schema["enum"] = values = [value for value in values if value is not None]
            types = _types(schema)
            if types and not all(any(_is_of_type(value, type_) for type_ in types) for value in values):
                self.faults.add((*place, "enum"), f"expected values of the type {' or '.join(types)}")
        for key in ("anyOf", "oneOf"):
            members = schema.get(key)
            if isinstance(members, list):
                kept = [member for member in members if not self._is_null(member)]
                nullable |= len(kept) < len(members)
                schema[key] = kept
        if schema.get("anyOf") and schema.get("oneOf"):
            idle = [key for key in ("anyOf", "oneOf") if not _say_what(schema[key])]
            if not idle:
                self.faults.add((*place, "oneOf"), "oneOf beside anyOf is not supported")
            for key in idle[:1]:
                del schema[key]
        return schema, nullable

    def _of_types(self, schema: Schema, types: list[str]) -> Schema:
        kept = {key: value for key, value in schema.items() if key in _ANNOTATIONS}
        rest = {key: value for key, value in schema.items() if key not in _ANNOTATIONS and key != "type"}
        return {**kept, "anyOf": [{**{k: v for k, v in rest.items() if _fits(k, t)}, "type": t} for t in types]}

    @staticmethod
    def _is_null(schema: Any) -> bool:
        return isinstance(schema, dict) and (
            schema.get("type") in ("null", ["null"]) or schema.get("enum") == [None] or schema.get("const", "") is None
        )


def _types(schema: Schema) -> list[str]:
    types = schema.get("type", [])
    return types if isinstance(types, list) else [types]


def _is_of_type(value: object, type_: str) -> bool:
    expected = {"string": str, "integer": (int, float), "number": (int, float), "array": list, "object": dict}
    is_boolean = isinstance(value, bool)
    return is_boolean if type_ == "boolean" else not is_boolean and isinstance(value, expected.get(type_, object))


def _beside(schema: Schema, beside: Schema) -> Schema:
    kept = {key: value for key, value in schema.items() if key in _ANNOTATIONS}
    return {**kept, "allOf": [{"$ref": schema["$ref"]}, beside]}


_OF_TYPE = {
    "string": {"format", "pattern", "minLength", "maxLength"},
    "array": {"items", "prefixItems", "minItems", "maxItems", "uniqueItems"},
    "object": {"properties", "required", "additionalProperties", "patternProperties", "minProperties", "maxProperties"},
    "number": {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "format"},
}


def _fits(key: str, type_: str) -> bool:
    """Return whether a keyword restricts the values of a type."""
    mine = _OF_TYPE.get("number" if type_ == "integer" else type_, set())
    return key in mine or not any(key in keys for keys in _OF_TYPE.values())
