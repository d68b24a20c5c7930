"""Values of one of several types: which one is read."""

from __future__ import annotations

import json
import warnings
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field, Tag, ValidationError

from gravscale import ApiValueError
from gravscale.schema.any_of import AnyOf, by_property
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


def test_a_union_takes_its_value_and_nothing_else() -> None:
    square = Square(kind="square")
    assert Shape(square) == Shape(actual_instance=square) == Shape(Shape(square).actual_instance)
    assert Shape().actual_instance is None
    for arguments, named in (((square, square), {}), ((square,), {"actual_instance": square})):
        with pytest.raises(ApiValueError, match=r"^Shape: expected one argument, the actual instance$"):
            Shape(*arguments, **named)  # type: ignore[arg-type]
    assert [Shape(square).to_dict(), Nested("a").to_dict(), Nested(["a"]).to_dict()] == [square.to_dict(), "a", ["a"]]


class Cat(Model):
    pet_kind: Annotated[Any, Field(alias="petKind")]
    lives: int | None = None


class Dog(Model):
    pet_kind: Annotated[Any, Field(alias="petKind")]
    tricks: int | None = None


@pytest.fixture
def pet() -> Any:
    """The union of a cat and a dog, which the property tells apart."""

    class Pet(AnyOf):
        actual_instance: (
            Annotated[
                Annotated[Cat, Tag("Cat")] | Annotated[Dog, Tag("Dog")],
                by_property("petKind", "pet_kind", {"cat": "Cat", "dog": "Dog", "2": "Cat", "true": "Dog"}),
            ]
            | None
        ) = Field(default=None, kw_only=False)

    return Pet


class Puppy(Dog):
    """A program's own kind of a dog."""


@pytest.mark.parametrize(("kind", "class_"), [("cat", Cat), ("dog", Dog), (2, Cat), (True, Dog)])
def test_the_member_that_a_property_names_is_read(kind: Any, class_: type[Model], pet: Any) -> None:
    for name in ("petKind", "pet_kind"):
        assert type(pet.from_dict({name: kind}).actual_instance) is class_
        assert type(pet({name: kind}).actual_instance) is class_
    assert type(pet.from_json(json.dumps({"petKind": kind})).actual_instance) is class_
    # A model is taken as it is, whatever the property says.
    for model in (Cat(pet_kind=kind), Dog(pet_kind=kind)):
        assert pet(model).actual_instance is model


def test_a_models_own_property_names_its_member_if_its_class_does_not(pet: Any) -> None:
    puppy = Puppy(pet_kind="dog")
    assert pet(puppy).actual_instance is puppy


@pytest.mark.parametrize("value", [{"petKind": "cow"}, {"petKind": ["cat"]}, {"petKind": None}, {}, 7, "cat"], ids=repr)
def test_a_value_that_names_no_member_is_refused(value: Any, pet: Any) -> None:
    with pytest.raises(ValidationError, match="Unable to extract tag using discriminator"):
        pet(value)
    with pytest.raises(ApiValueError, match="Unable to extract tag using discriminator"):
        pet.from_dict(value)
