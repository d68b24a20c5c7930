"""Operations that are made of a method and a path."""

from __future__ import annotations

from typing import Any

import pytest
from example_service import UserInfoSchema
from pydantic import JsonValue

from gravscale import ApiTypeError, ApiValueError
from gravscale.pipeline.raw import raw_operation
from gravscale.schema.reading import Reading


def test_method_path_query_and_body_make_an_operation_with_credentials() -> None:
    operation, arguments = raw_operation("post", "/é", {"q": [1, 2], "none": None}, {"x": 1}, dict)
    assert (operation.method, operation.path, operation.security) == ("POST", "/%C3%A9", ("HTTPBearer",))
    assert [parameter.wire for parameter in operation.parameters] == ["q", "body"]
    assert arguments == [[1, 2], {"x": 1}]
    assert operation.accept == "application/json"


@pytest.mark.parametrize("answer", [None, str, bytes])
def test_any_media_type_is_accepted_where_the_answer_may_be_text_or_bytes(answer: Any) -> None:
    operation, _ = raw_operation("GET", "/a", None, None, answer)
    assert operation.accept == "*/*"


@pytest.mark.parametrize(
    ("answer", "raw", "media", "expected"),
    [
        (None, b"", "", None),
        (None, b'\xef\xbb\xbf{"a": 1}', "application/json", {"a": 1}),
        (None, b"caf\xe9", "text/plain; charset=latin-1", "café"),
        (JsonValue, b"5", "Text/plain", "5"),
        (JsonValue, b"5", "", 5),
        (bytes, b"{}", "application/json", b"{}"),
        (list[int] | None, b"", "application/json", None),
        (list[int], b"[1]", "application/json", [1]),
        (
            UserInfoSchema,
            b'{"email": "e", "nickname": "n"}',
            "application/json",
            UserInfoSchema(email="e", nickname="n"),
        ),
    ],
)
def test_an_answer_is_read_as_it_comes_or_as_the_type_that_was_asked_for(
    answer: Any, raw: bytes, media: str, expected: Any
) -> None:
    operation, _ = raw_operation("GET", "/a", None, None, answer)
    assert operation.read_answer(raw, media, 200, Reading()) == expected


@pytest.mark.parametrize("answer", [None, list[int], JsonValue], ids=["JSON", "a list", "a value"])
def test_an_answer_may_have_only_so_many_values(answer: Any) -> None:
    operation, _ = raw_operation("GET", "/a", None, None, answer)
    with pytest.raises(ValueError, match="more than 5 values"):
        operation.read_answer(b"[" + b"," * 2**20, "application/json", 200, Reading(values_max=5))


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (("FETCH", "/a", None, None, None), ApiValueError, "method: expected one of"),
        (("GET", "a", None, None, None), ApiValueError, "path: expected a path that begins with '/'"),
        (("GET", "http://h/a", None, None, None), ApiValueError, "path: .* got a URL"),
        (("GET", "a?b=http://h", None, None, None), ApiValueError, "path: expected a path that begins with '/'"),
        (("GET", "/a?b=1", None, None, None), ApiValueError, "path: .* pass query="),
        (("GET", 7, None, None, None), ApiTypeError, "path: expected a str, got int"),
        (("GET", "/a", [], None, None), ApiTypeError, "query: expected a dict, got list"),
        (("GET", "/a", {"q": {}}, None, None), ApiTypeError, r"query\['q'\]: .* got a dict"),
        (("GET", "/a", {"q": [None]}, None, None), ApiTypeError, r"query\['q'\]: .* got a list with None"),
        (("GET", "/a", {"q": [[1]]}, None, None), ApiTypeError, r"query\['q'\]: .* got a list with a list"),
        (("GET", "/a", None, None, print), ApiTypeError, "answer: expected a type that pydantic can read"),
    ],
)
def test_what_can_not_be_sent_is_refused_by_the_name_of_its_argument(
    arguments: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=f"^{message}"):
        raw_operation(*arguments)
