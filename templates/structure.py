"""The structure of an OpenAPI document, as far as the SDK reads it (OpenAPI 3.1, section 4.8)."""

from __future__ import annotations

from typing import Any

from faults import Faults, Place

# The members of each object: `[x]` is a list of x, `{x}` a map of them. Required members end in an exclamation mark.
# Other members are not read.
_OPERATION = {
    "operationId": "text",
    "tags": "[text]",
    "summary": "text",
    "description": "text",
    "deprecated": "boolean",
    "parameters": "[parameter]",
    "requestBody": "body",
    "responses": "{response}",
    "servers": "[server]",
    "security": "[{[text]}]",
}
_LIMITS = ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties")
_OBJECTS: dict[str, dict[str, str]] = {
    "document": {
        "info": "info",
        "servers": "[server]",
        "paths": "{path}",
        "components": "components",
        "security": "[{[text]}]",
        "tags": "[tag]",
    },
    "info": {"title": "text", "version": "text", "description": "text"},
    "tag": {"name!": "text", "description": "text"},
    "server": {"url!": "text", "description": "text", "variables": "{variable}"},
    "variable": {"default!": "text", "enum": "[text]", "description": "text"},
    "components": {
        "schemas": "{schema}",
        "responses": "{response}",
        "parameters": "{parameter}",
        "requestBodies": "{body}",
        "securitySchemes": "{scheme}",
        "pathItems": "{path}",
    },
    "path": {
        **dict.fromkeys(("get", "put", "post", "delete", "options", "head", "patch"), "operation"),
        "$ref": "text",
        "parameters": "[parameter]",
        "servers": "[server]",
    },
    "operation": _OPERATION,
    "parameter": {
        "$ref": "text",
        "name": "text",
        "in": "text",
        "description": "text",
        "schema": "schema",
        "required": "boolean",
        "style": "text",
        "explode": "boolean",
        "allowReserved": "boolean",
        "content": "{media}",
    },
    "body": {"$ref": "text", "description": "text", "required": "boolean", "content": "{media}"},
    "response": {"$ref": "text", "description": "text", "content": "{media}"},
    "media": {"schema": "schema", "encoding": "{encoding}"},
    "encoding": {"contentType": "text", "style": "text", "explode": "boolean"},
    "scheme": {"$ref": "text", "type": "text", "scheme": "text", "name": "text", "in": "text"},
    "discriminator": {"propertyName!": "text", "mapping": "{target}"},
    "schema": {
        "$ref": "text",
        "title": "text",
        "description": "text",
        "type": "types",
        "format": "text",
        "enum": "values",
        "nullable": "boolean",
        "readOnly": "boolean",
        "writeOnly": "boolean",
        "pattern": "text",
        "properties": "{schema}",
        "required": "[text]",
        "additionalProperties": "schema",
        "patternProperties": "{schema}",
        "items": "schema",
        "prefixItems": "[schema]",
        **dict.fromkeys(("allOf", "anyOf", "oneOf"), "[schema]"),
        **dict.fromkeys(_LIMITS, "count"),
        **dict.fromkeys(("minimum", "maximum"), "number"),
        **dict.fromkeys(("exclusiveMinimum", "exclusiveMaximum"), "bound"),
        "multipleOf": "step",
        "discriminator": "discriminator",
    },
}
_EXPECTED = {
    "text": "a string",
    "target": "a string",
    "boolean": "true or false",
    "number": "a number",
    "bound": "a number",
    "step": "a number above 0",
    "count": "a whole number that is not negative",
    "types": "a type, or a list of types",
    "values": "a list of at least one value",
}


# What a faulty part of the document is replaced by.
_FAULTY: Any = object()


def sound(content: Any, faults: Faults) -> dict[str, Any] | None:
    """Note every location where the document does not follow OpenAPI.

    Returns:
        The document without faulty operations, and with an empty schema in place of each faulty one, so that everything
        else can be checked too. None if that is not enough to continue.
    """
    document = _sound(content, "document", (), faults)
    return None if document is _FAULTY else document


def _sound(node: Any, kind: str, place: Place, faults: Faults) -> Any:
    if kind[0] == "[" or kind[0] == "{" or kind in _OBJECTS:
        found = _sound_list(node, kind, place, faults) if kind[0] == "[" else _sound_object(node, kind, place, faults)
    elif _fits(node, kind):
        found = node
    else:
        faults.add(place, f"expected {_EXPECTED[kind]}")
        found = _FAULTY
    return {} if found is _FAULTY and kind == "schema" else found


def _sound_list(node: Any, kind: str, place: Place, faults: Faults) -> Any:
    if not isinstance(node, list):
        faults.add(place, "expected a list")
        return _FAULTY
    items = [_sound(item, kind[1:-1], (*place, str(number)), faults) for number, item in enumerate(node)]
    # Without one of its items, the list would have the others in other locations.
    return _FAULTY if _FAULTY in items else items


def _sound_object(node: Any, kind: str, place: Place, faults: Faults) -> Any:
    if kind == "schema" and isinstance(node, bool):
        return node
    if not isinstance(node, dict):
        faults.add(place, "expected an object")
        return _FAULTY
    is_map = kind[0] == "{"
    members = dict.fromkeys(node, kind[1:-1]) if is_map else _OBJECTS[kind]
    found = dict(node)
    for name, member in members.items():
        key = name if is_map else name.removesuffix("!")
        if key in node and not (is_map and _is_extension(key, member)):
            found[key] = _sound(node[key], member, (*place, key), faults)
            if found[key] is _FAULTY and member == "operation":
                del found[key]
        elif key != name:
            faults.add(place, f"expected a {key}")
            found[key] = _FAULTY
    return _FAULTY if _FAULTY in found.values() else found


def _is_extension(key: str, kind: str) -> bool:
    """Return whether a member of a map is an extension and not an item (OpenAPI 3.1, section 4.9)."""
    return key.startswith("x-") and kind in ("path", "response")


def _fits(node: Any, kind: str) -> bool:
    is_number = isinstance(node, (int, float)) and not isinstance(node, bool)
    is_list = isinstance(node, list) and bool(node)
    return {
        "text": isinstance(node, str),
        # FastAPI writes a whole schema for a union within a union.
        "target": isinstance(node, (str, dict)),
        "boolean": isinstance(node, bool),
        "number": is_number,
        "bound": is_number or isinstance(node, bool),
        "step": is_number and node > 0,
        "count": isinstance(node, int) and is_number and node >= 0,
        "types": isinstance(node, str) or (is_list and all(isinstance(each, str) for each in node)),
        "values": is_list,
    }[kind]
