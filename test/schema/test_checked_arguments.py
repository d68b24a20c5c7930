"""How an argument is checked against its parameter."""

from __future__ import annotations

from typing import Annotated, Any, Optional, Union

import pytest
from example_service import LoginSchema
from pydantic import Field, JsonValue, StrictInt, StrictStr

from gravscale import ApiTypeError, ApiValueError
from gravscale.schema.model import Model
from gravscale.schema.parameters import Body, Form, Parameter, Query, name_of_type


class Item(Model):
    name: StrictStr
    note: StrictStr | None = None


class Extensible(Model):
    name: StrictStr
    additional_properties: dict[str, Any] = Field(default_factory=dict)


class Basket(Model):
    items: list[Item]


def refusal(parameter: Parameter, value: object, error: type[Exception]) -> str:
    with pytest.raises((ApiTypeError, ApiValueError)) as caught:
        parameter.check(value)
    assert type(caught.value) is error
    assert caught.value.__context__ is None
    return str(caught.value)


def test_what_is_not_said_of_a_parameter_is_what_most_have() -> None:
    parameter = Parameter("name", int)
    assert (parameter.name, parameter.wire, parameter.required, parameter.explode) == ("name", "name", True, True)
    assert (parameter.content_type, parameter.constraints) == ("application/json", {})
    assert Parameter("name", int, wire="").wire == ""


def test_an_argument_becomes_its_type() -> None:
    assert Query("q", int).check("7") == 7
    assert Query("q", lambda: int).check("7") == 7
    assert Query("q", int, ge=7).check(7) == 7
    assert Query("q", int, required=False).check(None) is None
    assert Body("b", Basket).check({"items": [{"name": "a"}]}) == Basket(items=[Item(name="a")])


@pytest.mark.parametrize(
    ("parameter", "value", "error", "message"),
    [
        (Query("q", int), None, ApiTypeError, "q: expected an int, got None"),
        (Query("q", lambda: LoginSchema), None, ApiTypeError, "q: expected a LoginSchema, got None"),
        (Query("q", StrictInt), "x", ApiTypeError, "q: expected an int, got the str 'x'"),
        (Query("q", int, ge=8), 7, ApiValueError, "q: expected 8 or more, got 7"),
        # A value is wrong too if not all faults are those of a type.
        (
            Body("b", LoginSchema),
            {"email": 1},
            ApiValueError,
            "b.email: expected a str, got the int 1; b.password: missing",
        ),
        (Body("b", StrictInt), "hunter22", ApiTypeError, "b: expected an int, got a str"),
        (Form("f", StrictInt), "hunter22", ApiTypeError, "f: expected an int, got a str"),
        (
            Body("b", Basket),
            {"items": [{"name": "a", "nam": 1}, {"name": "b", "nota": 1}]},
            ApiValueError,
            "b.items.0: 'nam' is not one of its fields, did you mean 'name'?; "
            "b.items.1: 'nota' is not one of its fields, did you mean 'note'?",
        ),
    ],
)
def test_a_wrong_argument_is_refused_by_name(
    parameter: Parameter, value: object, error: type[Exception], message: str
) -> None:
    assert refusal(parameter, value, error) == message


def test_a_body_that_is_nested_too_deeply_or_contains_itself_is_refused() -> None:
    endless: list[Any] = []
    endless.append(endless)
    deep: list[Any] = []
    for _ in range(1000):
        deep = [deep]
    for value in (endless, deep):
        message = refusal(Body("b", JsonValue), value, ApiValueError)
        assert message == "b: nested too deeply, or containing itself"


def test_a_model_that_takes_any_fields_takes_all_of_a_dict() -> None:
    body = Body("b", Extensible)
    assert body.check({"name": "a", "other": 1}).name == "a"


def test_only_a_null_that_was_given_is_kept() -> None:
    body = Body("b", list[Item])
    assert [item.to_dict() for item in body.check([{"name": "a"}, {"name": "b", "note": None}])] == [
        {"name": "a"},
        {"name": "b", "note": None},
    ]


def test_none_is_a_body_only_where_its_type_has_null() -> None:
    assert Body("b", Union[int, None]).check(None) is None  # noqa: UP007 - as generated code may have it
    assert Body("b", Any).check(None) is None
    assert refusal(Body("b", int), None, ApiTypeError) == "b: expected an int, got None"
    assert refusal(Body("b", bool), None, ApiTypeError) == "b: expected a bool, got None"
    assert Query("q", Any, required=False).check(None) is None
    assert refusal(Query("q", Any), None, ApiTypeError).endswith(", got None")


@pytest.mark.parametrize(
    ("type_", "name"),
    [
        (int, "int"),
        (LoginSchema, "LoginSchema"),
        (Annotated[Annotated[int, Field(ge=1)], "x"], "int"),
        (list[int], "list[int]"),
        (int | None, "int | None"),
        (Optional[int], "Optional[int]"),  # noqa: UP045 - programs may ask for it
    ],
    ids=str,
)
def test_a_type_has_the_name_that_people_write(type_: Any, name: str) -> None:
    assert name_of_type(type_) == name
