"""What each way to write a text has a piece of. Most texts hold no secret, and that is seen from these pieces alone."""

from __future__ import annotations

import binascii
import re


def cores(text: str) -> set[str]:
    """Return short texts of which each spelling of a text holds one."""
    core = max(re.findall("[A-Za-z0-9]+", text), key=len, default="")
    # Of ASCII letters and digits base64 makes letters and digits again.
    once = base64_parts(core)
    return {core, *once, *(part for inner in once for part in base64_parts(inner))}


def base64_parts(text: str) -> set[str]:
    """Return what base64 makes of a text within another. The characters at its ends depend on its neighbours."""
    octets = text.encode("utf-8", "surrogatepass")
    codes = [binascii.b2a_base64(bytes(before) + octets, newline=False).decode() for before in range(3)]
    return {codes[before][start : (before + len(octets)) * 8 // 6] for before, start in enumerate((0, 2, 3))}
