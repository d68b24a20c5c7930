"""progress=True: what a wait shows, and that a broken display does not end the wait."""

from __future__ import annotations

import copy
import errno
import gc
import io
import os
import re
import sys
from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
import tqdm.std
from example_service import TaskTreeSchema
from misbehaving import Scenario, Server, answer, serving

import gravscale

TIMES = {"createdAt": "2026-01-01T00:00:00Z", "updatedAt": "2026-01-01T00:00:00Z"}


def task(status: str, percent: int = 0, task_id: str = "t-1") -> Scenario:
    fields = {"id": task_id, "status": status, "clientId": 7, "percentageComplete": percent}
    return answer({**fields, **TIMES})


RUNNING = task("running", 50)
DONE = task("completed", 100)
STATES = (task("pending"), RUNNING, DONE)
LINES = "task t-1: pending, 0 %\ntask t-1: running, 50 %\ntask t-1: completed, 100 %\n"


def wait(server: Server, task_id: str = "t-1") -> TaskTreeSchema:
    with gravscale.ApiClient(gravscale.Configuration(server.url, retries=0)) as api_client:
        return gravscale.wait_for_task(api_client, task_id, 7, poll_interval=0.001, progress=True)


def test_without_a_terminal_progress_is_plain_lines(capsys: pytest.CaptureFixture[str]) -> None:
    with serving(task("pending"), RUNNING, RUNNING, DONE) as server:
        wait(server)
    output = capsys.readouterr()
    assert output.err == "task t-1: pending, 0 %\ntask t-1: running, 50 %\ntask t-1: completed, 100 %\n"
    assert output.out == ""


def test_without_a_stderr_nothing_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    with serving(DONE) as server:
        assert wait(server).status == "completed"


@pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals of POSIX")
def test_in_a_terminal_progress_is_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    import pty

    ours, theirs = pty.openpty()
    with open(theirs, "w") as terminal, serving(task("pending"), RUNNING, DONE) as server:
        monkeypatch.setattr(sys, "stderr", terminal)
        wait(server, "0123456789")
        terminal.flush()
        received = b""
        # The output of a terminal arrives in pieces.
        while not received.endswith(b"\r\n"):
            received += os.read(ours, 65536)
        shown = received.decode()
    os.close(ours)
    lines = [line for line in re.split(r"[\r\n]+", shown) if line.strip()]
    assert lines[0].startswith("task 01234567 unknown     0 %|")
    assert "task 01234567 running    50 %|█" in shown
    assert "100 %|█" in lines[-1]
    assert "completed" in lines[-1]
    assert max(map(len, lines)) <= 79


@pytest.mark.parametrize(
    ("in_notebook", "with_widgets", "drawn_by"),
    [(True, True, "tqdm.auto"), (True, False, "tqdm.std"), (False, True, "tqdm.auto"), (False, False, "tqdm.auto")],
)
def test_in_a_notebook_without_widgets_the_bar_is_text(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    in_notebook: bool,
    with_widgets: bool,
    drawn_by: str,
) -> None:
    # tqdm.auto itself would decide by the process that these tests run in.
    class Bar(tqdm.std.tqdm):  # type: ignore[type-arg]  # takes none when it runs
        def __init__(self, **options: Any) -> None:
            made.append("tqdm.auto")
            super().__init__(**options)

    made: list[str] = []
    shell = SimpleNamespace(kernel=object() if in_notebook else None)
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    monkeypatch.setitem(sys.modules, "tqdm.auto", SimpleNamespace(tqdm=Bar))
    if not with_widgets:
        monkeypatch.setitem(sys.modules, "ipywidgets", None)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with serving(DONE) as server:
        wait(server)
    output = capsys.readouterr()
    drawn = output.out if in_notebook else output.err
    assert drawn.strip().startswith("task t-1 unknown     0 %|")
    assert "completed" in drawn
    assert (made or ["tqdm.std"]) == [drawn_by]


class Stream:
    """A program's own stderr: the methods that it has, and the errors that they raise."""

    def __init__(self, *, tty: bool | Exception = True, error: Exception | None = None, after: int = 0) -> None:
        self._tty = tty
        self._error = error
        self._after = after
        self.text = ""

    def isatty(self) -> bool:
        if isinstance(self._tty, Exception):
            raise copy.copy(self._tty)
        return self._tty

    def write(self, text: str) -> None:
        if self._error is not None and self._after <= 0:
            # A copy, because the traceback of the error would keep the bar, and other bars leave a line for it.
            raise copy.copy(self._error)
        self._after -= 1
        self.text += text


