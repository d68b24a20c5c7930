"""The last step: data as its type, or the error that an answer stands for."""

from __future__ import annotations

import io
import json
import re
from contextlib import suppress
from typing import Any

import pytest
from example_service import HTTPValidationError, UserInfoSchema
from steps import answer_of, call_of
from urllib3 import HTTPResponse

from gravscale import (
    ApiException,
    ApiResponseError,
    ApiTimeoutError,
    NotFoundException,
    RESTResponse,
    UnauthorizedException,
)
from gravscale.events import ErrorEvent
from gravscale.pipeline.call import Call
from gravscale.pipeline.parse import parse_answer
from gravscale.schema.operation import Operation

JSON = {"Content-Type": "application/json"}
INFO = Operation[UserInfoSchema]("info", "GET", "/x", answer=UserInfoSchema, errors={422: HTTPValidationError})
COUNT = Operation[int]("count", "GET", "/x", answer=int)
SECRET = "C0rrect!horse"
USER = b'{"email": "me@example.com", "nickname": "me"}'


def parse(status: int, body: bytes, *, headers: dict[str, str] = JSON, call: Call | None = None) -> UserInfoSchema:
    return parse_answer(call or call_of(), INFO, RESTResponse(answer_of(status, body, headers)))


def call_with_secret() -> Call:
    call = call_of()
    call.request.authorize("Authorization", f"Bearer {SECRET}")
    return call


@pytest.mark.parametrize("status", [200, 201, 299])
def test_a_2xx_is_read_as_the_operations_type(status: int) -> None:
    assert parse(status, USER) == UserInfoSchema(email="me@example.com", nickname="me")


def test_an_answer_is_read_as_the_type_of_its_status() -> None:
    operation: Operation[Any] = Operation("count", "GET", "/x", answers={200: int, 201: list[int]})
    for status, body, data in ((200, b"1", 1), (201, b"[1]", [1])):
        assert parse_answer(call_of(), operation, RESTResponse(answer_of(status, body, JSON))) == data


def test_a_call_that_has_no_time_left_to_parse_a_large_answer_times_out() -> None:
    call, answer = call_of(), answer_of(200, b"1" + b" " * 2**20, {**JSON, "X-A": "1"})
    call.deadline.expires_at -= 100
    with pytest.raises(
        ApiTimeoutError, match=r"^GET http://127\.0\.0\.1:1/x: timed out after 0\.\d s while "
    ) as raised:
        parse_answer(call, COUNT, RESTResponse(answer))
    assert raised.value.headers is not None
    assert raised.value.headers["X-A"] == "1"
    assert answer.closed


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


def test_what_is_said_of_an_answer_that_can_not_be_read_is_short_and_has_no_secret() -> None:
    page = f" <html>{SECRET} ".encode() + b"\xff" + b"x" * 100
    with pytest.raises(ApiResponseError) as raised:
        parse_answer(call_with_secret(), COUNT, RESTResponse(answer_of(200, page, {"Content-Type": SECRET})))
    assert raised.value.reason == (
        "an answer of 122 bytes (***), not the expected int: Invalid JSON: expected value at line 1 column 2; "
        f"it starts '<html>*** \ufffd{'x' * 69}…'"
    )
    with pytest.raises(ApiResponseError) as raised:
        parse(200, b'{"email": "x"}', headers={})
    assert raised.value.reason == (
        "an answer of 14 bytes (no Content-Type), not the expected UserInfoSchema: nickname: Field required"
    )
    # Cut before it is redacted, this would end with half of the secret.
    with pytest.raises(ApiResponseError) as raised:
        parse(200, b"", headers={"Content-Type": f"{SECRET} " * 20}, call=call_with_secret())
    assert SECRET[:3] not in str(raised.value)


def test_an_answer_of_too_many_values_is_refused_before_it_is_parsed() -> None:
    # An invalid text, so that it takes no time if it is parsed.
    body = b"[" + b"," * 2**20
    for limit, reason in ((1, "more than 1048576 values "), (2**26, "more than 1048576 values "), (2**27, "JSON: ")):
        with pytest.raises(ApiResponseError, match=reason):
            parse(200, body, call=call_of(max_response_size=limit))
    with pytest.raises(ApiResponseError, match="JSON: "):
        parse(200, body[:-1])


@pytest.mark.parametrize("status", [200, 404])
def test_an_error_hook_gets_the_error_that_is_raised(status: int) -> None:
    events: list[ErrorEvent] = []
    call = call_of(operation=INFO, event_hooks={"error": [events.append]})
    with pytest.raises(ApiException) as raised:
        parse(status, b"[]", call=call)
    assert [(event.operation, event.error) for event in events] == [("info", raised.value)]


