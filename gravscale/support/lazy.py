"""Names that are loaded on first use (PEP 562), so that importing the package costs next to nothing."""

from __future__ import annotations

import sys
from importlib import import_module

# Type checkers treat this name as true in any module, and importing it from `typing` would cost more than everything
# else here. Editors that use jedi complete the names below it, as long as they can't evaluate it.
TYPE_CHECKING = bool()  # noqa: UP018 - jedi evaluates a plain False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any


def lazy(package: str, homes: Mapping[str, str]) -> tuple[Callable[[str], object], Callable[[], list[str]], list[str]]:
    """Return the `__getattr__`, `__dir__` and `__all__` of a package.

    Args:
        package: The package's `__name__`.
        homes: The module that defines each public name.

    Returns:
        The three of them, in this order.
    """

    # For speed: importing the package loads only what the program uses.
    def __getattr__(name: str) -> object:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(import_module(homes[name]), name)
        setattr(sys.modules[package], name, value)
        return value

    def __dir__() -> list[str]:
        return sorted({*vars(sys.modules[package]), *homes})

    return __getattr__, __dir__, sorted(homes)


def load(module: str) -> Any:
    """Import a module of a higher layer by its name, for code that is only called from that layer."""
    return import_module(module)
