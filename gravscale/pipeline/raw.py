"""Operations outside of the contract, made of a method and a path."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from types import BuiltinFunctionType, FunctionType, MethodType, NoneType
from typing import Any, TypeVar, get_args

import pydantic_core
from pydantic import PydanticUserError

from gravscale.contract import SECURITY_SCHEMES
from gravscale.exceptions import ApiTypeError, ApiValueError
from gravscale.pipeline.serialization import as_plain
from gravscale.schema.field_types import Reading
from gravscale.schema.model import reader
from gravscale.schema.operation import Operation, is_json, without_bom
from gravscale.schema.parameters import Body, Parameter, Query
from gravscale.support.text import decode, excerpt, with_article
from gravscale.support.type_guards import is_bytes, is_list, is_mapping, type_name
from gravscale.transport.request import check_method
from gravscale.transport.urls import split_url

T = TypeVar("T")


def raw_operation(
    method: str, path: str, query: Mapping[str, object] | None, body: object, answer: Any
) -> tuple[Operation[Any], list[object]]:
    """Return the operation that `ApiClient.request` is to call, and its arguments.

    Raises ApiTypeError or ApiValueError, naming the argument of `request`, for what can't be sent.
    """
    method = check_method(method)
    if query is not None and not is_mapping(query):
        raise ApiTypeError(f"query: expected a dict, got {type_name(query)}")
    pairs = [(name, value) for name, value in (query or {}).items() if value is not None]
    parameters: list[Parameter] = [Query(f"query[{name!r}]", object, wire=_checked_name(name)) for name, _ in pairs]
    arguments = [_query_value(value, f"query[{name!r}]") for name, value in pairs]
    media = "application/octet-stream" if is_bytes(body) else "application/json"
    parameters.append(Body("body", object, required=False, content_type=media))
    arguments.append(body)
    kind: type[Operation[Any]] = _AsItComes if answer in (None, bytes) else _Typed
    operation = kind(
        "request",
        method,
        _target(path),
        *parameters,
        security=tuple(SECURITY_SCHEMES),
        accept="*/*" if answer in (None, str, bytes) else "application/json",
        answer=_check_answer(answer),
    )
    return operation, arguments


class _AsItComes(Operation[Any]):
    """An operation whose answer is taken as it comes: bytes if it says so, else JSON, text, or None without a body."""

    @property
    def answer_name(self) -> str:
        return "JSON"

    def read_answer(self, raw: bytes, media: str, status: int = 200, reading: Reading | None = None) -> Any:
        if self.answer is bytes:
            return raw
        if not raw:
            return None
        if not is_json(media):
            return decode(raw, media)
        if reading is not None:
            reading.check_cost(raw)
        return pydantic_core.from_json(without_bom(raw))


class _Typed(Operation[Any]):
    """An operation whose answer is read as a type. Without a body it is None where that is one of several types."""

    def read_answer(self, raw: bytes, media: str, status: int = 200, reading: Reading | None = None) -> Any:
        if not raw and NoneType in get_args(self.answer):
            return None
        return super().read_answer(raw, media, status, reading)


def _target(path: object) -> str:
    if not isinstance(path, str):
        raise ApiTypeError(f"path: expected a str, got {type_name(path)}")
    if not path.startswith("/"):
        if "://" in path.partition("?")[0]:
            raise ApiValueError("path: expected a path such as '/api/new', got a URL; a client calls its own host only")
        raise ApiValueError("path: expected a path that begins with '/', such as '/api/new'")
    if "?" in path or "#" in path:
        raise ApiValueError("path: expected a path without '?' and '#'; pass query={…} for the query")
    return split_url(f"http://localhost{path}", "path")[1]


def _checked_name(name: object) -> str:
    if not isinstance(name, str):
        raise ApiTypeError(f"query: expected a str for each name, got {type_name(name)}")
    return name


def _query_value(value: object, name: str) -> object:
    items = value if is_list(value) else [value]
    for item in items:
        if item is None or is_mapping(item) or is_list(item) or isinstance(item, bytes):
            # By its type: its name, or one within it, may say that it is secret.
            given = ("a list with " if is_list(value) else "") + (
                "None" if item is None else with_article(type_name(item))
            )
            raise ApiTypeError(f"{name}: expected a str, a number, a bool, a time or a list of them, got {given}")
    as_plain(value, name)
    return value


def _check_answer(answer: Any) -> Any:
    """The type itself. Raises ApiTypeError for what pydantic can't read."""
    if answer is None:
        return answer
    try:
        # A function would be called, with what the service says.
        if not isinstance(answer, (FunctionType, BuiltinFunctionType, MethodType)):
            with suppress(pydantic_core.ValidationError):
                # A type that names another, which is not known, fails only as it reads.
                reader(answer)(b"")
            return answer
    except (PydanticUserError, NameError, AttributeError, LookupError, TypeError, ValueError):
        pass
    raise ApiTypeError(f"answer: expected a type that pydantic can read, got {excerpt(repr(answer))}")
