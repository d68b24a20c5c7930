"""Format text and numbers for messages."""

from __future__ import annotations

import re
from collections.abc import Iterable

EXCERPT_LENGTH = 200
# The headers in which services send the id of a request.
REQUEST_IDS = ("X-Request-ID", "X-Correlation-ID", "Request-ID")
_FORMATTED_MAX = 10**30
NESTED_TOO_DEEPLY = "nested too deeply, or containing itself"
LONE_SURROGATE = "the text contains a lone surrogate, which can't be encoded"


def printable(text: str) -> str:
    """Replace the characters that control a terminal or change the direction of writing."""
    return text if text.isprintable() else "".join(c if c.isprintable() else " " for c in text)


def is_encodable(text: str) -> bool:
    """Return whether a text has no lone surrogates, which Python uses for bytes that it can't decode."""
    return re.search("[\ud800-\udfff]", text) is None


def excerpt(text: str, most: int = EXCERPT_LENGTH) -> str:
    """Return the start of any text, in one line and without control characters."""
    flat = " ".join(printable(text[: 2 * most]).split())
    return flat if len(flat) <= most and len(text) <= 2 * most else f"{flat[:most]}…"


def format_number(number: float) -> str:
    """Format a number for a message. Python refuses to format integers with thousands of digits."""
    return excerpt(str(number)) if abs(number) < _FORMATTED_MAX or number != number else "one far beyond that"


def did_you_mean(name: object, known: Iterable[str]) -> str:
    """Return a suggestion to end a message about an unknown name with: the most similar known one, if any."""
    from difflib import get_close_matches  # only needed if something goes wrong

    near = get_close_matches(str(name), list(known), 1, cutoff=0.5)
    return f", did you mean {near[0]!r}?" if near else ""


def with_article(name: str) -> str:
    """Return the name of a type with its article."""
    return f"{'an' if name[:1] in 'aeioAEIO' else 'a'} {name}"


def decode(raw: bytes, media: str, errors: str = "strict") -> str:
    """Decode a text with the charset of its media type, or else UTF-8 (RFC 9110, section 8.3.2).

    Raises ValueError if the text does not fit the charset, unless `errors` is "replace".
    """
    found = re.search(r"charset\s*=\s*\"?([\w.:+-]+)", media, re.IGNORECASE)
    try:
        text = raw.decode(found[1] if found else "utf-8", errors)
    except (LookupError, ValueError) as error:
        # The charset is unknown, or one of Python's own that refuse to replace anything, such as idna.
        if errors == "strict" and isinstance(error, ValueError):
            raise
        text = raw.decode(errors=errors)
    # Some charsets, such as utf-7, have lone surrogates, which can't be encoded again.
    return text if is_encodable(text) else text.encode(errors=errors).decode()
