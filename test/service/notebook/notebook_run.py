"""Run docs/notebook.ipynb, and store it with its outputs: `python test/service/notebook/notebook_run.py`.

It is stored with its outputs, because most people will only read it. A test checks that they are up to date.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unittest import mock

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

NOTEBOOK = Path(__file__).parents[3] / "docs" / "notebook.ipynb"

# Without ipywidgets, the progress bar is text, which can be stored.
_HIDE_WIDGETS = "import sys; sys.modules['ipywidgets'] = None"
_CELL_SECONDS = 60

# These differ from run to run.
_VARYING = [
    (re.compile(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b[0-9a-f]{32}\b"), "<id>"),
    (re.compile(r"\btask [0-9a-f]{8}\b"), "task <id>"),
    (re.compile(r"\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[+\d:]*"), "<time>"),
    (re.compile(r"\b127\.0\.0\.1:\d+"), "<host>"),
]
COLOURS = re.compile(r"\x1b\[[\d;]*m")


def run(directory: str | os.PathLike[str], extra: Sequence[str] = ()) -> tuple[NotebookNode, list[NotebookNode]]:
    """Run the notebook from top to bottom in a separate kernel without ipywidgets.

    Args:
        directory: The kernel's working directory, where Jupyter and IPython also keep their files.
        extra: The code of further cells, which run before the last cell of the notebook and may raise.

    Returns:
        The notebook with its outputs, and the further cells with theirs.
    """
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    further = [nbformat.v4.new_code_cell(code, metadata={"tags": ["raises-exception"]}) for code in extra]
    *cells, last = notebook.cells
    notebook.cells = [*cells, *further, last]
    client = NotebookClient(
        notebook,
        timeout=_CELL_SECONDS,
        kernel_name="python3",
        record_timing=False,
        # If a line was overwritten, keep its last state.
        coalesce_streams=True,
        store_widget_state=False,
        shutdown_kernel="immediate",
        resources={"metadata": {"path": str(directory)}},
    )
    places = ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
    with mock.patch.dict(os.environ, dict.fromkeys(places, str(directory))), client.setup_kernel():
        client.kc.execute(_HIDE_WIDGETS, silent=True)
        for index, cell in enumerate(notebook.cells):
            client.execute_cell(cell, index)
    notebook.cells = [*cells, last]
    return notebook, further


def shown(cell: NotebookNode) -> list[Any]:
    """The SDK's own part of a cell's output, for any version of Jupyter and pandas, and at any time."""
    return [_shown(output) for output in cell.get("outputs", ())]


def _shown(output: NotebookNode) -> Any:
    if output.output_type == "stream":
        return output.name, _constant(output.text)
    if output.output_type == "error":
        return output.ename, _constant(output.evalue)
    html = output.data.get("text/html", "")
    if 'class="dataframe"' in html:
        return "a DataFrame"
    return sorted(output.data), _constant(html or output.data["text/plain"])


def _constant(text: str) -> str:
    for pattern, instead in _VARYING:
        text = pattern.sub(instead, text)
    return text


def main() -> None:
    """Store the notebook with its outputs, unless these are stored already."""
    stored = nbformat.read(NOTEBOOK, as_version=4)
    with tempfile.TemporaryDirectory() as directory:
        notebook, _ = run(directory)
    counts = ([cell.get("execution_count") for cell in each.cells] for each in (stored, notebook))
    if len(set(map(tuple, counts))) == 1 and all(
        shown(before) == shown(now) for before, now in zip(stored.cells, notebook.cells, strict=True)
    ):
        return
    notebook.metadata.pop("language_info", None)
    for output in (output for cell in notebook.cells for output in cell.get("outputs", ())):
        if output.output_type == "error":
            output.traceback = [COLOURS.sub("", line) for line in output.traceback]
    nbformat.write(notebook, NOTEBOOK)


if __name__ == "__main__":
    main()
