"""How values are written into paths, queries, cookies and JSON."""

from __future__ import annotations

import decimal
import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone, tzinfo
from enum import Enum
from typing import Any

import pytest
from example_service import AuthorizationSchema, LoginSchema
from pydantic import BaseModel, Field, SecretStr
from pydantic_core import PydanticSerializationError

from gravscale import ApiTypeError, ApiValueError, Configuration
from gravscale.pipeline.serialization import (
    as_cookie,
    as_field,
    as_joined,
    as_pairs,
    as_path,
    as_plain,
    as_text,
    encode_value,
)
from gravscale.schema.any_of import AnyOf
from gravscale.schema.file import File
from gravscale.schema.model import Model
from gravscale.schema.parameters import Form, Query

MOMENT = datetime(2026, 1, 31, 12, tzinfo=timezone.utc)
DAY = date(2026, 1, 31)
CONFIGURATION = Configuration("http://127.0.0.1:1")
MULTIPART = "multipart/form-data"
URL_ENCODED = "application/x-www-form-urlencoded"


class Colour(str, Enum):
    RED = "red"


class Odd(Enum):
    INFINITE = float("inf")
    NONE = None
    SECRET = SecretStr("s")
    DAY = DAY


class Own(BaseModel):
    a: Any


class Generated(Model):
    a: Any


class OwnSecret(BaseModel):
    a: SecretStr = Field(serialization_alias="A")


@dataclass
class Point:
    x: int


@dataclass
class Box:
    content: Any


class OneOf(AnyOf):
    actual_instance: Any = None


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (Colour.RED, "red"),
        ([None, True, 1, 1.5, "a", b"b", bytearray(b"c")], [None, True, 1, 1.5, "a", b"b", b"c"]),
        (MOMENT, "2026-01-31T12:00:00+00:00"),
        (datetime(2026, 1, 31, tzinfo=timezone(timedelta(hours=-3, minutes=-30))), "2026-01-31T00:00:00-03:30"),
        (DAY, "2026-01-31"),
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (decimal.Decimal("1.50"), "1.50"),
        (SecretStr("s"), "s"),
        (LoginSchema(email="e", password="p"), {"email": "e", "password": "p"}),
        # A field that the user left out is not sent as null.
        (
            AuthorizationSchema(access_token="t", type="bearer", expires_at=MOMENT),
            {"accessToken": "t", "type": "bearer", "expiresAt": "2026-01-31T12:00:00+00:00"},
        ),
        ({"a": [Own(a=1), Point(2)]}, {"a": [{"a": 1}, {"x": 2}]}),
    ],
)
def test_what_python_has_becomes_what_json_has(value: Any, plain: Any) -> None:
    written = as_plain(value, "v")
    assert (written, type(written)) == (plain, type(plain))


class NoOffset(tzinfo):
    """A time zone that is broken."""

    def utcoffset(self, _: datetime | None) -> timedelta:
        return timedelta(days=2)

    def dst(self, _: datetime | None) -> None:
        return None


class NoDate(date):
    """A date that is not a date, like pandas' NaT."""

    def strftime(self, format: str) -> str:
        raise ValueError("does not support strftime")


IMPOSSIBLE = datetime(2026, 1, 31, tzinfo=NoOffset())
NESTED: list[Any] = []
NESTED.append(NESTED)


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        (object(), ApiTypeError, "expected a model or plain data, got object"),
        (Own, ApiTypeError, "expected a model or plain data, got the class Own"),
        (float("nan"), ApiValueError, "JSON can't represent nan"),
        (Odd.INFINITE, ApiValueError, "JSON can't represent inf"),
        ({"at": IMPOSSIBLE}, ApiValueError, "a time that can't be formatted"),
        (NESTED, ApiValueError, "nested too deeply, or containing itself"),
    ],
)
def test_what_json_can_not_hold_is_refused_by_name(value: Any, error: type[Exception], message: str) -> None:
    # At any depth, the message names the argument.
    for argument in (value, {"a": value}, [value], {"a": Box(value)}, Own(a=value), Generated(a=value)):
        with pytest.raises(error) as caught:
            as_plain(argument, "v")
        assert str(caught.value) == f"v: {message}"


def test_the_secrets_in_a_body_are_collected_at_any_depth() -> None:
    secret = SecretStr("s")
    for value in (secret, Odd.SECRET, {"a": secret}, [secret], Box(secret), OwnSecret(a=secret), Generated(a=secret)):
        secrets: list[str] = []
        as_plain(value, "v", secrets)
        assert secrets == ["s"]


def test_a_model_of_ones_own_is_sent_by_its_aliases() -> None:
    assert as_plain(OwnSecret(a=SecretStr("s")), "v") == {"A": "s"}


