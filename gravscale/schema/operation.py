"""Describe an operation of the contract: method, path, parameters, security, answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from types import NoneType, UnionType
from typing import Annotated, Any, Generic, TypeVar, Union, cast, get_args, get_origin

import pydantic_core

from gravscale.schema.model import reader
from gravscale.schema.parameters import Parameter, name_of_type, resolve_lazy
from gravscale.schema.reading import Reading
from gravscale.support.text import decode

T_co = TypeVar("T_co", covariant=True)


def is_json(media: str) -> bool:
    """Return whether a Content-Type means a single JSON text (RFC 6839, section 3.1)."""
    return media.partition(";")[0].strip().lower().endswith(("/json", "+json"))


def without_bom(raw: bytes) -> bytes:
    """Remove a byte order mark from a JSON text. Senders must not add one; receivers may ignore it (RFC 8259, 8.1)."""
    return raw.removeprefix(b"\xef\xbb\xbf")


def _may_be_text(type_: Any) -> bool:
    """Return whether a type is text, or a union with text. The items of a list don't count."""
    if get_origin(type_) in (Annotated, Union, UnionType):
        return any(map(_may_be_text, get_args(type_)))
    return type_ is str


def _is_text_of_any(media: str, type_: Any) -> bool:
    """Return whether to read an answer as text: the contract allows any JSON, and the service sent text."""
    if not media.lower().startswith("text/"):
        return False
    from pydantic import JsonValue  # not needed for JSON

    return type_ is JsonValue


class Operation(Generic[T_co]):
    """An operation: its request and its answers.

    Args:
        name: Its operationId.
        method: The HTTP method.
        path: The path, with parameters in braces.
        *parameters: The parameters, in the order of the method's arguments.
        security: The contract's security schemes that it accepts.
        accept: The media types of its answers (RFC 9110, section 12.5.1).
        answer: The type of a successful answer, or a function that returns it.
        answers: If the types differ: the types by status or by status and media type, with the type for any other 2xx
            first, or a function that returns them.
        errors: The types of other answers, by status, or a function that returns them.
        deprecated: Whether the operation is deprecated.
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
        answers: Mapping[Any, Any] | Callable[[], Mapping[Any, Any]] | None = None,
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
        self._answers = answers
        self._errors = errors or {}
        self.deprecated = deprecated
        self._readers: dict[int, Callable[[bytes, Reading], T_co]] = {}

    @cached_property
    def answers(self) -> Mapping[Any, Any]:
        """The types of successful answers if they differ, by status or by status and media type."""
        answers: Mapping[Any, Any] = resolve_lazy(self._answers) or {}
        return answers

    @cached_property
    def answer(self) -> Any:
        """The type of a successful answer, or the first if there are several."""
        return next(iter(self.answers.values())) if self.answers else resolve_lazy(self._answer)

    @cached_property
    def errors(self) -> Mapping[int | str, Any]:
        """The types of other answers, by status."""
        errors: Mapping[int | str, Any] = resolve_lazy(self._errors)
        return errors

    def read_answer(self, raw: bytes, media: str, status: int, reading: Reading) -> T_co:
        """Parse the body of a successful answer.

        Args:
            raw: The body.
            media: Its Content-Type.
            status: The status, which selects the type if the contract has several.
            reading: The limits for reading, which may raise errors of their own.

        Returns:
            The answer as its type.

        Raises:
            ValueError: The body has another type. pydantic's ValidationError is a ValueError.
        """
        answer = self._answer_of(status, media)
        if answer is None or answer is NoneType:
            return cast("T_co", None)
        if not is_json(media) and (answer is bytes or _may_be_text(answer) or _is_text_of_any(media, answer)):
            return cast("T_co", raw if answer is bytes else decode(raw, media))
        reading.check_cost(raw)
        return self._reader(answer)(without_bom(raw), reading)

    def _answer_of(self, status: int, media: str) -> Any:
        """Return the type of an answer by its status and its media type."""
        bare = media.partition(";")[0].strip().lower()
        for key in ((status, bare), status, ("2XX", bare), "2XX"):
            if key in self.answers:
                return self.answers[key]
        return self.answer

    def _reader(self, answer: Any) -> Callable[[bytes, Reading], T_co]:
        # For speed: each validator is created once.
        key = id(answer)
        if key not in self._readers:
            self._readers[key] = reader(answer)
        return self._readers[key]

    def read_error(self, status: int, body: Any) -> Any:
        """Return the JSON body of an error as the contract's type for its status, or unchanged if it does not fit."""
        for key in (status, f"{status // 100}XX", "default"):
            if key in self.errors:
                try:
                    return reader(self.errors[key])(pydantic_core.to_json(body))
                except ValueError:
                    break
        return body

    @property
    def answer_name(self) -> str:
        """The name of the answer's type, for error messages."""
        return name_of_type(self.answer)
