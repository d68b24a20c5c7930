"""The content and the message of each error, created as the SDK and the users' own tests create them."""

from __future__ import annotations

import pickle
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from io import BytesIO
from typing import Any

import pytest
from example_service import HTTPValidationError, TaskTreeSchema
from misbehaving import TASK
from urllib3 import BaseHTTPResponse, HTTPHeaderDict, HTTPResponse

from gravscale import (
    ApiAttributeError,
    ApiException,
    ApiKeyError,
    ApiTypeError,
    ApiValueError,
    ConflictException,
    RESTResponse,
    TaskFailedError,
    TaskTimeoutError,
)

FAULTY = [ApiTypeError, ApiValueError, ApiAttributeError, ApiKeyError]


@pytest.mark.parametrize("error", FAULTY)
def test_an_argument_error_says_what_was_wrong_and_where(error: Any) -> None:
    made = error("not a text", ["metals", 3, "name"])
    assert str(made) == "not a text at ['metals'][3]['name']"
    assert made.path_to_item == ["metals", 3, "name"]
    assert made.args == (str(made),)
    assert str(error("not a text")) == str(error("not a text", [])) == "not a text"
    assert error("not a text").path_to_item is None
    twin = pickle.loads(pickle.dumps(made))
    assert (str(twin), twin.path_to_item, twin.args) == (str(made), made.path_to_item, made.args)


def test_a_type_error_has_the_expected_types() -> None:
    made = ApiTypeError("no", ["x"], valid_classes=(str, int), key_type=True)
    assert (made.valid_classes, made.key_type) == ((str, int), True)
    assert (ApiTypeError("no").valid_classes, ApiTypeError("no").key_type) == (None, None)


@pytest.mark.parametrize("error", [TaskFailedError, TaskTimeoutError])
def test_an_error_of_a_task_has_the_task_and_pickles_with_it(error: Any) -> None:
    task = TaskTreeSchema.from_dict({**TASK, "status": "failed"})
    made = error("task t failed", task)
    for one in (made, pickle.loads(pickle.dumps(made))):
        assert (str(one), one.task, one.args) == ("task t failed", task, ("task t failed", task))


def response(status: int = 409, body: bytes = b"", **headers: str) -> RESTResponse:
    raw: BaseHTTPResponse = HTTPResponse(BytesIO(body), headers, status, reason="Conflict", preload_content=False)
    return RESTResponse(raw)


def test_an_error_can_be_created_from_an_answer() -> None:
    answer = response(body=b'{"detail": "taken", "accessToken": "hunter2"}', Authorization="hunter2")
    assert ApiException(http_resp=answer).body is None  # not read yet
    answer.read()
    made = ApiException(http_resp=answer)
    assert repr(made) == "ApiException(409, 'Conflict')"
    assert (made.status, made.reason, made.body) == (409, "Conflict", '{"detail": "taken", "accessToken": "***"}')
    assert made.headers is not None
    assert made.headers["Authorization"] == "***"
    other = ApiException(404, "Gone", answer, body="b", data={"d": 1}, headers=HTTPHeaderDict({"A": "b"}))
    assert (other.status, other.reason, other.body, other.data) == (404, "Gone", "b", {"d": 1})
    assert dict(other.headers or {}) == {"A": "b"}
    assert repr(other) == "ApiException(404, 'Gone')"
    latin = response(body=b"ol\xe1")
    latin.read()
    assert ApiException(http_resp=latin).body == "ol\ufffd"


def test_consoles_show_an_error_with_its_message() -> None:
    assert ApiException(404, "Gone")._render_traceback_()[-1] == "gravscale.exceptions.ApiException: 404 Gone\n"