@pytest.mark.parametrize(
    ("status", "kind"),
    [(401, UnauthorizedException), (404, NotFoundException), (304, ApiException), (300, ApiException)],
)
def test_any_other_answer_is_the_error_of_its_status_with_its_body_as_data(status: int, kind: type[Exception]) -> None:
    with pytest.raises(kind) as raised:
        parse(status, b'{"detail": "why"}')
    error: Any = raised.value
    assert (type(error), error.status) == (kind, status)
    assert (error.body, error.data) == ('{"detail": "why"}', {"detail": "why"})
    assert (error.method, error.url) == ("GET", "http://127.0.0.1:1/x")
    assert error.headers == JSON


@pytest.mark.parametrize("is_fitting", [True, False])
def test_the_data_of_an_error_is_what_the_contract_has_for_its_status_if_it_fits(is_fitting: bool) -> None:
    detail: Any = [{"loc": ["body"], "msg": "why", "type": "t"}] if is_fitting else "why"
    with pytest.raises(ApiException) as raised:
        parse(422, json.dumps({"detail": detail}).encode())
    assert raised.value.data == (HTTPValidationError.from_dict({"detail": detail}) if is_fitting else {"detail": "why"})


@pytest.mark.parametrize(
    ("body", "media", "text"),
    [
        (b"", None, ""),
        (b"ol\xe1", None, "ol\ufffd"),
        (b"ol\xe1", "text/plain; charset=latin-1", "olá"),
        (b"x" * 2**17, "text/plain", "x" * 2**17),
    ],
    ids=["nothing", "broken", "latin-1", "long"],
)
def test_the_body_of_an_error_is_its_text(body: bytes, media: str | None, text: str) -> None:
    with pytest.raises(NotFoundException) as raised:
        parse(404, body, headers={} if media is None else {"Content-Type": media})
    assert (raised.value.body, raised.value.data, raised.value.reason) == (text, None, "")


@pytest.mark.parametrize("body", [b'"+2AA-"', b"{\xff", b'"\\ud800"', b"plain"], ids=repr)
@pytest.mark.parametrize("charset", ["idna", "punycode", "undefined", "unicode_escape", "utf-7", "hex", "utf-16", "x"])
def test_no_charset_keeps_an_error_from_being_raised(charset: str, body: bytes) -> None:
    with pytest.raises(NotFoundException) as raised:
        parse(404, body, headers={"Content-Type": f"text/plain; charset={charset}"})
    # Any text can be encoded again, in an error and in an answer.
    assert isinstance(raised.value.body, str)
    assert isinstance(raised.value.body.encode(), bytes)
    with suppress(ApiResponseError):
        text = parse_answer(
            call_of(),
            Operation[str]("text", "GET", "/x", answer=str),
            RESTResponse(answer_of(200, body, {"Content-Type": f"text/plain; charset={charset}"})),
        )
        assert isinstance(text.encode(), bytes)


def test_the_reason_phrase_of_an_error_is_cut_after_it_was_redacted() -> None:
    answer = HTTPResponse(io.BytesIO(), JSON, 404, reason=f"{SECRET} {'x' * 600}", preload_content=False)
    with pytest.raises(NotFoundException) as raised:
        parse_answer(call_with_secret(), INFO, RESTResponse(answer))
    assert raised.value.reason == f"*** {'x' * 596}…"


@pytest.mark.parametrize(
    ("status", "is_anonymous", "is_told"),
    [(401, True, True), (403, True, True), (404, True, False), (401, False, False), (403, False, False)],
)
def test_a_refusal_for_want_of_credentials_says_what_to_do(status: int, is_anonymous: bool, is_told: bool) -> None:
    call = call_of()
    call.is_anonymous = is_anonymous
    with pytest.raises(ApiException) as raised:
        parse(status, b"{}", call=call)
    assert ("\ninfo() needs credentials, and the configuration has none: " in str(raised.value)) == is_told


def test_a_secret_that_was_sent_is_masked_where_it_comes_back() -> None:
    with pytest.raises(NotFoundException) as raised:
        parse(404, f'{{"detail": "{SECRET}", "{SECRET}": 1}}'.encode(), call=call_with_secret())
    error: Any = raised.value
    assert error.data == {"detail": "***", SECRET: 1}
    assert error.body == f'{{"detail": "***", "{SECRET}": 1}}'


def test_of_a_huge_error_the_beginning_is_kept_without_a_secret_that_may_have_been_cut() -> None:
    with pytest.raises(NotFoundException) as raised:
        parse(404, SECRET.encode() + b"x" * 2**17, headers={"Content-Type": "text/plain"}, call=call_with_secret())
    assert raised.value.body == "***" + "x" * (2**16 - len(SECRET))
    # Only a whole body is read as data.
    with pytest.raises(NotFoundException) as raised:
        parse(404, b"1" + b" " * 2**17)
    assert raised.value.data is None
