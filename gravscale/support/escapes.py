"""Undo the escapes of JSON, Python, URLs, forms and HTML, and base64, to find a text inside another."""

from __future__ import annotations

import binascii
import re
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial

# How many layers of escapes to undo. A framework may write JSON within JSON on an HTML page, and the text itself may
# contain an escape.
_LEVELS = 4
# The first set of characters lets the search skip everything else quickly. The last four are UTF-8 that was read as
# latin-1, and a character that JSON wrote in two halves.
_ESCAPE = (
    r"[%\\&" + "\xc2-\xf4\ud800-\udbff]"
    r"(?:(?<=%)[0-9A-Fa-f]{2}"
    r"|(?<=\\)(?:u[0-9A-Fa-f]{4}|U000[0-9A-Fa-f]{5}|x[0-9A-Fa-f]{2}|[bfnrt\"'/\\])"
    r"|(?<=&)(?:#[xX][0-9A-Fa-f]{1,5}|#[0-9]{1,6}|[A-Za-z0-9]{1,31});"
    "|(?<=[\xc2-\xdf])[\x80-\xbf]|(?<=[\xe0-\xef])[\x80-\xbf]{2}|(?<=[\xf0-\xf4])[\x80-\xbf]{3}"
    "|(?<=[\ud800-\udbff])[\udc00-\udfff])"
)
_CONTROLS = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
# The base64 of 8 bytes or more (RFC 4648, sections 4 and 5).
_BASE64 = r"[A-Za-z0-9+/_-]{11,}={0,2}"


def levels(text: str) -> Iterator[tuple[str, Callable[[int], int]]]:
    """Yield a text, then the same without its escapes, then without the escapes in that, and so on.

    Each comes with a function for its positions, which returns where they are in the original text. Use it before you
    take the next level.
    """
    removals: list[tuple[array[int], array[int]]] = []

    def place(position: int) -> int:
        for ends, removed in reversed(removals):
            position += removed[bisect_right(ends, position) - 1]
        return position

    yield text, place
    for _ in range(_LEVELS):
        # Where each escape ends without escapes, and how many characters are gone before that.
        ends, removed = array("I", [0]), array("I", [0])
        plain = re.sub(_ESCAPE, partial(_remove, ends, removed), text)
        if plain == text:
            return
        text = plain
        removals.append((ends, removed))
        yield text, place


def _remove(ends: array[int], removed: array[int], escape: re.Match[str]) -> str:
    plain = _unescape(escape[0])
    removed.append(removed[-1] + len(escape[0]) - len(plain))
    ends.append(escape.end() - removed[-1])
    return plain


def _unescape(escape: str) -> str:
    start, kind = escape[0], escape[1]
    if kind == "#":
        digits = escape[2:-1].lower()
        return chr(int(digits[1:], 16) if digits[0] == "x" else int(digits))
    if start == "&":
        return _named_characters().get(escape[1:], escape)
    if start == "\\" and kind not in "uUx":
        return _CONTROLS.get(kind, kind)
    if start in "%\\":
        return chr(int(escape.lstrip("%\\uUx"), 16))
    if start < "\ud800":
        return escape.encode("latin-1").decode("utf-8", "replace")
    return escape.encode("utf-16", "surrogatepass").decode("utf-16")


def _named_characters() -> Mapping[str, str]:
    """Return HTML's names of characters. They are loaded late, because few texts have any."""
    try:
        from html.entities import html5
    except OSError:  # no more files can be opened
        return {"quot;": '"', "amp;": "&", "lt;": "<", "gt;": ">", "apos;": "'"}
    return html5


def traces(text: str) -> tuple[str, set[str]]:
    """Return what a longer text contains if it has this one in it: a piece that no escape changes, or pieces of base64.

    base64 has one of these pieces if it was encoded once or twice.
    """
    core = max(re.findall("[A-Za-z0-9]+", text), key=len, default="")
    # base64 turns ASCII letters and digits into letters and digits again.
    once = _base64_parts(core)
    return core, once.union(*map(_base64_parts, once))


def _base64_parts(text: str) -> set[str]:
    """Return the base64 of a text inside a longer one, without the ends, which depend on the neighboring text."""
    codes = [binascii.b2a_base64(b"\0" * before + text.encode()).decode() for before in range(3)]
    return {codes[before][start : (before + len(text)) * 8 // 6] for before, start in enumerate((0, 2, 3))}


def base64_contents(text: str, pieces: Iterable[str]) -> Iterator[tuple[int, int, str]]:
    """Yield the start and end of each base64 with one of the pieces, and what its content may be."""
    for code in re.finditer(_BASE64, text):
        if any(piece in code[0] for piece in pieces):
            letters = code[0].rstrip("=").replace("-", "+").replace("_", "/")
            # There may be other letters before the base64, so it may start at any of four offsets.
            for offset in range(4):
                padding = "A" * ((offset - len(letters)) % 4)
                yield *code.span(), binascii.a2b_base64(letters[offset:] + padding).decode("latin-1")
