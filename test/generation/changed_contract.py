"""A contract as the service may publish it next: openapi.json with many additions.

Nothing is removed, so that hand-written code still works. Generating from openapi.json again afterwards shows how
removals are handled.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from gravscale.schema.model import Model

ROOT = Path(__file__).parents[2]

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
WHOLE: Schema = {"type": "integer"}
NUMBER: Schema = {"type": "number"}
YES_OR_NO: Schema = {"type": "boolean"}
TIME: Schema = {"type": "string", "format": "date-time"}
DAY: Schema = {"type": "string", "format": "date"}
UUID: Schema = {"type": "string", "format": "uuid"}
DECIMAL: Schema = {"type": "string", "format": "decimal"}
BINARY: Schema = {"type": "string", "format": "binary"}
FREE_FORM: Schema = {"type": "object", "additionalProperties": True}
MEDIUM: Schema = {"type": "string", "enum": ["ssd", "nvme"]}
NULL: Schema = {"type": "null"}

# Text that Python, Markdown or HTML could interpret, long and on several lines.
AWKWARD = 'Says "hi", \'hey\' and """oh""" | C:\\new\\x41 {braces} `ticks` <b>\n' + "word " * 30 + 'and "quote"'

# Names that Python reserves, that would hide members of a model, that are no identifiers, or that its module uses.
AWKWARD_NAMES = sorted(
    {
        *(name for name in dir(Model) if not name.startswith("_")),
        *("class", "from", "None", "self", "_private", "__dunder", "2fa", "with-hyphen", "with space"),
        *("@type", "filter[name]", "str", "int", "bool", "float", "bytes", "datetime", "date", "decimal"),
    }
)


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def array(items: Schema, **rest: Any) -> Schema:
    return {"type": "array", "items": items, **rest}


def mapping(values: Schema) -> Schema:
    return {"type": "object", "additionalProperties": values}


def nullable(schema: Schema) -> Schema:
    return {"anyOf": [schema, NULL]}


def model(required: str = "", **properties: Schema) -> Schema:
    return {"type": "object", "required": required.split(), "properties": properties}


def parameter(place: str, name: str, schema: Schema, **rest: Any) -> Schema:
    return {"name": name, "in": place, "schema": schema, "required": place == "path", **rest}


def query(name: str, schema: Schema, **rest: Any) -> Schema:
    return parameter("query", name, schema, **rest)


def content(schema: Schema, media: str = "application/json") -> Schema:
    return {"content": {media: {"schema": schema}}}


def body(schema: Schema, media: str = "application/json", **rest: Any) -> Schema:
    return {"required": True, **content(schema, media), **rest}


def operation(
    name: str, *parameters: Schema, answer: Schema | None = None, media: str = "application/json", **rest: Any
) -> Schema:
    """An operation of the tag Block Storage, unless `rest` says otherwise."""
    status = "204" if answer is None else "200"
    success = {"description": "As it should | be"} | ({} if answer is None else content(answer, media))
    return {
        "operationId": name,
        "tags": ["Block Storage"],
        "parameters": list(parameters),
        "responses": {
            status: success,
            "422": {"description": "Validation Error", **content(ref("HTTPValidationError"))},
        },
        "security": [{"AccessToken": []}],
        **rest,
    }


SCHEMAS: dict[str, Schema] = {
    "VolumeStatus": {"type": "string", "enum": ["available", "in-use", "1st-error"], "description": "How it is."},
    "Priority": {"type": "integer", "enum": [1, 5, 10]},
    "Volume": model(
        "id name status attachedTo",
        id=UUID,
        name=TEXT | {"minLength": 1, "maxLength": 40},
        status=ref("VolumeStatus"),
        attachedTo=nullable(TEXT),
        labels=array(TEXT),
        sizeGb=WHOLE | {"minimum": 1, "maximum": 4096, "default": 10},
        medium=MEDIUM | {"default": "ssd"},
        media=array(MEDIUM),
        before=nullable(ref("VolumeStatus")),
        priority=ref("Priority"),
        createdAt=TIME,
        day=DAY,
        price=DECIMAL,
        ratio=NUMBER | {"default": 1.5},
        encrypted=YES_OR_NO | {"default": True},
        note=nullable(TEXT),
        greeting=TEXT | {"default": 'it\'s "me" at C:\\new'},
        extra={},
        options=FREE_FORM,
        counters=mapping(WHOLE),
        place=model("rack", rack=TEXT, unit=WHOLE),
        latest=ref("Snapshot"),
        host=ref("Host"),
        replicas=array(ref("Volume")),
        matrix=array(array(WHOLE)),
        bySlot=mapping(ref("Snapshot")),
    ),
    "CreateVolume": model(
        "name",
        name=TEXT | {"minLength": 1},
        sizeGb=WHOLE | {"minimum": 1, "default": 10},
        labels=nullable(array(TEXT, maxItems=2)),
        status=ref("VolumeStatus"),
        place=model("rack", rack=TEXT),
    ),
    # It refers to itself, and to Volume, which refers back to it, also through Host.
    "Snapshot": model(
        "id",
        id=WHOLE,
        parent=nullable(ref("Snapshot")),
        children=array(ref("Snapshot")),
        volume=nullable(ref("Volume")),
    ),
    "Host": model("name", name=TEXT, snapshots=array(ref("Snapshot"))),
    "Awkward": model("class copy", **dict.fromkeys(AWKWARD_NAMES, TEXT), list=array(TEXT), lists=array(array(TEXT)))
    | {"description": AWKWARD},
    "Camel": model("parseObj toDict", parseObj=TEXT, toDict=TEXT, fromOrm=TEXT, modelConfig=TEXT, schemaJson=TEXT),
    # These have the names of classes that model modules import, or of the package's own classes.
    "Path": model("name", name=TEXT | {"description": AWKWARD}),
    "Model": model("size", size=WHOLE),
    "credentials": model("user", user=TEXT),
    "Disk": {"anyOf": [ref("Path"), ref("Model"), ref("CreateVolume"), TEXT]},
    "Size": {"oneOf": [WHOLE, NUMBER]},
    "Archive": {"allOf": [ref("Path"), model("keptUntil", keptUntil=TIME)]},
    "Anything": FREE_FORM,
    "Tree": model("branches", branches=array(ref("Tree"))),
}

VOLUME_ID = parameter("path", "volume_id", UUID)
ODDS_AND_ENDS = {"tags": ["Odds & Ends"]}

PATHS: dict[str, Schema] = {
    "/api/volumes": {
        "get": operation(
            "list_volumes",
            query("status", array(ref("VolumeStatus"))),
            query("label", array(TEXT), explode=False, style="form"),
            query("slot", array(WHOLE, minItems=1, maxItems=3), required=True),
            query("medium", MEDIUM | {"default": "ssd"}),
            query("media", array(MEDIUM)),
            query("order", ref("Priority")),
            query("created_after", TIME),
            query("created_on", DAY),
            query("encrypted", YES_OR_NO),
            query("min_ratio", NUMBER | {"minimum": 0.5}),
            query("price", DECIMAL),
            query("owner", UUID),
            query("anything", {"anyOf": [WHOLE, TEXT]}),
            query("size", ref("Size")),
            query("mixed", array({"anyOf": [WHOLE, TEXT]})),
            query("page", WHOLE | {"minimum": 1, "default": 1}, description=AWKWARD),
            parameter("header", "X-Request-Priority", WHOLE | {"maximum": 9}),
            parameter("header", "X-Trace", array(TEXT)),
            parameter("cookie", "region", TEXT),
            summary="List Volumes.",
            description=AWKWARD,
            answer=array(ref("Volume")),
        ),
        "post": operation(
            "create_volume",
            parameter("header", "Idempotency-Key", TEXT, required=True),
            summary='Create a "volume" | and wait',
            requestBody=body(ref("CreateVolume"), description="What it | shall be."),
            answer=ref("Volume"),
        ),
        "put": operation("create_volumes", requestBody=body(array(ref("CreateVolume"))), answer=array(ref("Volume"))),
    },
    "/api/volumes/{volume_id}": {
        "get": operation("get_volume", VOLUME_ID, answer=ref("Volume")),
        "delete": operation("delete_volume", VOLUME_ID),
        "patch": operation("annotate_volume", VOLUME_ID, requestBody=body(FREE_FORM), answer={}),
    },
    "/api/volumes/{volume_id}/labels": {
        "put": operation("label_volume", VOLUME_ID, requestBody=body(array(TEXT)), answer=array(TEXT))
    },
    "/api/volumes/{volume_id}/snapshots/{number}": {
        "get": operation("get_snapshot", VOLUME_ID, parameter("path", "number", WHOLE), answer=ref("Snapshot"))
    },
    "/api/volumes/{volume_id}/status": {
        "get": operation("get_status", VOLUME_ID, answer=ref("VolumeStatus")),
        "put": operation("set_status", VOLUME_ID, requestBody=body(ref("VolumeStatus"), required=False)),
    },
    "/api/sizes": {
        "get": operation("sizes", answer=mapping(WHOLE)),
        "put": operation("set_size", requestBody=body(WHOLE), answer=WHOLE),
    },
    "/api/images": {
        "get": operation("get_image", answer=BINARY, media="application/octet-stream"),
        "put": operation("put_image", requestBody=body(BINARY, "application/octet-stream")),
        "post": operation("add_image", requestBody=body(model("file", file=BINARY, size=WHOLE), "multipart/form-data")),
    },
    "/api/odds/{class}": {
        "get": operation(
            "list",
            parameter("path", "class", TEXT),
            *(query(name, TEXT) for name in ("options", "self", "from", "filter[name]", "with-hyphen", "body")),
            answer=array(TEXT),
            **ODDS_AND_ENDS,
        )
    },
    "/api/odds": {
        "post": operation("awkward", requestBody=body(ref("Awkward")), answer=ref("Awkward"), **ODDS_AND_ENDS),
        "put": operation("put_disk", requestBody=body(ref("Disk")), answer=ref("Disk"), **ODDS_AND_ENDS),
        "get": operation("get_archive", answer=ref("Archive"), **ODDS_AND_ENDS),
        "patch": operation("get_size", requestBody=body(ref("Anything")), answer=ref("Size"), **ODDS_AND_ENDS),
        "delete": operation("motd", answer=TEXT, media="text/plain", deprecated=True, **ODDS_AND_ENDS),
    },
    "/api/ends": {
        "post": operation(
            "log_in",
            requestBody=body(model("user", user=TEXT, password=TEXT), "application/x-www-form-urlencoded"),
            answer=ref("credentials"),
            security=[],
            **ODDS_AND_ENDS,
        ),
        "get": operation(
            "things",
            answer=array(model("path", path=ref("Path"), model=ref("Model"))),
            security=[{"Key": []}, {"Basic": []}],
            **ODDS_AND_ENDS,
        ),
    },
    # Without tag, summary, description, operationId and security.
    "/api/ping": {"get": {"responses": {"200": {"description": "", **content(TEXT)}}}},
}


def changed_contract() -> dict[str, Any]:
    """The contract. The security scheme has another name, and the service another URL."""
    present = (ROOT / "openapi.json").read_text("utf-8").replace("HTTPBearer", "AccessToken")
    contract: dict[str, Any] = json.loads(present)
    contract["servers"] = [
        {
            "url": "https://{region}.example.com/v2",
            "description": 'Where "most" are',
            "variables": {"region": {"default": "eu", "enum": ["eu", "us"], "description": "The region"}},
        },
        {"url": "https://staging.example.com"},
    ]
    contract["tags"].append({"name": "Block Storage", "description": AWKWARD})
    contract["components"]["schemas"] |= SCHEMAS
    contract["components"]["securitySchemes"] |= {
        "Key": {"type": "apiKey", "in": "query", "name": "key"},
        "Basic": {"type": "http", "scheme": "basic"},
    }
    contract["paths"] |= PATHS
    return contract
