"""What counts as a secret, and how it is kept out of everything that people read.

Two rules, because neither is enough alone: a value is hidden when its *name* says what it is (`password`,
`refreshToken`), wherever it came from; and a value that the SDK itself sent as a secret is hidden wherever it comes
back, under whatever name, in whatever encoding.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from typing import Any

from urllib3 import HTTPHeaderDict

from gravscale.support.type_guards import is_list, is_mapping

MASK = "***"

_SECRET_WORDS = (
    *("passwd", "password", "passphrase", "secret", "token", "apikey", "privatekey"),
    *("credential", "authorization", "cookie"),
)
_HARMLESS_ENDS = ("tokentype", "tokenurl")
# The same as a pattern. Bounded, or a long text of nothing but names would take for ever.
_SECRET_NAME = (
    r"[\w-]{0,40}(?:passw(?:or)?d|passphrase|secret|token|api[_-]?key|private[_-]?key|credential|authorization|cookie)"
    r"[\w-]{0,40}"
)


# For speed: the same few names come with every call.
@lru_cache(maxsize=1024)
def is_secret(name: str) -> bool:
    """Whether a field, header or parameter of this name holds a secret."""
    name = name.lower().replace("_", "").replace("-", "")
    if "expires" in name or name.endswith(_HARMLESS_ENDS):
        return False
    return any(word in name for word in _SECRET_WORDS)


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """The text without the values of secretly named JSON members and query parameters, of authorization
    header fields and of URLs, and without any of `secrets`, however they are written."""
    # The longest first: one secret may be the beginning of another.
    for secret in sorted(set(secrets), key=len, reverse=True):
        # No way to write a secret has less than half its length.
        if secret and len(secret) <= 2 * len(text):
            text = re.sub(_any_form(secret), MASK, text, flags=re.IGNORECASE)
    in_json, in_query, in_url, in_header = _patterns()
    text = in_json.sub(lambda found: _masked(found, found["v"]), text)
    text = in_query.sub(_masked, text)
    text = in_url.sub(rf"\g<1>{MASK}@", text)
    return in_header.sub(rf"\g<1>{MASK}", text)


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    # For speed: compiled when there is something to hide.
    html_quote = "&(?:quot|apos|#34|#39|#x22|#x27);"
    return (
        # A quote may itself be quoted: JSON within JSON, or within HTML. The closing one is optional, since an answer
        # may have been cut in the middle of a token.
        re.compile(
            rf"(?P<head>(?P<q>\\{{0,7}}[\"']|{html_quote})(?P<name>{_SECRET_NAME})(?P=q)\s*:\s*"
            rf"(?P<v>(?P<b>\\{{1,7}})?[\"']|{html_quote}))"
            # JSON within JSON writes an inner quote with more backslashes than an outer one.
            r"(?:(?!(?P=v))(?:(?(b)\\+[\"']?|\\.)|[^\\]))*(?:(?P=v)|\\?\Z)",
            re.IGNORECASE | re.DOTALL,
        ),
        re.compile(rf"(?P<head>(?:^|[?&;\s])(?P<name>{_SECRET_NAME})=)[^&#\s\"'<>]*", re.IGNORECASE),
        re.compile(r"(\b[a-z][a-z0-9+.-]{0,20}://)[^/?#\s@\"'<>]+@", re.IGNORECASE),
        # Long enough to be a token, and no word of a sentence such as "Bearer authentication is required".
        re.compile(r"(\b(?:Bearer|Basic)\s+)(?!auth)[\w.~+/-]{12,}=*", re.IGNORECASE),
    )


def redact_headers(headers: Mapping[str, str], secrets: Iterable[str] = ()) -> HTTPHeaderDict:
    """The header fields without secrets in their values."""
    fields = headers.iteritems() if isinstance(headers, HTTPHeaderDict) else headers.items()
    return HTTPHeaderDict([(name, MASK if is_secret(name) else redact(value, secrets)) for name, value in fields])


def mask(value: Any, name: str = "") -> Any:
    """Plain data without what stands under a secret name, at any depth."""
    if is_mapping(value):
        return {key: mask(item, name if is_secret(name) else str(key)) for key, item in value.items()}
    if is_list(value):
        return [mask(item, name) for item in value]
    return MASK if value is not None and not isinstance(value, bool) and is_secret(name) else value


def _masked(found: re.Match[str], close: str = "") -> str:
    return f"{found['head']}{MASK}{close}" if is_secret(found["name"]) else found[0]


# One backslash, however it is written itself.
_BACKSLASH = r"(?:(?:\\|%(?:25)*5c|&(?:amp;)*(?:#0*92|#x0*5c|bsol);)(?:u005c|x5c)?)"
# Each time that a text is escaped doubles them. More than so many are nothing that anyone has written.
_BACKSLASHES_MAX = 1000
_NO_BACKSLASH_BEFORE = r"(?<!\\)(?<!5c)"
_AFTER_BACKSLASH = r"(?<=[\\c;])"
_SHORT_ESCAPES = {"\b": "b", "\f": "f", "\n": "n", "\r": "r", "\t": "t"}
# What stands for a character that an encoding lacks.
_LOST = "[?\ufffd]"
_LOST_IN_URL = "%(?:25)*3f"
_PIECES = r"(?P<plain>[a-z0-9._~-]+)|(?P<backslashes>\\+)|(?P<foreign>\?*[^\x00-\x7f](?:\?|[^\x00-\x7f])*)|."


def _any_form(secret: str) -> str:
    """A pattern of every way in which a secret may come back: raw, and as JSON, Python, URLs and HTML escape it, once
    or twice over. A secret may mix them, as encoders differ in what they leave alone.

    It is made so that no text can be taken for the secret's beginning in many ways, all of which would be tried: each
    piece of the secret takes all backslashes before it, and begins with something else.
    """
    form, backslashes, first = "", 0, True
    for piece in re.finditer(_PIECES, secret, re.IGNORECASE | re.DOTALL):
        if piece.lastgroup == "backslashes":
            backslashes = len(piece[0])
            continue
        if backslashes or piece.lastgroup != "plain":
            form += _escapes(backslashes, first)
        if piece.lastgroup == "plain":
            form += re.escape(piece[0])
        elif piece.lastgroup == "foreign":
            form += _foreign_form_of(piece[0], last=piece.end() == len(secret))
        else:
            form += f"(?:{_any_form_of(piece[0])})"
        backslashes, first = 0, False
    return form + _escapes(backslashes, first) if backslashes else form


def _escapes(backslashes: int, first: bool) -> str:
    """A pattern of so many backslashes of a secret, and of those that escape what follows them."""
    pattern = f"{_BACKSLASH}{{{backslashes},{_BACKSLASHES_MAX}}}"
    if not first:
        return pattern
    # The beginning is looked for everywhere: in a row of backslashes, all of them are tried at its start only.
    return f"(?:{_NO_BACKSLASH_BEFORE}{pattern}|{_BACKSLASH}{{{backslashes},{2 * backslashes}}})"


def _foreign_form_of(text: str, *, last: bool) -> str:
    """A pattern of every way to write characters beyond ASCII: one by one, or all of them lost in an encoding that has
    none of them. Then two may become one, and one as many as it has bytes."""
    one_by_one = _escapes(0, first=False).join(
        f"(?:{_any_form_of(character)}|{_LOST}|{_LOST_IN_URL})" for character in text
    )
    rest = f"{_LOST}*" if last else ""
    some = f"{{{(len(text) + 1) // 2},{4 * len(text)}}}"
    return f"(?:{one_by_one}{rest}|{_LOST}{some}|(?:{_LOST_IN_URL}){some})"


def _any_form_of(character: str) -> str:
    """A pattern of every way to write a character, but for the backslashes before it."""
    from html.entities import codepoint2name  # seldom needed, and slow to load

    code, utf8 = ord(character), character.encode("utf-8", "surrogatepass")
    entity = "apos" if character == "'" else codepoint2name.get(code, f"#{code}")
    utf16 = character.encode("utf-16-be", "surrogatepass")
    units = [utf16[start : start + 2].hex() for start in range(0, len(utf16), 2)]
    more = _escapes(1, first=False)
    escaped = [
        more.join(f"u{unit}" for unit in units),
        f"U{code:08x}",
        more.join(f"x{byte:02x}" for byte in utf8),
    ]
    forms = [
        "".join(f"%(?:25)*{byte:02x}" for byte in utf8),
        f"&(?:amp;)*(?:#0*{code}|#x0*{code:x}|{entity});",
        # After the longer forms that begin with the same.
        re.escape(character),
    ]
    if character in _SHORT_ESCAPES:
        escaped.append(_SHORT_ESCAPES[character])
    if character == " ":
        forms.append(r"\+")
    if code > 127:
        # UTF-8 read as latin-1, as header fields are.
        forms.append(re.escape(utf8.decode("latin-1")))
    if 127 < code < 256:
        escaped.append(f"x{code:02x}")
        forms.append(f"%(?:25)*{code:02x}")
    return f"{'|'.join(forms)}|{_AFTER_BACKSLASH}(?:{'|'.join(escaped)})"


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
