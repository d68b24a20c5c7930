"""Show errors in IPython's console and in notebooks."""

from __future__ import annotations

import copy
import sys
import traceback
from types import TracebackType
from typing import Any

from gravscale.support.frames import PACKAGE, package_of


def running_shell() -> Any:
    """Return IPython's shell, or None outside IPython."""
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython else None


def short_traceback(error: Exception) -> list[str]:
    """Return the lines of an error's traceback in IPython's current style, without the SDK's frames.

    The user does not need these, and if IPython shows variables too, they would show everything that was sent.
    """
    trimmed = _without_sdk(error)
    shell = running_shell()
    if shell is None or trimmed.__traceback__ is None:
        return traceback.format_exception(trimmed)
    lines: list[str] = shell.InteractiveTB.structured_traceback(type(trimmed), trimmed, trimmed.__traceback__)
    return lines


def _without_sdk(error: Exception) -> Exception:
    trimmed = copy.copy(error).with_traceback(_outer_frames(error.__traceback__))
    # The message names the cause. The context may be the program's own error.
    trimmed.__cause__ = None
    trimmed.__suppress_context__ = error.__suppress_context__
    context = error.__context__
    is_ours = hasattr(context, "_render_traceback_")
    trimmed.__context__ = _without_sdk(context) if isinstance(context, Exception) and is_ours else context
    return trimmed


def _outer_frames(frames: TracebackType | None) -> TracebackType | None:
    if frames is None:
        return None
    rest = _outer_frames(frames.tb_next)
    if package_of(frames.tb_frame) == PACKAGE:
        return rest
    return TracebackType(rest, frames.tb_frame, frames.tb_lasti, frames.tb_lineno)
