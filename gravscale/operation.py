"""What is particular to an operation of the contract: method, path, parameters, security, answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from inspect import isclass
from types import FunctionType, NoneType
from typing import Annotated, Any, Generic, TypeVar, cast, get_args, get_origin

import pydantic_core
from pydantic import Field
from typing_extensions import TypedDict

from gravscale._guards import is_dict, is_list, is_mapping
from gravscale.configuration import AuthSetting
from gravscale.deadline import Timeout
from gravscale.exceptions import NESTED_TOO_DEEPLY, ApiTypeError, ApiValueError
from gravscale.model import Model, as_made, describe, reader

T_co = TypeVar("T_co", covariant=True)

_BOM = b"\xef\xbb\xbf"


class CallOptions(TypedDict, total=False):
    """What any call may be told besides its own parameters.

    Attributes:
        _request_timeout: Seconds for the whole call, or a pair (connect, read) for each attempt; overrides
            `Configuration.timeout`.
        _request_auth: Credentials instead of the configuration's: `{"in": "header", "key": "Authorization", "value":
            "Bearer …"}`.
        _content_type: The Content-Type of the request's body.
        _headers: Header fields to add, or to replace with.
        _host_index: Which of the contract's servers to call.
    """

    # Editors show what stands below a field, and consoles the docstring.

    _request_timeout: Timeout
    """Seconds for the whole call, or a pair (connect, read) for each attempt; overrides `Configuration.timeout`."""
    _request_auth: Mapping[str, str] | AuthSetting | None
    """Credentials instead of the configuration's: `{"in": "header", "key": "Authorization", "value": "Bearer …"}`."""
    _content_type: str | None
    """The Content-Type of the request's body."""
    _headers: Mapping[str, str] | None
    """Header fields to add, or to replace with."""
    _host_index: int
    """Which of the contract's servers to call."""


CALL_OPTIONS = frozenset(CallOptions.__annotations__)


class Parameter:
    """A parameter of an operation.

    Args:
        name: its name in Python.
        type_: what pydantic checks it against, or a function that gives it.
        wire: its name in the contract, where that is another.
        required: whether None is refused.
        explode: whether a list repeats the parameter rather than joining its items by commas.
        content_type: of a body or a form, its media type (RFC 9110, section 8.3).
        constraints: pydantic's, such as ge and max_length.
    """

    def __init__(
        self,
        name: str,
        type_: Any,
        /,
        *,
        wire: str | None = None,
        required: bool = True,
        explode: bool = True,
        content_type: str = "application/json",
        **constraints: Any,
    ) -> None:
        self.name = name
        self.wire: str = wire or name
        self._type = type_
        self.required = required
        self.explode = explode
        self.content_type = content_type
        self.constraints = constraints

    @cached_property
    def type_(self) -> Any:
        """What pydantic checks it against."""
        return _given(self._type)

    @cached_property
    def _validate(self) -> Callable[[Any], Any]:
        from pydantic import TypeAdapter

        type_: Any = Annotated[self.type_, Field(**self.constraints)] if self.constraints else self.type_
        return TypeAdapter[Any](type_).validator.validate_python

    def check(self, value: Any) -> Any:
        """The value as its type. Raises ApiTypeError or ApiValueError, naming the parameter."""
        if value is None:
            if self.required:
                raise ApiTypeError(f"{self.name}: expected {_named(self.type_)}, got None")
            return None
        try:
            return self._validate(value)
        except pydantic_core.ValidationError as error:
            wrong_type = all(fault["type"].endswith("_type") for fault in error.errors(include_input=False))
            kind = ApiTypeError if wrong_type else ApiValueError
            refused = kind(f"{self.name}: {self._described(error, value)}")
        # Outside of the except clause: pydantic's error, which knows the value, is not to be a part of the chain.
        raise refused

    def _described(self, error: pydantic_core.ValidationError, value: Any) -> str:
        """What is wrong with the value, without it."""
        return describe(error)


class Path(Parameter):
    """A part of the path."""


class Query(Parameter):
    """A query parameter."""


class Header(Parameter):
    """A header field."""


class Cookie(Parameter):
    """A cookie (RFC 6265, section 4.2)."""


class Form(Parameter):
    """A field of a form; bytes go as a file."""


class Body(Parameter):
    """The request's body."""

    def check(self, value: Any) -> Any:
        checked = super().check(value)
        try:
            # Of a model made by its class, type checkers forbid unknown fields. In a dict a misspelt one would be lost.
            unknown = list(_unknown_fields(value, checked))
            if not unknown:
                return as_made(checked, value)
        except RecursionError:
            raise ApiValueError(f"{self.name}: {NESTED_TOO_DEEPLY}") from None
        raise ApiValueError(f"{self.name}: {self._without(unknown)}")

    def _described(self, error: pydantic_core.ValidationError, value: Any) -> str:
        described = super()._described(error, value)
        if isclass(self.type_) and issubclass(self.type_, Model) and is_mapping(value):
            # What is missing may be there, misspelt.
            unknown = value.keys() - _names_of_fields(self.type_).keys()
            if unknown:
                return f"{described}; {self._without(unknown)}"
        return described

    def _without(self, unknown: Iterable[object]) -> str:
        return f"{_named(self.type_)} has no field {', '.join(sorted(map(repr, unknown)))}"


def _unknown_fields(given: Any, read: Any) -> Iterator[str]:
    """Of the dicts that were given where models were read, at any depth, the keys that are none of their fields."""
    if hasattr(read, "actual_instance"):
        yield from _unknown_fields(given, read.__dict__["actual_instance"])
    elif isinstance(read, Model) and is_mapping(given):
        names = _names_of_fields(type(read))
        for key, value in given.items():
            if key in names:
                yield from _unknown_fields(value, read.__dict__[names[key]])
            else:
                yield key
    elif is_list(read) and is_list(given):
        for pair in zip(given, read, strict=True):
            yield from _unknown_fields(*pair)
    elif is_dict(read) and is_mapping(given):
        for key, value in read.items():
            yield from _unknown_fields(given[key], value)


def _names_of_fields(model: type[Model]) -> dict[str | None, str]:
    """The Python names of a model's fields, by themselves and by their names in the contract."""
    return {key: name for name, field in model.model_fields.items() for key in (name, field.alias)}


class Operation(Generic[T_co]):
    """An operation: what is sent, and what the answers are.

    Args:
        name: its operationId.
        method: the HTTP method.
        path: the path, parameters in braces.
        parameters: in the order of the method's arguments.
        security: the contract's security schemes that it takes.
        accept: the media types of its answers (RFC 9110, section 12.5.1).
        answer: the type of a successful answer, or a function that gives it.
        errors: the types of other answers, by status, or a function that gives them.
        deprecated: whether it will go.
    """

    def __init__(
        self,
        name: str,
        method: str,
        path: str,
        *parameters: Parameter,
        security: tuple[str, ...] = (),
        accept: str = "application/json",
        answer: Any = NoneType,
        errors: Mapping[int | str, Any] | Callable[[], Mapping[int | str, Any]] | None = None,
        deprecated: bool = False,
    ) -> None:
        self.name = name
        self.method = method
        self.path = path
        self.parameters = parameters
        self.security = security
        self.accept = accept
        self._answer = answer
        self._errors = errors or {}
        self.deprecated = deprecated

    @cached_property
    def answer(self) -> Any:
        """The type of a successful answer."""
        return _given(self._answer)

    @cached_property
    def errors(self) -> Mapping[int | str, Any]:
        """The types of other answers, by status."""
        errors: Mapping[int | str, Any] = _given(self._errors)
        return errors

    def read_answer(self, raw: bytes, media: str) -> T_co:
        """Parse the body of a successful answer. Raises pydantic_core.ValidationError or ValueError.

        Args:
            raw: the body.
            media: its Content-Type.
        """
        if self.answer in (str, bytes) and "json" not in media:
            return cast("T_co", raw if self.answer is bytes else raw.decode("utf-8"))
        # RFC 8259, section 8.1: a byte order mark must not be there, and may be ignored.
        return self._read_json(raw.removeprefix(_BOM))

    @cached_property
    def _read_json(self) -> Callable[[bytes], T_co]:
        if self.answer is NoneType:
            return lambda _: cast("T_co", None)
        return reader(self.answer)

    def read_error(self, status: int, body: str) -> Any:
        """The body of another answer: as the contract's type for its status, as plain JSON, or None."""
        for key in (status, f"{status // 100}XX", "default"):
            if key in self.errors:
                try:
                    return reader(self.errors[key])(body)
                except ValueError:
                    break
        try:
            return pydantic_core.from_json(body)
        except ValueError:
            return None

    @property
    def answer_name(self) -> str:
        """The answer's type as an error message names it."""
        return _named(self.answer)


def _given(value: Any) -> Any:
    """The value itself, or what a function gives that stands for it until it is needed."""
    # For speed: a call loads no models but its own.
    return value() if isinstance(value, FunctionType) else value


def _named(type_: Any) -> str:
    if get_origin(type_) is Annotated:
        return _named(get_args(type_)[0])
    return type_.__name__ if isinstance(type_, type) else str(type_).replace("typing.", "")
