"""What all models share: how they are read, written and shown. The generated models are their fields."""

from __future__ import annotations

import json
from contextlib import suppress
from functools import cache, partial
from inspect import isclass
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, get_args

import pydantic_core
from pydantic import ConfigDict, GetCoreSchemaHandler

# Not from `pydantic`: editors that read sources to complete names, as jedi does, would read all of that package for it.
from pydantic.main import BaseModel
from pydantic_core import core_schema

from gravscale.exceptions import ApiValueError
from gravscale.schema.field_types import NoneIsAbsent, NoneIsOneValue, Reading
from gravscale.support.redaction import mask
from gravscale.support.type_guards import is_dict, is_list, is_mapping
from gravscale.tracebacks import hide_sdk_frames

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from pydantic.fields import FieldInfo
    from typing_extensions import Self

T = TypeVar("T")
U = TypeVar("U")

_CONTAINERS = frozenset((list, dict))


def _stop_at_first_faulty_item(schema: object) -> None:
    """Have lists checked up to the first item at fault. Pydantic would note the fault of each, which for a long list
    of something else takes hundreds of times the memory of its text."""
    if is_dict(schema):
        if schema.get("type") == "list":
            schema["fail_fast"] = True
        for part in schema.values():
            _stop_at_first_faulty_item(part)
    elif is_list(schema):
        for part in schema:
            _stop_at_first_faulty_item(part)


class Model(BaseModel):
    """The base of every model: `to_dict`, `to_json`, `to_str`, and `from_dict`, `from_json`.

    Fields go by their Python names and by their names in the contract. Unknown fields are ignored. A password or a
    token shows only where a model is turned into data: `to_dict()`, `to_json()`, pydantic's own `model_dump()`, a loop.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(
        validate_by_name=True,
        validate_by_alias=True,
        validate_assignment=True,
        protected_namespaces=(),
        # The value at fault may be a password.
        hide_input_in_errors=True,
    )

    if not TYPE_CHECKING:

        def __init__(self, /, **fields: Any) -> None:
            try:
                super().__init__(**fields)
            except pydantic_core.ValidationError as error:
                # Programs that show the variables of a traceback would show a password that came with what is at fault.
                error.__traceback__ = None
                del fields
                raise error
            mark_explicit_fields(self, fields)

        # So says pydantic of its own: models that are read then never leave its compiled code.
        __init__.__pydantic_base_init__ = True

        def __setattr__(self, name: str, value: Any) -> None:
            try:
                super().__setattr__(name, value)
            except pydantic_core.ValidationError as error:
                error.__traceback__ = None
                del value
                raise error
            if name in type(self).model_fields:
                mark_explicit_fields(self.__dict__[name], value)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        schema = handler(source)
        _stop_at_first_faulty_item(schema)
        return schema

    def to_dict(self) -> dict[str, object]:
        """The fields by their names in the contract. A field that is None is left out where null was not given."""
        given = self.__pydantic_fields_set__
        return {
            (name if field.serialization_alias is None else field.serialization_alias): plain(value)
            for name, field in type(self).model_fields.items()
            if (value := getattr(self, name)) is not None
            or (
                (name in given or not (isinstance(given, ExplicitFieldsSet) or _is_marked(field, NoneIsOneValue)))
                and not _is_marked(field, NoneIsAbsent)
            )
        }

    def to_json(self) -> str:
        """Return the same as JSON. Raises ApiValueError for a number that JSON can't hold, such as NaN."""
        try:
            return json.dumps(pydantic_core.to_jsonable_python(self.to_dict()), allow_nan=False)
        except ValueError:
            # Its text has a piece of the model.
            refused = ApiValueError(f"{type(self).__name__}: a number that JSON can't hold, such as NaN")
        raise refused

    def to_str(self) -> str:
        """All fields for people to read, secrets masked."""
        from pprint import pformat

        return pformat(mask(self.model_dump(by_alias=True)))

    @classmethod
    @hide_sdk_frames
    def from_dict(cls, obj: Mapping[str, object] | None) -> Self | None:
        """Make a model of its fields, None of None. Raises ApiValueError where a field is at fault."""
        return (
            None
            if obj is None
            else apply_defaults_for_null(cls._checked(partial(cls.model_validate, context=Reading()), obj))
        )

    @classmethod
    @hide_sdk_frames
    def from_json(cls, json_str: str | bytes) -> Self | None:
        """Make a model of JSON text, None of null. Raises ApiValueError where it is not JSON or a field is at fault."""
        is_null = isinstance(json_str, (str, bytes)) and json_str.strip() in ("null", b"null")
        return None if is_null else cls._checked(reader(cls), json_str)

    @classmethod
    def _checked(cls, read: Any, value: Any) -> Self:
        try:
            model: Self = read(value)
            return model
        except pydantic_core.ValidationError as error:
            refused = ApiValueError(f"{cls.__name__}: {describe(error)}")
        # Outside of the except clause: pydantic's error, which knows the input, is not to be a part of the chain.
        raise refused

    def __repr_args__(self) -> Iterator[tuple[str | None, object]]:
        for name, value in super().__repr_args__():
            yield name, mask(value, name or "")

    def _repr_html_(self) -> str:
        # What notebooks show.
        from gravscale.schema.tables import model_as_html

        return model_as_html(self)


def _is_marked(field: FieldInfo, mark: type) -> bool:
    return any(isinstance(each, mark) for each in field.metadata)


