"""The values in the documentation's examples: a valid value for any schema of the contract."""

from __future__ import annotations

from typing import Any, NamedTuple

# The reader's own values come from the environment. Others depend on the name, the format or the type.
FROM_ENVIRONMENT = ("email", "password", "refresh_token", "task_id")
BY_NAME: dict[str, object] = {"address": "10.0.0.10", "vpc_name": "vpc-main", "client_id": 1, "page": 1, "size": 50}
BY_FORMAT = {
    "binary": ("text", 'b"text"'),
    "date-time": ("2026-01-31T12:00:00Z", "datetime(2026, 1, 31, 12, tzinfo=timezone.utc)"),
    "date": ("2026-01-31", "date(2026, 1, 31)"),
    "uuid": ("8c3b9a52-6f0e-4d5c-9b1a-2e7f4c8d1a60", 'UUID("8c3b9a52-6f0e-4d5c-9b1a-2e7f4c8d1a60")'),
}

Schema = dict[str, Any]


class Model(NamedTuple):
    """A model.

    Attributes:
        name: The name of its class.
        fields: The Python names of its fields, by their names in the contract.
        schema: Its schema in the contract.
    """

    name: str
    fields: dict[str, str]
    schema: Schema


class Examples:
    """Values for examples.

    Args:
        schemas: The schemas of the contract, by name.
        models: The schemas that become classes, by the names of the schemas.
    """

    def __init__(self, schemas: dict[str, Schema], models: dict[str, Model]) -> None:
        self.schemas = schemas | {name: model.schema for name, model in models.items()}
        self.models = models

    def value(self, schema: Schema, within: tuple[str, ...] = ()) -> Any:
        """Return a value as JSON. Objects have their required fields.

        Args:
            schema: The schema of the value.
            within: The names of the schemas that it is part of.
        """
        schema = schema if isinstance(schema, dict) else {}
        for given in ("example", "const", "default"):
            if schema.get(given) is not None:
                return schema[given]
        schema = _first(schema)
        if "$ref" in schema:
            name = _referred(schema)
            return {} if name in within else self.value(self.schemas.get(name, {}), (*within, name))
        if schema.get("enum"):
            return schema["enum"][0]
        kind = _type(schema)
        if fields := self._required(schema):
            return {name: self.value(field, within) for name, field in fields.items()}
        if kind == "array":
            items = schema.get("items", {})
            return [] if isinstance(items, dict) and _referred(items) in within else [self.value(items, within)]
        if kind in ("integer", "number"):
            least, most = schema.get("minimum", 1), schema.get("maximum", float("inf"))
            return min(max(least, 1), most)
        if kind == "string":
            return BY_FORMAT.get(schema.get("format", ""), ("text",))[0]
        return True if kind == "boolean" else {}

    def argument(self, name: str, place: Schema, *, required: bool) -> str:
        """Return an argument as Python source, or nothing if the example omits it.

        Args:
            name: The parameter's name in Python.
            place: The parameter or the body in the contract.
            required: Whether it is required.
        """
        schema = place.get("schema", place)
        schema = schema if isinstance(schema, dict) else {}
        return f"{name}={self._source(schema, name)}," if required or self._by_name(schema, name) else ""

    def _source(self, schema: Schema, name: str = "") -> str:
        """Return a value as Python source."""
        schema = _first(schema)
        by_name = self._by_name(schema, name)
        if by_name:
            return by_name
        if schema.get("format") in BY_FORMAT:
            return BY_FORMAT[schema["format"]][1]
        if _type(schema) == "array":
            return f"[{self._source(schema.get('items', {}))}]"
        model = self.models.get(_referred(schema))
        if model is None:
            resolved = self.schemas.get(_referred(schema))
            return self._source(resolved, name) if resolved else repr(self.value(schema))
        if "enum" in model.schema:
            arguments = repr(self.value(schema))
        elif "anyOf" in model.schema or "oneOf" in model.schema:
            arguments = f"actual_instance={self._source(model.schema)}"
        else:
            required = self._required(model.schema).items()
            arguments = ", ".join(
                f"{model.fields[wire]}={self._source(field, model.fields[wire])}" for wire, field in required
            )
        return f"gravscale.{model.name}({arguments})"

    def _by_name(self, schema: Schema, name: str) -> str | None:
        kind = {"string": str, "integer": int}.get(_type(schema))
        if kind is str and name in FROM_ENVIRONMENT and "format" not in schema:
            return f'os.environ["GRAVSCALE_{name.upper()}"]'
        value = BY_NAME.get(name)
        fits = type(value) is kind and "enum" not in schema and "format" not in schema
        return repr(value) if fits else None

    def _required(self, schema: Schema) -> dict[str, Schema]:
        """Return the required fields of an object."""
        if "$ref" in schema:
            return self._required(self.schemas.get(_referred(schema), {}))
        fields: dict[str, Schema] = {}
        for part in schema.get("allOf", ()):
            fields |= self._required(part)
        required = schema.get("required", ())
        return fields | {name: field for name, field in schema.get("properties", {}).items() if name in required}


def _type(schema: Schema) -> str:
    """Return the JSON type of an example."""
    types = schema.get("type", "")
    return str(next((type_ for type_ in types if type_ != "null"), "")) if isinstance(types, list) else str(types)


def _first(schema: Schema) -> Schema:
    """Return the first of several alternatives, or the only part of an allOf."""
    if not isinstance(schema, dict):
        return {}
    several = schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf", ())
    found = several[0] if len(several) == 1 or (several and "allOf" not in schema) else schema
    return found if isinstance(found, dict) else {}


def _referred(schema: Schema) -> str:
    """Return the name of the referenced schema."""
    return str(schema.get("$ref", "")).rpartition("/")[2]
