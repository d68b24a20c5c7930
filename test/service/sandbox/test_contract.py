"""The sandbox's own document equals the contract."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gravscale.sandbox import Sandbox
from gravscale.sandbox.app import create_app
from gravscale.sandbox.database import open_database

CONTRACT = Path(__file__).parents[3] / "openapi.json"


def bare(node: Any) -> Any:
    """Without titles, and with descriptions in one line. A property may be called `title` too, but is not a string."""
    if isinstance(node, dict):
        if "in" in node and isinstance(node.get("schema"), dict):
            # FastAPI puts a parameter's description into its schema, sometimes into both places.
            node = {"description": node["schema"].get("description"), **node, "schema": dict(node["schema"])}
            node["schema"].pop("description", None)
        return {
            key: " ".join(value.split()) if key == "description" and isinstance(value, str) else bare(value)
            for key, value in node.items()
            if not (key == "title" and isinstance(value, str))
        }
    return [bare(value) for value in node] if isinstance(node, list) else node


@pytest.fixture(scope="module")
def documents() -> tuple[dict[str, Any], dict[str, Any]]:
    engine = open_database(None)
    own = create_app(engine, Sandbox()).openapi()
    engine.dispose()
    return bare(json.loads(json.dumps(own))), bare(json.loads(CONTRACT.read_text("utf-8")))


@pytest.mark.parametrize("part", ["paths", "components"])
def test_the_sandboxs_document_equals_the_contract(documents: tuple[dict[str, Any], dict[str, Any]], part: str) -> None:
    own, contract = documents
    assert own[part] == contract[part]


def test_every_operation_parameter_and_field_is_described() -> None:
    contract = json.loads(CONTRACT.read_text("utf-8"))
    operations = [operation for path in contract["paths"].values() for operation in path.values()]
    described = [
        *operations,
        *(parameter for operation in operations for parameter in operation.get("parameters", ())),
        *contract["components"]["schemas"].values(),
        *(field for schema in contract["components"]["schemas"].values() for field in schema["properties"].values()),
    ]
    assert len(described) > 100
    assert [each for each in described if not each.get("description", "").endswith(".")] == []
