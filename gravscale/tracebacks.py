"""Keep the SDK's frames, and the secrets in them, out of the tracebacks that users see."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from types import CodeType, FrameType, FunctionType, TracebackType
from typing import ParamSpec, TypeVar

from gravscale.exceptions import ApiTypeError, OpenApiException
from gravscale.support.frames import PACKAGE

P = ParamSpec("P")
T = TypeVar("T")

# For people who work on the SDK itself. This hides nothing, not even secrets.
_SHOW_ALL = bool(os.environ.get("GRAVSCALE_ALL_FRAMES"))
# The SDK and what it calls. Any other frame belongs to the user's program.
_BELOW = frozenset((PACKAGE, "http", "pydantic", "socket", "ssl", "urllib3"))
# The functions of the SDK that call the user's, such as event hooks.
_callers: set[CodeType] = set()


def hide_sdk_frames(function: Callable[P, T]) -> Callable[P, T]:
    """Hide the SDK's frames in the errors that a function raises, and raise ApiTypeError if its arguments don't fit.

    The frames of the SDK hold passwords, tokens and bodies, and some programs show the variables of a traceback. So
    the traceback of an SDK error ends here. Any other error is unexpected: it keeps its frames, but not their
    variables. An error from a function of the user's, such as an event hook, always keeps that function's frames.
    """

    if _SHOW_ALL:
        return function

    @wraps(function)
    def called(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return function(*args, **kwargs)
        except OpenApiException as error:
            hide_frames(error)
            failed: OpenApiException = error
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


def calls_user_code(function: Callable[P, T]) -> Callable[P, T]:
    """Mark a function of the SDK as one that calls the user's functions. What these raise is the user's own."""
    if isinstance(function, FunctionType):
        _callers.add(function.__code__)
    return function


def user_frames(error: BaseException) -> TracebackType | None:
    """Return the part of an error's traceback that is the user's own, beginning with the function that called it.

    Returns:
        The traceback, or None if the error was not raised by a function of the user's that the SDK called.
    """
    entry = error.__traceback__
    while entry is not None and not (entry.tb_frame.f_code in _callers and not _is_sdk(entry.tb_next)):
        entry = entry.tb_next
    return entry


def _is_sdk(entry: TracebackType | None) -> bool:
    return entry is not None and _package(entry.tb_frame) == PACKAGE


def _package(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", "")).partition(".")[0]


def hide_frames(error: BaseException) -> None:
    """Remove the SDK's frames from an error that a function of the SDK has caught, or else their variables."""
    entry = error.__traceback__
    users = user_frames(error)
    if users is not None or isinstance(error, OpenApiException):
        error.__traceback__ = users
    elif entry is not None:
        # The first frame is that of the function that caught it. It is still running, so it can't be cleared.
        error.__traceback__ = entry.tb_next
    _clear_variables(error)


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
        for frame in _frames_with_secrets(link.__traceback__):
            # A frame that is still running can't be cleared.
            with suppress(RuntimeError):
                frame.clear()


def _frames_with_secrets(entry: TracebackType | None) -> list[FrameType]:
    """Return the frames of a traceback that may hold secrets.

    These are the SDK's and those in between: a wrapper that instruments urllib3, for example, also holds the request.
    The frames of the user's functions that the SDK calls, such as event hooks, hold none.
    """
    found: list[FrameType] = []
    between: list[FrameType] = []
    is_inside = False
    while entry is not None:
        frame = entry.tb_frame
        between.append(frame)
        if _package(frame) in _BELOW:
            found += between if is_inside else [frame]
            between, is_inside = [], True
        entry = entry.tb_next
        if frame.f_code in _callers and not _is_sdk(entry):
            is_inside = False
    return found
