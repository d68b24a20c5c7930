"""Mask secrets in everything that people read.

There are two rules, because neither is enough alone. A value is masked if its *name* says that it is secret, wherever
it comes from. And a secret that the SDK itself sent is masked if it comes back, under any name, raw or encoded.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import pydantic_core
from urllib3 import HTTPHeaderDict

from gravscale.support.fragments import cores
from gravscale.support.text import REQUEST_IDS
from gravscale.support.type_guards import is_list, is_mapping

MASK = "***"

_SECRET_WORDS = (
    *("passwd", "password", "passphrase", "secret", "token", "apikey", "privatekey"),
    *("credential", "authorization", "cookie"),
)
_HARMLESS_ENDS = ("tokentype", "tokenurl")
_KEPT_FIELDS = frozenset(name.lower() for name in REQUEST_IDS)
# A shorter secret, or one that could be a word, may occur in many harmless texts.
_STRONG = 8
_WORD_MAX = 12
_CORE_MIN = 6
# A lone surrogate. No secret can contain it, because it can't be sent.
_SEPARATOR = "\ud8ff"

# These match any text in only one way, and repeat only single sets of characters, so they take linear time. A quote may
# itself be quoted, by backslashes in JSON or by a reference in HTML.
_QUOTE = r"""\\{0,15}["']|&(?:quot|apos|#34|#39|#x22|#x27);"""
_MEMBER = rf"""["';]([\w.$-]{{1,80}})(?:{_QUOTE})\s{{0,20}}:\s{{0,20}}({_QUOTE})"""
_PARAMETER = r"""(\A|[?&;\s])([\w.$[\]%-]{1,80})=([^&#\s"'<>]*)"""
_USER = r"""://[^/?#\s"'<>]{1,2000}@"""
_JSON_TOKEN = r'[][{}]|"([^"\\]*)"|"'
# A token contains a digit, a dot or a capital letter, unlike the words in "Bearer Authentication is required".
_TOKEN = r"(\b(?:[Bb]earer|[Bb]asic)\s{1,10})(?=[\w.~+/-][a-z_-]{0,200}[A-Z0-9.~+/][\w~+/-])[\w.~+/-]{12,}=*"


# For speed: every call has the same few names.
@lru_cache(maxsize=1024)
def is_secret(name: str) -> bool:
    """Return whether a field, header or parameter with this name holds a secret."""
    name = name.lower().replace("_", "").replace("-", "")
    if "expires" in name or name.endswith(_HARMLESS_ENDS):
        return False
    return any(word in name for word in _SECRET_WORDS)


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """Return a text with its secrets masked.

    This masks JSON members and query parameters with secret names, authorization, the user info of URLs, and each of
    `secrets`, raw or encoded. A secret that is short or could be a word is masked only if it is a whole value. JSON
    stays valid, with its keys and numbers.
    """
    return _Redactor(secrets).text(text)


def redact_headers(headers: Mapping[str, str], secrets: Iterable[str] = ()) -> HTTPHeaderDict:
    """Return headers with the secrets in their values masked. The request id stays unchanged."""
    fields = list(headers.iteritems() if isinstance(headers, HTTPHeaderDict) else headers.items())
    redacted = zip(fields, _Redactor(secrets).values(fields), strict=True)
    return HTTPHeaderDict([(name, value if name.lower() in _KEPT_FIELDS else new) for (name, value), new in redacted])


def redact_data(value: Any, secrets: Iterable[str] = ()) -> Any:
    """Return plain data, such as JSON, with secrets in its texts masked at any depth. Keys and numbers stay."""
    texts: list[tuple[str, str]] = []

    def collect(item: Any, name: str) -> None:
        if isinstance(item, str):
            texts.append((name, item))

    _walk(value, "", collect)
    redacted = iter(_Redactor(secrets).values(texts))
    return _walk(value, "", lambda item, _: next(redacted) if isinstance(item, str) else item)


def mask(value: Any, name: str = "") -> Any:
    """Return plain data with the values of secret names masked at any depth."""
    return _walk(
        value, name, lambda item, name: item if item is None or isinstance(item, bool) or not is_secret(name) else MASK
    )


def redacted_repr(name: str, value: object) -> str:
    """Return a setting for a repr, without secrets."""
    if name == "credentials":
        # The repr of a user's own class may contain secrets.
        return f"<{type(value).__name__}>"
    if is_secret(name) or name in ("proxy_headers", "ca_cert_data"):
        return MASK
    if name == "proxy" and isinstance(value, str):
        head, _, address = value.rpartition("@")
        return repr(f"{value.partition('//')[0]}//{MASK}@{address}" if head else value)
    return redact(repr(value))


def _walk(value: Any, name: str, replace: Callable[[Any, str], Any]) -> Any:
    # Check this first: bodies may be long, and most values are plain.
    if value is None or isinstance(value, (str, int, float)):
        return replace(value, name)
    if is_mapping(value):
        return {key: _walk(item, name if is_secret(name) else str(key), replace) for key, item in value.items()}
    if is_list(value):
        return [_walk(item, name, replace) for item in value]
    return replace(value, name)


class _Redactor:
    """Mask values with secret names, and secrets that were sent."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._strong: list[str] = []
        # Secrets that are masked only if they are a whole value.
        self._whole: set[str] = set()
        known = {secret for secret in secrets if secret}
        for secret in sorted(known, key=len, reverse=True):
            token = re.sub("^(?:Bearer|Basic|Token) ", "", secret)
            if len(token) < _STRONG or (len(token) <= _WORD_MAX and token.isalpha()):
                spellings = _load_spellings()
                if spellings is not None:
                    self._whole.update((secret, *spellings(secret, 1000, parts=False)))
                    continue
            self._strong.append(secret)

    def text(self, text: str) -> str:
        """Return a text with its secrets masked."""
        return self._json(text) if _is_json(text) else self._named(self._without_strong(text))

    def values(self, values: list[tuple[str, str]]) -> Iterator[str]:
        """Yield values with their secrets masked. Each value is passed with its name."""
        # Search them all at once, because there may be many.
        joined = _SEPARATOR.join(value.replace(_SEPARATOR, "\ufffd") for _, value in values)
        for (name, value), text in zip(values, self._without_strong(joined).split(_SEPARATOR), strict=bool(values)):
            if is_secret(name) or value in self._whole:
                yield MASK
            elif text.isalnum():
                yield text
            else:
                yield self._json(text) if _is_json(text) else self._named(text)

    def _without_strong(self, text: str) -> str:
        """Mask each spelling of a secret that was sent."""
        for secret in self._strong:
            if len(secret) > len(text):
                continue
            found = cores(secret)
            if any(len(core) < _CORE_MIN or core in text for core in found):
                spellings = _load_spellings()
                if spellings is not None:
                    for spelling in spellings(secret, len(text)):
                        text = text.replace(spelling, MASK)
                elif any(core in text for core in found):
                    return re.sub(f"[^{_SEPARATOR}]+", MASK, text)
        return text

    def _json(self, text: str) -> str:
        """Mask each string in JSON separately, so that the rest stays unchanged and valid."""
        decode = json.JSONDecoder(strict=False).raw_decode
        # Compiled here, so that loading the module does not delay the first call.
        token_from, colon_at = re.compile(_JSON_TOKEN).search, re.compile(r"\s*:").match
        spans: list[tuple[int, int]] = []
        values: list[tuple[str, str]] = []
        names, name, end = [""], "", 0
        while token := token_from(text, end):
            start, end = token.span()
            if token[0] in "[{":
                names.append(name)
            elif token[0] in "]}":
                names.pop()
                name = names[-1]
            else:
                value: str
                # The decoder handles escapes.
                value, end = (token[1], end) if token[1] is not None else decode(text, start)
                if colon_at(text, end):
                    name = names[-1] if is_secret(names[-1]) else value
                else:
                    spans.append((start, end))
                    values.append((name, value))
        parts: list[str] = []
        end = 0
        for (start, next_end), (_, value), new in zip(spans, values, self.values(values), strict=True):
            written = text[start:next_end]
            parts += text[end:start], written if new == value else json.dumps(new, ensure_ascii=written.isascii())
            end = next_end
        return "".join(parts) + text[end:]

    def _named(self, text: str) -> str:
        """Mask values with secret names in a text that is not JSON."""
        if ":" in text:
            text = re.sub(_USER, f"://{MASK}@", _without_members(text))
        if "=" in text:
            text = re.sub(_PARAMETER, self._parameter, text)
        return re.sub(_TOKEN, rf"\g<1>{MASK}", text) if "earer" in text or "asic" in text else text

    def _parameter(self, found: re.Match[str]) -> str:
        before, name, value = found.groups()
        # At the start of the text, this is the first parameter of a form, unless it is part of a sentence.
        is_query = before in ("?", "&") or (not before and found.string[found.end() : found.end() + 1] in ("", "&"))
        return f"{before}{name}={MASK}" if is_secret(name) or (is_query and value in self._whole) else found[0]


def _load_spellings() -> Callable[..., Iterator[str]] | None:
    """Return the function that lists spellings, or None if no more files can be opened to load its module."""
    # Loading takes some milliseconds, and is only needed if something goes wrong.
    try:
        from gravscale.support.spellings import spellings
    except OSError:
        return None
    return spellings


def _is_json(text: str) -> bool:
    if text.lstrip()[:1] not in ("{", "[", '"'):
        return False
    try:
        pydantic_core.from_json(text)
    except ValueError:
        return False
    return True


def _without_members(text: str) -> str:
    """Mask the string values of members with secret names, even if the JSON itself is quoted."""
    parts: list[str] = []
    end = 0
    for head in re.finditer(_MEMBER, text):
        if head.start() >= end and is_secret(head[1]):
            parts += text[end : head.end()], MASK
            end = _end_of_string(text, head.end(), head[2])
    return "".join(parts) + text[end:]


def _end_of_string(text: str, start: int, opening: str) -> int:
    """Return where a string ends that starts with `opening`. A truncated string ends with the text."""
    escapes, quote = len(opening) - 1, start - 1
    if opening[-1] == ";":
        return (text.find(opening, start) + 1 or len(text) + 1) - 1
    while (quote := text.find(opening[-1], quote + 1)) >= 0:
        end = quote
        while end > start and text[end - 1] == "\\":
            end -= 1
        backslashes = quote - end
        # In nested JSON, inner quotes have more backslashes than outer ones.
        if backslashes <= escapes if escapes else backslashes % 2 == 0:
            return end if escapes else quote
    return len(text)
