"""How values are written into paths, queries, cookies and JSON."""

from __future__ import annotations

import decimal
import uuid
from dataclasses import dataclass
from datetime import date, datetime, timezone
from enum import Enum
from typing import Any

import pytest
from example_service import LoginSchema
from pydantic import BaseModel, SecretStr

from gravscale import ApiTypeError, ApiValueError, Configuration
from gravscale.pipeline.serialization import as_cookie, as_pairs, as_path, as_plain, as_text
from gravscale.schema.parameters import Query

MOMENT = datetime(2026, 1, 31, 12, tzinfo=timezone.utc)
CONFIGURATION = Configuration("http://127.0.0.1:1")


class Colour(str, Enum):
    RED = "red"


class Own(BaseModel):
    a: int


@dataclass
class Point:
    x: int


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (Colour.RED, "red"),
        ([None, True, 1, 1.5, "a", b"b", bytearray(b"c")], [None, True, 1, 1.5, "a", b"b", b"c"]),
        (MOMENT, "2026-01-31T12:00:00+00:00"),
        (date(2026, 1, 31), "2026-01-31"),
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (decimal.Decimal("1.50"), "1.50"),
        (SecretStr("s"), "s"),
        (LoginSchema(email="e", password="p"), {"email": "e", "password": "p"}),
        ({"a": [Own(a=1), Point(2)]}, {"a": [{"a": 1}, {"x": 2}]}),
    ],
)
def test_what_python_has_becomes_what_json_has(value: Any, plain: Any) -> None:
    written = as_plain(value, "v")
    assert (written, type(written)) == (plain, type(plain))


@pytest.mark.parametrize(
    ("value", "error"), [(object(), ApiTypeError), (float("nan"), ApiValueError), ([float("inf")], ApiValueError)]
)
def test_what_json_can_not_hold_is_refused_by_name(value: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match=r"^v: "):
        as_plain(value, "v")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Colour.RED, "red"),
        (True, "true"),
        (7, "7"),
        (MOMENT, "2026-01-31T12:00:00.000000+00:00"),
        (date(926, 1, 31), "0926-01-31"),
        ([1, "a"], "1,a"),
        (LoginSchema(email="e", password="p"), '{"email":"e","password":"p"}'),
    ],
)
def test_a_parameter_is_text(value: Any, text: str) -> None:
    assert as_text(value, "v", CONFIGURATION) == text


@pytest.mark.parametrize("value", ["", ".", "..", []], ids=repr)
def test_a_path_that_would_lead_elsewhere_is_refused(value: Any) -> None:
    with pytest.raises(ApiValueError, match="can't be a part of a path"):
        as_path(value, "v", CONFIGURATION)
    assert as_path("a/..", "v", CONFIGURATION) == "a%2F.."


@pytest.mark.parametrize("value", ["a b", "a;b", 'a"', "a,b", "a\\"])
def test_a_cookie_that_would_become_two_is_refused(value: str) -> None:
    with pytest.raises(ApiValueError, match="a space, quote, comma, semicolon or backslash"):
        as_cookie(value, "v", CONFIGURATION)


@pytest.mark.parametrize(
    ("value", "explode", "pairs"),
    [
        ("a", True, [("q", "a")]),
        ([1, 2], True, [("q", "1"), ("q", "2")]),
        ([1, 2], False, [("q", ["1", "2"])]),
        ([], False, []),
        ({"a": 1, "b": None}, True, [("a", "1")]),
        ({"a": 1}, False, [("q", ["a", "1"])]),
    ],
)
def test_lists_and_objects_in_a_query(value: Any, explode: bool, pairs: Any) -> None:
    assert as_pairs(Query("q", Any, explode=explode), value, CONFIGURATION) == pairs
