"""Where the user's program calls the SDK: what it learns of a call that went wrong."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from traceback import clear_frames
from typing import ParamSpec, TypeVar

from gravscale.exceptions import ApiTypeError, OpenApiException

P = ParamSpec("P")
T = TypeVar("T")


def guarded(function: Callable[P, T]) -> Callable[P, T]:
    """The function, for which a missing or a surplus argument is an ApiTypeError, as any other wrong argument.

    Its frames and those below know passwords, tokens and bodies, which those programs would show that show the
    variables of a traceback. So the traceback of an error of the SDK ends here. Any other error is not foreseen: it
    keeps its frames, without their variables.
    """

    @wraps(function)
    def called(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return function(*args, **kwargs)
        except OpenApiException as error:
            failed: OpenApiException = error.with_traceback(None)
        except BaseException as error:
            below = error.__traceback__ and error.__traceback__.tb_next
            # Python refuses arguments at the call itself, before there is a frame of the function.
            if below is not None or not isinstance(error, TypeError):
                clear_frames(below)
                del args, kwargs
                raise
            failed = ApiTypeError(str(error))
        del args, kwargs
        try:
            raise failed
        finally:
            # Its traceback knows this frame, and a cycle would keep both.
            del failed

    return called
