"""What is particular to an operation of the contract: method, path, parameters, security, answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from types import NoneType
from typing import Any, Generic, TypeVar, cast

import pydantic_core

from gravscale.schema.model import reader
from gravscale.schema.parameters import Parameter, name_of_type, resolve_lazy

T_co = TypeVar("T_co", covariant=True)

_BOM = b"\xef\xbb\xbf"


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
        return resolve_lazy(self._answer)

    @cached_property
    def errors(self) -> Mapping[int | str, Any]:
        """The types of other answers, by status."""
        errors: Mapping[int | str, Any] = resolve_lazy(self._errors)
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

    def read_error(self, status: int, body: Any) -> Any:
        """Return the JSON body of another answer as the contract's type for its status, or as it is."""
        for key in (status, f"{status // 100}XX", "default"):
            if key in self.errors:
                try:
                    return reader(self.errors[key])(pydantic_core.to_json(body))
                except ValueError:
                    break
        return body

    @property
    def answer_name(self) -> str:
        """The answer's type as an error message names it."""
        return name_of_type(self.answer)
