"""The base class of the generated models: it reads, writes and shows them."""

from __future__ import annotations

import copy
import json
from functools import cache, partial
from inspect import isclass
from typing import TYPE_CHECKING, Any, ClassVar, get_args

import pydantic_core

# Not from `pydantic`: editors that read sources to complete names, such as jedi, would have to read the whole package.
from pydantic.config import ConfigDict
from pydantic.main import BaseModel
from pydantic_core import core_schema

from gravscale.exceptions import ApiValueError
from gravscale.schema.reading import Reading, is_answer
from gravscale.support.redaction import mask
from gravscale.support.type_guards import is_dict, is_list, is_mapping
from gravscale.tracebacks import hide_sdk_frames

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from pydantic import GetCoreSchemaHandler
    from pydantic.fields import FieldInfo
    from typing_extensions import Self


class NoneIsAbsent:
    """Mark a field that must not be null in the contract: None means that it is absent."""


class NoneIsOneValue:
    """Mark a field for which null is one of its values: None means null only if it was set."""


def _adapt(schema: object) -> None:
    """Adapt the schema that pydantic made from a model's annotations, at every depth.

    Lists are checked up to the first invalid item. pydantic would collect the faults of all items, which takes hundreds
    of times the memory of the text for a long list of the wrong type. In an answer, null becomes a field's default, as
    in openapi-generator's clients.
    """
    if is_dict(schema):
        if schema.get("type") == "list":
            schema["fail_fast"] = True
        for part in schema.values():
            _adapt(part)
        if schema.get("type") == "default" and schema.get("default", ...) is not None:
            schema["schema"] = core_schema.with_info_after_validator_function(
                _null_as_default(schema), schema["schema"]
            )
    elif is_list(schema):
        for part in schema:
            _adapt(part)


def _null_as_default(schema: dict[str, Any]) -> core_schema.WithInfoValidatorFunction:
    make_default = schema.get("default_factory") or partial(copy.deepcopy, schema.get("default"))

    def default_for_null(value: Any, info: core_schema.ValidationInfo) -> Any:
        return make_default() if value is None and is_answer(info) else value

    return default_for_null


class Model(BaseModel):
    """Base class of all models, with `to_dict`, `to_json`, `to_str`, `from_dict` and `from_json`.

    You can pass fields by their Python names or by their names in the contract. Unknown fields are ignored. Passwords
    and tokens show only if you convert a model to data: with `to_dict()`, `to_json()`, pydantic's own `model_dump()`,
    or a loop.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(
        validate_by_name=True,
        validate_by_alias=True,
        validate_assignment=True,
        protected_namespaces=(),
        # The invalid value may be a password.
        hide_input_in_errors=True,
    )

    if not TYPE_CHECKING:

        def __init__(self, /, **fields: Any) -> None:
            try:
                super().__init__(**fields)
            except pydantic_core.ValidationError as error:
                # Some programs show the variables of a traceback, which may include a password in another field.
                error.__traceback__ = None
                del fields
                raise error
            mark_explicit_fields(self, fields)

        # pydantic marks its own __init__ like this, so that reading models never leaves its compiled code.
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
        _adapt(schema)
        return schema

    def to_dict(self) -> dict[str, object]:
        """Return the fields by their names in the contract. A None that was not set explicitly is left out."""
        return {
            (name if field.serialization_alias is None else field.serialization_alias): plain(value)
            for name, field in type(self).model_fields.items()
            if (value := getattr(self, name)) is not None or _writes_null(name, field, self.__pydantic_fields_set__)
        }

    def to_json(self) -> str:
        """Return the same as JSON. Raises ApiValueError for a number that JSON can't hold, such as NaN."""
        try:
            return json.dumps(pydantic_core.to_jsonable_python(self.to_dict()), allow_nan=False)
        except ValueError:
            # The error's message contains a piece of the model.
            refused = ApiValueError(f"{type(self).__name__}: a number that JSON can't hold, such as NaN")
        raise refused

    def to_str(self) -> str:
        """Return all fields for people to read, with secrets masked."""
        from pprint import pformat

        return pformat(mask(self.model_dump(by_alias=True)))

    @classmethod
    @hide_sdk_frames
    def from_dict(cls, obj: Mapping[str, object] | None) -> Self | None:
        """Create a model from a dict of its fields, or None from None. Raises ApiValueError if a field is invalid."""
        return None if obj is None else cls._checked(partial(cls.model_validate, context=Reading()), obj)

    @classmethod
    @hide_sdk_frames
    def from_json(cls, json_str: str | bytes) -> Self | None:
        """Create a model from JSON, or None from null. Raises ApiValueError if it is not JSON or a field is invalid."""
        is_null = isinstance(json_str, (str, bytes)) and json_str.strip() in ("null", b"null")
        return None if is_null else cls._checked(reader(cls), json_str)

    @classmethod
    def _checked(cls, read: Any, value: Any) -> Self:
        try:
            model: Self = read(value)
            return model
        except pydantic_core.ValidationError as error:
            refused = ApiValueError(f"{cls.__name__}: {describe(error)}")
        # Raised outside the except clause, so that it is not chained to pydantic's error, which holds the input.
        raise refused

    def __repr_args__(self) -> Iterator[tuple[str | None, object]]:
        for name, value in super().__repr_args__():
            yield name, mask(value, name or "")

    def _repr_html_(self) -> str:
        # Notebooks call this.
        from gravscale.schema.tables import model_as_html

        return model_as_html(self)


