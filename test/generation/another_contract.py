"""The contract of another service: nothing that hand-written code needs, but more of what FastAPI writes.

It is generated once and shared by many tests, so each operation stands for one kind of thing.
"""

from __future__ import annotations

from typing import Any

from changed_contract import (
    BINARY,
    DAY,
    NUMBER,
    TEXT,
    TIME,
    UUID,
    WHOLE,
    array,
    body,
    content,
    model,
    nullable,
    operation,
    parameter,
    query,
    ref,
)

Schema = dict[str, Any]


def tagged(property_: str, **members: str) -> Schema:
    """A union with a discriminator."""
    mapped = {value: ref(name)["$ref"] for value, name in members.items()}
    return {
        "oneOf": [ref(name) for name in dict.fromkeys(members.values())],
        "discriminator": {"propertyName": property_, "mapping": mapped},
    }


def tagged_within() -> Schema:
    """A union within a union, each with a discriminator, as FastAPI writes it."""
    inner = tagged("version", **{"1": "One", "2": "Two"})
    return {
        "oneOf": [inner, ref("Other")],
        "discriminator": {"propertyName": "kind", "mapping": {"a": inner, "b": ref("Other")["$ref"]}},
    }


SCHEMAS: dict[str, Schema] = {
    # Both members fit, so that only the discriminator distinguishes them.
    "Cat": model("kind", kind={"type": "string", "const": "cat"}, name=TEXT),
    "Black": model("kind colour", kind=TEXT, colour={"const": "black"}, name=TEXT),
    "White": model("kind colour", kind=TEXT, colour={"const": "white"}, name=TEXT),
    "Coloured": tagged("colour", black="Black", white="White"),
    "Pet": tagged("kind", cat="Cat", coloured="Coloured"),
    "First": model("version", version={"type": "integer", "const": 1}, size=WHOLE),
    "Second": model("version", version={"type": "integer", "enum": [2, 3]}, size=WHOLE),
    "Versioned": tagged("version", **{"1": "First", "2": "Second", "3": "Second"}),
    "Plain": model("", label=TEXT, note=TEXT),
    "Small": model("", label=TEXT, size=WHOLE),
    "Large": model("", label=TEXT, weight=WHOLE),
    "Sized": {"oneOf": [ref("Small"), ref("Large")]},
    "Either": {"anyOf": [ref("Sized"), ref("Plain")]},
    "Moment": {"anyOf": [TIME, DAY]},
    "Bounded": {"anyOf": [{**WHOLE, "maximum": 5}, {**WHOLE, "minimum": 100}]},
    # Only the values of an enum tell the members apart.
    "Begun": model("state", state={"enum": ["new", "open"]}, note=TEXT, size=WHOLE),
    "Ended": model("state", state=ref("End"), note=TEXT),
    "Cancelled": model("state", state={"enum": ["cancelled", 0]}, note=TEXT),
    "End": {"enum": ["done", "failed"]},
    "State": {"anyOf": [ref("Begun"), ref("Ended"), ref("Cancelled")]},
    "Mixed": model("", several={"enum": ["a", 1, True]}, code={**NUMBER, "enum": [1, 2]}, status=ref("Status")),
    "Status": {**NUMBER, "enum": [200, 404]},
    "One": model("kind version", kind={"const": "a"}, version={"const": 1}, name=TEXT),
    "Two": model("kind version", kind={"const": "a"}, version={"const": 2}, name=TEXT),
    "Other": model("kind", kind={"const": "b"}, name=TEXT),
    "Within": tagged_within(),
    "Paths": {"type": "object", "additionalProperties": {"anyOf": [TIME, ref("Paths")]}},
    "Open": {**model("id", id=WHOLE), "additionalProperties": True},
    "OpenNumbers": {**model("id", id=WHOLE), "additionalProperties": nullable(WHOLE)},
    "Unlisted": {"type": "object", "properties": {}},
    "Patterned": {**model("id", id=WHOLE), "patternProperties": {"^x-": TEXT}},
    "Tree": {**model("", value=TEXT), "additionalProperties": ref("Tree")},
    "Defaults": model(
        "",
        tags={**array(TEXT), "default": ["a"]},
        gaps={**array(nullable(WHOLE)), "default": [None]},
        day={**DAY, "default": "2026-01-31"},
        id={**UUID, "default": "8c3b9a52-6f0e-4d5c-9b1a-2e7f4c8d1a60"},
        whole={**WHOLE, "default": 5.0},
        cat={**ref("Cat"), "default": {"kind": "cat"}},
        free={"default": {"a": [1]}},
    ),
    "Limits": model(
        "",
        price={**NUMBER, "multipleOf": 0.01},
        pair={**WHOLE, "multipleOf": 2, "minimum": 0.5},
        password={**TEXT, "pattern": r"^(?=.*\d).{4,}$"},
        codes=array({**TEXT, "maxLength": 2}),
    ),
    "User": model("id name password", id={**WHOLE, "readOnly": True}, name=TEXT, password={**TEXT, "writeOnly": True}),
    # Names that generated code uses itself.
    "Thing": model("name", name=TEXT, say={"type": "string", "enum": ["a Thing is", "int here"]}, int=WHOLE),
    "ThingParams": model("", thing=ref("Thing")),
    "ThingsApi": model("", x=TEXT),
    "Import": model("", x=TEXT),
    "Any": model("", x=TEXT),
    "HOMES": model("", x=TEXT),
    "O": model("", datetime=TIME, until=TIME),
    "Alike": model("", userId=TEXT, user_id=TEXT),
    "Stricter": {
        "allOf": [ref("Alike")],
        "properties": {"user_id": {**TEXT, "maxLength": 2}, "userId": {"title": "t"}},
    },
    "Odd": model("", **{"": TEXT, "日本": TEXT, "本": TEXT, "a-b": TEXT, "a_b": TEXT}),
}