class Writing:
    """A stderr that has only `write`."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> None:
        self.text += text


CLOSED = ValueError("I/O operation on closed file")
FAULTS = {
    "full": OSError(errno.ENOSPC, "No space left on device"),
    "broken": BrokenPipeError(errno.EPIPE, "Broken pipe"),
    "closed": CLOSED,
    "of a kind of its own": RuntimeError("not now"),
}


@pytest.mark.parametrize("after", [0, 2], ids=["at once", "later"])
@pytest.mark.parametrize("tty", [True, False, CLOSED], ids=["a terminal", "no terminal", "unknown"])
@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_a_broken_stderr_does_not_end_the_wait(
    monkeypatch: pytest.MonkeyPatch, fault: Exception, tty: Any, after: int
) -> None:
    monkeypatch.setattr(sys, "stderr", Stream(tty=tty, error=fault, after=after))
    with serving(*STATES) as server:
        assert wait(server).status == "completed"
    # A bar that can't be drawn must not complain when it is deleted. A test that leaves such a complaint fails.
    gc.collect()


@pytest.mark.parametrize("closed", [True, False])
def test_a_closed_or_full_file_as_stderr_does_not_end_the_wait(monkeypatch: pytest.MonkeyPatch, closed: bool) -> None:
    if not os.path.exists("/dev/full"):
        pytest.skip("this system has no device that is always full")
    with open("/dev/full", "wb", buffering=0) as full:
        text = io.TextIOWrapper(full, write_through=True)
        if closed:
            text.close()
        monkeypatch.setattr(sys, "stderr", text)
        with serving(*STATES) as server:
            assert wait(server).status == "completed"


@pytest.mark.parametrize("made", [Writing, partial(Stream, tty=CLOSED)], ids=["only writes", "is a terminal or not"])
def test_a_stderr_with_only_write_gets_lines(monkeypatch: pytest.MonkeyPatch, made: Callable[[], Any]) -> None:
    stream = made()
    monkeypatch.setattr(sys, "stderr", stream)
    with serving(*STATES) as server:
        assert wait(server).status == "completed"
    assert stream.text == LINES


class Broken:
    """A tqdm, or its widgets, broken in some way."""

    def __init__(self, **_: Any) -> None:
        raise AttributeError("'NoneType' object has no attribute 'comm'")


class BreaksLater:
    def __init__(self, **_: Any) -> None:
        self.n = 0

    def set_description_str(self, _: str) -> None:
        raise AttributeError("'NoneType' object has no attribute 'comm'")

    def close(self) -> None:
        raise AttributeError("'NoneType' object has no attribute 'comm'")


@pytest.mark.parametrize(
    ("module", "shown"),
    [
        (None, LINES),
        (SimpleNamespace(), LINES),
        (SimpleNamespace(tqdm=Broken), LINES),
        (SimpleNamespace(tqdm=BreaksLater), ""),
    ],
    ids=["missing", "of another version", "broken", "breaking later"],
)
@pytest.mark.parametrize("in_notebook", [True, False])
def test_without_a_working_tqdm_progress_is_plain_lines(
    monkeypatch: pytest.MonkeyPatch, module: Any, shown: str, in_notebook: bool
) -> None:
    stream = Stream()
    monkeypatch.setattr(sys, "stdout" if in_notebook else "stderr", stream)
    shell = SimpleNamespace(kernel=object() if in_notebook else None)
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    monkeypatch.setitem(sys.modules, "tqdm.auto", module)
    with serving(*STATES) as server:
        assert wait(server).status == "completed"
    assert stream.text == shown


def test_a_task_with_control_characters_is_shown_without_them(capsys: pytest.CaptureFixture[str]) -> None:
    with serving(task("run\x1b[2Jning", 50), DONE) as server:
        wait(server, "t\x1b[31m\n1")
    assert capsys.readouterr().err == "task t [31m 1: run [2Jning, 50 %\ntask t [31m 1: completed, 100 %\n"


def test_a_bar_of_several_tasks_shows_how_many_ended_and_the_average(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Stream()
    monkeypatch.setattr(sys, "stderr", stream)
    given = (task("running", 20, "a"), task("failed", 40, "b"), task("completed", 100, "a"))
    with serving(*given) as server, gravscale.ApiClient(gravscale.Configuration(server.url)) as api_client:
        ended = gravscale.wait_for_tasks(api_client, ["a", "b"], 7, poll_interval=0.001, progress=True)
        assert [each.id for each in ended] == ["b", "a"]
    assert "0 of 2 tasks ended   0 %|" in stream.text
    assert "1 of 2 tasks ended  30 %|" in stream.text
    assert "2 of 2 tasks ended  70 %|" in stream.text


def test_an_error_in_your_own_progress_function_ends_the_wait() -> None:
    def broken(_: TaskTreeSchema) -> None:
        raise RuntimeError("mine")

    own = pytest.raises(RuntimeError, match="mine")
    with serving(DONE) as server, gravscale.ApiClient(gravscale.Configuration(server.url)) as api_client, own:
        gravscale.wait_for_task(api_client, "t-1", 7, progress=broken)