def test_an_answer_raises_the_error_of_its_status_with_its_details() -> None:
    with pytest.raises(ConflictException) as caught:
        ApiException.from_response(http_resp=response(), body="text", data={"detail": "taken"})
    assert (caught.value.body, caught.value.data) == ("text", {"detail": "taken"})
    assert str(caught.value) == "409 Conflict: taken"


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (ApiException(404), "404 Not Found"),
        (ApiException(799), "799"),
        (ApiException(), "ApiException"),
        (ApiException(reason="why"), "why"),
        (ApiException(404, method="GET", url="http://x/y"), "GET http://x/y: 404 Not Found"),
        (ApiException(404, method="GET"), "GET : 404 Not Found"),
        (ApiException(404, body="text"), "404 Not Found: text"),
        (ApiException(404, headers=HTTPHeaderDict({"X-Request-ID": "r1"})), "404 Not Found (request id r1)"),
        (ApiException(404, headers=HTTPHeaderDict({"x-correlation-id": "r2"})), "404 Not Found (request id r2)"),
        (ApiException(404, headers=HTTPHeaderDict({"Request-Id": "r3"})), "404 Not Found (request id r3)"),
        (ApiException(404, headers=HTTPHeaderDict()), "404 Not Found"),
        (ApiException(422, "No", data={"detail": [{"msg": "bad"}]}), "422 No: bad"),
        (ApiException(422, "No", data={"detail": [{"loc": [], "msg": "bad"}]}), "422 No: bad"),
        (ApiException(422, "No", data={"detail": [{"loc": None, "msg": "bad"}]}), "422 No: bad"),
        (ApiException(422, "No", data={"detail": [{"loc": ["body", 3], "msg": "bad"}]}), "422 No: body.3: bad"),
    ],
)
def test_an_error_says_in_one_line_what_failed(error: ApiException, message: str) -> None:
    assert str(error) == message


def test_faults_are_listed_alike_from_a_model_and_from_plain_data() -> None:
    faults = [
        {"loc": ["body", "tags", 3], "msg": "not a text", "type": "t"},
        {"loc": ["query", "page"], "msg": "too small", "type": "t"},
    ]
    model = HTTPValidationError.from_dict({"detail": faults})
    for data in (model, {"detail": faults}):
        assert str(ApiException(422, "No", data=data)) == "422 No: body.tags.3: not a text; query.page: too small"


def test_a_reason_may_be_longer_than_other_quotes() -> None:
    assert str(ApiException(500, "r" * 600)) == "500 " + "r" * 600
    assert str(ApiException(500, "r" * 601)) == "500 " + "r" * 600 + "…"
    assert str(ApiException(500, "No", body="b" * 200)) == "500 No: " + "b" * 200
    assert str(ApiException(500, "No", body="b" * 201)) == "500 No: " + "b" * 200 + "…"
    # A long text may be short once its blanks are collapsed. The message still shows that it was cut.
    assert str(ApiException(500, "No", body="b" + " " * 399)) == "500 No: b"
    assert str(ApiException(500, "No", body="b" + " " * 400 + "c")) == "500 No: b…"


def test_twenty_faults_are_listed_and_the_rest_is_counted() -> None:
    faults = [{"msg": f"m{number}"} for number in range(21)]
    listed = "; ".join(f"m{number}" for number in range(20))
    assert str(ApiException(422, "No", data={"detail": faults[:20]})) == f"422 No: {listed}"
    assert str(ApiException(422, "No", data={"detail": faults})) == f"422 No: {listed}; and 1 more"


def retry_after(value: str) -> float | None:
    return ApiException(503, headers=HTTPHeaderDict({"Retry-After": value})).retry_after


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("0", 0.0), ("7", 7.0), (" 120 ", 120.0), ("9" * 18, 1e18), ("9" * 400, float("inf"))],
)
def test_retry_after_may_be_a_number_of_seconds(value: str, seconds: float) -> None:
    assert retry_after(value) == seconds


@pytest.mark.usefixtures("time_zone")
@pytest.mark.parametrize(
    "form", ["{:%a, %d %b %Y %H:%M:%S GMT}", "{:%A, %d-%b-%y %H:%M:%S GMT}", "{:%a %b %d %H:%M:%S %Y}"]
)
def test_retry_after_may_be_a_date_in_any_http_format(form: str) -> None:
    moment = datetime.now(timezone.utc) + timedelta(hours=2)
    seconds = retry_after(form.format(moment))
    assert seconds is not None
    assert 7190 < seconds <= 7200


@pytest.mark.usefixtures("time_zone")
def test_a_retry_after_in_the_past_is_zero() -> None:
    assert retry_after(format_datetime(datetime.now(timezone.utc) - timedelta(hours=2), usegmt=True)) == 0.0


@pytest.mark.parametrize(
    "value",
    [
        "",
        "-1",
        "+1",
        "1.5",
        "1e3",
        "²",
        "soon",
        "Mon, 99 Foo 2026",
        "Monday",
        "Mon, 10:00:00",
        "Mon, 06 Nov 10:00:00",
        "2035-01-01",
    ],
)
def test_any_other_retry_after_is_none(value: str) -> None:
    assert retry_after(value) is None
    assert ApiException(503).retry_after is None
    assert ApiException(503, headers=HTTPHeaderDict()).retry_after is None
