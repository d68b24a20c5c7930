"""Models that can be one of several types. They have their own module because most programs never use one."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from pydantic import Discriminator, ModelWrapValidatorHandler, ValidationInfo, model_serializer, model_validator
from pydantic_core import to_json

from gravscale.exceptions import ApiValueError
from gravscale.schema.field_types import prefer_known
from gravscale.schema.model import Model, plain, reader
from gravscale.schema.reading import Reading, is_answer
from gravscale.support.type_guards import is_mapping
from gravscale.tracebacks import hide_sdk_frames

if TYPE_CHECKING:
    from typing_extensions import Self


class AnyOf(Model):
    """Base class of models that can be one of several types. `actual_instance` is the value itself.

    Args:
        *args: The value, as the only positional argument.
        **kwargs: The value, as `actual_instance`.
    """

    # Type checkers see the positional argument through the `kw_only=False` of each model's field.
    if not TYPE_CHECKING:

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            if len(args) > 1 or (args and kwargs):
                raise ApiValueError(f"{type(self).__name__}: expected one argument, the actual instance")
            super().__init__(**({"actual_instance": args[0]} if args else kwargs or {"actual_instance": None}))

        # Otherwise pydantic could not count the known fields of the value, by which it selects a member of a union.
        __init__.__pydantic_base_init__ = True

    @model_validator(mode="wrap")
    @classmethod
    def _wrap(cls, value: object, handler: ModelWrapValidatorHandler[Self], info: ValidationInfo) -> Self:
        named = isinstance(value, cls) or (isinstance(value, dict) and value.keys() == {"actual_instance"})
        read = partial(handler, value if named else {"actual_instance": value})
        return prefer_known(read) if is_answer(info) else read()

    @model_serializer
    def _unwrap(self) -> object:
        return plain(getattr(self, "actual_instance", None))

    # The value need not be a JSON object.
    def to_dict(self) -> object:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        """Return the value itself, or a dict of its fields if it is a model."""
        return self._unwrap()

    @classmethod
    @hide_sdk_frames
    def from_dict(cls, obj: object) -> Self:
        """Create a model from the value, which may be None. Raises ApiValueError if it fits none of the types."""
        return cls._checked(partial(cls.model_validate, context=Reading()), obj)

    @classmethod
    @hide_sdk_frames
    def from_json(cls, json_str: str | bytes) -> Self:
        """Create a model from JSON, which may be null. Raises ApiValueError if it fits none of the types."""
        return cls._checked(reader(cls), json_str)


def by_property(wire: str, name: str, classes: dict[str, str]) -> Discriminator:
    """Select one of several models by a property of the value (OpenAPI 3.1, section 4.8.25).

    Args:
        wire: The name of the property in the contract.
        name: The name of the property in Python.
        classes: The names of the models, by the value of the property.

    Returns:
        The discriminator for pydantic.
    """

    def class_of(value: Any) -> str | None:
        if isinstance(value, Model) and type(value).__name__ in classes.values():
            return type(value).__name__
        # A model may be one of the types of a union that is to be chosen.
        tag = value.get(wire, value.get(name)) if is_mapping(value) else getattr(value, name, None)
        # Numbers and booleans have the keys that they are in JSON.
        key = to_json(tag).decode() if isinstance(tag, int) else tag
        return classes.get(key) if isinstance(key, str) else None

    return Discriminator(class_of)
