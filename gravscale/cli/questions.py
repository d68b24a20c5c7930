"""Ask the user for values. Secrets are never arguments, because other users can read the arguments of a command."""

from __future__ import annotations

import sys

import click

from gravscale.support.text import is_encodable

FROM_STDIN = "-"


def ask(what: str, option: str, *, hidden: bool = False, twice: bool = False) -> str:
    """Ask the user on the terminal, for a value that an option could also have given.

    Raises click.UsageError if there is no terminal, or if the answer is not text.
    """
    if not sys.stdin.isatty():
        raise click.UsageError(f"{option}: required, because there is no terminal to ask on")
    answer: str = click.prompt(what, err=True, hide_input=hidden, confirmation_prompt=twice)
    return check_text(answer, option)


def read_line(option: str, what: str) -> str:
    """Return the next line of stdin. Raises click.UsageError if there is none or if it is not text."""
    try:
        line = check_text(sys.stdin.readline().rstrip("\r\n"), option)
    except UnicodeDecodeError as error:
        raise click.UsageError(_not_text(option, error.encoding)) from None
    if not line:
        raise click.UsageError(f"{option}: expected {what} on the first line of stdin, got none")
    return line


def check_text(text: str, option: str) -> str:
    """Return a text unchanged. Raises click.UsageError if it holds bytes that could not be decoded."""
    if not is_encodable(text):
        raise click.UsageError(_not_text(option, "UTF-8"))
    return text


def check_arguments(arguments: list[str]) -> None:
    """Raise click.UsageError if an argument is not text. File names may be any bytes."""
    for argument in arguments:
        if not argument.startswith("@"):
            check_text(argument, ascii(argument))


def check_given(context: click.Context, option: click.Parameter, value: str | None) -> str | None:
    """Return the value of an option or argument. Raises click.BadParameter if it is empty."""
    if value is not None and not value.strip():
        raise click.BadParameter("expected a value, got an empty one")
    return value


def secret_in_arguments(option: str, instead: str) -> click.UsageError:
    """Return the error for a secret among the arguments, with what to do instead."""
    return click.UsageError(
        f"{option}: a secret can't be an argument, because other users of this machine can read it; {instead}"
    )


def _not_text(option: str, encoding: str) -> str:
    return f"{option}: expected text, got bytes that are not {encoding.upper()}"


def read_secret(value: str | None, option: str, what: str) -> str:
    """Read a secret from stdin for the value `-`, or from a prompt for None. Raises click.UsageError otherwise."""
    if value == FROM_STDIN:
        return read_line(option, what)
    if value is not None:
        raise secret_in_arguments(option, f"pass {FROM_STDIN} to read it from stdin")
    return ask(what.capitalize(), f"{option} {FROM_STDIN}", hidden=True)
