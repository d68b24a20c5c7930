"""Find the user's frame in the call stack."""

from __future__ import annotations

import inspect

# The SDK, and contextlib, whose frames are in between if the SDK uses a `with`.
_PASSED_OVER = (__name__.partition(".")[0], "contextlib")


def caller_level() -> int:
    """Return the `stacklevel` of the first frame outside the SDK, for a warning that the calling function issues."""
    level, frame = 0, inspect.currentframe()
    while frame is not None and frame.f_globals.get("__name__", "").partition(".")[0] in _PASSED_OVER:
        frame, level = frame.f_back, level + 1
    return level
