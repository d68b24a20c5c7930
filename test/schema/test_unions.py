"""Values of one of several types: which one is read."""

from __future__ import annotations

import warnings
from typing import Literal

import pytest
from pydantic import Field

from gravscale import ApiValueError
from gravscale.schema.any_of import AnyOf
from gravscale.schema.field_types import Open, OpenEnum
from gravscale.schema.model import Model


class Shade(str, OpenEnum):
    DARK = "dark"
    LIGHT = "light"


class Square(Model):
    kind: Open[Literal["square", "rectangle"], str]
    width: int | None = None
    height: int | None = None


class Circle(Model):
    kind: Open[Literal["circle", "disc"], str]
    width: int | None = None


class Shaded(Model):
    kind: Open[Shade, str]
    width: int | None = None


class Shape(AnyOf):
    actual_instance: Square | Circle | Shaded | None = Field(default=None, kw_only=False)


class Nested(AnyOf):
    actual_instance: Open[Literal["a"], str] | list[Nested] | None = Field(default=None, kw_only=False)


@pytest.mark.parametrize(("kind", "class_"), [("square", Square), ("disc", Circle), ("light", Shaded), ("new", Square)])
def test_the_member_whose_enums_know_the_values_is_read(kind: str, class_: type[Model]) -> None:
    shape = Shape.from_json(f'{{"kind": "{kind}", "width": 1, "height": 2}}')
    assert type(shape.actual_instance) is class_
    assert Shape.from_dict({"kind": kind, "width": 1, "height": 2}) == shape
    assert shape.actual_instance.kind == kind


def test_an_argument_with_an_unknown_value_is_refused() -> None:
    with pytest.raises(ValueError, match="kind"):
        Shape(Shape.from_json('{"kind": "circle"}').to_dict() | {"kind": "new"})
    with pytest.raises(ApiValueError, match="Input should be"):
        Shape.from_json('{"kind": 1.5, "width": "x"}')


@pytest.mark.parametrize("depth", [1, 3, 50])
def test_unknown_values_are_kept_at_any_depth(depth: int) -> None:
    text = "[" * depth + '"new"' + "]" * depth
    assert Nested.from_json(text).to_json() == text


def test_an_unknown_value_is_written_without_a_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert Shaded.from_json('{"kind": "new"}').model_dump_json() == '{"kind":"new","width":null}'
        assert Shaded.from_json('{"kind": "dark"}').model_dump() == {"kind": Shade.DARK, "width": None}
