"""How an operation reads its answers: by status, by media type, and by the types that the contract has for them."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from pydantic import Field, JsonValue

from gravscale.schema.field_types import Integer
from gravscale.schema.model import Model
from gravscale.schema.operation import Operation, is_json, without_bom
from gravscale.schema.reading import Reading

JSON = "application/json"


class Fault(Model):
    code: int


def read(operation: Operation[Any], raw: bytes, media: str = JSON, status: int = 200) -> Any:
    return operation.read_answer(raw, media, status, Reading())


@pytest.mark.parametrize(
    ("media", "expected"),
    [
        *((JSON, True), (" Application/JSON ; charset=utf-8", True), ("application/problem+json", True)),
        *(("application/x-ndjson", False), ("application/json-seq", False), ("text/plain; a=/json", False)),
    ],
)
def test_json_is_known_by_its_media_type(media: str, expected: bool) -> None:
    assert is_json(media) == expected


def test_a_byte_order_mark_is_removed_only_from_the_start() -> None:
    mark = "\ufeff".encode()
    assert [without_bom(raw) for raw in (mark + b"1", b"1" + mark)] == [b"1", b"1" + mark]
    assert read(Operation("call", "GET", "/x", answer=int), mark + b"1") == 1


@pytest.mark.parametrize(
    ("answer", "raw", "media", "expected"),
    [
        (None, b"1", JSON, None),
        (type(None), b"1", JSON, None),
        (bytes, b"\xff", "image/png", b"\xff"),
        (bytes, b'"x"', JSON, b"x"),
        (str, b"1", "text/plain", "1"),
        (str, b"\xe9", "text/plain; charset=latin-1", "é"),
        (str, b'"1"', JSON, "1"),
        (str | None, b"1", "text/plain", "1"),
        (Annotated[str | None, Field()], b"1", "text/plain", "1"),
        (list[str], b'["1"]', "text/plain", ["1"]),
        (JsonValue, b"1", "Text/html", "1"),
        (JsonValue, b"1", "image/png", 1),
        (int, b"1", "text/plain", 1),
        (lambda: int, b"1", JSON, 1),
    ],
)
def test_an_answer_is_text_or_bytes_only_where_its_type_allows_that(
    answer: Any, raw: bytes, media: str, expected: Any
) -> None:
    assert read(Operation("call", "GET", "/x", answer=answer), raw, media) == expected


def test_the_time_is_watched_while_an_answer_is_read() -> None:
    looks: list[float] = []
    operation = Operation[Any]("call", "GET", "/x", answer=Integer)
    assert operation.read_answer(b"7.0", JSON, 200, Reading(looks.append)) == 7
    assert looks


ANSWERS = {
    200: int,
    (200, "text/csv"): str,
    ("2XX", "image/png"): bytes,
    "2XX": list[int],
}


@pytest.mark.parametrize("answers", [ANSWERS, lambda: ANSWERS], ids=["given", "given when needed"])
@pytest.mark.parametrize(
    ("status", "media", "raw", "expected"),
    [
        (200, JSON, b"1", 1),
        (200, " Text/CSV; header=absent", b"1", "1"),
        (200, "image/png", b"1", 1),
        (201, "image/png", b"1", b"1"),
        (201, JSON, b"[1]", [1]),
        (201, "text/csv", b"[1]", [1]),
    ],
)
def test_an_answer_is_read_as_the_type_for_its_status_and_its_media_type(
    answers: Any, status: int, media: str, raw: bytes, expected: Any
) -> None:
    operation: Operation[Any] = Operation("call", "GET", "/x", answers=answers)
    # Another answer may have been read before.
    assert read(operation, b"1") == 1
    assert read(operation, raw, media, status) == expected
    assert (operation.answer, operation.answer_name) == (int, "int")


def test_an_answer_of_a_status_without_a_type_is_read_as_the_first() -> None:
    assert read(Operation("call", "GET", "/x", answers={200: int, 201: str}), b"1", status=204) == 1


ERRORS = {404: Fault, "4XX": list[int], "default": dict[str, int]}


@pytest.mark.parametrize("errors", [ERRORS, lambda: ERRORS], ids=["given", "given when needed"])
@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (404, {"code": 1}, Fault(code=1)),
        (422, ["1"], [1]),
        (500, {"a": "1"}, {"a": 1}),
        # What does not fit is returned unchanged, not as another type that it may fit.
        (404, {"a": "1"}, {"a": "1"}),
        (422, {"a": "1"}, {"a": "1"}),
        (500, ["1"], ["1"]),
    ],
)
def test_an_error_is_read_as_the_type_for_its_status(errors: Any, status: int, body: Any, expected: Any) -> None:
    assert Operation("call", "GET", "/x", errors=errors).read_error(status, body) == expected


def test_an_error_without_a_type_is_returned_unchanged() -> None:
    body = {"a": "1"}
    assert Operation("call", "GET", "/x").read_error(500, body) is body
    assert Operation("call", "GET", "/x", errors={404: Fault}).read_error(500, body) is body


def test_what_is_not_said_of_an_operation_is_what_most_have() -> None:
    operation: Operation[None] = Operation("call", "GET", "/x")
    assert (operation.name, operation.method, operation.path) == ("call", "GET", "/x")
    assert (operation.parameters, operation.security, operation.accept) == ((), (), JSON)
    assert (operation.answers, operation.errors, operation.deprecated) == ({}, {}, False)
    assert read(operation, b"1") is None