class ExplicitFieldsSet(set[str]):
    """The fields that a model was made with. Of one that was read it is a plain set, of which nothing follows."""


def mark_explicit_fields(value: Any, source: Any) -> Any:
    """A value that the user made of `source`: of its models, no field that was not given is written as null.

    The models of an answer have each nullable field in `to_dict()`, whether the service sent null or nothing, as those
    of openapi-generator's clients do.
    """
    # For speed: answers may be long, so that it is the models that users make that are marked.
    if isinstance(value, Model):
        # One that was a model already was marked when it was made, unless it was read.
        if value is not source:
            object.__setattr__(value, "__pydantic_fields_set__", ExplicitFieldsSet(value.__pydantic_fields_set__))
            for name, alias in _with_models(type(value)):
                mark_explicit_fields(value.__dict__[name], _source_of(name, alias, source))
    elif is_list(value) and is_list(source):
        for item, origin in zip(value, source, strict=False):
            mark_explicit_fields(item, origin)
    elif is_dict(value) and is_mapping(source):
        for key, item in value.items():
            mark_explicit_fields(item, source.get(key))
    return value


def _source_of(name: str, alias: str, source: Any) -> Any:
    """What of a model's source became a field. A model of one of several types may be made of the value itself."""
    if not is_mapping(source):
        return source
    return source.get(alias, source.get(name, source if name == "actual_instance" else None))


@cache
def _with_models(model: type[Model]) -> list[tuple[str, str]]:
    """A model's fields that may hold models, and their names in the contract."""
    fields = model.model_fields.items()
    return [
        (name, name if field.alias is None else field.alias) for name, field in fields if models_in(field.annotation)
    ]


def models_in(type_: Any) -> list[type[Model]]:
    """Return the models that a type names: itself, or those within it."""
    if isclass(type_) and issubclass(type_, Model):
        return [type_]
    return [model for argument in get_args(type_) for model in models_in(argument)]


def reader(type_: Any) -> Callable[..., Any]:
    """What reads JSON as a type. It raises pydantic_core.ValidationError or ValueError, or as its Reading does."""
    # A model has a validator already.
    validator: Any
    if isclass(type_) and issubclass(type_, Model):
        validator = type_.__pydantic_validator__
    else:
        from pydantic import TypeAdapter

        validator = TypeAdapter[Any](type_).validator
    restores_defaults = any(any(_to_read(model)) for model in models_in(type_))

    def read(raw: str | bytes, reading: Reading | None = None) -> Any:
        try:
            return validator.validate_json(raw)
        except pydantic_core.ValidationError as error:
            faults = error.errors(include_url=False, include_input=False, include_context=False)
            if not any(fault["type"].startswith(("datetime", "int")) for fault in faults):
                raise
            refused = error
        reading = reading or Reading()
        reading.check_time(0.0)
        with suppress(pydantic_core.ValidationError):
            return validator.validate_python(pydantic_core.from_json(raw), context=reading)
        raise refused

    return (lambda *given: apply_defaults_for_null(read(*given))) if restores_defaults else read


def apply_defaults_for_null(value: T) -> T:
    """A value that was read, with a field's default where null came for it, as openapi-generator's clients have it."""
    # For speed: a loop over items rather than a call for each, and no isinstance, as answers may be long.
    items: Iterable[Any] = value if is_list(value) else value.values() if is_dict(value) else (value,)
    for item in items:
        if type(item) in _CONTAINERS:
            apply_defaults_for_null(item)
            continue
        with_default, with_models = _to_read(item.__class__)
        for name, field in with_default:
            if getattr(item, name) is None:
                object.__setattr__(item, name, field.get_default(call_default_factory=True))
        for name in with_models:
            apply_defaults_for_null(getattr(item, name))
    return value


@cache
def _to_read(model: type[object]) -> tuple[list[tuple[str, FieldInfo]], list[str]]:
    """A model's fields that have a default other than None, and those that may hold models with such fields."""
    if not issubclass(model, Model):
        return [], []
    fields = model.model_fields.items()
    return _defaults_in(model), [
        name for name, field in fields if any(map(_defaults_in, _models_below(field.annotation, set())))
    ]


def _defaults_in(model: type[Model]) -> list[tuple[str, FieldInfo]]:
    fields = model.model_fields.items()
    return [
        (name, field)
        for name, field in fields
        if not field.is_required() and field.get_default(call_default_factory=True) is not None
    ]


def _models_below(type_: Any, seen: set[type[Model]]) -> set[type[Model]]:
    """The models that a value of the type may hold, at any depth."""
    for model in models_in(type_):
        if model not in seen:
            seen.add(model)
            for field in model.model_fields.values():
                _models_below(field.annotation, seen)
    return seen


def describe(error: pydantic_core.ValidationError) -> str:
    """What pydantic found wrong, in one line and without the values at fault."""
    faults = error.errors(include_url=False, include_input=False, include_context=False)
    shown = "; ".join(
        f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" if fault["loc"] else fault["msg"] for fault in faults[:5]
    )
    return shown if len(faults) <= 5 else f"{shown}; and {len(faults) - 5} more"


def plain(value: Any) -> Any:
    """A value with its models as their fields."""
    if isinstance(value, Model):
        return value.to_dict()
    if is_list(value):
        return [plain(item) for item in value]
    if is_dict(value):
        return {key: plain(item) for key, item in value.items()}
    return value
