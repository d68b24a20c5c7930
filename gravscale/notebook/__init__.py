"""Show lists of models as tables in a notebook.

Pages and models are shown as tables without this. `%load_ext gravscale` does the same for plain lists of models.
`gravscale.notebook.progress` shows the progress of tasks, in notebooks and elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from gravscale.schema.model import Model
from gravscale.schema.tables import list_as_html

HTMLOf = Callable[[Any], str | None]


class _HTMLFormatter(Protocol):
    def for_type(self, typ: type, func: HTMLOf | None = None) -> HTMLOf | None: ...
    def pop(self, typ: type) -> HTMLOf: ...


class Shell(Protocol):
    """The part of IPython's shell that a display extension needs."""

    # IPython's own annotations of its formatters are too vague for a protocol.
    @property
    def display_formatter(self) -> Any: ...


class _HTMLOfLists:
    """Show lists of models as tables, and all other lists as before."""

    def __init__(self, before: HTMLOf | None) -> None:
        self.before = before

    def __call__(self, value: list[Any]) -> str | None:
        if value and all(isinstance(item, Model) for item in value):
            return list_as_html(value)
        if self.before is not None:
            return self.before(value)
        # A subclass may have its own method, which IPython ignores once a formatter is registered.
        own = getattr(type(value), "_repr_html_", None)
        return own(value) if own else None


def load_ipython_extension(ipython: Shell) -> None:
    """Show lists of models as tables: `%load_ext gravscale`."""
    formatter: _HTMLFormatter = ipython.display_formatter.formatters["text/html"]
    present = formatter.for_type(list)
    if not isinstance(present, _HTMLOfLists):
        formatter.for_type(list, _HTMLOfLists(present))


def unload_ipython_extension(ipython: Shell) -> None:
    """Show lists as before: `%unload_ext gravscale`."""
    formatter: _HTMLFormatter = ipython.display_formatter.formatters["text/html"]
    present = formatter.for_type(list)
    if isinstance(present, _HTMLOfLists):
        formatter.pop(list)
        if present.before is not None:
            formatter.for_type(list, present.before)
