"""Python names for names in the contract, as openapi-generator forms them, and unique in their scope."""

from __future__ import annotations

import builtins
import keyword
import re

# Names that openapi-generator reserves besides Python's keywords.
_RESERVED = {name.lower() for name in keyword.kwlist} | {"self", "property", "print"}


def snake_case(name: str) -> str:
    """Return a name with its words in lower case, joined by underscores."""
    name = re.sub("([A-Z]+)([A-Z][a-z][a-z]+)", r"\1_\2", name)
    return re.sub(r"([a-z\d])([A-Z])", r"\1_\2", name).lower()


def camel_case(name: str) -> str:
    """Return a name with its words capitalized and joined."""
    return re.sub(r"(?:^|_)(\w?)", lambda found: found[1].upper(), re.sub("_+", "_", _words(name)))


def plain(name: str) -> str:
    """Return a name without the differences between the ways of writing it."""
    return re.sub(r"[\W_]", "", name).lower()


def variable(name: str, prefix: str = "var_") -> str:
    """Return the name of a field or of an argument."""
    found = re.sub("_+", "_", snake_case(_words(name))).lstrip("_")
    if found.lower() in _RESERVED or not found or found[0].isdigit():
        return f"{prefix}{found or 'field'}"
    return found


def operation(name: str) -> str:
    """Return the name of an operation's method."""
    found = re.sub("_+", "_", snake_case(_words(name))).strip("_")
    return f"call_{found}" if found in _RESERVED or not found or found[0].isdigit() else found


def class_name(name: str) -> str:
    """Return the name of a class."""
    found = camel_case(name)
    is_keyword = keyword.iskeyword(found) or keyword.iskeyword(snake_case(found))
    is_taken = found[:1].isdigit() or not found or is_keyword or hasattr(builtins, found)
    return f"Model{found}" if is_taken else found


def member(value: str | int) -> str:
    """Return the name of an enum's member."""
    text = str(value)
    if isinstance(value, int):
        return "NUMBER_" + text.replace("-", "MINUS_")
    found = snake_case(re.sub(r"[^A-Za-z0-9_]+", "_", text.replace("-", "_MINUS_"))).upper().strip("_")
    if not found:
        return "EMPTY" if not text else "VALUE"
    return f"ENUM_{found}" if found[0].isdigit() else found


def _words(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_]", "", re.sub(r"[-\s./:\[(@+$|,]+", "_", name.replace("[]", "")))


class Scope:
    """Names that must be unique.

    Args:
        taken: Names that are not available.
        key: Returns the part of a name that must be unique.
    """

    def __init__(self, taken: set[str] | frozenset[str] = frozenset(), *, key: type[str] | object = str) -> None:
        self._key = key
        self._taken = {self._of(name) for name in taken}
        # For speed: the last number of each name, because large documents have some names a thousand times.
        self._numbers: dict[str, int] = {}

    def claim(self, name: str, *forms: str) -> str:
        """Return the name, with a number if it is already taken.

        Args:
            name: The wanted name.
            forms: Suffixes. The name must also be available with each of them.
        """
        number = self._numbers.get(name, 1)
        found = name if number == 1 else self._numbered(name, number)
        while any(self._of(found + form) in self._taken for form in ("", *forms)):
            number += 1
            found = self._numbered(name, number)
        self._numbers[name] = number
        self._taken |= {self._of(found + form) for form in ("", *forms)}
        return found

    @staticmethod
    def _numbered(name: str, number: int) -> str:
        return f"{name}{number}" if name[:1].isupper() else f"{name}_{number}"

    def _of(self, name: str) -> str:
        return self._key(name)  # type: ignore[operator, no-any-return]