def test_a_time_without_an_offset_is_local_time() -> None:
    naive = datetime(2026, 1, 31, 12)
    assert datetime.fromisoformat(as_plain(naive, "v")) == naive.astimezone()
    assert datetime.fromisoformat(as_text(naive, "v", CONFIGURATION)) == naive.astimezone()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Colour.RED, "red"),
        (True, "true"),
        (7, "7"),
        (MOMENT, "2026-01-31T12:00:00.000000+00:00"),
        (datetime(926, 1, 31, tzinfo=timezone(timedelta(hours=-3, minutes=-30))), "0926-01-31T00:00:00.000000-03:30"),
        (date(926, 1, 31), "0926-01-31"),
        (False, "false"),
        (1.5, "1.5"),
        (b"\xc3\xa9", "é"),
        (bytearray(b"a"), "a"),
        (SecretStr("s"), "s"),
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (decimal.Decimal("1.50"), "1.50"),
        ({"a": [1]}, '{"a":[1]}'),
        (OneOf(date(2026, 1, 31)), "2026-01-31"),
        ([1, "a"], "1,a"),
        (LoginSchema(email="e", password="p"), '{"email":"e","password":"p"}'),
    ],
)
def test_a_parameter_is_text(value: Any, text: str) -> None:
    assert as_text(value, "v", CONFIGURATION) == text


def test_times_are_written_as_configured() -> None:
    configuration = Configuration("http://127.0.0.1:1", datetime_format="%Y %z", date_format="%d.%m.%Y")
    assert as_text([MOMENT, DAY, Odd.DAY], "v", configuration) == "2026 +0000,31.01.2026,31.01.2026"
    assert as_path(DAY, "v", configuration) == as_cookie(DAY, "v", configuration) == "31.01.2026"
    for value in (DAY, [DAY], OneOf(DAY)):
        assert as_pairs(Query("q", Any), value, configuration) == [("q", "31.01.2026")]
        assert as_field(Form("q", Any, content_type=MULTIPART), value, configuration) == "31.01.2026"


@pytest.mark.parametrize("year", [999, 1000, 2026])
def test_a_year_has_four_digits(year: int) -> None:
    configuration = Configuration("http://127.0.0.1:1", datetime_format="%%Y is %Y%z")
    assert as_text(MOMENT.replace(year=year), "v", configuration) == f"%Y is {year:04}+0000"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (None, "None can't be written as text"),
        (Odd.NONE, "None can't be written as text"),
        (b"\xff", "bytes that are not UTF-8 can't be written as text"),
        (OneOf(b"\xff"), "bytes that are not UTF-8 can't be written as text"),
        pytest.param(10**5000, "a number with too many digits", id="a long number"),
        (IMPOSSIBLE, "a time that can't be formatted"),
        (NoDate(2026, 1, 31), "a time that can't be formatted"),
        ({"a": float("nan")}, "JSON can't represent nan"),
        ({"a": "\ud800"}, "can't be written as JSON"),
    ],
)
def test_what_is_no_text_is_refused_by_name(value: Any, message: str) -> None:
    for argument in (value, [value]):
        with pytest.raises(ApiValueError) as caught:
            as_text(argument, "v", CONFIGURATION)
        assert str(caught.value) == f"v: {message}"
        assert not isinstance(caught.value.__context__, PydanticSerializationError)


def test_the_items_of_a_list_in_a_path_are_joined_by_commas() -> None:
    assert as_path(["a,b", "c/d"], "v", CONFIGURATION) == "a%2Cb,c%2Fd"
    assert as_path(Colour.RED, "v", CONFIGURATION) == "red"
    assert as_path("a/b", "v", Configuration("http://127.0.0.1:1", safe_chars_for_path_param="/")) == "a/b"
    with pytest.raises(ApiValueError, match=r"^v: the text contains a lone surrogate"):
        as_path(["a", "\ud800"], "v", CONFIGURATION)
    with pytest.raises(ApiValueError, match=r"^v: None can't be written as text$"):
        as_path(["a", None], "v", CONFIGURATION)


def test_a_value_is_percent_encoded_except_for_the_commas_that_join_a_list() -> None:
    for value, joined, encoded in (("a,b/", "a,b/", "a%2Cb%2F"), (["a,b", "/"], "a,b,/", "a%2Cb,%2F")):
        assert (as_joined(value), encode_value(value, "v")) == (joined, encoded)
        assert encode_value(value, "v", "/") == encoded.replace("%2F", "/")
        with pytest.raises(ApiValueError, match=r"^v: the text contains a lone surrogate"):
            encode_value("\ud800" if value == joined else ["\ud800"], "v")


