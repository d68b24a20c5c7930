"""Models: how they are read, checked, written and shown."""

from __future__ import annotations

import copy
import json
import pickle
import traceback
from datetime import date, datetime, timedelta, timezone
from typing import Any

import pydantic
import pytest
from example_service import (
    CreatePublicIpSchema,
    LoginSchema,
    PageTaskTreeSchema,
    TaskSchema,
    TaskTreeSchema,
    ValidationErrorLocInner,
)

import gravscale
from gravscale.schema.field_types import DateTime, Day, FullDate
from gravscale.schema.model import reader
from gravscale.schema.reading import Reading

TIME = "2026-01-31T12:00:00+02:00"
TASK: dict[str, Any] = {"id": "t", "status": "running", "createdAt": TIME, "updatedAt": TIME}
PASSWORD = "hunter2"
NULLS = dict.fromkeys(("action", "result", "correlationId", "clientId", "email", "error"))


def read(time: str) -> datetime:
    task = TaskSchema.from_dict({**TASK, "createdAt": time})
    assert task is not None
    return task.created_at


@pytest.mark.parametrize(
    "time",
    [
        "2026-01-31T12:00:00+02:00",
        "2026-01-31T10:00:00Z",
        "2026-01-31 12:00:00+02:00",
        "2026-01-31 12:00:00 +0200",
        "2026-01-31T12:00:00.000 +02:00",
        "Sat, 31 Jan 2026 12:00:00 +0200",
    ],
)
def test_a_time_is_read_with_its_offset_even_in_almost_iso_format(time: str) -> None:
    moment = read(time)
    assert moment == datetime(2026, 1, 31, 10, tzinfo=timezone.utc)
    assert moment.utcoffset() == timedelta(hours=0 if "Z" in time else 2)


def test_a_time_without_an_offset_stays_naive() -> None:
    assert read("2026-01-31T12:00:00") == datetime(2026, 1, 31, 12)
    assert read("2026-01-31T12:00:00").tzinfo is None
    assert read("Sat, 31 Jan 2026 12:00:00 GMT").tzname() == "UTC"
    # Not quite ISO 8601.
    assert read("Sat, 31 Jan 2026 12:00:00") == datetime(2026, 1, 31, 12)


# Not even pydantic's compiled code may read them: it would take them for seconds or milliseconds since 1970.
NUMBERS = ["2026", "12", "-1", "1e3", " 2026 ", "5.", "1735689600", "1735689600.5", "1735689600000", 20260101, 1.5, 0]


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_is_no_time_and_no_date(number: Any) -> None:
    with pytest.raises(gravscale.ApiValueError, match="createdAt: Input should be a valid datetime"):
        read(number)
    with pytest.raises(gravscale.ApiValueError, match=r"createdAt: Input should be a valid (datetime|string)"):
        TaskSchema.from_json(json.dumps({**TASK, "createdAt": number}))
    with pytest.raises(ValueError, match=r"createdAt\n  Input should be a valid datetime"):
        TaskSchema(**{**TASK, "createdAt": number})
    for type_ in (FullDate, Day, Day | DateTime):
        with pytest.raises(ValueError, match=r"Input should be a valid (date|string)|expected a date without"):
            reader(type_)(json.dumps(number))


def test_a_date_of_eight_digits_is_read() -> None:
    assert read("20260131") == datetime(2026, 1, 31)
    assert reader(FullDate)('"20260131"') == reader(Day | DateTime)('"2026-01-31"') == date(2026, 1, 31)


@pytest.mark.parametrize("time", ["soon", "", "2026-13-45", None, [], "9" * 400])
def test_an_invalid_time_is_refused_with_the_name_of_its_field(time: Any) -> None:
    with pytest.raises(gravscale.ApiValueError, match=r"TaskSchema: createdAt"):
        read(time)


def test_fields_accept_their_names_in_python_and_in_the_contract() -> None:
    by_name = CreatePublicIpSchema(vpc_name="v", address="a")
    assert by_name == CreatePublicIpSchema.from_dict({"vpcName": "v", "address": "a"})
    assert by_name == CreatePublicIpSchema.from_dict({"vpc_name": "v", "address": "a"})
    assert by_name.to_dict() == {"vpcName": "v", "address": "a"}


def test_unknown_fields_are_ignored_at_every_depth() -> None:
    task = {**TASK, "y": 2, "subTasks": [{**TASK, "z": [3]}]}
    page = PageTaskTreeSchema.from_dict({"items": [task], "total": 1, "page": 1, "size": 50, "pages": 1, "x": 1})
    assert page is not None
    assert not vars(page).keys() & {"x"}
    written = page.to_json()
    assert [name for name in "xyz" if f'"{name}"' in written] == []
    assert page.items[0].sub_tasks is not None


