"""The parameters of an operation, and how arguments are checked against them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import cached_property
from types import FunctionType
from typing import Annotated, Any, get_args, get_origin

import pydantic_core

from gravscale.exceptions import ApiTypeError, ApiValueError
from gravscale.schema.model import mark_explicit_fields, models_made_of, names_of_fields
from gravscale.support.text import with_article


class Parameter:
    """A parameter of an operation.

    Args:
        name: Its name in Python.
        type_: The type that pydantic checks it against, or a function that returns it.
        wire: Its name in the contract, if that is different.
        required: Whether None is refused.
        explode: Whether a list repeats the parameter. Otherwise its items are joined by commas.
        content_type: The media type of a body or a form (RFC 9110, section 8.3).
        **constraints: pydantic's constraints, such as ge and max_length.
    """

    # A body of the wrong type may be anything, even a password.
    _shows_value = True

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
        self.wire: str = name if wire is None else wire
        self._type = type_
        self.required = required
        self.explode = explode
        self.content_type = content_type
        self.constraints = constraints

    @cached_property
    def type_(self) -> Any:
        """The type that pydantic checks it against."""
        return resolve_lazy(self._type)

    @cached_property
    def _validate(self) -> Callable[[Any], Any]:
        if self.type_ is object:
            return lambda value: value
        from pydantic import Field, TypeAdapter

        type_: Any = Annotated[self.type_, Field(**self.constraints)] if self.constraints else self.type_
        return TypeAdapter[Any](type_).validator.validate_python

    def check(self, value: Any) -> Any:
        """Return the value as its type. Raises ApiTypeError or ApiValueError, which name the parameter."""
        if value is None:
            if self.required and not self._takes_null():
                raise ApiTypeError(f"{self.name}: expected {with_article(name_of_type(self.type_))}, got None")
            return None
        try:
            return self._validate(value)
        except pydantic_core.ValidationError as error:
            from gravscale.schema.faults import describe_argument  # not needed where nothing is wrong

            wrong_type = all(fault["type"].endswith("_type") for fault in error.errors())
            kind = ApiTypeError if wrong_type else ApiValueError
            refused = kind(describe_argument(self.name, self.type_, error, shows_value=self._shows_value))
        # Raised outside the except clause, so that it is not chained to pydantic's error, which holds the value.
        raise refused

    def _takes_null(self) -> bool:
        return False


class Path(Parameter):
    """A part of the path."""


class Query(Parameter):
    """A query parameter."""


class Header(Parameter):
    """A header field."""


class Cookie(Parameter):
    """A cookie (RFC 6265, section 4.2)."""


class _Content(Parameter):
    """A part of the body."""

    _shows_value = False

    @cached_property
    def is_file(self) -> bool:
        """Whether it is a file, or a list of files."""
        from gravscale.schema.file import File  # not needed without a body

        return File in (self.type_, *get_args(self.type_)[:1])


class Form(_Content):
    """A field of a form."""


class Body(_Content):
    """The request's body."""

    def check(self, value: Any) -> Any:
        checked = super().check(value)
        faults: list[str] = []
        mark_explicit_fields(checked, value)
        for model, data, place in models_made_of(value, checked, self.name):
            names = names_of_fields(type(model))
            # If a model is created by its class, type checkers report unknown fields. In a dict, a misspelled one would
            # be lost.
            unknown = [] if "additional_properties" in names else [key for key in data if key not in names]
            if unknown:
                from gravscale.schema.faults import describe_unknown

                faults.append(f"{place}: {describe_unknown(unknown, type(model))}")
        if faults:
            raise ApiValueError("; ".join(faults))
        return checked

    def _takes_null(self) -> bool:
        # For an optional body, None means that there is none.
        with suppress(pydantic_core.ValidationError):
            return self._validate(None) is None
        return False


def resolve_lazy(value: Any) -> Any:
    """Return the value, or call the function that returns it once it is needed."""
    # For speed: a call loads only its own models.
    return value() if isinstance(value, FunctionType) else value


def name_of_type(type_: Any) -> str:
    if get_origin(type_) is Annotated:
        return name_of_type(get_args(type_)[0])
    return type_.__name__ if isinstance(type_, type) else str(type_).replace("typing.", "")
