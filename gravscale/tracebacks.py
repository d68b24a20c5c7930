"""Keep the SDK's frames, and the secrets in them, out of the tracebacks that users see."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from traceback import walk_tb
from types import FrameType
from typing import ParamSpec, TypeVar

from gravscale.exceptions import ApiConnectionError, ApiTypeError, OpenApiException

P = ParamSpec("P")
T = TypeVar("T")

# For people who work on the SDK itself. This hides nothing, not even secrets.
_SHOW_ALL = bool(os.environ.get("GRAVSCALE_ALL_FRAMES"))
# The SDK and what it calls. Any other frame belongs to the user's program.
_BELOW = frozenset(("gravscale", "http", "pydantic", "socket", "ssl", "urllib3"))
# The packages that may import a module during a call.
_IMPORTERS = _BELOW.union(sys.stdlib_module_names, ("dateutil", "filelock", "idna", "pydantic_core", "redis"))


def hide_sdk_frames(function: Callable[P, T]) -> Callable[P, T]:
    """Hide the SDK's frames in the errors that a function raises, and raise ApiTypeError if its arguments don't fit.

    The frames of the SDK hold passwords, tokens and bodies, and some programs show the variables of a traceback. So
    the traceback of an SDK error ends here. Any other error is unexpected: it keeps its frames, but not their
    variables. An import that fails within the SDK becomes an SDK error too.
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


def import_failure(error: BaseException) -> OpenApiException | None:
    """Return the SDK's error for an import that failed in the middle of a call; None for any other error.

    The SDK and its dependencies import some modules when they first need them. That fails when no more files can be
    opened, and while the interpreter exits. Imports in the user's own code, such as an event hook, don't count.
    """
    if not isinstance(error, (ImportError, LookupError, OSError)):
        return None
    names = [_package_of(frame) for frame, _ in walk_tb(error.__traceback__)]
    # Python removes its import machinery's frames from an ImportError. A missing encoding leaves no frames at all.
    is_import = isinstance(error, ImportError) or str(error).startswith("unknown encoding")
    if "importlib" in names:
        names, is_import = names[: names.index("importlib")], True
    if not is_import or not _IMPORTERS.issuperset(names):
        return None
    return ApiConnectionError(reason=f"no answer, since a module can't be imported any more: {error}")


def _package_of(frame: FrameType) -> str:
    name: str = frame.f_globals.get("__name__", "")
    return name.partition(".")[0]


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
        below = [index for index, frame in enumerate(frames) if _package_of(frame) in _BELOW]
        # Frames in between are cleared too. A wrapper that instruments urllib3, for example, also holds the request.
        for frame in frames[below[0] : below[-1] + 1] if below else ():
            # A frame that is still running can't be cleared.
            with suppress(RuntimeError):
                frame.clear()
