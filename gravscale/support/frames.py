"""Which frames are the SDK's own."""

from __future__ import annotations

import inspect

PACKAGE = __name__.partition(".")[0]
# The SDK, and what a `with` passes through.
_PASSED_OVER = (PACKAGE, "contextlib")


def caller_level() -> int:
    """Return the stack level of the first frame outside of the SDK, as the caller of this counts."""
    level, frame = 0, inspect.currentframe()
    while frame is not None and frame.f_globals.get("__name__", "").partition(".")[0] in _PASSED_OVER:
        frame, level = frame.f_back, level + 1
    return level
