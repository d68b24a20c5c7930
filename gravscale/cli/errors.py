"""The message and the exit status for an error."""

from __future__ import annotations

import click

from gravscale.cli.invocation import Invocation, NotSignedIn
from gravscale.exceptions import (
    ApiAttributeError,
    ApiConnectionError,
    ApiException,
    ApiKeyError,
    ApiTypeError,
    ApiValueError,
    NotFoundException,
    OpenApiException,
    UnauthorizedException,
)
from gravscale.support.text import excerpt
from gravscale.tasks import TaskTimeoutError

REFUSED, USAGE, NOT_SIGNED_IN, NOT_FOUND, NO_ANSWER, INTERRUPTED = 1, 2, 3, 4, 5, 130

_MESSAGE_MAX = 2000


def is_expected(error: BaseException) -> bool:
    """Return whether an error comes from the user or from outside, and is not a bug in the program."""
    return isinstance(error, (click.ClickException, click.Abort, OpenApiException, OSError, ModuleNotFoundError))


def exit_status(error: BaseException) -> int:
    """Return the exit status for an error."""
    if isinstance(error, (NotSignedIn, UnauthorizedException)):
        return NOT_SIGNED_IN
    if isinstance(error, NotFoundException):
        return NOT_FOUND
    # A TaskTimeoutError is a TimeoutError as well.
    if isinstance(error, (ApiConnectionError, TimeoutError)):
        return NO_ANSWER
    if isinstance(error, (click.UsageError, ApiTypeError, ApiValueError, ApiKeyError, ApiAttributeError)):
        return USAGE
    if isinstance(error, click.Abort):
        # click raises Abort when a prompt is interrupted, and also when the input ends without an answer.
        return USAGE if isinstance(error.__context__, EOFError) else INTERRUPTED
    return REFUSED


def describe(error: BaseException, invocation: Invocation) -> str:
    """Describe in one line what failed and what to do."""
    if isinstance(error, click.Abort):
        return "interrupted" if exit_status(error) == INTERRUPTED else "no answer"
    if isinstance(error, click.UsageError) and error.ctx is not None:
        return f"{excerpt(error.format_message(), _MESSAGE_MAX)} (see {error.ctx.command_path} --help)"
    if isinstance(error, click.ClickException):
        return excerpt(error.format_message(), _MESSAGE_MAX)
    if isinstance(error, ApiException) and error.method is None and error.reason:
        # The error did not come from the service, so its status means nothing to the user.
        return excerpt(error.reason, _MESSAGE_MAX)
    text = excerpt(str(error), _MESSAGE_MAX)
    if isinstance(error, UnauthorizedException) and invocation.uses_environment_token:
        return f"{text}; the token comes from GRAVSCALE_ACCESS_TOKEN"
    if isinstance(error, TaskTimeoutError) and error.task is not None:
        command = invocation.command("task", "wait", excerpt(error.task.id))
        return f"{text}; it is still running, to wait again: {command}"
    return text
