"""Find out to which package a frame belongs, and find the user's frame in the call stack."""

from __future__ import annotations

import inspect
from types import FrameType

PACKAGE: str = __name__.partition(".")[0]
# The SDK, and contextlib, whose frames are in between if the SDK uses a `with`.
_PASSED_OVER = (PACKAGE, "contextlib")


def package_of(frame: FrameType) -> str:
    """Return the name of the package whose code a frame runs."""
    return str(frame.f_globals.get("__name__", "")).partition(".")[0]


def caller_level() -> int:
    """Return the `stacklevel` of the first frame outside the SDK, for a warning that the calling function issues."""
    level, frame = 0, inspect.currentframe()
    while frame is not None and package_of(frame) in _PASSED_OVER:
        frame, level = frame.f_back, level + 1
    return level
