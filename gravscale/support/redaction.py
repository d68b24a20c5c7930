"""Mask secrets in everything that people read.

There are two rules, because neither is enough alone. A value is masked if its *name* says that it is secret, wherever
it comes from. And a secret that the SDK itself sent is masked if it comes back, under any name, raw or encoded.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import pydantic_core
from urllib3 import HTTPHeaderDict

from gravscale.support.escapes import base64_contents, levels, traces
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

# These match any text in only one way, and repeat only single sets of characters, so they take linear time.
_MEMBER = r"""["']([\w.$-]{1,80})["']\s{0,20}:\s{0,20}(["'])"""
_PARAMETER = r"""(\A|[?&;#\s])([\w.$[\]%-]{1,80})=([^&#\s"'<>]*)"""
_USER = r"""://[^/?#\s"'<>]{1,2000}@"""
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
    value_of = _Redactor(secrets).value
    fields = headers.iteritems() if isinstance(headers, HTTPHeaderDict) else headers.items()
    return HTTPHeaderDict(
        [(name, value if name.lower() in _KEPT_FIELDS else value_of(value, name)) for name, value in fields]
    )


def redact_data(value: Any, secrets: Iterable[str] = ()) -> Any:
    """Return plain data, such as JSON, with secrets in its texts masked at any depth. Keys and numbers stay."""
    value_of = _Redactor(secrets).value
    return _walk(value, "", lambda item, name: value_of(item, name) if isinstance(item, str) else item)


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
        self._strong: set[str] = set()
        # One of these is in each text with a strong secret.
        self._cores: set[str] = set()
        self._codes: set[str] = set()
        # Secrets that are masked only if they are a whole value.
        self._whole: set[str] = set()
        for secret in filter(None, secrets):
            token = re.sub("^(?:Bearer|Basic|Token) ", "", secret)
            if len(token) < _STRONG or (len(token) <= _WORD_MAX and token.isalpha()):
                octets = secret.encode("utf-8", "surrogatepass")
                codes = b64encode(octets), urlsafe_b64encode(octets), b64encode(b64encode(octets))
                self._whole.update((_simplest(secret), *(code.decode().rstrip("=") for code in codes)))
            else:
                core, pieces = traces(secret)
                self._strong.add(_simplest(secret))
                self._cores.add(core)
                self._codes |= pieces

    def text(self, text: str) -> str:
        """Return a text with its secrets masked."""
        return self._json(text) if _is_json(text) else self._named(self._without_strong(text))

    def value(self, value: str, name: str) -> str:
        """Return the value of a field, header or JSON member with its secrets masked."""
        return MASK if is_secret(name) or self._is_whole(value) else self.text(value)

    def _is_whole(self, value: str) -> bool:
        return bool(self._whole) and not self._whole.isdisjoint((text := _simplest(value), text.rstrip("=")))

    def _without_strong(self, text: str) -> str:
        """Mask the secrets that were sent, raw or encoded, and base64 that contains one."""
        # Most texts contain no secret, and can be left at once.
        if not any(piece in text for piece in (*self._cores, *self._codes)):
            return text
        return _masked(text, self._find(text))

    def _find(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield the start and end of each secret in a text, and of each base64 that contains one."""
        for plain, place in levels(text):
            spaced = plain.replace("+", " ")
            for secret in self._strong:
                end = 0
                while (start := spaced.find(secret, end)) >= 0:
                    end = start + len(secret)
                    yield place(start), place(end)
            for start, end, content in base64_contents(plain, self._codes):
                if any(self._find(content)):
                    yield place(start), place(end)

    def _json(self, text: str) -> str:
        """Mask each string in JSON separately, so that the rest stays unchanged and valid."""
        parts: list[str] = []
        end = 0
        for value, name, start, next_end in _strings(text):
            masked = self.value(value, name)
            if masked != value:
                parts += text[end:start], json.dumps(masked, ensure_ascii=text[start:next_end].isascii())
                end = next_end
        return "".join(parts) + text[end:]

    def _named(self, text: str) -> str:
        """Mask values with secret names in a text that is not JSON."""
        # A colon may be percent-encoded.
        if ":" in text or "%" in text:
            text = re.sub(_USER, f"://{MASK}@", _without_members(text))
        if "=" in text:
            text = re.sub(_PARAMETER, self._parameter, text)
        return re.sub(_TOKEN, rf"\g<1>{MASK}", text) if "earer" in text or "asic" in text else text

    def _parameter(self, found: re.Match[str]) -> str:
        before, name, value = found.groups()
        # At the start of the text, this is the first parameter of a form, unless it is part of a sentence.
        is_query = before in ("?", "&") or (not before and found.string[found.end() : found.end() + 1] in ("", "&"))
        return f"{before}{name}={MASK}" if is_secret(name) or (is_query and self._is_whole(value)) else found[0]


def _is_json(text: str) -> bool:
    if text.lstrip()[:1] not in ("{", "[", '"'):
        return False
    try:
        pydantic_core.from_json(text)
    except (ValueError, TypeError):
        # It is a TypeError for a lone surrogate.
        return False
    return True


def _strings(text: str) -> Iterator[tuple[str, str, int, int]]:
    """Yield each string value in JSON with its name, or the secret name above it, and with its start and end."""
    decode = json.JSONDecoder().raw_decode
    # Compiled here, so that loading the module does not delay the first call.
    search, colon_at = re.compile(r'[][{}"]').search, re.compile(r"\s*:").match
    names, name, end = [""], "", 0
    while token := search(text, end):
        start, end = token.span()
        if token[0] in "[{":
            names.append(name)
        elif token[0] in "]}":
            names.pop()
            name = names[-1]
        else:
            value, end = decode(text, start)
            if not colon_at(text, end):
                yield value, name, start, end
            else:
                name = names[-1] if is_secret(names[-1]) else value


def _simplest(text: str) -> str:
    """Return a text without any escapes, which is the same however the text was encoded."""
    *_, (plain, _) = levels(text)
    # A form writes a space as a plus sign.
    return plain.replace("+", " ")


def _masked(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """Mask parts of a text, which may overlap."""
    parts: list[str] = []
    end = 0
    for start, next_end in sorted(spans):
        if start >= end:
            parts += text[end:start], MASK
        end = max(end, next_end)
    return "".join(parts) + text[end:]


def _without_members(text: str) -> str:
    """Mask the values of members with secret names, even if the JSON itself is quoted."""
    for plain, place in levels(text):
        if spans := [(place(start), place(end)) for start, end in _members(plain)]:
            return _without_members(_masked(text, spans))
    return text


def _members(text: str) -> Iterator[tuple[int, int]]:
    """Yield the start and end of each value with a secret name in JSON or Python, even if the text ends within it."""
    end = 0
    for head in re.finditer(_MEMBER, text):
        start, quote = head.end(), head[2]
        if head.start() >= end and is_secret(head[1]):
            # What follows a backslash is a part of the value.
            tokens = re.compile(rf"\\.|{quote}", re.DOTALL).finditer(text, start)
            end = next((token.start() for token in tokens if token[0] == quote), len(text))
            if text[start:end] != MASK:
                yield start, end
