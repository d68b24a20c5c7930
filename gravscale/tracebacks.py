"""Where the user's program calls the SDK: what it learns of a call that went wrong."""

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

# For those who work on the SDK itself: nothing is hidden then, secrets neither.
_SHOW_ALL = bool(os.environ.get("GRAVSCALE_ALL_FRAMES"))
# The SDK and what it calls. Any other frame is the program's own.
_BELOW = frozenset(("gravscale", "http", "pydantic", "socket", "ssl", "urllib3"))
# Whose frames an import within a call may pass through before it gets to Python's own.
_IMPORTERS = _BELOW.union(sys.stdlib_module_names, ("dateutil", "filelock", "idna", "pydantic_core", "redis"))


def hide_sdk_frames(function: Callable[P, T]) -> Callable[P, T]:
    """Return the function with the SDK's frames hidden in what it raises, and a wrong call of it as an ApiTypeError.

    Its frames and those below know passwords, tokens and bodies, which those programs would show that show the
    variables of a traceback. So the traceback of an error of the SDK ends here. Any other error is not foreseen: it
    keeps its frames, without their variables. An import that fails within the SDK is one of its errors too.
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
            # Its traceback knows this frame, and a cycle would keep both.
            del failed

    return called


def import_failure(error: BaseException) -> OpenApiException | None:
    """Return the SDK's error for an import that failed in the middle of a call; None for any other error.

    The SDK, and what it calls, import some modules on first need. That fails where no file can be opened any more, and
    while the interpreter exits. An import of the program's own, such as one in an event hook, is none of the SDK's.
    """
    if not isinstance(error, (ImportError, LookupError, OSError)):
        return None
    names = [_package_of(frame) for frame, _ in walk_tb(error.__traceback__)]
    # Python takes its own frames from an ImportError. Of an encoding that can't be imported there are none.
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
    """Whether the function itself raised the error. Python refuses arguments before there is a frame of it."""
    return error.__traceback__ is not None and error.__traceback__.tb_next is not None


def _clear_variables(error: BaseException) -> None:
    """Take their variables from the SDK's frames, in the traceback of an error and of all that it was raised from."""
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
        # Also what stands between them, such as a wrapper that instruments urllib3: it knows the request as well.
        for frame in frames[below[0] : below[-1] + 1] if below else ():
            # One that is still running can't be cleared.
            with suppress(RuntimeError):
                frame.clear()
