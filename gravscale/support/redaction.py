"""What counts as a secret, and how it is kept out of everything that people read.

Two rules, because neither is enough alone: a value is masked where its *name* says that it is secret, wherever it came
from; and a secret that the SDK itself sent is masked where it comes back, under whatever name, raw or encoded.
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
# A shorter secret, and one that could be a word, is part of much else.
_STRONG = 8
_WORD_MAX = 12
_CORE_MIN = 6
# Half a character, which no secret can have: it is no text that can be sent.
_SEPARATOR = "\ud8ff"

# No text can be read in many ways by these, and all that is repeated is one set of characters: the time they take grows
# with the text and no faster. A quote may itself be quoted, by backslashes in JSON or by a reference in HTML.
_QUOTE = r"""\\{0,15}["']|&(?:quot|apos|#34|#39|#x22|#x27);"""
_MEMBER = rf"""["';]([\w.$-]{{1,80}})(?:{_QUOTE})\s{{0,20}}:\s{{0,20}}({_QUOTE})"""
_PARAMETER = r"""(\A|[?&;\s])([\w.$[\]%-]{1,80})=([^&#\s"'<>]*)"""
_USER = r"""://[^/?#\s"'<>]{1,2000}@"""
_JSON_TOKEN = r'[][{}]|"([^"\\]*)"|"'
# A token has a digit, a dot or a capital letter in it, unlike words such as "Bearer Authentication is required".
_TOKEN = r"(\b(?:[Bb]earer|[Bb]asic)\s{1,10})(?=[\w.~+/-][a-z_-]{0,200}[A-Z0-9.~+/][\w~+/-])[\w.~+/-]{12,}=*"


# For speed: the same few names come with every call.
@lru_cache(maxsize=1024)
def is_secret(name: str) -> bool:
    """Tell whether a field, header or parameter of this name holds a secret."""
    name = name.lower().replace("_", "").replace("-", "")
    if "expires" in name or name.endswith(_HARMLESS_ENDS):
        return False
    return any(word in name for word in _SECRET_WORDS)


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """Return a text without secrets.

    Masked are the values of secretly named JSON members and query parameters, authorization, the user's part of URLs,
    and each of `secrets`, raw or encoded; of a short one, or one that could be a word, only what is a whole value.
    JSON stays JSON, with its keys and numbers.
    """
    return _Redactor(secrets).text(text)


def redact_headers(headers: Mapping[str, str], secrets: Iterable[str] = ()) -> HTTPHeaderDict:
    """Return header fields without secrets in their values. The request id stays as it is."""
    fields = list(headers.iteritems() if isinstance(headers, HTTPHeaderDict) else headers.items())
    redacted = zip(fields, _Redactor(secrets).values(fields), strict=True)
    return HTTPHeaderDict([(name, value if name.lower() in _KEPT_FIELDS else new) for (name, value), new in redacted])


def redact_data(value: Any, secrets: Iterable[str] = ()) -> Any:
    """Return plain data, such as JSON, without secrets in their texts, at any depth. Keys and numbers stay."""
    texts: list[tuple[str, str]] = []

    def collect(item: Any, name: str) -> None:
        if isinstance(item, str):
            texts.append((name, item))

    _walk(value, "", collect)
    redacted = iter(_Redactor(secrets).values(texts))
    return _walk(value, "", lambda item, _: next(redacted) if isinstance(item, str) else item)


def mask(value: Any, name: str = "") -> Any:
    """Return plain data without what stands under a secret name, at any depth."""
    return _walk(
        value, name, lambda item, name: item if item is None or isinstance(item, bool) or not is_secret(name) else MASK
    )


def redacted_repr(name: str, value: object) -> str:
    """Return a setting as a repr shows it."""
    if name == "credentials":
        # The repr of a user's own is not known to be harmless.
        return f"<{type(value).__name__}>"
    if is_secret(name) or name in ("proxy_headers", "ca_cert_data"):
        return MASK
    if name == "proxy" and isinstance(value, str):
        head, _, address = value.rpartition("@")
        return repr(f"{value.partition('//')[0]}//{MASK}@{address}" if head else value)
    return redact(repr(value))


def _walk(value: Any, name: str, replace: Callable[[Any, str], Any]) -> Any:
    # First, as bodies may be long: most values are plain.
    if value is None or isinstance(value, (str, int, float)):
        return replace(value, name)
    if is_mapping(value):
        return {key: _walk(item, name if is_secret(name) else str(key), replace) for key, item in value.items()}
    if is_list(value):
        return [_walk(item, name, replace) for item in value]
    return replace(value, name)


class _Redactor:
    """Masks what is secret by its name, and secrets that were sent."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._strong: list[str] = []
        # Values that are masked as a whole only.
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
        """Return a text without secrets."""
        return self._json(text) if _is_json(text) else self._named(self._without_strong(text))

    def values(self, values: list[tuple[str, str]]) -> Iterator[str]:
        """Yield values without secrets; each comes with its name."""
        # All at once, as there may be many.
        joined = _SEPARATOR.join(value.replace(_SEPARATOR, "\ufffd") for _, value in values)
        for (name, value), text in zip(values, self._without_strong(joined).split(_SEPARATOR), strict=bool(values)):
            if is_secret(name) or value in self._whole:
                yield MASK
            elif text.isalnum():
                yield text
            else:
                yield self._json(text) if _is_json(text) else self._named(text)

    def _without_strong(self, text: str) -> str:
        """Mask each way to write a secret that was sent."""
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
        """Mask each string of JSON by itself, so that it stays JSON, as it was written."""
        decode = json.JSONDecoder(strict=False).raw_decode
        # Compiled here rather than as the module is loaded, which each first call waits for.
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
                # An escape is the decoder's business.
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
        """Mask what its name says to be secret, in a text that is no JSON by itself."""
        if ":" in text:
            text = re.sub(_USER, f"://{MASK}@", _without_members(text))
        if "=" in text:
            text = re.sub(_PARAMETER, self._parameter, text)
        return re.sub(_TOKEN, rf"\g<1>{MASK}", text) if "earer" in text or "asic" in text else text

    def _parameter(self, found: re.Match[str]) -> str:
        before, name, value = found.groups()
        # At the beginning it is the first parameter of a form, unless a sentence goes on.
        is_query = before in ("?", "&") or (not before and found.string[found.end() : found.end() + 1] in ("", "&"))
        return f"{before}{name}={MASK}" if is_secret(name) or (is_query and value in self._whole) else found[0]


def _load_spellings() -> Callable[..., Iterator[str]] | None:
    """Return what lists the ways to write a secret; None where no file can be opened any more to load it from."""
    # It takes some milliseconds to load, and is not needed where nothing goes wrong.
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
    """Mask the string values of secretly named members, however the JSON is quoted itself."""
    parts: list[str] = []
    end = 0
    for head in re.finditer(_MEMBER, text):
        if head.start() >= end and is_secret(head[1]):
            parts += text[end : head.end()], MASK
            end = _end_of_string(text, head.end(), head[2])
    return "".join(parts) + text[end:]


def _end_of_string(text: str, start: int, opening: str) -> int:
    """Where a string ends that begins so. One that was cut in the middle ends with the text."""
    escapes, quote = len(opening) - 1, start - 1
    if opening[-1] == ";":
        return (text.find(opening, start) + 1 or len(text) + 1) - 1
    while (quote := text.find(opening[-1], quote + 1)) >= 0:
        end = quote
        while end > start and text[end - 1] == "\\":
            end -= 1
        backslashes = quote - end
        # JSON within JSON writes an inner quote with more backslashes than an outer one.
        if backslashes <= escapes if escapes else backslashes % 2 == 0:
            return end if escapes else quote
    return len(text)
