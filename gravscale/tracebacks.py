"""Keep the SDK's frames, and the secrets in them, out of the tracebacks that users see."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from traceback import walk_tb
from typing import ParamSpec, TypeVar

from gravscale.exceptions import ApiTypeError, OpenApiException

P = ParamSpec("P")
T = TypeVar("T")

# For people who work on the SDK itself. This hides nothing, not even secrets.
_SHOW_ALL = bool(os.environ.get("GRAVSCALE_ALL_FRAMES"))
# The SDK and what it calls. Any other frame belongs to the user's program.
_BELOW = frozenset(("gravscale", "http", "pydantic", "socket", "ssl", "urllib3"))


def hide_sdk_frames(function: Callable[P, T]) -> Callable[P, T]:
    """Hide the SDK's frames in the errors that a function raises, and raise ApiTypeError if its arguments don't fit.

    The frames of the SDK hold passwords, tokens and bodies, and some programs show the variables of a traceback. So
    the traceback of an SDK error ends here. Any other error is unexpected: it keeps its frames, but not their
    variables.
    """

    if _SHOW_ALL:
        return function

    @wraps(function)
    def called(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return function(*args, **kwargs)
        except OpenApiException as error:
            failed: OpenApiException = error.with_traceback(None)
        except BaseException as error:
            if not isinstance(error, TypeError) or _is_from_below(error):
                _clear_variables(error)
                del args, kwargs
                raise
            failed = ApiTypeError(str(error))
        del args, kwargs
        try:
            raise failed
        finally:
            # The traceback refers to this frame; a cycle would keep both alive.
            del failed

    return called


def _is_from_below(error: BaseException) -> bool:
    """Return whether the function's own code raised the error. Python rejects arguments before its frame exists."""
    return error.__traceback__ is not None and error.__traceback__.tb_next is not None


def _clear_variables(error: BaseException) -> None:
    """Clear the variables of the SDK's frames in the tracebacks of an error and of its causes and contexts."""
    seen: set[int] = set()
    pending: list[BaseException | None] = [error]
    while pending:
        link = pending.pop()
        if link is None or id(link) in seen:
            continue
        seen.add(id(link))
        pending += (link.__cause__, link.__context__)
        frames = [frame for frame, _ in walk_tb(link.__traceback__)]
        below = [
            index
            for index, frame in enumerate(frames)
            if frame.f_globals.get("__name__", "").partition(".")[0] in _BELOW
        ]
        # Frames in between are cleared too. A wrapper that instruments urllib3, for example, also holds the request.
        for frame in frames[below[0] : below[-1] + 1] if below else ():
            # A frame that is still running can't be cleared.
            with suppress(RuntimeError):
                frame.clear()
