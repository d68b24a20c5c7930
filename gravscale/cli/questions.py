"""Ask the user for values. Secrets are never arguments, because other users can read the arguments of a command."""

from __future__ import annotations

import sys

import click

FROM_STDIN = "-"


def ask(what: str, option: str, *, hidden: bool = False, twice: bool = False) -> str:
    """Ask the user on the terminal.

    Args:
        what: What to ask for.
        option: The option that answers the question.
        hidden: Whether to hide what the user types.
        twice: Whether to ask again and compare.

    Returns:
        The answer.

    Raises:
        click.UsageError: There is no terminal, or the answer is not text.
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
    """Return a text unchanged. Raises click.UsageError if it contains bytes that could not be decoded."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise click.UsageError(_not_text(option, "UTF-8")) from None
    return text


def _not_text(option: str, encoding: str) -> str:
    return f"{option}: expected text, got bytes that are not {encoding.upper()}"


def read_secret(value: str | None, option: str, what: str) -> str:
    """Read a secret from stdin for the value `-`, or from a prompt for None. Raises click.UsageError otherwise."""
    if value == FROM_STDIN:
        return read_line(option, what)
    if value is not None:
        raise click.UsageError(
            f"{option}: a secret can't be an argument, because other users of this machine can read it; "
            f"pass {FROM_STDIN} to read it from stdin"
        )
    return ask(what.capitalize(), f"{option} {FROM_STDIN}", hidden=True)
