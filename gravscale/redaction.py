"""What counts as a secret, and how it is kept out of everything that people read.

Two rules, because neither is enough alone: a value is hidden when its *name* says what it is (`password`,
`refreshToken`), wherever it came from; and a value that the SDK itself sent as a secret is hidden wherever it comes
back, under whatever name, in whatever encoding.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from urllib3 import HTTPHeaderDict

from gravscale._guards import is_list, is_mapping

MASK = "***"

# Bounded, or a long text of nothing but names would take for ever.
_SECRET_NAME = (
    r"[\w-]{0,40}(?:passw(?:or)?d|passphrase|secret|token|api[_-]?key|private[_-]?key|credential|authorization|cookie)"
    r"[\w-]{0,40}"
)
_HARMLESS = re.compile(r"token_?(?:type|url)$|expires", re.IGNORECASE)
_NAMED = re.compile(_SECRET_NAME, re.IGNORECASE)
_HTML_QUOTE = "&(?:quot|apos|#34|#39|#x22|#x27);"
# A quote may itself be quoted: JSON within JSON, or within HTML. The closing one is optional, since an answer may
# have been cut in the middle of a token.
_IN_JSON = re.compile(
    rf"(?P<head>(?P<q>\\{{0,7}}[\"']|{_HTML_QUOTE})(?P<name>{_SECRET_NAME})(?P=q)\s*:\s*(?P<v>(?P<b>\\{{1,7}})?[\"']|{_HTML_QUOTE}))"
    # JSON within JSON writes an inner quote with more backslashes than an outer one.
    r"(?:(?!(?P=v))(?:(?(b)\\+[\"']?|\\.)|[^\\]))*(?:(?P=v)|\\?\Z)",
    re.IGNORECASE | re.DOTALL,
)
_IN_QUERY = re.compile(rf"(?P<head>(?:^|[?&;\s])(?P<name>{_SECRET_NAME})=)[^&#\s\"'<>]*", re.IGNORECASE)
_IN_URL = re.compile(r"(\b[a-z][a-z0-9+.-]{0,20}://)[^/?#\s@\"'<>]+@", re.IGNORECASE)
# Long enough to be a token, and no word of a sentence such as "Bearer authentication is required".
_IN_HEADER = re.compile(r"(\b(?:Bearer|Basic)\s+)(?!auth)[\w.~+/-]{12,}=*", re.IGNORECASE)


@lru_cache(maxsize=1024)
def is_secret(name: str) -> bool:
    """Whether a field, header or parameter of this name holds a secret."""
    return _NAMED.fullmatch(name) is not None and _HARMLESS.search(name) is None


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """The text without the values of secretly named JSON members and query parameters, of authorization
    header fields and of URLs, and without any of `secrets`, however they are written."""
    # The longest first: one secret may be the beginning of another.
    for secret in sorted(set(secrets), key=len, reverse=True):
        # No way to write a secret is shorter than the secret.
        if secret and len(secret) <= len(text):
            text = re.sub(_any_form(secret), MASK, text, flags=re.IGNORECASE)
    text = _IN_JSON.sub(lambda found: _masked(found, found["v"]), text)
    text = _IN_QUERY.sub(_masked, text)
    text = _IN_URL.sub(rf"\g<1>{MASK}@", text)
    return _IN_HEADER.sub(rf"\g<1>{MASK}", text)


def redact_headers(headers: Mapping[str, str], secrets: Iterable[str] = ()) -> HTTPHeaderDict:
    """The header fields without secrets in their values."""
    fields = headers.iteritems() if isinstance(headers, HTTPHeaderDict) else headers.items()
    return HTTPHeaderDict([(name, MASK if is_secret(name) else redact(value, secrets)) for name, value in fields])


def mask(value: Any, name: str = "") -> Any:
    """Plain data without what stands under a secret name."""
    if is_mapping(value):
        return {key: mask(item, str(key)) for key, item in value.items()}
    if is_list(value):
        return [mask(item, name) for item in value]
    return MASK if value is not None and not isinstance(value, bool) and is_secret(name) else value


def _masked(found: re.Match[str], close: str = "") -> str:
    return f"{found['head']}{MASK}{close}" if is_secret(found["name"]) else found[0]


def _any_form(secret: str) -> str:
    """A pattern of every way in which a secret may come back."""
    return "".join(map(_any_form_of, secret))


_BACKSLASH = r"(?:\\|%(?:25)*5c)"
_SHORT_ESCAPES = {"\b": "b", "\f": "f", "\n": "n", "\r": "r", "\t": "t"}


def _any_form_of(character: str) -> str:
    """A pattern of every way to write a character: raw, and as JSON, Python, URLs and HTML escape it, once or twice
    over. A secret may mix them, as encoders differ in what they leave alone."""
    if character.isascii() and (character.isalnum() or character in "-._~"):
        return re.escape(character)
    from html.entities import codepoint2name  # seldom needed, and slow to load

    code, utf8 = ord(character), character.encode("utf-8", "surrogatepass")
    entity = "apos" if character == "'" else codepoint2name.get(code, f"#{code}")
    utf16 = character.encode("utf-16-be", "surrogatepass")
    units = [utf16[start : start + 2].hex() for start in range(0, len(utf16), 2)]
    forms = [
        re.escape(character),
        "".join(f"{_BACKSLASH}{{1,8}}u{unit}" for unit in units),
        f"{_BACKSLASH}{{1,8}}U{code:08x}",
        "".join(f"{_BACKSLASH}{{1,8}}x{byte:02x}" for byte in utf8),
        "".join(f"%(?:25)*{byte:02x}" for byte in utf8),
        f"&(?:amp;)*(?:#0*{code}|#x0*{code:x}|{entity});",
    ]
    if character in _SHORT_ESCAPES:
        forms.append(_BACKSLASH + _SHORT_ESCAPES[character])
    if character == " ":
        forms.append(r"\+")
    if code > 127:
        # UTF-8 read as latin-1, as header fields are; latin-1 read as UTF-8; what an encoding lacks.
        forms += [re.escape(utf8.decode("latin-1")), "[?\ufffd]{1,4}"]
    if 127 < code < 256:
        forms += [f"{_BACKSLASH}{{1,8}}x{code:02x}", f"%(?:25)*{code:02x}"]
    return f"{_BACKSLASH}{{0,7}}(?:{'|'.join(forms)})"
