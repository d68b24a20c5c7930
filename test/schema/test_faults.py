"""What is wrong with an argument, in the caller's terms."""

from __future__ import annotations

import enum
from datetime import date
from typing import Annotated, Any, Literal

import pydantic_core
import pytest
from pydantic import Field, JsonValue, StrictBool, StrictBytes, StrictFloat, StrictInt, StrictStr, TypeAdapter
from typing_extensions import TypedDict

from gravscale.schema.faults import describe_argument, describe_unknown
from gravscale.schema.model import Model


class Colour(enum.Enum):
    RED = "red"


class Disk(Model):
    size_gb: Annotated[StrictInt, Field(alias="sizeGb")]
    label: StrictStr = ""


class Server(Model):
    host_name: Annotated[StrictStr, Field(alias="hostName")]
    disks: list[Disk] | None = None
    password: StrictStr | None = None


def description(type_: Any, value: object, name: str = "a", **options: bool) -> str:
    with pytest.raises(pydantic_core.ValidationError) as caught:
        TypeAdapter(type_).validate_python(value)
    return describe_argument(name, type_, caught.value, **options)


@pytest.mark.parametrize(
    ("type_", "value", "message"),
    [
        (StrictBool, 1, "expected a bool, got the int 1"),
        (StrictBytes, 1, "expected bytes, got the int 1"),
        (dict[str, int], 1.5, "expected a dict, got the float 1.5"),
        (StrictFloat, "x", "expected a number, got the str 'x'"),
        (StrictInt, True, "expected an int, got the bool True"),
        (StrictInt, date(2026, 1, 31), "expected an int, got the date datetime.date(2026, 1, 31)"),
        (StrictInt, Colour.RED, "expected an int, got the Colour <Colour.RED: 'red'>"),
        (StrictInt, [1], "expected an int, got a list"),
        (StrictInt, None, "expected an int, got None"),
        (list[int], 1, "expected a list, got the int 1"),
        (StrictStr, b"x", "expected a str, got a bytes"),
        (Annotated[int, Field(gt=1)], 1, "expected more than 1, got 1"),
        (Annotated[int, Field(ge=1)], 0, "expected 1 or more, got 0"),
        (Annotated[int, Field(lt=1)], 1, "expected less than 1, got 1"),
        (Annotated[int, Field(le=1)], 2, "expected 1 or less, got 2"),
        (Annotated[int, Field(multiple_of=2)], 1, "expected a multiple of 2, got 1"),
        (Literal["x", "y"], "z", "expected 'x' or 'y', got 'z'"),
        (Annotated[str, Field(max_length=2)], "xyz", "String should have at most 2 characters, got 'xyz'"),
        (StrictInt, "x" * 78, f"expected an int, got the str '{'x' * 78}'"),
        (StrictInt, "x" * 79, f"expected an int, got the str '{'x' * 79}…"),
    ],
    ids=repr,
)
def test_an_argument_is_described_by_what_was_expected_and_what_came(type_: Any, value: object, message: str) -> None:
    assert description(type_, value) == f"a: {message}"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (1, "a: expected a Server or a dict of its fields, got the int 1"),
        ({}, "a.host_name: missing"),
        ({"hostName": 1}, "a.hostName: expected a str, got the int 1"),
        ({"host_name": "h", "disks": [{}]}, "a.disks.0.size_gb: missing"),
        ({"host_name": "h", "disks": [{"size_gb": "x"}]}, "a.disks.0.size_gb: expected an int, got the str 'x'"),
        ({"host_name": "h", "password": 12345678}, "a.password: expected a str, got an int"),
        (
            {"hostname": "h"},
            "a.host_name: missing; 'hostname' is not one of its fields, did you mean 'host_name'?",
        ),
        (
            {"hostName": "h", "disks": [{"zzz": 1}]},
            "a.disks.0.size_gb: missing; 'zzz' is not one of its fields, which are size_gb, label",
        ),
        ({"hostName": "h", "disks": [{"size_gb": 1, "label": 2}]}, "a.disks.0.label: expected a str, got the int 2"),
    ],
    ids=repr,
)
def test_a_field_is_named_by_its_place_in_the_argument(value: object, message: str) -> None:
    assert description(Server, value) == message


class Size(TypedDict):
    gb: int


def test_what_is_missing_in_a_dict_that_is_no_model_is_named() -> None:
    assert description(Size, {"bg": 1}) == "a.gb: missing"


def test_a_value_that_is_nested_too_deeply_is_not_described_level_by_level() -> None:
    deep: list[Any] = []
    for _ in range(1000):
        deep = [deep]
    assert description(JsonValue, deep) == "a: nested too deeply, or containing itself"


def test_a_value_is_not_shown_if_it_may_be_secret() -> None:
    assert description(StrictInt, "hunter22", "api_token") == "api_token: expected an int, got a str"
    assert description(StrictInt, "hunter22", shows_value=False) == "a: expected an int, got a str"
    assert description(list[StrictInt], ["hunter22"], "tokens") == "tokens.0: expected an int, got a str"
    # Parts of an argument that is not shown as a whole.
    assert description(list[StrictInt], ["x"], shows_value=False) == "a.0: expected an int, got the str 'x'"
    assert description(Annotated[int, Field(ge=1)], 0, shows_value=False) == "a: expected 1 or more, got an int"


def test_five_faults_are_described_and_the_rest_is_counted() -> None:
    described = "; ".join(f"a.{number}: expected an int, got the str 'x'" for number in range(5))
    assert description(list[StrictInt], ["x"] * 5) == described
    assert description(list[StrictInt], ["x"] * 7) == f"{described}; and 2 more"


def test_each_misspelled_name_is_mentioned_once_and_only_beside_a_fault_that_is_described() -> None:
    missing = "; ".join(f"a.{number}.size_gb: missing" for number in range(5))
    unknown = "'siz_gb' is not one of its fields, did you mean 'size_gb'?"
    disks = [{"siz_gb": 1}] * 5 + [{"other": 1}]
    assert description(list[Disk], disks[:5]) == f"{missing}; {unknown}"
    assert description(list[Disk], disks) == f"{missing}; and 1 more; {unknown}"


def test_a_long_place_is_cut() -> None:
    message = description(dict[str, StrictInt], {"k" * 81: "x"}, "n" * 81)
    assert message == f"{'n' * 80}….{'k' * 80}…: expected an int, got the str 'x'"


def test_unknown_fields_are_described_with_the_known_ones() -> None:
    assert describe_unknown(["zzz"], Disk) == "'zzz' is not one of its fields, which are size_gb, label"
    assert describe_unknown([7], Disk) == "7 is not one of its fields, which are size_gb, label"
    assert describe_unknown(["lable"], Disk) == "'lable' is not one of its fields, did you mean 'label'?"
    each = "; ".join(f"{number} is not one of its fields, which are size_gb, label" for number in range(5))
    assert describe_unknown([4, 3, 2, 1, 0], Disk) == each
    assert describe_unknown(range(7), Disk) == f"{each}; and 2 more that are not"
