"""`gravscale call`: a command for every operation, built from the contract."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, get_args, get_origin

import click

import gravscale
from gravscale.cli.data import OPTION_HELP, read_data
from gravscale.cli.invocation import Invocation
from gravscale.cli.options import Command, Group
from gravscale.cli.questions import FROM_STDIN, read_secret
from gravscale.cli.request import show_answer
from gravscale.contract import OPERATIONS
from gravscale.support.type_guards import is_dict, is_list

if TYPE_CHECKING:
    from gravscale.schema.operation import Operation

# This is an option of every command.
_CLIENT_ID = "client_id"
# Prefix of the options for the fields of the body.
_BODY = "body_"


class _Operations(Group):
    """One command for each operation. Dashes replace the underscores of its name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(name.replace("_", "-") for name in OPERATIONS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        name = cmd_name.replace("-", "_")
        return _command(name) if name in OPERATIONS else None


@click.group(cls=_Operations)
def call() -> None:
    """Call any operation of the API by its name."""


def _command(name: str) -> click.Command:
    from gravscale.operation_lookup import describe_operation

    operation, documentation = describe_operation(name)

    @click.pass_obj
    def run(invocation: Invocation, /, **values: Any) -> None:
        _call(invocation, operation, values)

    summary = documentation.partition("\n\nArgs:")[0]
    return Command(name.replace("_", "-"), callback=run, params=_options(operation, documentation), help=summary)


def _options(operation: Operation[Any], documentation: str) -> list[click.Parameter]:
    from gravscale.schema.parameters import Body

    options: list[click.Parameter] = []
    for parameter in operation.parameters:
        if isinstance(parameter, Body):
            options.append(click.Option(["-d", "--data"], metavar="JSON", help=OPTION_HELP))
            for name, field in getattr(parameter.type_, "model_fields", {}).items():
                help_text = field.description or f"Field {name} of the body."
                options.append(_option(f"{_BODY}{name}", field.annotation, help_text))
        elif parameter.name != _CLIENT_ID:
            found = re.search(rf"^    {parameter.name}: (.*(?:\n {{6,}}.*)*)", documentation, re.MULTILINE)
            help_text = " ".join(found[1].split()) if found else None
            options.append(_option(parameter.name, parameter.type_, help_text, required=parameter.required))
    return options


def _option(name: str, type_: Any, help_text: str | None, *, required: bool = False) -> click.Option:
    from gravscale.schema.parameters import name_of_type
    from gravscale.support.redaction import is_secret

    option = _option_name(name)
    if is_secret(name):
        help_text = f"{help_text or ''} Pass - to read it from stdin, or leave it out to be asked."
        return click.Option([option, name], metavar=FROM_STDIN, help=help_text.strip())
    is_repeated = get_origin(type_) is list
    item = get_args(type_)[0] if is_repeated else type_

    def read(context: click.Context, parameter: click.Parameter, value: Any) -> Any:
        if value in (None, ()):
            return None
        return [_read(item, text) for text in value] if is_repeated else _read(item, value)

    return click.Option(
        [option, name],
        metavar=name_of_type(item).upper(),
        required=required,
        multiple=is_repeated,
        callback=read,
        help=help_text,
    )


def _option_name(name: str) -> str:
    return f"--{name.removeprefix(_BODY).replace('_', '-')}"


def _read(type_: Any, text: str) -> Any:
    """Convert a text to the type: as in a query parameter, or else as JSON."""
    from pydantic import TypeAdapter, ValidationError

    adapter = TypeAdapter[Any](type_)
    try:
        return adapter.validate_strings(text)
    except ValidationError as error:
        try:
            return adapter.validate_json(text)
        except ValidationError:
            fault = error.errors(include_url=False, include_input=False)[0]["msg"]
    raise click.BadParameter(fault)


def _call(invocation: Invocation, operation: Operation[Any], values: dict[str, Any]) -> None:
    from gravscale.operation_lookup import find_operation
    from gravscale.schema.parameters import Body

    client = invocation.api_client if operation.security else invocation.anonymous_client
    _read_secrets(operation, values)
    arguments: dict[str, Any] = {}
    for parameter in operation.parameters:
        value = values.get(parameter.name)
        if parameter.name == _CLIENT_ID:
            value = invocation.acting_for if parameter.required else invocation.client_id
        elif isinstance(parameter, Body):
            value = _body(values, required=parameter.required)
        if value is not None:
            arguments[parameter.name] = value
    method = find_operation(client, operation.name, "gravscale call")
    if "page" in values and "page" not in arguments and "items" in getattr(operation.answer, "model_fields", ()):
        invocation.output = invocation.output or "json"
        invocation.show_list(gravscale.paginate(method, **arguments))
    else:
        show_answer(invocation, method(**arguments))


def _read_secrets(operation: Operation[Any], values: dict[str, Any]) -> None:
    """Replace each secret that is needed, or given as `-`, by what the user enters."""
    from gravscale.schema.parameters import Body
    from gravscale.support.redaction import is_secret

    needed: dict[str, bool] = {}
    for parameter in operation.parameters:
        if isinstance(parameter, Body):
            fields = getattr(parameter.type_, "model_fields", {}).items()
            needed.update({f"{_BODY}{name}": field.is_required() and not values["data"] for name, field in fields})
        else:
            needed[parameter.name] = parameter.required
    for name, is_needed in needed.items():
        if is_secret(name) and (is_needed or values[name] is not None):
            option = _option_name(name)
            if values[name] == FROM_STDIN == values.get("data"):
                raise click.UsageError(f"--data and {option}: only one of them can be {FROM_STDIN}")
            values[name] = read_secret(values[name], option, name.removeprefix(_BODY).replace("_", " "))


def _body(values: dict[str, Any], *, required: bool) -> Any:
    """Return the body from --data, updated with the fields that have their own options."""
    options = {name[len(_BODY) :]: value for name, value in values.items() if name.startswith(_BODY)}
    fields = {name: value for name, value in options.items() if value is not None}
    data = None if values["data"] is None else read_data(values["data"])
    if fields or (data is None and required):
        if data is not None and not is_dict(data):
            kind = "an array" if is_list(data) else "a single value"
            raise click.UsageError(f"--data: expected an object to combine with the other options, got {kind}")
        return {**(data or {}), **fields}
    return data
