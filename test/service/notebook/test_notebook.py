"""docs/notebook.ipynb, run from top to bottom against a sandbox, and other output of notebooks."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import NamedTuple

import nbformat
import pytest
from filelock import FileLock
from nbformat import NotebookNode
from notebook_run import COLOURS, NOTEBOOK, run, shown

FURTHER = {
    "secrets": "print(password, credentials.access_token(api_client))",
    "widgets": """
import sys

del sys.modules["ipywidgets"]
another = network.create_public_ip(client_id, {"vpc_name": "vpc-lab", "address": "10.0.0.11"})
gravscale.wait_for_task(api_client, another, poll_interval=0.1, progress=True).status
""",
    "shift-tab": """
from inspect import isawaitable

kernel = get_ipython().kernel
reply = kernel.do_inspect("task_api.list_tasks(", 19)
print((await reply if isawaitable(reply) else reply)["data"]["text/plain"])
""",
    "tab": """
reply = kernel.do_complete("auth.info(_request_t", 20)
print((await reply if isawaitable(reply) else reply)["matches"])
""",
    "function": """
def publish(address):
    return network.create_public_ip(client_id, {"vpc_name": "vpc-main", "address": address})

publish("10.0.0.10")
""",
    "argument": "network.create_public_ip(client_id)",
    "verbose": """
%xmode Verbose
network.create_public_ip(client_id, {"vpc_name": "vpc-main", "address": "10.0.0.10"})
""",
    "not raised": "print(gravscale.ApiValueError('size: expected 1 or more')._render_traceback_())",
    "unloaded": "%unload_ext gravscale\nvpcs",
}


class Executed(NamedTuple):
    """The notebook after a run, further cells, and the files left in the kernel's directory."""

    notebook: NotebookNode
    further: dict[str, NotebookNode]
    files: list[str]


@pytest.fixture(scope="session")
def executed(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Executed:
    # A kernel takes seconds to start, so the processes of pytest-xdist share one.
    shared = tmp_path_factory.getbasetemp() if worker_id == "master" else tmp_path_factory.getbasetemp().parent
    result = shared / "notebook.json"
    with FileLock(f"{result}.lock"):
        if not result.exists():
            directory = tmp_path_factory.mktemp("kernel")
            notebook, further = run(directory, list(FURTHER.values()))
            files = [path.name for path in directory.iterdir()]
            result.write_text(json.dumps([notebook, further, files]), "utf-8")
    notebook, further, files = json.loads(result.read_text("utf-8"))
    return Executed(
        nbformat.from_dict(notebook), dict(zip(FURTHER, map(nbformat.from_dict, further), strict=True)), files
    )


def text(cell: NotebookNode) -> str:
    """All of a cell's output."""
    return json.dumps(cell.outputs, ensure_ascii=False)


def traceback_of(cell: NotebookNode) -> str:
    (error,) = (output for output in cell.outputs if output.output_type == "error")
    lines = COLOURS.sub("", "\n".join(error.traceback))
    assert "Traceback (most recent call last)" in lines
    return lines


def test_the_stored_notebook_is_up_to_date(executed: Executed) -> None:
    stored = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(stored)
    code = [cell for cell in stored.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    for before, now in zip(stored.cells, executed.notebook.cells, strict=True):
        assert shown(before) == shown(now), f"{before.source}\n: tox run -e notebook stores it anew"


def test_the_notebook_runs_from_login_to_public_ip(executed: Executed) -> None:
    outputs = [output for cell in executed.notebook.cells for output in cell.get("outputs", ())]
    tables = [output.data["text/html"] for output in outputs if "text/html" in output.get("data", {})]
    assert sum('<table class="gravscale">' in table for table in tables) == 7
    assert sum('class="dataframe"' in table for table in tables) == 2
    assert [output.ename for output in outputs if output.output_type == "error"] == ["ConflictException"]
    (progress,) = (output.text for output in outputs if output.output_type == "stream")
    assert "completed 100 %|█" in progress


def test_there_are_no_warnings(executed: Executed) -> None:
    cells = [*executed.notebook.cells, *executed.further.values()]
    outputs = [output for cell in cells for output in cell.get("outputs", ())]
    assert [output for output in outputs if output.get("name") == "stderr"] == []
    assert "Warning" not in json.dumps([output.get("text") for output in outputs])


def test_no_secret_shows_in_any_output(executed: Executed) -> None:
    password, token = executed.further["secrets"].outputs[0].text.split()
    cells = [*executed.notebook.cells, *(cell for name, cell in executed.further.items() if name != "secrets")]
    outputs = "".join(text(cell) for cell in cells if "outputs" in cell)
    assert len(token) > 100
    assert [secret for secret in (password, token, token.split(".")[1]) if secret in outputs] == []


def test_with_ipywidgets_the_progress_bar_is_a_widget(executed: Executed) -> None:
    bar, result = executed.further["widgets"].outputs
    assert "application/vnd.jupyter.widget-view+json" in bar.data
    assert result.data["text/plain"] == "'completed'"


def test_tab_completes_the_options_of_a_call(executed: Executed) -> None:
    assert "'_request_timeout='" in executed.further["tab"].outputs[0].text


def test_shift_tab_shows_each_argument_and_what_it_means(executed: Executed) -> None:
    seen = executed.further["shift-tab"].outputs[0].text
    for part in (
        "client_id:",
        "page: Number of the page, counted from 1.",
        "_request_timeout: Seconds for the whole call",
    ):
        assert part in seen
    assert "See CallOptions" not in seen


@pytest.mark.parametrize("name", ["function", "argument", "verbose"])
def test_a_traceback_shows_the_notebooks_own_lines_and_what_went_wrong(executed: Executed, name: str) -> None:
    lines = traceback_of(executed.further[name])
    assert "network.create_public_ip" in lines
    assert [part for part in ("api_client.py", "network_api.py", "perform") if part in lines] == []
    assert "409 Conflict" in lines or "missing 1 required positional argument" in lines


def test_a_traceback_shows_the_functions_of_the_notebook(executed: Executed) -> None:
    assert "publish" in traceback_of(executed.further["function"])


def test_an_error_that_was_not_raised_is_shown_by_its_message(executed: Executed) -> None:
    assert executed.further["not raised"].outputs[0].text.startswith("['gravscale.exceptions.ApiValueError: size: exp")


def test_without_the_extension_a_list_is_shown_as_its_repr(executed: Executed) -> None:
    assert list(executed.further["unloaded"].outputs[-1].data) == ["text/plain"]


def test_running_it_leaves_nothing_but_jupyters_own_files(executed: Executed) -> None:
    assert set(executed.files) <= {"profile_default", "nbextensions"}


def test_the_stored_notebook_reveals_nothing_about_the_machine() -> None:
    stored = NOTEBOOK.read_text("utf-8")
    assert [part for part in (str(Path.home()), sys.prefix, str(NOTEBOOK.parents[1])) if part in stored] == []
    assert "language_info" not in stored
