"""`gravscale api`"""

from __future__ import annotations

from typing import Any

import click

from gravscale.cli.data import OPTION_HELP, read_data
from gravscale.cli.invocation import Invocation
from gravscale.cli.options import Command
from gravscale.cli.questions import read_secret
from gravscale.support.type_guards import is_dict, is_list


@click.command(cls=Command)
@click.argument("method")
@click.argument("path")
@click.option("-q", "--query", multiple=True, metavar="KEY=VALUE", help="Query parameter; may be repeated.")
@click.option("-d", "--data", metavar="JSON", help=OPTION_HELP)
@click.pass_obj
def api(invocation: Invocation, method: str, path: str, query: tuple[str, ...], data: str | None) -> None:
    """Send a signed-in request to PATH of the service.

    Use it where no other command exists. The output is JSON unless you choose another format. Secrets can't be
    arguments: pass - as the value of a query parameter such as token to read it from stdin, and -d - for the body.
    """
    from urllib.parse import parse_qsl

    from gravscale.support.redaction import is_secret

    path, _, of_path = path.partition("?")
    pairs = parse_qsl(of_path, keep_blank_values=True)
    for pair in query:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise click.UsageError(f"-q: expected KEY=VALUE, got {pair!r}")
        pairs.append((name, value))
    fields: dict[str, list[str]] = {}
    for name, value in pairs:
        if is_secret(name):
            value = read_secret(value, f"-q {name}", "a value")
        fields.setdefault(name, []).append(value)
    body = None if data is None else read_data(data)
    answer = invocation.api_client.request(method.upper(), path, query=fields, body=body)
    show_answer(invocation, answer)


def show_answer(invocation: Invocation, answer: Any) -> None:
    """Write any answer, as JSON unless another format was chosen."""
    invocation.output = invocation.output or "json"
    items = answer.get("items") if is_dict(answer) else getattr(answer, "items", answer)
    if is_list(answer):
        invocation.show_list(answer)
    elif is_list(items):
        invocation.show_page(answer, items)
    elif answer is not None:
        invocation.show_one(answer)