@pytest.mark.parametrize("text", ["", "{", "nonsense", '{"email": 1, "password": "p"}', '{"email": "e"}', "[]", "3"])
def test_json_that_does_not_fit_is_a_value_error(text: str) -> None:
    with pytest.raises(gravscale.ApiValueError, match="LoginSchema") as caught:
        LoginSchema.from_json(text)
    assert isinstance(caught.value, ValueError)


def test_json_may_be_bytes() -> None:
    login = LoginSchema.from_json(b'{"email": "\xc3\xa9", "password": "p"}')
    assert login is not None
    assert login.email == "é"


def test_an_error_names_the_field_and_never_shows_the_value() -> None:
    with pytest.raises(gravscale.ApiValueError, match="password") as caught:
        LoginSchema.from_dict({"email": "e", "password": ["hunter2"]})
    assert "hunter2" not in repr(caught.value)
    assert caught.value.__context__ is None
    with pytest.raises(pydantic.ValidationError, match="password") as raised:
        LoginSchema(email="e", password=["hunter2"])  # type: ignore[arg-type]
    assert "hunter2" not in str(raised.value)


def test_assignments_are_checked() -> None:
    login = LoginSchema(email="e", password="p")
    login.email = "f"
    with pytest.raises(pydantic.ValidationError, match="email"):
        login.email = 1  # type: ignore[assignment]
    assert login.email == "f"


def test_a_number_without_a_fraction_is_an_integer() -> None:
    read = TaskSchema.from_json(json.dumps({**TASK, "clientId": 5.0}))
    assert read is not None
    assert (read.client_id, type(read.client_id)) == (5, int)


@pytest.mark.parametrize("odd", [{"clientId": 5.0}, {"createdAt": "2026-01-31 12:00:00 +0200"}])
def test_slow_reading_checks_the_deadline_repeatedly(odd: dict[str, Any]) -> None:
    class OverError(Exception):
        pass

    looks = 0

    def look(_: float) -> None:
        nonlocal looks
        looks += 1
        if looks > 9:
            raise OverError

    ten = json.dumps([{**TASK, **odd}] * 10)
    with pytest.raises(OverError):
        reader(list[TaskSchema])(ten, Reading(look))
    assert looks == 10


def test_booleans_texts_and_fractions_are_not_integers() -> None:
    for wrong in (True, "1", 1.5):
        with pytest.raises(gravscale.ApiValueError, match="clientId"):
            TaskSchema.from_dict({**TASK, "clientId": wrong})


def test_a_secret_shows_in_to_dict_and_to_json_only() -> None:
    login = LoginSchema(email="me@example.com", password="hunter2")
    assert login.to_dict()["password"] == json.loads(login.to_json())["password"] == "hunter2"
    for shown in (login.to_str(), str(login), repr(login)):
        assert "me@example.com" in shown
        assert "hunter2" not in shown


def test_the_actual_instance_of_an_any_of_model_is_text_or_a_whole_number() -> None:
    inner = ValidationErrorLocInner
    assert inner("body").actual_instance == "body"
    assert inner(actual_instance=3).actual_instance == 3
    assert inner.from_json("3").to_json() == "3"  # type: ignore[union-attr]
    assert inner.from_dict("body").to_dict() == "body"  # type: ignore[union-attr,arg-type]
    for wrong in (True, 1.5, [1], {"a": 1}):
        with pytest.raises(ValueError, match="actual_instance"):
            inner(wrong)
    with pytest.raises(gravscale.ApiValueError, match="one argument"):
        inner("a", "b")


def test_models_pickle_and_copy() -> None:
    task = TaskTreeSchema.from_dict({**TASK, "subTasks": [TASK], "result": {"a": [1, None]}})
    assert task is not None
    for twin in (pickle.loads(pickle.dumps(task)), copy.deepcopy(task), task.model_copy(deep=True)):
        assert twin == task
        assert twin.to_dict() == task.to_dict()
        assert twin.sub_tasks is not task.sub_tasks


@pytest.mark.parametrize("attempt", ["made", "assigned"])
def test_a_refused_password_shows_in_no_traceback_that_shows_variables(attempt: str) -> None:
    def refused(password: list[Any]) -> None:
        if attempt == "assigned":
            login: Any = LoginSchema(email="ada@example.com", password="")
            login.password = [password.pop()]
        else:
            LoginSchema(email=nobody, password=password.pop())

    nobody: Any = None
    with pytest.raises(pydantic.ValidationError) as caught:
        refused([PASSWORD])
    shown = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    assert "refused" in [frame.name for frame in shown.stack]
    assert PASSWORD not in "".join(shown.format())
