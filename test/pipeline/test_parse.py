"""The last step: data as its type, or the error that an answer stands for."""

from __future__ import annotations

import re
from typing import Any

import pytest
from example_service import UserInfoSchema
from steps import answer_of, call_of

from gravscale import ApiException, ApiResponseError, NotFoundException, RESTResponse, UnauthorizedException
from gravscale.pipeline.call import Call
from gravscale.pipeline.parse import parse_answer
from gravscale.schema.operation import Operation

JSON = {"Content-Type": "application/json"}
INFO = Operation[UserInfoSchema]("info", "GET", "/x", answer=UserInfoSchema)
USER = b'{"email": "me@example.com", "nickname": "me"}'


def parse(status: int, body: bytes, *, headers: dict[str, str] = JSON, call: Call | None = None) -> UserInfoSchema:
    return parse_answer(call or call_of(), INFO, RESTResponse(answer_of(status, body, headers)))


@pytest.mark.parametrize("status", [200, 201, 299])
def test_a_2xx_is_read_as_the_operations_type(status: int) -> None:
    assert parse(status, USER) == UserInfoSchema(email="me@example.com", nickname="me")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "an answer of 0 bytes (application/json), not the expected UserInfoSchema"),
        (b"[]", "an answer of 2 bytes (application/json), not the expected UserInfoSchema"),
        (b'{"email": "x"}', "not the expected UserInfoSchema: nickname: Field required"),
        (b"<html>busy</html>", "; it starts '<html>busy</html>'"),
    ],
)
def test_what_can_not_be_read_is_an_error_that_says_why(body: bytes, reason: str) -> None:
    with pytest.raises(ApiResponseError, match=re.escape(reason)) as raised:
        parse(200, body)
    assert raised.value.status == 200


@pytest.mark.parametrize(
    ("status", "kind"), [(401, UnauthorizedException), (404, NotFoundException), (304, ApiException)]
)
def test_any_other_answer_is_the_error_of_its_status_with_its_body_as_data(status: int, kind: type[Exception]) -> None:
    with pytest.raises(kind) as raised:
        parse(status, b'{"detail": "why"}')
    error: Any = raised.value
    assert (type(error), error.status) == (kind, status)
    assert (error.body, error.data) == ('{"detail": "why"}', {"detail": "why"})
    assert (error.method, error.url) == ("GET", "http://127.0.0.1:1/x")


def test_a_refusal_for_want_of_credentials_says_what_to_do() -> None:
    call = call_of()
    call.is_anonymous = True
    with pytest.raises(UnauthorizedException, match=r"info\(\) needs credentials"):
        parse(401, b"{}", call=call)


def test_a_secret_that_was_sent_is_masked_where_it_comes_back() -> None:
    call = call_of()
    call.request.authorize("Authorization", "Bearer C0rrect!horse")
    with pytest.raises(NotFoundException) as raised:
        parse(404, b'{"detail": "C0rrect!horse", "C0rrect!horse": 1}', call=call)
    error: Any = raised.value
    assert error.data == {"detail": "***", "C0rrect!horse": 1}
    assert "C0rrect!horse is" not in str(error)


def test_of_a_huge_error_the_beginning_is_kept() -> None:
    with pytest.raises(NotFoundException) as raised:
        parse(404, b"x" * 1_000_000, headers={"Content-Type": "text/plain"})
    error: Any = raised.value
    assert 0 < len(error.body) < 128 * 1024
    assert error.data is None
