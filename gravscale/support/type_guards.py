"""What `isinstance` tells of plain data, for type checkers too: they know nothing of the items."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeGuard


def is_dict(value: object) -> TypeGuard[dict[str, Any]]:
    """Whether the value is a dict, as JSON's objects become."""
    return isinstance(value, dict)


def is_mapping(value: object) -> TypeGuard[Mapping[str, Any]]:
    """Whether the value is a dict or something like one."""
    # A dict is told at once, anything else by a look at all that was registered as a Mapping.
    return isinstance(value, (dict, Mapping))


def has_methods(value: object, *names: str) -> bool:
    """Whether the value is an object, rather than a class, with these methods."""
    return not isinstance(value, type) and all(callable(getattr(value, name, None)) for name in names)


def type_name(value: object) -> str:
    """What a message calls a value that is of the wrong kind."""
    return f"the class {value.__name__}" if isinstance(value, type) else type(value).__name__


def is_list(value: object) -> TypeGuard[list[Any]]:
    """Whether the value is a list, as JSON's arrays become, or another collection that is written as one."""
    return isinstance(value, (list, tuple, set, frozenset))


def is_bytes(value: object) -> TypeGuard[bytes | bytearray | memoryview[int]]:
    """Whether the value is bytes, or another view of bytes."""
    return isinstance(value, (bytes, bytearray, memoryview))


def is_tuple(value: object) -> TypeGuard[tuple[Any, ...]]:
    """Whether the value is a tuple."""
    return isinstance(value, tuple)
