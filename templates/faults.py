"""Collect everything that is wrong with a contract or not supported by the SDK, each with its location."""

from __future__ import annotations

from urllib.parse import quote

Place = tuple[str, ...]


def pointer(place: Place) -> str:
    """Return a location in the document as a JSON pointer (RFC 6901, section 6)."""
    return "#" + "".join(f"/{quote(part.replace('~', '~0').replace('/', '~1'), safe='~:{}$')}" for part in place)


class Faults:
    """The faults that were found, each once, in the order of the document."""

    def __init__(self) -> None:
        self._found: dict[str, None] = {}

    def add(self, place: Place, reason: str) -> None:
        """Note a fault at a location."""
        self._found[f"{pointer(place)}: {reason}"] = None

    def __bool__(self) -> bool:
        return bool(self._found)

    def __str__(self) -> str:
        return "\n".join(self._found)
