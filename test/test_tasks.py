"""wait_for_task(): when it looks, what it survives, and what it says."""

from __future__ import annotations

import os
import re
import sys
import threading
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import tqdm.std
from misbehaving import answer, hang_up, raw, reset, serving

import gravscale
from gravscale.sandbox import Sandbox

TIMES = {"createdAt": "2026-01-01T00:00:00Z", "updatedAt": "2026-01-01T00:00:00Z"}


def task(status: str = "running", percent: int = 0, **fields: Any) -> dict[str, Any]:
    return {"id": "t-1", "status": status, "clientId": 7, "percentageComplete": percent, **TIMES, **fields}


RUNNING = answer(task("running", 50))
DONE = answer(task("completed", 100))
STARTED = gravscale.TaskTreeSchema.from_dict(task("pending"))
CUT = raw(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{", close=True)
UNAVAILABLE = answer({"detail": "out of order"}, 503)


class Clock:
    """A clock that goes on when somebody sleeps, and only then."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.pauses: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("gravscale.tasks.time", clock)
    return clock


Wait = Callable[..., gravscale.TaskTreeSchema]


@pytest.fixture
def opened() -> Iterator[list[gravscale.ApiClient]]:
    clients: list[gravscale.ApiClient] = []
    yield clients
    for client in clients:
        client.close()


@pytest.fixture
def wait(opened: list[gravscale.ApiClient]) -> Wait:
    """Waits for a task of a server."""

    def waiting(server: Any, subject: Any = STARTED, **options: Any) -> gravscale.TaskTreeSchema:
        configuration = gravscale.Configuration(server.url, access_token="token", retries=0)
        opened.append(gravscale.ApiClient(configuration))
        return gravscale.wait_for_task(opened[-1], subject, **options)

    return waiting


def test_a_task_that_is_over_is_returned_without_a_pause(wait: Wait, clock: Clock) -> None:
    with serving(DONE) as server:
        assert wait(server).status == "completed"
        assert (len(server.requests), clock.pauses) == (1, [])


def test_a_task_may_be_given_by_its_id(wait: Wait, clock: Clock) -> None:
    with serving(DONE) as server:
        assert wait(server, "t-1", client_id=7).id == "t-1"
        assert server.requests[0].target == "/api/task/t-1?client_id=7"


def test_an_account_that_is_given_goes_before_that_of_the_task(wait: Wait, clock: Clock) -> None:
    with serving(DONE) as server:
        wait(server, client_id=9)
        assert server.requests[0].target == "/api/task/t-1?client_id=9"


def test_an_id_alone_does_not_say_whose_task_it_is(wait: Wait) -> None:
    with serving(DONE) as server:
        with pytest.raises(gravscale.ApiValueError, match=r"^client_id: needed, as the task does not say whose it is$"):
            wait(server, "t-1")
        assert server.requests == []


def test_pauses_grow_from_the_interval_to_ten_seconds(wait: Wait, clock: Clock) -> None:
    with serving(*[RUNNING] * 12, DONE) as server:
        wait(server, poll_interval=0.5)
        assert len(server.requests) == 13
    assert clock.pauses[0] == 0.5
    assert clock.pauses == sorted(clock.pauses)
    assert clock.pauses[3] > clock.pauses[2] > clock.pauses[1] > clock.pauses[0]
    assert clock.pauses[-1] == clock.pauses[-2] == 10


def test_pauses_are_never_shorter_than_the_interval(wait: Wait, clock: Clock) -> None:
    with serving(*[RUNNING] * 3, DONE) as server:
        wait(server, poll_interval=30)
    assert clock.pauses == [30, 30, 30]


def test_unless_told_otherwise_the_wait_begins_with_pauses_of_a_second_and_ends_after_ten_minutes(
    wait: Wait, clock: Clock
) -> None:
    with serving(RUNNING) as server, pytest.raises(gravscale.TaskTimeoutError, match="did not end within 600 s"):
        wait(server)
    assert clock.pauses[0] == 1


@pytest.mark.parametrize(("timeout", "last_look"), [(0.5, 0.45), (5, 4.5), (100, 99)])
def test_the_last_look_comes_a_little_before_the_end(
    wait: Wait, clock: Clock, timeout: float, last_look: float
) -> None:
    with serving(RUNNING) as server, pytest.raises(gravscale.TaskTimeoutError):
        wait(server, timeout=timeout, poll_interval=0.3)
    assert clock.now - 1000 == pytest.approx(last_look)


PASSING = {
    "503": UNAVAILABLE,
    "500": answer({"detail": "oh"}, 500),
    "429": answer({"detail": "slowly"}, 429),
    "a reset": reset,
    "a lost connection": hang_up,
    "an answer cut off": CUT,
}


@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING.keys())
def test_what_passes_does_not_end_the_wait(wait: Wait, clock: Clock, fault: Any) -> None:
    with serving(RUNNING, fault, fault, RUNNING, DONE) as server:
        assert wait(server).status == "completed"
        assert len(server.requests) == 5


def test_what_passes_is_logged(wait: Wait, clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "gravscale.tasks")
    with serving(RUNNING, UNAVAILABLE, DONE) as server:
        wait(server)
        url = f"{server.url}/api/task/t-1?client_id=7"
    said = f"task t-1: GET {url}: 503 Service Unavailable: out of order; still waiting"
    assert [record.getMessage() for record in caplog.records if record.name == "gravscale.tasks"] == [said]


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, gravscale.UnauthorizedException),
        (403, gravscale.ForbiddenException),
        (404, gravscale.NotFoundException),
        (422, gravscale.UnprocessableEntityException),
    ],
)
def test_what_does_not_pass_ends_the_wait_at_once(
    wait: Wait, clock: Clock, status: int, error: type[gravscale.ApiException]
) -> None:
    with serving(answer({"detail": "no"}, status)) as server:
        with pytest.raises(error):
            wait(server)
        assert (len(server.requests), clock.pauses) == (1, [])


def test_what_is_no_service_at_all_ends_the_wait_at_once(wait: Wait, clock: Clock) -> None:
    page = b"<html>Sign in to this network</html>"
    with serving(raw(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(page), page))) as server:
        with pytest.raises(gravscale.ApiResponseError):
            wait(server)
        assert len(server.requests) == 1


def test_the_deadline_ends_the_wait_and_the_error_has_the_last_state(wait: Wait, clock: Clock) -> None:
    with serving(RUNNING) as server:
        with pytest.raises(gravscale.TaskTimeoutError) as e:
            wait(server, timeout=20)
        assert 1 < len(server.requests) < 12
    assert str(e.value) == "task t-1 did not end within 20 s; last state: running, 50 %"
    assert clock.now - 1000 <= 20
    assert e.value.task is not None
    assert e.value.task.percentage_complete == 50
    assert isinstance(e.value, TimeoutError)


def test_a_task_that_tells_no_percentage_has_come_nowhere(wait: Wait, clock: Clock) -> None:
    untold = answer({**task("running"), "percentageComplete": None})
    with serving(untold) as server, pytest.raises(gravscale.TaskTimeoutError, match=r"last state: running, 0 %$"):
        wait(server, timeout=20)


def test_a_service_that_stays_away_ends_the_wait_with_the_reason(wait: Wait, clock: Clock) -> None:
    late = pytest.raises(gravscale.TaskTimeoutError, match=r"last state: unknown; .*503.*out of order")
    with serving(UNAVAILABLE) as server, late as caught:
        wait(server, timeout=20)
    assert caught.value.task is None


def test_answers_that_are_cut_off_end_the_wait_with_the_reason(wait: Wait, clock: Clock) -> None:
    late = pytest.raises(
        gravscale.TaskTimeoutError, match=r"last state: running, 50 %; GET .*: 200 an answer that can.t be"
    )
    with serving(RUNNING, CUT) as server, late:
        wait(server, timeout=20)


def test_a_service_that_says_nothing_holds_nobody_beyond_the_deadline(wait: Wait) -> None:
    started = time.monotonic()
    with serving(lambda connection, _: connection.hold()) as server, pytest.raises(gravscale.TaskTimeoutError):
        wait(server, timeout=0.5, poll_interval=0.05)
    assert time.monotonic() - started < 1.5


@pytest.mark.parametrize("configured", [None, 0.2])
def test_a_look_that_gets_no_answer_is_followed_by_another(
    opened: list[gravscale.ApiClient], monkeypatch: pytest.MonkeyPatch, configured: float | None
) -> None:
    if configured is None:
        monkeypatch.setattr("gravscale.tasks._CALL_SECONDS", 0.2)
    with serving(lambda connection, _: connection.hold(), DONE) as server:
        opened.append(gravscale.ApiClient(gravscale.Configuration(server.url, timeout=configured)))
        assert gravscale.wait_for_task(opened[-1], STARTED, poll_interval=0.01).status == "completed"


def test_a_failed_task_is_an_error_with_its_failed_sub_tasks(wait: Wait, clock: Clock) -> None:
    parts = [
        {"id": "a", "status": "completed", "action": "address.reserve", **TIMES},
        {"id": "b", "status": "failed", "action": "route.announce", "error": "no route", **TIMES},
        {"id": "c", "status": "failed", "error": "no wall", **TIMES},
    ]
    failed = answer(task("failed", 75, action="allocate", error="it broke", subTasks=parts))
    with serving(RUNNING, failed) as server, pytest.raises(gravscale.TaskFailedError) as caught:
        wait(server)
    assert str(caught.value) == "task t-1 (allocate) failed: it broke; route.announce: no route; c: no wall"
    assert caught.value.task.status == "failed"


def test_a_task_that_failed_without_a_word_is_an_error_too(wait: Wait, clock: Clock) -> None:
    failed = answer(task("failed", subTasks=[{"id": "a", "status": "failed", **TIMES}]))
    with serving(failed) as server, pytest.raises(gravscale.TaskFailedError) as caught:
        wait(server)
    assert str(caught.value) == "task t-1 (no action) failed: no reason given; a: no reason given"


@pytest.mark.parametrize(("count", "end"), [(20, "; part-19: no"), (100, "; part-19: no; and 80 more")])
def test_a_hundred_failed_sub_tasks_are_not_all_listed(wait: Wait, clock: Clock, count: int, end: str) -> None:
    parts = [{"id": f"part-{n}", "status": "failed", "error": "no", **TIMES} for n in range(count)]
    failed = answer(task("failed", 0, subTasks=parts))
    with serving(failed) as server, pytest.raises(gravscale.TaskFailedError) as caught:
        wait(server)
    assert str(caught.value).endswith(end)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"timeout": 0}, "timeout: expected seconds above 0"),
        ({"timeout": None}, "timeout: expected seconds as a number, got NoneType"),
        ({"timeout": (1, 2)}, "timeout: expected seconds as a number, got tuple"),
        ({"timeout": "600"}, "timeout: expected seconds as a number, got str"),
        ({"poll_interval": 0}, "poll_interval: expected seconds above 0"),
        ({"poll_interval": None}, "poll_interval: expected seconds as a number, got NoneType"),
        ({"poll_interval": -1}, "poll_interval: expected seconds above 0"),
        ({"progress": "yes"}, "progress: expected a bool or a callable, got str"),
        ({"progress": 1}, "progress: expected a bool or a callable, got int"),
        ({"subject": 7}, "task_or_id: expected a TaskTreeSchema or its id, got int"),
        ({"subject": None}, "task_or_id: expected a TaskTreeSchema or its id, got NoneType"),
    ],
)
def test_wrong_arguments_are_refused_before_anything_is_sent(
    wait: Wait, options: dict[str, Any], complaint: str
) -> None:
    with serving(DONE) as server:
        with pytest.raises((gravscale.ApiTypeError, gravscale.ApiValueError), match=f"^{complaint}"):
            wait(server, **options)
        assert server.requests == []


def test_a_callable_gets_each_state(wait: Wait, clock: Clock) -> None:
    seen: list[tuple[str, int | None]] = []
    with serving(answer(task("pending")), UNAVAILABLE, RUNNING, DONE) as server:
        wait(server, progress=lambda one: seen.append((one.status, one.percentage_complete)))
    assert seen == [("pending", 0), ("running", 50), ("completed", 100)]


def test_where_stderr_is_no_terminal_progress_is_plain_lines(
    wait: Wait, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(answer(task("pending")), RUNNING, RUNNING, DONE) as server:
        wait(server, progress=True)
    output = capsys.readouterr()
    assert output.err == "task t-1: pending, 0 %\ntask t-1: running, 50 %\ntask t-1: completed, 100 %\n"
    assert output.out == ""


def test_where_there_is_no_stderr_nothing_is_shown(wait: Wait, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    with serving(DONE) as server:
        assert wait(server, progress=True).status == "completed"


@pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals of POSIX")
def test_in_a_terminal_progress_is_a_bar(wait: Wait, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    import pty

    ours, theirs = pty.openpty()
    with open(theirs, "w") as terminal, serving(answer(task("pending")), RUNNING, DONE) as server:
        monkeypatch.setattr(sys, "stderr", terminal)
        wait(server, "0123456789", client_id=7, progress=True)
        terminal.flush()
        received = b""
        # What was written to a terminal arrives bit by bit.
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


class OnlyWrites:
    """What a program may have put in place of stderr."""

    def __init__(self, *, is_full: bool = False) -> None:
        self.text = ""
        self.is_full = is_full

    def write(self, text: str) -> int:
        if self.is_full:
            raise OSError(28, "No space left on device")
        self.text += text
        return len(text)


def test_without_the_extra_the_progress_is_plain_lines(
    wait: Wait, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    with serving(DONE) as server:
        wait(server, progress=True)
    assert "completed, 100 %" in capsys.readouterr().err


def test_a_stderr_that_can_only_be_written_to_gets_plain_lines(wait: Wait, monkeypatch: pytest.MonkeyPatch) -> None:
    stderr = OnlyWrites()
    monkeypatch.setattr(sys, "stderr", stderr)
    with serving(DONE) as server:
        wait(server, progress=True)
    assert "completed, 100 %" in stderr.text


def closed() -> Any:
    file = open(os.devnull, "w")  # noqa: SIM115  # it is closed right away
    file.close()
    return file


@pytest.mark.parametrize(
    "stderr", [None, closed(), OnlyWrites(is_full=True), object()], ids=["none", "closed", "full", "no file"]
)
def test_no_fault_of_the_display_ends_the_wait(stderr: Any, wait: Wait, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", stderr)
    with serving(DONE) as server:
        assert wait(server, progress=True).status == "completed"


@pytest.mark.parametrize(
    ("in_notebook", "with_widgets", "drawn_by"),
    [(True, True, "tqdm.auto"), (True, False, "tqdm.std"), (False, True, "tqdm.auto"), (False, False, "tqdm.auto")],
)
def test_in_a_notebook_without_widgets_the_bar_is_text(
    wait: Wait,
    clock: Clock,
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
        wait(server, progress=True)
    output = capsys.readouterr()
    drawn = output.out if in_notebook else output.err
    assert drawn.strip().startswith("task t-1 pending     0 %|")
    assert "completed" in drawn
    assert (made or ["tqdm.std"]) == [drawn_by]


@pytest.mark.parametrize(
    "moment",
    [
        "pausing",
        pytest.param(
            "asking",
            marks=pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C interrupts no socket there"),
        ),
    ],
)
def test_an_interrupted_wait_leaves_the_task_alone_and_the_client_usable(
    wait: Wait, opened: list[gravscale.ApiClient], monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    import signal

    def interrupt(connection: Any = None, request: Any = None) -> None:
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        if connection:
            connection.hold()

    def paused(seconds: float) -> None:
        raise KeyboardInterrupt

    if moment == "pausing":
        monkeypatch.setattr("gravscale.tasks.time", SimpleNamespace(monotonic=time.monotonic, sleep=paused))
    second = RUNNING if moment == "pausing" else interrupt
    # As in a shell; a process in the background may have been started without.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with serving(RUNNING, *([] if moment == "pausing" else [second]), DONE) as server:
            with pytest.raises(KeyboardInterrupt):
                wait(server, poll_interval=0.01)
            monkeypatch.undo()
            assert {request.method for request in server.requests} == {"GET"}
            assert gravscale.wait_for_task(opened[-1], STARTED, timeout=10).status == "completed"
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_session_is_renewed_during_the_wait() -> None:
    with Sandbox(token_ttl=0.4, task_duration=1.0) as sandbox:
        credentials = gravscale.PasswordCredentials("me@example.com", "secret")
        with gravscale.ApiClient(gravscale.Configuration(sandbox.url, credentials=credentials)) as api_client:
            gravscale.AuthenticationApi(api_client).sign_up({"email": "me@example.com", "password": "secret"})
            network = gravscale.NetworkApi(api_client)
            good, bad = (
                network.create_public_ip(1, {"vpc_name": "vpc-main", "address": address})
                for address in ("10.0.0.9", "192.0.2.9")
            )
            assert gravscale.wait_for_task(api_client, good, poll_interval=0.1, timeout=20).status == "completed"
            with pytest.raises(gravscale.TaskFailedError, match=r"route\.announce: no route can be announced for 192"):
                gravscale.wait_for_task(api_client, bad, poll_interval=0.1, timeout=20)
