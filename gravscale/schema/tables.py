"""Show models as HTML tables in a notebook. This module is loaded when a notebook shows the first one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from html import escape
from typing import Any, TypeGuard

from pydantic import BaseModel

from gravscale.support.redaction import mask
from gravscale.support.type_guards import is_list

ROWS_MAX = 100
_TEXT_MAX = 300
# Longer text may be broken into lines.
_LINE_MAX = 60
# A model may contain itself.
_DEPTH_MAX = 5
# No colors: the notebook's theme sets them. The selectors have two classes, like JupyterLab's own rules.
_STYLE = """<style>
div.gravscale {overflow-x: auto}
div.gravscale table.gravscale :is(caption, th, td) {text-align: left; vertical-align: top; white-space: nowrap}
div.gravscale table.gravscale caption {caption-side: top}
div.gravscale table.gravscale td > p {min-width: 30em; margin: 0; white-space: normal}
div.gravscale progress {width: 8em; height: 0.8em; appearance: none; background: none; border: 1px solid}
div.gravscale progress::-webkit-progress-bar {background: none}
div.gravscale progress::-webkit-progress-value {background: currentColor}
div.gravscale progress::-moz-progress-bar {background: currentColor}
</style>
"""


def model_as_html(model: BaseModel) -> str:
    """Return a model as a table of its fields, or a page as a table of its items, with secrets masked."""
    items = model.__dict__.get("items")
    if _are_models(items):
        return _html(_table_of_list(items, _page_caption(model, len(items))))
    fields = _fields(model)
    table = _table(type(model).__name__, [_row(_text(path), [_cell(path, value)]) for path, value in fields.items()])
    lists = [(path, value) for path, value in fields.items() if _are_models(value) and not _in_one_line(value)]
    return _html(table, *(_table_of_list(models, f"{path}: {_items(len(models))}") for path, models in lists))


def list_as_html(models: Sequence[BaseModel]) -> str:
    """Return a list of models as a table, with one row for each."""
    kinds = " or ".join(dict.fromkeys(type(model).__name__ for model in models))
    return _html(_table_of_list(models, f"{kinds}: {_items(len(models))}"))


def _html(*tables: str) -> str:
    return f'{_STYLE}<div class="gravscale">{"".join(tables)}</div>'


def _page_caption(page: BaseModel, count: int) -> str:
    number, pages, total = (page.__dict__.get(name) for name in ("page", "pages", "total"))
    where = "" if number is None else f"page {number}, " if pages is None else f"page {number} of {pages}, "
    return f"{type(page).__name__}: {where}{_items(count) if total is None else f'{count} of {_items(total)}'}"


def _items(count: int) -> str:
    return "1 item" if count == 1 else f"{count} items"


def _table_of_list(models: Sequence[BaseModel], caption: str) -> str:
    fields = [_fields(model) for model in models[:ROWS_MAX]]
    if len(models) > ROWS_MAX:
        caption += f" (first {ROWS_MAX} shown)"
    # Leave out columns without any value.
    columns = list(dict.fromkeys(path for row in fields for path, value in row.items() if value is not None))
    rows = [_row(str(number), [_cell(path, row.get(path)) for path in columns]) for number, row in enumerate(fields)]
    return _table(caption, rows, ["", *columns])


def _table(caption: str, rows: Sequence[str], head: Sequence[str] = ()) -> str:
    names = "".join(f"<th>{_text(name)}</th>" for name in head)
    thead = f"<thead><tr>{names}</tr></thead>" if head else ""
    return f'<table class="gravscale"><caption>{_text(caption)}</caption>{thead}<tbody>{"".join(rows)}</tbody></table>'


def _row(head: str, cells: Sequence[str]) -> str:
    return f"<tr><th>{head}</th>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _fields(model: BaseModel, depth: int = 0) -> dict[str, Any]:
    """Return the fields by name. The fields of nested models have paths such as `tenant.group.name`."""
    names = list(type(model).model_fields)
    if "status" in names and "percentage_complete" in names:
        # Move it to the left, because only the start of a wide table is visible.
        names.remove("percentage_complete")
        names.insert(names.index("status") + 1, "percentage_complete")
    fields: dict[str, Any] = {}
    for name in names:
        value = mask(model.__dict__.get(name), name)
        if isinstance(value, BaseModel) and "actual_instance" in type(value).model_fields:
            value = mask(value.__dict__.get("actual_instance"), name)
        if isinstance(value, BaseModel) and depth < _DEPTH_MAX:
            fields |= {f"{name}.{path}": within for path, within in _fields(value, depth + 1).items()}
        else:
            fields[name] = value
    return fields


def _are_models(value: object) -> TypeGuard[list[BaseModel]]:
    return is_list(value) and all(isinstance(item, BaseModel) for item in value)


def _in_one_line(models: Sequence[BaseModel]) -> bool:
    """Return whether models are short enough for one line: each has a single field."""
    return len(models) <= ROWS_MAX and all(len(type(model).model_fields) == 1 for model in models)


def _cell(path: str, value: Any) -> str:
    if value is None:
        return ""
    if path.rpartition(".")[2] == "percentage_complete" and isinstance(value, int):
        return f'<progress max="100" value="{min(max(value, 0), 100)}"></progress> {value} %'
    if not _are_models(value):
        return _text(value)
    if _in_one_line(value):
        return ", ".join(_text(within) for model in value for within in _fields(model).values())
    # For example, count the sub-tasks of a task by status.
    states = [model.__dict__.get("status") for model in value]
    if not all(isinstance(state, str) for state in states):
        return _items(len(value))
    return _text(", ".join(f"{count} {state}" for state, count in Counter(states).items()))


def _text(value: object) -> str:
    if isinstance(value, datetime):
        text = value.isoformat(" ", "seconds")
    else:
        text = value if isinstance(value, str) else repr(value)
    cut = text if len(text) <= _TEXT_MAX else text[: _TEXT_MAX - 1] + "…"
    # A lone surrogate can't be sent to a browser.
    escaped = escape(cut.encode("utf-8", "replace").decode())
    return escaped if len(cut) <= _LINE_MAX else f"<p>{escaped}</p>"
