"""Fragments that every spelling of a secret contains. Most texts contain no secret, and the fragments alone show it."""

from __future__ import annotations

import binascii
import re


def cores(text: str) -> set[str]:
    """Return short texts, one of which is in every spelling of a text."""
    core = max(re.findall("[A-Za-z0-9]+", text), key=len, default="")
    # base64 turns ASCII letters and digits into letters and digits again.
    once = base64_parts(core)
    return {core, *once, *(part for inner in once for part in base64_parts(inner))}


def base64_parts(text: str) -> set[str]:
    """Return the base64 of a text inside a longer one, without the ends, which depend on the neighboring text."""
    octets = text.encode("utf-8", "surrogatepass")
    codes = [binascii.b2a_base64(bytes(before) + octets, newline=False).decode() for before in range(3)]
    return {codes[before][start : (before + len(octets)) * 8 // 6] for before, start in enumerate((0, 2, 3))}