def both_ways(name: str) -> Schema:
    """An operation that accepts what it returns."""
    return operation(f"send_{name}", requestBody=body(ref(name)), answer=ref(name), tags=["Things"], security=[])


def answers(*parts: tuple[str, Schema | None, str]) -> Schema:
    return {
        status: {"description": "", **({} if schema is None else content(schema, media))}
        for status, schema, media in parts
    }


JSON = "application/json"
FORM = model(
    "file",
    file=BINARY,
    more=array(BINARY),
    cat=ref("Cat"),
    tags=array(TEXT),
    since=TIME,
)


def plain(name: str, *parameters: Schema, **rest: Any) -> Schema:
    return operation(name, *parameters, **{"answer": TEXT, "tags": ["Things"], "security": [], **rest})


PATHS: dict[str, Schema] = {
    **{f"/ways/{name}": {"post": both_ways(name)} for name in SCHEMAS},
    "/answers": {
        "get": plain(
            "by_status",
            responses=answers(
                ("200", ref("Thing"), JSON),
                ("202", ref("Cat"), JSON),
                ("204", None, ""),
                ("4XX", ref("Cat"), JSON),
                ("default", ref("Thing"), JSON),
            ),
        ),
        "post": plain("maybe", answer=nullable(ref("Thing"))),
        "put": plain("numbers", answer=array(nullable(WHOLE))),
        "patch": plain("lines", responses=answers(("200", BINARY, "application/jsonl"))),
        "head": plain("exists", answer=ref("Thing")),
        "delete": plain(
            "by_media",
            responses={
                "200": {
                    "description": "",
                    "content": content(ref("Thing"))["content"]
                    | content(ref("Cat"), "application/vnd.cat")["content"]
                    | content(ref("Thing"), "application/xml")["content"],
                }
            },
        ),
    },
    "/bodies": {
        "post": plain("send_maybe", requestBody=body(nullable(ref("Thing")))),
        "put": plain("send_anything", requestBody=body({})),
        "options": plain("send_any_form", requestBody=body({}, "application/x-www-form-urlencoded")),
        "patch": plain("send_file", requestBody={"content": {"application/octet-stream": {}}, "required": True}),
        "delete": plain("send_form", requestBody=body(FORM, "multipart/form-data")),
    },
    "/ü b/{a}.{b}": {"get": plain("odd_path", parameter("path", "a", TEXT), parameter("path", "b", TEXT))},
    "/parameters": {
        "parameters": [query("page", WHOLE)],
        "get": plain(
            "query",
            query("page", TEXT),
            query("", TEXT),
            query("numbers", array(nullable(WHOLE))),
            query("step", {**NUMBER, "multipleOf": 0.1}),
            query("least", {**WHOLE, "minimum": 0.5}),
            query("say", {"type": "string", "enum": ["a Thing is", "the Cat"]}),
            summary="Says <<this>> and {{that}}",
        ),
    },
    # Each hides a type from what stands below it in the class.
    "/types": {
        "get": plain("dict", query("ids[]", array(TEXT)), query("raw", BINARY), answer=array(DAY)),
        "put": plain("date", answer=DAY),
        "patch": plain("bytes", requestBody={"content": content(BINARY, "image/*")["content"], "required": True}),
        "post": plain("send_text", requestBody=body(model("raw", raw=BINARY), "application/x-www-form-urlencoded")),
        "delete": plain("types", query("day", DAY), answer={"type": "object", "additionalProperties": array(DAY)}),
    },
    "/keys": {
        "get": plain("either", security=[{"key": []}, {"bearer": []}]),
        "put": plain("both", security=[{"key": [], "bearer": []}]),
        "post": plain("optional", security=[{"bearer": []}, {}]),
        "delete": plain("twice", tags=["Things", "Things", "Others"]),
        "patch": plain("send_null", requestBody=body({"type": "null"}), answer={"enum": ["a", 1, True]}),
    },
    "x-extension": {"get": 1},
}


def another_contract() -> dict[str, Any]:
    return {
        "openapi": "3.1.0",
        "info": {"title": "Things", "version": "1"},
        "servers": [{"url": "https://things.example"}],
        "paths": PATHS,
        "components": {
            "schemas": SCHEMAS | {"HTTPValidationError": model("", detail=TEXT)},
            "securitySchemes": {
                "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
                "bearer": {"type": "http", "scheme": "Bearer"},
            },
        },
    }
