"""Convert the tags of the contract to API classes."""

from __future__ import annotations

import re
from typing import Any

import names
from document import METHODS, Document


class Tags:
    """The API classes for the tags. Similar ones are numbered in the order of the operations.

    Args:
        document: The contract.

    Attributes:
        titles: The titles of the tags for docstrings, by name.
    """

    def __init__(self, document: Document) -> None:
        self.titles: dict[str, str] = {}
        self._names: dict[str, str] = {}
        scope = names.Scope(key=names.plain)
        for _, item, _ in document.paths():
            for content in (item[method] for method in item if method in METHODS):
                for tag in _tags_in(content):
                    if tag not in self._names:
                        found = names.camel_case(tag)
                        name = scope.claim(f"Class{found}" if found[:1].isdigit() else found or "Default")
                        self._names[tag] = name
                        # A docstring must not contain quotes or backslashes.
                        self.titles[name] = re.sub(r'["\\]', "'", " ".join(tag.replace("_", " ").split()))

    def of(self, content: dict[str, Any]) -> list[str]:
        """Return the names of an operation's tags."""
        return [self._names[tag] for tag in _tags_in(content)]

    @property
    def classes(self) -> set[str]:
        """The API classes."""
        return {f"{name}Api" for name in self._names.values()}


def _tags_in(content: dict[str, Any]) -> list[str]:
    return list(dict.fromkeys(content.get("tags") or ["default"]))
