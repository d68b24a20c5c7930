"""Contracts that the SDK can't support are refused. Each fault is reported with its JSON pointer; nothing changes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from generating import content, copy

ROOT = Path(__file__).parents[2]
TEXT = {"type": "string"}
OPERATION = "#/paths/~1things/get"
SCHEMA = "#/components/schemas/Thing"


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy(ROOT, tmp_path_factory.mktemp("refusals") / "tree")


def document(operation: dict[str, Any], schema: dict[str, Any] | None = None, **components: Any) -> dict[str, Any]:
    responses = {"200": {"description": "", "content": {"application/json": {"schema": TEXT}}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "paths": {"/things": {"get": {"operationId": "things", "responses": responses, **operation}}},
        "components": {"schemas": {} if schema is None else {"Thing": schema}, **components},
    }


def refusal(tree: Path, contract: dict[str, Any]) -> list[str]:
    (tree / "openapi.json").write_text(json.dumps(contract), "utf-8")
    before = content(tree)
    command = [sys.executable, "templates/generate.py"]
    finished = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)
    assert (finished.returncode, finished.stdout) == (1, "")
    assert content(tree) == before
    return finished.stderr.splitlines()


def parameter(**members: Any) -> dict[str, Any]:
    return {"parameters": [{"name": "p", "in": "query", "schema": TEXT, **members}]}


def body(media: str, **members: Any) -> dict[str, Any]:
    schema = {"type": "object", "properties": {"x": TEXT}}
    return {"requestBody": {"content": {media: {"schema": schema, **members}}}}


@pytest.mark.parametrize(
    ("operation", "place", "word"),
    [
        (parameter(style="deepObject"), "/parameters/0/style", "deepObject"),
        (parameter(**{"in": "header", "schema": {"type": "object"}}), "/parameters/0/schema", "object"),
        (parameter(content={"application/json": {}}), "/parameters/0/content", "content"),
        (parameter(allowReserved=True), "/parameters/0/allowReserved", "reserved"),
        (parameter(**{"in": "path", "required": True}), "", "'p'"),
        ({"servers": [{"url": "http://other.example"}]}, "/servers", "servers"),
        ({"security": [{"nobody": []}]}, "/security/0/nobody", "nobody"),
        (
            body("multipart/form-data", encoding={"x": {"contentType": "image/png"}}),
            "/requestBody/content/multipart~1form-data/encoding",
            "x",
        ),
        (parameter(**{"in": "header", "name": "a b"}), "/parameters/0/name", "'a b'"),
        (
            parameter(schema={"type": "object", "properties": {"x": {"type": "array", "items": TEXT}}}),
            "/parameters/0/schema",
            "within",
        ),
        (
            {
                "responses": {
                    "200": {"description": "", "content": {"application/zip": {"schema": {"type": "integer"}}}}
                }
            },
            "/responses/200/content/application~1zip",
            "application/zip",
        ),
        (body("application/xml"), "/requestBody/content/application~1xml", "application/xml"),
    ],
)
def test_an_operation_beyond_the_sdk_is_refused(tree: Path, operation: dict[str, Any], place: str, word: str) -> None:
    (line,) = refusal(tree, document(operation))
    assert line.startswith(f"{OPERATION}{place}: ")
    assert word in line


@pytest.mark.parametrize(
    ("schema", "place", "word"),
    [
        ({"type": "number", "enum": [1.5]}, "/enum", "integers"),
        (
            {"type": "object", "properties": {"k": TEXT}, "discriminator": {"propertyName": "k"}},
            "/discriminator",
            "oneOf",
        ),
        ({"type": "object", "properties": {"k": {"$ref": "other.json"}}}, "/properties/k/$ref", "other.json"),
        ({"type": "object", "properties": {"k": {"type": "text"}}}, "/properties/k/type", "text"),
        ({"type": "object", "properties": {"k": {**TEXT, "pattern": "("}}}, "/properties/k/pattern", "pattern"),
        ({"type": "object", "properties": {"k": {"type": "integer", "default": "x"}}}, "/properties/k/default", "'x'"),
        ({"type": "array", "items": {"$ref": SCHEMA}}, "", "itself"),
        ({"type": "array", "items": TEXT, "enum": ["a"]}, "/enum", "array"),
        ({"allOf": [{"enum": ["a"]}, {"enum": ["b"]}]}, "/allOf/1/enum", "in common"),
        ({"anyOf": [TEXT, {"type": "integer"}], "oneOf": [TEXT, {"type": "boolean"}]}, "/oneOf", "anyOf"),
        ({"type": "object", "properties": {"k": {**TEXT, "pattern": "/^a$/i"}}}, "/properties/k/pattern", "slashes"),
    ],
)
def test_a_schema_beyond_the_sdk_is_refused(tree: Path, schema: dict[str, Any], place: str, word: str) -> None:
    (line,) = refusal(tree, document(parameter(schema={"$ref": SCHEMA}), schema))
    assert line.startswith(f"{SCHEMA}{place}: ")
    assert word in line


def test_all_faults_are_reported_at_once(tree: Path) -> None:
    contract = document(
        {**parameter(style="deepObject"), "servers": [{"url": "/"}]},
        {"type": "object", "required": True},
        securitySchemes={"d": {"type": "http", "scheme": "digest"}},
    )
    contract["paths"]["/other"] = {"get": {"responses": {"200": {"content": TEXT}}}, "put": {"parameters": {}}}
    assert [line.partition(": ")[0] for line in refusal(tree, contract)] == [
        "#/paths/~1other/get/responses/200/content/type",
        "#/paths/~1other/put/parameters",
        f"{SCHEMA}/required",
        "#/components/securitySchemes/d/scheme",
        f"{OPERATION}/servers",
        f"{OPERATION}/parameters/0/style",
    ]


@pytest.mark.parametrize("version", ["2.0", None, 3])
def test_another_kind_of_document_is_refused(tree: Path, version: object) -> None:
    (line,) = refusal(tree, {**document({}), "openapi": version})
    assert line.startswith("#/openapi: expected OpenAPI 3.0 or 3.1")


def test_each_malformed_part_is_reported_with_its_position(tree: Path) -> None:
    contract = document({"parameters": {"p": 1}, "deprecated": "yes", "tags": "T", "responses": {"200": "fine"}})
    contract |= {"servers": [{"description": "no url"}], "tags": [{}]}
    contract["paths"]["/list"] = []
    contract["components"]["schemas"] = {
        "A": {"type": "object", "properties": [], "required": True},
        "B": {"type": "string", "minLength": -1, "pattern": 1, "enum": []},
        "C": {"type": "number", "multipleOf": 0, "minimum": "1"},
        "D": {"oneOf": [1], "discriminator": {"mapping": {"a": 1}}},
        "E": {"type": 5, "items": "x", "nullable": 1},
    }
    told = dict(line.split(": ", 1) for line in refusal(tree, contract))
    schemas = "#/components/schemas"
    assert told == {
        "#/servers/0": "expected a url",
        "#/tags/0": "expected a name",
        "#/paths/~1list": "expected an object",
        f"{OPERATION}/parameters": "expected a list",
        f"{OPERATION}/deprecated": "expected true or false",
        f"{OPERATION}/tags": "expected a list",
        f"{OPERATION}/responses/200": "expected an object",
        f"{schemas}/A/properties": "expected an object",
        f"{schemas}/A/required": "expected a list",
        f"{schemas}/B/minLength": "expected a whole number that is not negative",
        f"{schemas}/B/pattern": "expected a string",
        f"{schemas}/B/enum": "expected a list of at least one value",
        f"{schemas}/C/multipleOf": "expected a number above 0",
        f"{schemas}/C/minimum": "expected a number",
        f"{schemas}/D/oneOf/0": "expected an object",
        f"{schemas}/D/discriminator": "expected a propertyName",
        f"{schemas}/D/discriminator/mapping/a": "expected a string",
        f"{schemas}/E/type": "expected a type, or a list of types",
        f"{schemas}/E/items": "expected an object",
        f"{schemas}/E/nullable": "expected true or false",
    }


@pytest.mark.parametrize("content", ["", "{", "[]", "1"])
def test_a_file_that_is_not_a_document_is_refused(tree: Path, content: str) -> None:
    (tree / "openapi.json").write_text(content)
    command = [sys.executable, "templates/generate.py"]
    finished = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)
    assert finished.returncode == 1
    assert "#: expected an object" in finished.stderr or "openapi.json: #/: " in finished.stderr


def test_names_that_would_end_a_string_of_the_generated_code_are_refused(tree: Path) -> None:
    contract = document({}, securitySchemes={"a b": {"type": "apiKey", "in": "header", "name": 'X-"Key'}})
    contract["servers"] = [
        {"url": "https://{region}.example/{zone}", "variables": {"region": {"default": "eu", "enum": ["us", '"']}}}
    ]
    assert [line.partition(": ")[0] for line in refusal(tree, contract)] == [
        "#/components/securitySchemes/a%20b",
        "#/components/securitySchemes/a%20b/name",
        "#/servers/0/variables/region",
        "#/servers/0/variables/region/default",
        "#/servers/0/url",
    ]


@pytest.mark.parametrize(
    ("path", "operation", "place"),
    [
        ("/things?x=1", {}, ""),
        ("/things", {"responses": {"2xx": {"description": ""}}}, "/get/responses/2xx"),
        ("/things", {"parameters": 2 * parameter()["parameters"]}, "/get/parameters/1"),
        ("/things", {"responses": {"200": {"$ref": "#/info/title"}}}, "/get/responses/200/$ref"),
    ],
)
def test_paths_statuses_and_parameters_that_mislead_are_refused(
    tree: Path, path: str, operation: dict[str, Any], place: str
) -> None:
    contract = document(operation)
    contract["paths"] = {path: contract["paths"]["/things"]}
    (line,) = refusal(tree, contract)
    assert line.startswith(f"#/paths/{path.replace('/', '~1').replace('?x=1', '%3Fx%3D1')}{place}: ")


@pytest.mark.parametrize(
    ("schema", "place"),
    [
        ({"allOf": [{"properties": {"a": TEXT}}, {"oneOf": [{"properties": {"b": TEXT}}]}]}, "/allOf/1/oneOf"),
        ({"properties": {"additional_properties": TEXT}, "additionalProperties": True}, None),
        ({"properties": {"k": {"type": "integer", "multipleOf": 0.3}}}, "/properties/k/multipleOf"),
    ],
)
def test_schemas_that_would_lose_something_are_refused(tree: Path, schema: dict[str, Any], place: str | None) -> None:
    (line,) = refusal(tree, document(parameter(schema={"$ref": SCHEMA}), {"type": "object", **schema}))
    assert line.startswith(f"{SCHEMA}{place or '/properties/additional_properties'}: ")


def test_a_default_that_could_not_be_made_is_refused(tree: Path) -> None:
    default = {"allOf": [{"$ref": "#/components/schemas/Needy"}], "default": {"other": 1}}
    contract = document(parameter(), {"type": "object", "properties": {"k": default}})
    contract["components"]["schemas"]["Needy"] = {"type": "object", "required": ["a"], "properties": {"a": TEXT}}
    (line,) = refusal(tree, contract)
    assert line == f"{SCHEMA}: the default of k is no value of its type"
