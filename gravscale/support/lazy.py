"""Names that are loaded on first use (PEP 562), so that importing the package costs next to nothing."""

from __future__ import annotations

import sys
from importlib import import_module

# What type checkers take for true, whoever defines it; importing `typing` for it would cost more than all the rest.
# Editors that use jedi complete what stands below it, as long as they can't tell what it is.
TYPE_CHECKING = bool()  # noqa: UP018 - a plain False they can
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any


def lazy(package: str, homes: Mapping[str, str]) -> tuple[Callable[[str], object], Callable[[], list[str]], list[str]]:
    """Return the `__getattr__`, `__dir__` and `__all__` of a package.

    Args:
        package: its `__name__`.
        homes: the module in which each public name is defined.

    Returns:
        The three of them, in this order.
    """

    # For speed: who imports the package waits for nothing that is not used.
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
    """Import a module by its name: one that lies above, where the code that needs it is called from there anyway."""
    return import_module(module)
