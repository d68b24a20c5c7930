"""What counts as a secret, and how it is kept out of everything that people read.

Two rules, because neither is enough alone: a value is masked where its *name* says that it is secret, wherever it came
from; and a secret that the SDK itself sent is masked where it comes back, under whatever name, raw or encoded.
"""

from __future__ import annotations

import binascii
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import quote, quote_plus

from urllib3 import HTTPHeaderDict

from gravscale.support.text import REQUEST_IDS
from gravscale.support.type_guards import is_list, is_mapping

MASK = "***"

_SECRET_WORDS = (
    *("passwd", "password", "passphrase", "secret", "token", "apikey", "privatekey"),
    *("credential", "authorization", "cookie"),
)
_HARMLESS_ENDS = ("tokentype", "tokenurl")
# Shorter ones, and what could be a word, are parts of much else.
_SHORT = 8
_WORD = 12
# The same as a pattern. Bounded, or a long text of nothing but names would take for ever.
_NAME = (
    r"[\w-]{0,40}(?:passw|passphrase|secret|token|api[_-]?key|private[_-]?key|credential|authorization|cookie)"
    r"[\w-]{0,40}"
)
# A quote of JSON may itself be quoted: by backslashes in JSON, by a reference in HTML.
_QUOTE = r"""\\{0,15}["']|&(?:quot|apos|#34|#39|#x22|#x27);"""


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
    """
    strong, weak = _spellings(frozenset(secrets))
    for spelling in strong:
        text = text.replace(spelling, MASK)
    for word in weak:
        if word in text:
            # A key of JSON is no value.
            text = re.sub(
                rf"(?<=[\"']){re.escape(word)}(?=[\"'](?!\s*:))|(?<==){re.escape(word)}(?=[&;#\s]|\Z)", MASK, text
            )
    text = _mask_members(text)
    if "=" in text:
        text = re.sub(rf"(?i)((?:^|[?&;\s])({_NAME})=)[^&#\s\"'<>]*", _mask_parameter, text)
    if "://" in text:
        text = re.sub(r"(?i)(\b[a-z][a-z0-9+.-]{0,20}://)[^/?#\s@\"'<>]{1,2000}@", rf"\1{MASK}@", text)
    if "earer" in text or "asic" in text:
        # Long enough to be a token, and no word of a sentence such as "Bearer authentication is required".
        text = re.sub(r"(\b(?:[Bb]earer|[Bb]asic)\s{1,10})(?!auth)[\w.~+/-]{12,}=*", rf"\1{MASK}", text)
    return text


def redact_headers(headers: Mapping[str, str], secrets: Iterable[str] = ()) -> HTTPHeaderDict:
    """Return header fields without secrets in their values. The request id stays as it is."""
    fields = headers.iteritems() if isinstance(headers, HTTPHeaderDict) else headers.items()
    return HTTPHeaderDict(
        [
            (name, value if name.title() in _KEPT else MASK if is_secret(name) else redact_data(value, secrets))
            for name, value in fields
        ]
    )


_KEPT = frozenset(name.title() for name in REQUEST_IDS)


def redact_data(value: Any, secrets: Iterable[str]) -> Any:
    """Return plain data, such as JSON, without secrets in their values, at any depth. Keys and numbers stay."""
    known = frozenset(secrets)
    return _walk(value, "", lambda text: MASK if text in known else redact(text, known))


def mask(value: Any, name: str = "") -> Any:
    """Return plain data without what stands under a secret name, at any depth."""
    return _walk(value, name, lambda text: text)


def _walk(value: Any, name: str, of_text: Callable[[str], str]) -> Any:
    if is_mapping(value):
        return {key: _walk(item, name if is_secret(name) else str(key), of_text) for key, item in value.items()}
    if is_list(value):
        return [_walk(item, name, of_text) for item in value]
    if value is not None and not isinstance(value, bool) and is_secret(name):
        return MASK
    return of_text(value) if isinstance(value, str) else value


def _mask_parameter(found: re.Match[str]) -> str:
    return found[1] + MASK if is_secret(found[2]) else found[0]


def _mask_members(text: str) -> str:
    """Mask the string values of secretly named members of JSON, however the JSON is quoted itself."""
    parts: list[str] = []
    position = 0
    for head in re.finditer(rf"(?i)({_QUOTE})({_NAME})\1\s{{0,20}}:\s{{0,20}}({_QUOTE})", text):
        if head.start() >= position and is_secret(head[2]):
            parts += (text[position : head.end()], MASK)
            position = _end_of_string(text, head.end(), head[3])
    return "".join(parts) + text[position:] if parts else text


def _end_of_string(text: str, start: int, opening: str) -> int:
    """Where a string ends that begins so. One that was cut in the middle ends with the text."""
    if opening[-1] == ";":
        end = text.find(opening, start)
        return len(text) if end < 0 else end
    quote = start - 1
    while (quote := text.find(opening[-1], quote + 1)) >= 0:
        end = quote
        while end > start and text[end - 1] == "\\":
            end -= 1
        backslashes = quote - end
        # JSON within JSON writes an inner quote with more backslashes than an outer one.
        if backslashes < len(opening) if len(opening) > 1 else backslashes % 2 == 0:
            return end if len(opening) > 1 else quote
    return len(text)


@lru_cache(maxsize=16)
def _spellings(secrets: frozenset[str]) -> tuple[list[str], list[str]]:
    """The ways to write secrets, the longest first; and apart those of which only whole values are masked."""
    strong: set[str] = set()
    weak: set[str] = set()
    for secret in secrets:
        if len(secret) < _SHORT or (len(secret) <= _WORD and secret.isalpha()):
            weak.update({secret, *_encoded(secret)} - {""})
        else:
            once = {secret, *_encoded(secret), *_base64(secret)}
            strong |= once.union(*map(_encoded, once))
    return sorted(strong, key=len, reverse=True), sorted(weak, key=len, reverse=True)


def _encoded(text: str) -> Iterator[str]:
    """A text as JSON, Python, URLs, forms and HTML have it. Encoders differ in what they leave alone."""
    for ensure_ascii in (True, False):
        string = json.dumps(text, ensure_ascii=ensure_ascii)[1:-1]
        yield from (string, string.replace("/", "\\/"))
    yield repr(text)[1:-1]
    octets = text.encode("utf-8", "surrogatepass")
    yield repr(octets)[2:-1]
    yield octets.decode("latin-1")
    for safe in ("", "/", "/:?@!$&'()*+,;=~", "!'()*~"):
        percent = quote(octets, safe=safe)
        yield from (percent, re.sub("%..", lambda escape: escape[0].lower(), percent))
    plus = quote_plus(octets)
    yield from (plus, re.sub("%..", lambda escape: escape[0].lower(), plus))
    markup = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    for double, single in (
        ("&quot;", "&#x27;"),
        ("&#34;", "&#39;"),
        ("&quot;", "&apos;"),
        ("&quot;", "&#39;"),
        ('"', "'"),
    ):
        quoted = markup.replace('"', double).replace("'", single)
        yield from (quoted, quoted.encode("ascii", "xmlcharrefreplace").decode())


def _base64(text: str) -> Iterator[str]:
    for standard in {binascii.b2a_base64(text.encode("utf-8", "surrogatepass"), newline=False).decode().rstrip("=")}:
        yield from (standard, standard.replace("+", "-").replace("/", "_"))


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
