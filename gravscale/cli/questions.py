"""Questions to the user, and secrets, which are never arguments: other users of a machine can read those."""

from __future__ import annotations

import sys

import click

FROM_STDIN = "-"


def ask(what: str, option: str, *, hidden: bool = False, twice: bool = False) -> str:
    """Ask at the terminal.

    Args:
        what: what to ask for.
        option: the option that would have answered.
        hidden: whether what is typed does not show.
        twice: whether to ask again, and compare.

    Returns:
        The answer.

    Raises:
        click.UsageError: There is no terminal, or the answer is no text.
    """
    if not sys.stdin.isatty():
        raise click.UsageError(f"{option}: needed, since there is no terminal to ask at")
    answer: str = click.prompt(what, err=True, hide_input=hidden, confirmation_prompt=twice)
    return check_text(answer, option)


def read_line(option: str, what: str) -> str:
    """Return the next line of stdin. Raises click.UsageError if there is none, or if it is no text."""
    try:
        line = check_text(sys.stdin.readline().rstrip("\r\n"), option)
    except UnicodeDecodeError as error:
        raise click.UsageError(_not_text(option, error.encoding)) from None
    if not line:
        raise click.UsageError(f"{option}: expected {what} on the first line of stdin, got none")
    return line


def check_text(text: str, option: str) -> str:
    """Return a text. Raises click.UsageError if it holds bytes that its encoding could not read."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise click.UsageError(_not_text(option, "UTF-8")) from None
    return text


def _not_text(option: str, encoding: str) -> str:
    return f"{option}: expected text, got bytes that are not {encoding.upper()}"


def read_secret(value: str | None, option: str, what: str) -> str:
    """Return a secret: from stdin for the value `-`, or else asked for. Raises click.UsageError for any other value."""
    if value == FROM_STDIN:
        return read_line(option, what)
    if value is not None:
        raise click.UsageError(
            f"{option}: can't be an argument, which other users of this machine could read; "
            f"pass {FROM_STDIN} to read it from stdin"
        )
    return ask(what.capitalize(), f"{option} {FROM_STDIN}", hidden=True)
