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


def check(content: Any, faults: Faults) -> None:
    """Note every location where the document does not follow OpenAPI."""
    _check(content, "document", (), faults)


def _check(node: Any, kind: str, place: Place, faults: Faults) -> None:
    if kind[0] == "[":
        if not isinstance(node, list):
            faults.add(place, "expected a list")
            return
        for number, item in enumerate(node):
            _check(item, kind[1:-1], (*place, str(number)), faults)
    elif kind[0] == "{" or kind in _OBJECTS:
        if kind == "schema" and isinstance(node, bool):
            return
        if not isinstance(node, dict):
            faults.add(place, "expected an object")
            return
        members = dict.fromkeys(node, kind[1:-1]) if kind[0] == "{" else _OBJECTS[kind]
        for name, member in members.items():
            key = name.removesuffix("!") if kind[0] != "{" else name
            if key in node and not (kind[0] == "{" and _is_extension(key, member)):
                _check(node[key], member, (*place, key), faults)
            elif key != name:
                faults.add(place, f"expected a {key}")
    elif not _fits(node, kind):
        faults.add(place, f"expected {_EXPECTED[kind]}")


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