@pytest.mark.parametrize("value", ["", ".", "..", []], ids=repr)
def test_a_path_that_would_lead_elsewhere_is_refused(value: Any) -> None:
    text = "" if value == [] else value
    with pytest.raises(ApiValueError) as caught:
        as_path(value, "v", CONFIGURATION)
    assert str(caught.value) == f"v: {text!r} can't be a part of a path"
    assert as_path("a/..", "v", CONFIGURATION) == "a%2F.."


@pytest.mark.parametrize("value", ["a b", "a;b", 'a"', "a,b", "a\\"])
def test_a_cookie_that_would_become_two_is_refused(value: str) -> None:
    with pytest.raises(ApiValueError) as caught:
        as_cookie(value, "v", CONFIGURATION)
    assert str(caught.value) == "v: a cookie can't contain a space, quote, comma, semicolon or backslash"


def test_a_cookie_is_text() -> None:
    assert as_cookie(True, "v", CONFIGURATION) == "true"
    allowed = "".join(character for character in map(chr, range(0x21, 0x7F)) if character not in '",;\\')
    assert as_cookie(allowed, "v", CONFIGURATION) == allowed
    with pytest.raises(ApiValueError, match=r"^v: None can't be written as text$"):
        as_cookie(None, "v", CONFIGURATION)


@pytest.mark.parametrize(
    ("value", "explode", "pairs"),
    [
        ("a", True, [("q", "a")]),
        ([1, 2], True, [("q", "1"), ("q", "2")]),
        ([1, 2], False, [("q", ["1", "2"])]),
        ([], False, []),
        ({"a": 1, "b": None, "c": [True]}, True, [("a", "1"), ("c", "true")]),
        ({"a": 1, "b": None, "c": 2}, False, [("q", ["a", "1", "c", "2"])]),
        (True, True, [("q", "true")]),
        (OneOf([1, 2]), True, [("q", "1"), ("q", "2")]),
        (LoginSchema(email="e", password="p"), True, [("email", "e"), ("password", "p")]),
    ],
)
def test_lists_and_objects_in_a_query(value: Any, explode: bool, pairs: Any) -> None:
    assert as_pairs(Query("q", Any, explode=explode), value, CONFIGURATION) == pairs


@pytest.mark.parametrize("value", [None, {"a": [None]}, [None], 10**5000], ids=type)
def test_what_is_no_text_in_a_query_is_refused_by_name(value: Any) -> None:
    with pytest.raises(ApiValueError, match=r"^v: (None can't be written as text|a number with too many digits)$"):
        as_pairs(Query("v", Any, wire="q"), value, CONFIGURATION)


@pytest.mark.parametrize(
    ("content_type", "value", "field"),
    [
        (URL_ENCODED, 1, "1"),
        (URL_ENCODED, b"a", "a"),
        (URL_ENCODED, {"a": 1}, '{"a":1}'),
        (MULTIPART, True, "true"),
        (MULTIPART, b"\xff", ("wire", b"\xff", None)),
        (MULTIPART, {"a": 1}, (None, b'{"a":1}', "application/json")),
        (MULTIPART, OneOf({"a": 1}), (None, b'{"a":1}', "application/json")),
        (MULTIPART, OneOf("a"), "a"),
    ],
)
def test_a_field_of_a_form_is_text_or_a_part(content_type: str, value: Any, field: Any) -> None:
    assert as_field(Form("v", Any, wire="wire", content_type=content_type), value, CONFIGURATION) == field


def test_a_file_in_a_form_has_the_name_of_its_field_unless_it_has_its_own() -> None:
    parameter = Form("v", File, wire="wire", content_type=MULTIPART)
    assert as_field(parameter, b"a", CONFIGURATION) == ("wire", b"a", None)
    assert as_field(parameter, ("n", b"a", "text/plain"), CONFIGURATION) == ("n", b"a", "text/plain")
    with pytest.raises(ApiValueError, match=r"^v: can't open the file"):
        as_field(parameter, "/no/such/file", CONFIGURATION)


@pytest.mark.parametrize(
    ("content_type", "value", "message"),
    [
        (URL_ENCODED, b"\xff", "bytes that are not UTF-8 can't be written as text"),
        (URL_ENCODED, "\ud800", "the text contains a lone surrogate, which can't be encoded"),
        (MULTIPART, "\ud800", "the text contains a lone surrogate, which can't be encoded"),
        (MULTIPART, {"a": "\ud800"}, "can't be written as JSON"),
    ],
)
def test_what_is_no_text_in_a_form_is_refused_by_name(content_type: str, value: Any, message: str) -> None:
    with pytest.raises(ApiValueError) as caught:
        as_field(Form("v", Any, wire="wire", content_type=content_type), value, CONFIGURATION)
    assert str(caught.value) == f"v: {message}"