def _writes_null(name: str, field: FieldInfo, fields_set: set[str]) -> bool:
    """Return whether None is written as null. In a model that was read, a field may be None because it was absent."""
    marks = set(map(type, field.metadata))
    if NoneIsAbsent in marks:
        return False
    return name in fields_set or not (isinstance(fields_set, ExplicitFieldsSet) or NoneIsOneValue in marks)


class ExplicitFieldsSet(set[str]):
    """The names of the fields that a user set on a model. A model that was read has a plain set instead."""


def mark_explicit_fields(value: Any, source: Any) -> None:
    """Mark the models that a user made from plain data, so that they write no null for fields that were not set.

    `to_dict()` of a model from an answer includes each nullable field, whether the service sent null or nothing, as in
    openapi-generator's clients.

    Args:
        value: The value that pydantic made.
        source: The data that it was made from.
    """
    # For speed: answers may be long, so the models that users make are marked instead.
    for model, _, _ in models_made_of(source, value):
        object.__setattr__(model, "__pydantic_fields_set__", ExplicitFieldsSet(model.__pydantic_fields_set__))


def models_made_of(source: Any, value: Any, place: str = "") -> Iterator[tuple[Model, Mapping[str, Any], str]]:
    """Yield the models in a value that pydantic made from plain data, each with its data.

    Args:
        source: The plain data. Models in it existed before.
        value: The value that pydantic made from it.
        place: The path to the data.

    Yields:
        A model, its data, and the path to the data.
    """
    if value is source:
        return
    if isinstance(value, Model):
        data: Mapping[str, Any] = source if is_mapping(source) else {}
        if "actual_instance" in value.__dict__:
            # Its data is the value itself, or a dict that names it.
            inner = data["actual_instance"] if data.keys() == {"actual_instance"} else source
            yield from models_made_of(inner, value.__dict__["actual_instance"], place)
            return
        yield value, data, place
        for key, name in _names_with_models(type(value)).items():
            if key in data:
                yield from models_made_of(data[key], value.__dict__[name], f"{place}.{key}")
    elif is_list(value) and is_list(source):
        for index, pair in enumerate(zip(source, value, strict=False)):
            yield from models_made_of(*pair, f"{place}.{index}")
    elif is_dict(value) and is_mapping(source):
        for key, item in value.items():
            yield from models_made_of(source.get(key), item, f"{place}.{key}")


def names_of_fields(model: type[Model]) -> dict[str, str]:
    """Return the Python names of a model's fields, keyed by Python name and by name in the contract."""
    fields = model.model_fields.items()
    return {key: name for name, field in fields for key in (name, name if field.alias is None else field.alias)}


@cache
def _names_with_models(model: type[Model]) -> dict[str, str]:
    """Return the same for only the fields that may hold models."""
    names = names_of_fields(model)
    return {key: name for key, name in names.items() if models_in(model.model_fields[name].annotation)}


def models_in(type_: Any) -> list[type[Model]]:
    """Return the models in a type: the type itself, or those in its arguments."""
    if isclass(type_) and issubclass(type_, Model):
        return [type_]
    return [model for argument in get_args(type_) for model in models_in(argument)]


def reader(type_: Any) -> Callable[..., Any]:
    """Return a function that reads JSON as a type.

    The function raises pydantic_core.ValidationError or ValueError, or the errors of its Reading.
    """
    # A model already has a validator.
    validator: Any
    if isclass(type_) and issubclass(type_, Model):
        validator = type_.__pydantic_validator__
    else:
        from pydantic import TypeAdapter

        validator = TypeAdapter[Any](type_).validator

    def read(raw: str | bytes, reading: Reading | None = None) -> Any:
        try:
            return validator.validate_json(raw)
        except pydantic_core.ValidationError as error:
            faults = error.errors(include_url=False, include_input=False, include_context=False)
            if not any(fault["type"].startswith(("date", "int", "string_pattern")) for fault in faults):
                raise
        reading = reading or Reading()
        reading.check_time(0.0)
        return validator.validate_python(pydantic_core.from_json(raw), context=reading)

    return read


def describe(error: pydantic_core.ValidationError) -> str:
    """Describe a validation error in one line, without the invalid values."""
    faults = error.errors(include_url=False, include_input=False, include_context=False)
    described = "; ".join(
        f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" if fault["loc"] else fault["msg"] for fault in faults[:5]
    )
    return described if len(faults) <= 5 else f"{described}; and {len(faults) - 5} more"


def plain(value: Any) -> Any:
    """Convert the models in a value to dicts of their fields."""
    # Check this first, because most values are plain.
    if value is None or isinstance(value, (str, int, float)):
        return value
    if isinstance(value, Model):
        return value.to_dict()
    if is_list(value):
        return [plain(item) for item in value]
    if is_dict(value):
        return {key: plain(item) for key, item in value.items()}
    return value
