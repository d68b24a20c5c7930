"""What all models share: how they are read, written and shown. The generated models are their fields."""

from __future__ import annotations

import json
import pprint
from datetime import datetime
from functools import cache
from inspect import isclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, TypeVar, get_args

import pydantic_core
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    model_serializer,
    model_validator,
)

from gravscale._guards import is_dict, is_list
from gravscale.exceptions import ApiValueError
from gravscale.redaction import mask

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic.fields import FieldInfo
    from typing_extensions import Self

T = TypeVar("T")


class _OmittedWhenNone:
    """Marks a field whose null the contract does not allow: None stands for its absence."""


Omissible = Annotated[T | None, _OmittedWhenNone()]
"""The type of a field that may be absent but not null."""


def _read_time(value: object) -> object:
    """Read a time that is not quite ISO 8601, such as one with a space and an offset without a colon."""
    if not isinstance(value, str):
        return value
    from dateutil import parser

    try:
        return parser.parse(value)
    except (ValueError, OverflowError):
        return value


# Left to right: what is ISO 8601 never leaves pydantic's compiled code.
DateTime = Annotated[
    datetime | Annotated[datetime, BeforeValidator(_read_time)],
    Field(union_mode="left_to_right"),
]
"""A date and time, with whatever offset it was written."""


class Model(BaseModel):
    """The base of every model: `to_dict`, `to_json`, `to_str`, and `from_dict`, `from_json`.

    Fields go by their Python names and by their names in the contract. Unknown fields are ignored. A password or a
    token shows in `to_dict()` and `to_json()` only.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(
        validate_by_name=True,
        validate_by_alias=True,
        validate_assignment=True,
        protected_namespaces=(),
        # The value at fault may be a password.
        hide_input_in_errors=True,
    )

    def to_dict(self) -> dict[str, Any]:
        """The fields by their names in the contract. A field that is None is left out unless it was set to null."""
        return {
            field.serialization_alias or name: _plain(value)
            for name, field in type(self).model_fields.items()
            if (value := getattr(self, name)) is not None
            or (name in self.model_fields_set and not any(isinstance(m, _OmittedWhenNone) for m in field.metadata))
        }

    def to_json(self) -> str:
        """The same as JSON."""
        return json.dumps(pydantic_core.to_jsonable_python(self.to_dict()))

    def to_str(self) -> str:
        """All fields for people to read, secrets masked."""
        return pprint.pformat(mask(self.model_dump(by_alias=True)))

    @classmethod
    def from_dict(cls, obj: Mapping[str, Any] | None) -> Self | None:
        """Make a model of its fields, None of None. Raises ApiValueError where a field is at fault."""
        return None if obj is None else cls._checked(cls.model_validate, obj)

    @classmethod
    def from_json(cls, json_str: str | bytes) -> Self | None:
        """Make a model of JSON text, None of null. Raises ApiValueError where it is not JSON or a field is at fault."""
        is_null = isinstance(json_str, (str, bytes)) and json_str.strip() in ("null", b"null")
        return None if is_null else cls._checked(cls.model_validate_json, json_str)

    @classmethod
    def _checked(cls, read: Any, value: Any) -> Self:
        try:
            model: Self = as_read(read(value))
            return model
        except pydantic_core.ValidationError as error:
            refused = ApiValueError(f"{cls.__name__}: {describe(error)}")
        # Outside of the except clause: pydantic's error, which knows the input, is not to be a part of the chain.
        raise refused

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        for name, value in super().__repr_args__():
            yield name, mask(value, name or "")


class AnyOf(Model):
    """The base of models that are one of several types: `actual_instance` holds the value itself.

    Args:
        actual_instance: the value; also as the only positional argument.
    """

    if not TYPE_CHECKING:

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            if len(args) > 1 or (args and kwargs):
                raise ApiValueError(f"{type(self).__name__}: expected one argument, the actual instance")
            super().__init__(**({"actual_instance": args[0]} if args else kwargs))

    @model_validator(mode="wrap")
    @classmethod
    def _wrap(cls, value: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        named = isinstance(value, cls) or (isinstance(value, dict) and value.keys() == {"actual_instance"})
        return handler(value if named else {"actual_instance": value})

    @model_serializer
    def _unwrap(self) -> Any:
        return _plain(getattr(self, "actual_instance", None))

    def to_dict(self) -> Any:
        """The value itself, a model as its fields."""
        return self._unwrap()

    @classmethod
    def from_dict(cls, obj: Any) -> Self:
        """Make a model of the value itself, also of None. Raises ApiValueError where it is of none of the types."""
        return cls._checked(cls.model_validate, obj)

    @classmethod
    def from_json(cls, json_str: str | bytes) -> Self:
        """Make a model of JSON text, also of null. Raises ApiValueError where it is of none of the types."""
        return cls._checked(cls.model_validate_json, json_str)


def as_read(value: T) -> T:
    """A value that was read: its models count every field as set, and have the default where null came for it.

    So do those of openapi-generator's clients: `to_dict()` of an answer has each nullable field, whether the service
    sent null or nothing.
    """
    _mark_as_read(value)
    return value


def _mark_as_read(value: object) -> None:
    if is_list(value):
        for item in value:
            _mark_as_read(item)
    elif is_dict(value):
        for item in value.values():
            _mark_as_read(item)
    elif isinstance(value, Model):
        with_default, with_models = _to_mark(type(value))
        value.__pydantic_fields_set__.update(value.__dict__)
        for name, field in with_default:
            if value.__dict__[name] is None:
                object.__setattr__(value, name, field.get_default())
        for name in with_models:
            _mark_as_read(value.__dict__[name])


@cache
def _to_mark(model: type[Model]) -> tuple[list[tuple[str, FieldInfo]], list[str]]:
    """A model's fields that have a default other than None, and those that may hold models."""
    fields = model.model_fields.items()
    return (
        [(name, field) for name, field in fields if not field.is_required() and field.get_default() is not None],
        [name for name, field in fields if _may_hold_models(field.annotation)],
    )


def _may_hold_models(type_: Any) -> bool:
    return (isclass(type_) and issubclass(type_, Model)) or any(map(_may_hold_models, get_args(type_)))


def describe(error: pydantic_core.ValidationError) -> str:
    """What pydantic found wrong, in one line and without the values at fault."""
    faults = error.errors(include_url=False, include_input=False, include_context=False)
    shown = "; ".join(
        f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" if fault["loc"] else fault["msg"] for fault in faults[:5]
    )
    return shown if len(faults) <= 5 else f"{shown}; and {len(faults) - 5} more"


def _plain(value: Any) -> Any:
    if isinstance(value, Model):
        return value.to_dict()
    if is_list(value):
        return [_plain(item) for item in value]
    if is_dict(value):
        return {key: _plain(item) for key, item in value.items()}
    return value
