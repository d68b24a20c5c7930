"""Keep the SDK's frames, and the secrets in them, out of the tracebacks that users see."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from traceback import walk_tb
from types import CodeType, FrameType, FunctionType, TracebackType
from typing import ParamSpec, TypeVar

from gravscale.exceptions import ApiConnectionError, ApiTypeError, OpenApiException
from gravscale.support.frames import PACKAGE, package_of

P = ParamSpec("P")
T = TypeVar("T")

# For people who work on the SDK itself. This hides nothing, not even secrets.
_SHOW_ALL = bool(os.environ.get("GRAVSCALE_ALL_FRAMES"))
# The SDK and what it calls. Any other frame belongs to the user's program.
_BELOW = frozenset((PACKAGE, "http", "pydantic", "socket", "ssl", "urllib3"))
# The functions of the SDK that call the user's functions, such as event hooks.
_callers: set[CodeType] = set()
# The packages that may import a module during a call.
_IMPORTERS = _BELOW.union(sys.stdlib_module_names, ("dateutil", "filelock", "idna", "pydantic_core", "redis"))


def hide_sdk_frames(function: Callable[P, T]) -> Callable[P, T]:
    """Hide the SDK's frames in the errors that a function raises, and raise ApiTypeError if its arguments don't fit.

    The frames of the SDK hold passwords, tokens and bodies, and some programs show the variables of a traceback. So
    the traceback of an SDK error ends here. Any other error is unexpected: it keeps its frames, but not their
    variables. An import that fails within the SDK becomes an SDK error too. An error in the user's own function, such
    as an event hook, keeps the frames of that function.
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
            refused = import_failure(error)
            if refused is None and isinstance(error, TypeError) and not _is_from_below(error):
                refused = ApiTypeError(str(error))
            if refused is None:
                _clear_variables(error)
                del args, kwargs
                raise
            failed = refused
        del args, kwargs
        try:
            raise failed
        finally:
            # The traceback refers to this frame; a cycle would keep both alive.
            del failed

    return called


def calls_user_code(function: Callable[P, T]) -> Callable[P, T]:
    """Mark a function of the SDK that calls the user's functions, so that `user_frames` recognizes their errors."""
    if isinstance(function, FunctionType):
        _callers.add(function.__code__)
    return function


def user_frames(error: BaseException) -> TracebackType | None:
    """Return the end of an error's traceback, from the SDK's function that called the user's, or None.

    It is None if the error does not come from a user's function that the SDK called.
    """
    entry = error.__traceback__
    while entry is not None and not (entry.tb_frame.f_code in _callers and not _is_sdk(entry.tb_next)):
        entry = entry.tb_next
    return entry


def hide_frames(error: BaseException) -> None:
    """Hide the SDK's frames in an error that the calling function has just caught."""
    entry = error.__traceback__
    users = user_frames(error)
    if users is not None or isinstance(error, OpenApiException):
        error.__traceback__ = users
    elif entry is not None:
        # The first frame is that of the calling function. It is still running, so it can't be cleared.
        error.__traceback__ = entry.tb_next
    if error.__traceback__ is not None:
        _clear_variables(error)


def import_failure(error: BaseException) -> OpenApiException | None:
    """Return the SDK's error if an import failed in the middle of a call, or None for any other error.

    The SDK and its dependencies import some modules when they first need them. That fails if no more files can be
    opened, and while the interpreter exits. Imports in the user's own code, such as an event hook, don't count.
    """
    if not isinstance(error, (ImportError, LookupError, OSError)):
        return None
    names = [package_of(frame) for frame, _ in walk_tb(error.__traceback__)]
    # Python removes its import machinery's frames from an ImportError. A missing encoding leaves no frames at all.
    is_import = isinstance(error, ImportError) or str(error).startswith("unknown encoding")
    if "importlib" in names:
        names, is_import = names[: names.index("importlib")], True
    if not is_import or not _IMPORTERS.issuperset(names):
        return None
    return ApiConnectionError(reason=f"no answer, because a module can't be imported any more: {error}")


def _is_sdk(entry: TracebackType | None) -> bool:
    return entry is not None and package_of(entry.tb_frame) == PACKAGE


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

    These are the SDK's frames and those in between: a wrapper that instruments urllib3, for example, also holds the
    request. The user's functions that the SDK calls don't hold secrets.
    """
    found: list[FrameType] = []
    between: list[FrameType] = []
    is_within = False
    while entry is not None:
        frame = entry.tb_frame
        between.append(frame)
        if package_of(frame) in _BELOW:
            found += between if is_within else [frame]
            between, is_within = [], True
        entry = entry.tb_next
        if frame.f_code in _callers and not _is_sdk(entry):
            is_within = False
    return found
