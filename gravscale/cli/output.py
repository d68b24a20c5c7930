"""Output formats: a table for people, tab-separated text for pipes, JSON, JSON lines and CSV for programs.

Columns have the contract's field names. Nested fields use dots: `tenant.name`.
"""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from itertools import chain, islice
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any

import click

from gravscale.cli.terminal import is_unicode, write
from gravscale.support.text import printable
from gravscale.support.type_guards import is_dict, is_list

if TYPE_CHECKING:
    from pydantic import BaseModel

# A spreadsheet takes a cell that starts with one of these for a formula, even in full width.
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")

_COLUMN_MIN = 4

Rows = Iterable[list[object]]


def show_list(items: Iterable[object], form: str, columns: Sequence[str], chosen: Sequence[str]) -> None:
    """Write a list. Items are written as they arrive, unless the format needs all of them at once.

    Args:
        items: Models or plain data.
        form: table, json, jsonl or csv.
        columns: The columns of a table. If empty, the fields of the first item.
        chosen: The columns to show instead, if any.

    Raises:
        click.UsageError: The items lack a chosen column.
    """
    coming = iter(items)
    first = list(islice(coming, 1))
    for item in first:
        _check(item, chosen)
    every = map(_plain, chain(first, coming))
    if form == "json":
        write(_as_json([_picked(item, chosen) for item in every], indent=2))
    elif form == "jsonl":
        for item in every:
            write(_as_json(_picked(item, chosen)))
    else:
        names = chosen or columns or [name for item in first for name in _fields(_plain(item))]
        rows = ([_at(item, name) for name in names] for item in every)
        (_show_csv if form == "csv" else _show_table)(rows, names)


def show_one(item: object, form: str, columns: Sequence[str], chosen: Sequence[str]) -> None:
    """Write a single item in the format of `show_list`, or in a terminal with one line per field."""
    plain = _plain(item)
    if form == "table" and sys.stdout.isatty() and is_dict(plain):
        names = chosen or columns or _fields(plain)
        _check(item, chosen)
        _print_table([[name, _at(plain, name)] for name in names], None)
    elif form == "json":
        _check(item, chosen)
        write(_as_json(_picked(plain, chosen), indent=2))
    else:
        show_list([item], form, columns, chosen)


def show_page(page: object, items: Iterable[object], chosen: Sequence[str]) -> None:
    """Write a page as one JSON document that has only these items, with the chosen columns."""
    items = list(items)
    for item in items[:1]:
        _check(item, chosen)
    write(_as_json({**_plain(page), "items": [_picked(_plain(item), chosen) for item in items]}, indent=2))


def _plain(item: object) -> Any:
    """Convert a model to plain data with the contract's field names."""
    dump: Callable[..., Any] | None = getattr(item, "model_dump", None)
    return item if dump is None else dump(mode="json", by_alias=True)


def _picked(item: Any, chosen: Sequence[str]) -> Any:
    return {name: _at(item, name) for name in chosen} if chosen else item


def _check(item: object, chosen: Sequence[str]) -> None:
    """Raise click.UsageError if an item lacks a chosen column."""
    for name in chosen:
        known = _instead_of(item, name)
        if known:
            raise click.UsageError(f"--columns: no such field: {name}; the fields are {', '.join(known)}")


def _instead_of(item: Any, name: str, *, is_open: bool = False) -> list[str]:
    """Return the fields that an item has instead of a dotted name, or an empty list if it has or may have that field.

    A field that is null or an empty list may have any fields. So may an object whose fields the contract leaves open,
    which `is_open` says.
    """
    if item is None:
        return []
    if is_list(item):
        # Each item may have other fields.
        found = [_instead_of(each, name, is_open=is_open) for each in item]
        return found[0] if found and all(found) else []
    is_model = hasattr(item, "model_dump")
    members = _members(item) if is_model else item
    if not is_dict(members):
        return [] if name == "value" else ["value"]
    if name in members or (is_open and not is_model):
        return []
    head, _, rest = name.partition(".")
    inner = members.get(head)
    if not rest or head not in members or _is_single(inner):
        return list(members)
    return [f"{head}.{each}" for each in _instead_of(inner, rest, is_open=is_open or is_model)]


def _members(model: BaseModel) -> dict[str, Any]:
    """Return the fields of a model under the contract's names."""
    return {field.alias or name: getattr(model, name) for name, field in type(model).model_fields.items()}


def _is_single(value: Any) -> bool:
    return not (value is None or is_list(value) or is_dict(value) or hasattr(value, "model_dump"))


def _fields(item: Any) -> list[str]:
    return list(item) if is_dict(item) else ["value"]


def _at(item: Any, name: str) -> Any:
    """Return the value at a dotted name. In a list, look it up in each item."""
    if not is_dict(item):
        return item if name == "value" else None
    if name in item:
        return item[name]
    head, _, rest = name.partition(".")
    found = item.get(head) if rest else None
    return [_at(each, rest) for each in found] if is_list(found) else _at(found, rest)


def _cell(value: Any) -> str:
    """Format a value for a cell, without control characters."""
    if value is None:
        return ""
    if isinstance(value, str):
        return printable(value)
    if is_list(value) and not any(is_list(each) or is_dict(each) for each in value):
        return ", ".join(map(_cell, value))
    return printable(json.dumps(value, ensure_ascii=False))


def _as_json(value: object, indent: int | None = None) -> str:
    text = json.dumps(value, indent=indent, ensure_ascii=not is_unicode()) + "\n"
    if text.replace("\n", "").isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\n" else _escaped(c) for c in text)


def _escaped(character: str) -> str:
    return json.dumps(character)[1:-1] if ord(character) > 0x7F else f"\\u{ord(character):04x}"


def _show_csv(rows: Rows, names: Sequence[str]) -> None:
    # If the list is empty, the columns may be unknown.
    for row in chain([names] if names else (), rows):
        line = io.StringIO()
        csv.writer(line, lineterminator="\n").writerow([_for_spreadsheet(value) for value in row])
        write(line.getvalue())


def _for_spreadsheet(value: object) -> str:
    cell = _cell(value)
    is_number = isinstance(value, (int, float))
    return f"'{cell}" if cell.lstrip().startswith(_FORMULA) and not is_number else cell


def _show_table(rows: Rows, names: Sequence[str]) -> None:
    if sys.stdout.isatty():
        if names:
            _print_table(rows, names)
    else:
        for row in rows:
            write("\t".join(map(_cell, row)) + "\n")


def _print_table(rows: Rows, names: Sequence[str] | None) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, show_header=names is not None, pad_edge=False, header_style="bold")
    for name in names or ("", ""):
        table.add_column(
            Text(printable(name)), overflow="fold", style="bold" if names is None and not table.columns else ""
        )
    for row in rows:
        # Text instead of str, in which rich would read brackets as markup.
        table.add_row(*(Text(_cell(value)) for value in row))
    # Without a width and a height, rich assumes 80 columns for a dumb terminal, whatever COLUMNS says.
    width, height = get_terminal_size()
    # In a narrower console, a column could not show even one character.
    width = max(width, _COLUMN_MIN * len(table.columns))
    Console(file=sys.stdout, highlight=False, width=width, height=height).print(table)
