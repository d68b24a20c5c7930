"""Type guards for plain data, whose item types are unknown to type checkers."""

from __future__ import annotations

from collections.abc import Mapping
from inspect import iscoroutinefunction
from typing import Any, TypeGuard


def is_dict(value: object) -> TypeGuard[dict[str, Any]]:
    """Return whether the value is a dict, such as a JSON object."""
    return isinstance(value, dict)


def is_mapping(value: object) -> TypeGuard[Mapping[str, Any]]:
    """Return whether the value is a dict or another mapping."""
    # Check for dict first, because checking for a Mapping is slow.
    return isinstance(value, (dict, Mapping))


def has_methods(value: object, *names: str) -> bool:
    """Return whether the value is an object with these methods, and not a class."""
    return not isinstance(value, type) and all(callable(getattr(value, name, None)) for name in names)


def is_async(function: object) -> bool:
    """Return whether a callable returns a coroutine, which the SDK would never await."""
    return callable(function) and (iscoroutinefunction(function) or iscoroutinefunction(type(function).__call__))


def type_name(value: object) -> str:
    """Return the name of a value's type for a message."""
    return f"the class {value.__name__}" if isinstance(value, type) else type(value).__name__


def is_list(value: object) -> TypeGuard[list[Any]]:
    """Return whether the value is a list or another collection that JSON represents as an array."""
    return isinstance(value, (list, tuple, set, frozenset))


def is_bytes(value: object) -> TypeGuard[bytes | bytearray | memoryview[int]]:
    """Return whether the value is bytes or a view of bytes."""
    return isinstance(value, (bytes, bytearray, memoryview))


def is_tuple(value: object) -> TypeGuard[tuple[Any, ...]]:
    """Return whether the value is a tuple."""
    return isinstance(value, tuple)
