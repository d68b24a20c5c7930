"""The spellings of a text inside another: escaped for JSON, Python, URLs, forms or HTML, or in base64."""

from __future__ import annotations

import binascii
import json
import re
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from html.entities import codepoint2name
from urllib.parse import quote

from gravscale.support.fragments import base64_parts

# The libraries of Python, Java, JavaScript, Go, .NET, PHP and Ruby differ in what they escape.
_JSON_ESCAPED = ("", "/", "<>&", "<>&'=", "<>&'\"", "<>&'\"+`")
_URL_SAFE = ("", "/", "*", "!'()*", "/?:@!$&'()*+,;=", "/?:@!$&'()*+,;=#[]%")
_HTML_ESCAPED: tuple[dict[str, str], ...] = (
    {},
    {'"': "&quot;"},
    *({'"': "&quot;", "'": single} for single in ("&#x27;", "&#39;", "&#039;", "&apos;")),
    {'"': "&#34;", "'": "&#39;"},
    {'"': "&#34;", "'": "&#39;", "+": "&#43;"},
    {'"': "&quot;", "'": "&#x27;", "/": "&#x2F;", "`": "&#x60;", "=": "&#x3D;"},
)


def _encodings(text: str) -> Iterator[str]:
    """Yield the output of each encoder for a text, always in the same order."""
    octets = text.encode("utf-8", "surrogatepass")
    for ensure_ascii in (True, False):
        string = json.dumps(text, ensure_ascii=ensure_ascii)[1:-1]
        for escaped in _JSON_ESCAPED:
            written = string.replace("/", "\\/") if escaped == "/" else _escape_json(string, escaped)
            yield from (written, _replace(r"(?<=\\u)[0-9a-f]{4}", str.upper, written))
    for python in (repr(text)[1:-1], ascii(text)[1:-1], repr(octets)[2:-1]):
        yield from (python, python.replace("'", "\\'"))
    # UTF-8 read as latin-1, as in headers.
    yield octets.decode("latin-1")
    for safe in _URL_SAFE:
        url = quote(octets, safe=safe)
        for percent in (url, url.replace("~", "%7E"), _replace("%..", str.lower, url)):
            yield from (percent, percent.replace("%20", "+"))
    markup = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    for quotes in _HTML_ESCAPED:
        for special in (markup, _replace("[^\\0-\x7f]", _named, markup)):
            written = special
            for quote_mark, reference in quotes.items():
                written = written.replace(quote_mark, reference)
            yield from (written, written.encode("ascii", "xmlcharrefreplace").decode())
    for form in ("d", "x", "X"):
        x = form.strip("d") and "x"
        yield "".join(c if c.isascii() and c.isalnum() else f"&#{x}{ord(c):{form}};" for c in text)


def _escape_json(string: str, escaped: str) -> str:
    for character in escaped:
        written = '\\"' if character == '"' else character
        string = string.replace(written, f"\\u{ord(character):04x}")
    return string


def _named(character: str) -> str:
    return f"&{codepoint2name[ord(character)]};" if ord(character) in codepoint2name else character


def _replace(pattern: str, change: Callable[[str], str], text: str) -> str:
    return re.sub(pattern, lambda found: change(found[0]), text)


def spellings(text: str, longest: int, *, parts: bool = True) -> Iterator[str]:
    """Yield the spellings of a text, encoded once or twice. Each comes before those that it may contain.

    Args:
        text: The text.
        longest: The maximum length of a spelling.
        parts: Whether to include its base64 as part of a longer text, such as `user:password`.

    Yields:
        A spelling of the text.
    """
    counts = {c: text.count(c) for c in set(re.findall("[^A-Za-z0-9]", text))}
    once, twice = _tables("".join(sorted(counts)))

    def written(tables: list[dict[int, str]], longest: int) -> Iterator[str]:
        for table in tables:
            if len(text) + sum(count * (len(table[ord(c)]) - 1) for c, count in counts.items()) <= longest:
                yield text.translate(table)

    codes = {code for inner in written(once, longest * 3 // 4 + 3) for code in _base64(inner, parts)}
    for code in _base64(text, parts) if codes else ():
        codes |= _base64(code, parts)
        codes.update(code.translate(table) for table in _tables("+-/=_")[0])
    yield from sorted(codes, key=len, reverse=True)
    yield from written(twice, longest)


@lru_cache(maxsize=64)
def _tables(characters: str) -> tuple[list[dict[int, str]], list[dict[int, str]]]:
    """Return tables for `str.translate` with the spellings of characters: encoded once, and once or twice."""

    @cache
    def ways_of(text: str) -> list[str]:
        return list(_encodings(text))

    once = {tuple(characters), *zip(*map(ways_of, characters), strict=True)}
    twice = once.union(again for way in once for again in zip(*map(ways_of, way), strict=True))
    longest_first = (sorted(ways, key=lambda way: -len("".join(way))) for ways in (once, twice))
    first, second = ([dict(zip(map(ord, characters), way, strict=True)) for way in ways] for ways in longest_first)
    return first, second


def _base64(text: str, parts: bool) -> set[str]:
    code = binascii.b2a_base64(text.encode("utf-8", "surrogatepass"), newline=False).decode()
    codes = {code, code.rstrip("="), *(base64_parts(text) if parts else ())}
    return codes.union(code.replace("+", "-").replace("/", "_") for code in codes)
