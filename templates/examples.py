"""What the documentation's examples pass: a value that fits, for any schema of the contract."""

from __future__ import annotations

from typing import Any, NamedTuple

# What a reader has of his own comes from the environment. Anything else goes by its name, its format or its type.
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
        name: its class.
        fields: its fields' names in Python, by those in the contract.
        schema: what the contract says of it.
    """

    name: str
    fields: dict[str, str]
    schema: Schema


class Examples:
    """Values for examples.

    Args:
        schemas: those of the contract, by name.
        models: those that are generated as classes, by the names of their schemas.
    """

    def __init__(self, schemas: dict[str, Schema], models: dict[str, Model]) -> None:
        self.schemas = schemas | {name: model.schema for name, model in models.items()}
        self.models = models

    def value(self, schema: Schema, within: tuple[str, ...] = ()) -> Any:
        """A value as JSON has it, of an object the fields that it must have.

        Args:
            schema: what it has to fit.
            within: the names of the schemas that it is a part of.
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
        """An argument of a call as Python source; nothing if the example does without it.

        Args:
            name: the parameter's name in Python.
            place: what the contract says of the parameter, or of the body.
            required: whether it has to be there.
        """
        schema = place.get("schema", place)
        schema = schema if isinstance(schema, dict) else {}
        return f"{name}={self._source(schema, name)}," if required or self._by_name(schema, name) else ""

    def _source(self, schema: Schema, name: str = "") -> str:
        """A value as Python source."""
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
        """The fields that an object must have."""
        if "$ref" in schema:
            return self._required(self.schemas.get(_referred(schema), {}))
        fields: dict[str, Schema] = {}
        for part in schema.get("allOf", ()):
            fields |= self._required(part)
        required = schema.get("required", ())
        return fields | {name: field for name, field in schema.get("properties", {}).items() if name in required}


def _type(schema: Schema) -> str:
    """The type of JSON that an example has."""
    types = schema.get("type", "")
    return str(next((type_ for type_ in types if type_ != "null"), "")) if isinstance(types, list) else str(types)


def _first(schema: Schema) -> Schema:
    """The first of the schemas of which one has to fit, and the only one of those that all have to."""
    if not isinstance(schema, dict):
        return {}
    several = schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf", ())
    found = several[0] if len(several) == 1 or (several and "allOf" not in schema) else schema
    return found if isinstance(found, dict) else {}


def _referred(schema: Schema) -> str:
    """The name of the schema that is referred to."""
    return str(schema.get("$ref", "")).rpartition("/")[2]
