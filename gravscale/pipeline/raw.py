"""Operations outside the contract, built from a method and a path."""

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
from gravscale.schema.file import File
from gravscale.schema.operation import Operation, is_json, without_bom
from gravscale.schema.parameters import Body, Form, Parameter, Query
from gravscale.schema.reading import Reading
from gravscale.support.text import decode, excerpt, with_article
from gravscale.support.type_guards import is_bytes, is_list, is_mapping, is_tuple, type_name
from gravscale.transport.request import check_method
from gravscale.transport.urls import split_url

T = TypeVar("T")

_MULTIPART = "multipart/form-data"


def raw_operation(
    method: str,
    path: str,
    query: Mapping[str, object] | None,
    body: object,
    answer: Any,
    content_type: str | None = None,
) -> tuple[Operation[Any], list[object]]:
    """Return the operation for `ApiClient.request`, and its arguments.

    Raises ApiTypeError or ApiValueError, which name the argument of `request` that can't be sent.
    """
    method = check_method(method)
    if query is not None and not is_mapping(query):
        raise ApiTypeError(f"query: expected a dict, got {type_name(query)}")
    pairs = [(name, value) for name, value in (query or {}).items() if value is not None]
    parameters: list[Parameter] = [Query(f"query[{name!r}]", object, wire=_checked_name(name)) for name, _ in pairs]
    arguments = [_query_value(value, f"query[{name!r}]") for name, value in pairs]
    is_multipart = isinstance(content_type, str) and content_type.lower().startswith(_MULTIPART)
    if fields := _fields(body) if is_multipart and is_mapping(body) else []:
        parameters += [parameter for parameter, _ in fields]
        arguments += [value for _, value in fields]
    else:
        media = "application/octet-stream" if is_bytes(body) else "application/json"
        parameters.append(Body("body", object, required=False, content_type=media))
        arguments.append(body)
    kind: type[_Untyped | _Typed] = _Untyped if answer in (None, bytes) else _Typed
    operation = kind(
        "request",
        method,
        _target(path),
        *parameters,
        security=tuple(SECURITY_SCHEMES),
        accept="*/*" if answer in (None, str, bytes) else "application/json",
        answer=answer,
    )
    if isinstance(operation, _Typed):
        operation.check_answer(answer)
    return operation, arguments


class _Untyped(Operation[Any]):
    """An operation that returns bytes on request, and otherwise plain JSON, text, or None if there is no body."""

    @property
    def answer_name(self) -> str:
        return "JSON"

    def read_answer(self, raw: bytes, media: str, status: int, reading: Reading) -> Any:
        if self.answer is bytes:
            return raw
        if not raw:
            return None
        if not is_json(media):
            return decode(raw, media)
        reading.check_cost(raw)
        return pydantic_core.from_json(without_bom(raw))


class _Typed(Operation[Any]):
    """An operation whose answer is read as a type. Without a body, it is None if the type allows that."""

    def check_answer(self, answer: Any) -> None:
        """Raise ApiTypeError if pydantic can't read the type of the answer."""
        try:
            # pydantic would call a function with the service's data.
            if not isinstance(answer, (FunctionType, BuiltinFunctionType, MethodType)):
                with suppress(pydantic_core.ValidationError):
                    # A type with an unresolved forward reference fails only when it reads.
                    self._reader(answer)(b"", Reading())
                return
        except (PydanticUserError, NameError, AttributeError, LookupError, TypeError, ValueError):
            pass
        raise ApiTypeError(f"answer: expected a type that pydantic can read, got {excerpt(repr(answer))}")

    def read_answer(self, raw: bytes, media: str, status: int, reading: Reading) -> Any:
        if not raw and NoneType in get_args(self.answer):
            return None
        return super().read_answer(raw, media, status, reading)


def _fields(body: Mapping[str, Any]) -> list[tuple[Form, object]]:
    """Return the fields of a multipart form, each with its value. A list repeats its field, and None leaves it out."""
    fields: list[tuple[Form, object]] = []
    for name, values in body.items():
        argument = f"body[{name!r}]"
        for value in values if is_list(values) and not _is_file(values) else [values]:
            is_file = _is_file(value)
            if not is_file:
                as_plain(value, argument)
            if value is not None:
                kind: Any = File if is_file else object
                fields.append((Form(argument, kind, wire=_checked_name(name, "body"), content_type=_MULTIPART), value))
    return fields


def _is_file(value: object) -> bool:
    if is_tuple(value):
        return len(value) in (2, 3) and (is_bytes(value[1]) or hasattr(value[1], "read"))
    return hasattr(value, "read") or hasattr(value, "__fspath__")


def _target(path: object) -> str:
    if not isinstance(path, str):
        raise ApiTypeError(f"path: expected a str, got {type_name(path)}")
    if not path.startswith("/"):
        if "://" in path.partition("?")[0]:
            raise ApiValueError("path: expected a path such as '/api/new', got a URL; a client only calls its own host")
        raise ApiValueError("path: expected a path that begins with '/', such as '/api/new'")
    if "?" in path or "#" in path:
        raise ApiValueError("path: expected a path without '?' and '#'; pass query={…} for the query")
    return split_url(f"http://localhost{path}", "path")[1]


def _checked_name(name: object, argument: str = "query") -> str:
    if not isinstance(name, str):
        raise ApiTypeError(f"{argument}: expected a str for each name, got {type_name(name)}")
    return name


def _query_value(value: object, name: str) -> object:
    items = value if is_list(value) else [value]
    for item in items:
        if item is None or is_mapping(item) or is_list(item) or isinstance(item, bytes):
            # Show only the type: the value may be secret.
            got = ("a list with " if is_list(value) else "") + (
                "None" if item is None else with_article(type_name(item))
            )
            raise ApiTypeError(f"{name}: expected a str, a number, a bool, a time or a list of them, got {got}")
    as_plain(value, name)
    return value
