"""wait_for_task() and wait_for_tasks(): when they poll, what they survive, and what they report."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from example_service import TaskManagerApi, TaskTreeSchema
from misbehaving import Connection, Request, Server, answer, hang_up, message, raw, reset, serving

import gravscale
import gravscale.contract

TIMES = {"createdAt": "2026-01-01T00:00:00Z", "updatedAt": "2026-01-01T00:00:00Z"}


def task(status: str = "running", percent: int = 0, **fields: Any) -> dict[str, Any]:
    return {"id": "t-1", "status": status, "clientId": 7, "percentageComplete": percent, **TIMES, **fields}


RUNNING = answer(task("running", 50))
DONE = answer(task("completed", 100))
STARTED = TaskTreeSchema.from_dict(task("pending"))
CUT = raw(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{", close=True)
UNAVAILABLE = answer({"detail": "out of order"}, 503)


class Clock:
    """A clock that only advances when somebody sleeps."""

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


Wait = Callable[..., TaskTreeSchema]


@pytest.fixture
def opened() -> Iterator[list[gravscale.ApiClient]]:
    clients: list[gravscale.ApiClient] = []
    yield clients
    for client in clients:
        client.close()


@pytest.fixture
def wait(opened: list[gravscale.ApiClient]) -> Wait:
    """Waits for a task of a server."""

    def waiting(server: Any, subject: Any = STARTED, **options: Any) -> TaskTreeSchema:
        configuration = gravscale.Configuration(server.url, access_token="token", retries=0)
        opened.append(gravscale.ApiClient(configuration))
        return gravscale.wait_for_task(opened[-1], subject, **options)

    return waiting


def test_a_task_that_has_ended_is_returned_without_a_pause(wait: Wait, clock: Clock) -> None:
    with serving(DONE) as server:
        assert wait(server).status == "completed"
        assert (len(server.requests), clock.pauses) == (1, [])


def test_a_task_may_be_given_by_its_id(wait: Wait, clock: Clock) -> None:
    with serving(DONE) as server:
        assert wait(server, "t-1", client_id=7).id == "t-1"
        assert server.requests[0].target == "/api/task/t-1?client_id=7"


def test_a_client_id_argument_overrides_that_of_the_task(wait: Wait, clock: Clock) -> None:
    with serving(DONE) as server:
        wait(server, client_id=9)
        assert server.requests[0].target == "/api/task/t-1?client_id=9"


def test_an_id_alone_requires_a_client_id(wait: Wait) -> None:
    with serving(DONE) as server:
        with pytest.raises(gravscale.ApiValueError, match=r"^client_id: required, because the task has no client_id"):
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


def test_by_default_pauses_start_at_one_second_and_the_wait_ends_after_ten_minutes(wait: Wait, clock: Clock) -> None:
    with serving(RUNNING) as server, pytest.raises(gravscale.TaskTimeoutError, match="did not end within 600 s"):
        wait(server)
    assert clock.pauses[0] == 1


@pytest.mark.parametrize(("timeout", "last_look"), [(0.5, 0.45), (5, 4.5), (100, 99)])
def test_the_last_poll_comes_shortly_before_the_timeout(
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
def test_temporary_failures_do_not_end_the_wait(wait: Wait, clock: Clock, fault: Any) -> None:
    with serving(RUNNING, fault, fault, RUNNING, DONE) as server:
        assert wait(server).status == "completed"
        assert len(server.requests) == 5


def test_temporary_failures_are_logged(wait: Wait, clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "gravscale.tasks")
    with serving(RUNNING, UNAVAILABLE, DONE) as server:
        wait(server)
        url = f"{server.url}/api/task/t-1?client_id=7"
    expected = f"task t-1: GET {url}: 503 Service Unavailable: out of order; still waiting"
    assert [record.getMessage() for record in caplog.records if record.name == "gravscale.tasks"] == [expected]


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, gravscale.UnauthorizedException),
        (403, gravscale.ForbiddenException),
        (404, gravscale.NotFoundException),
        (422, gravscale.UnprocessableEntityException),
    ],
)
def test_permanent_failures_end_the_wait_at_once(
    wait: Wait, clock: Clock, status: int, error: type[gravscale.ApiException]
) -> None:
    with serving(answer({"detail": "no"}, status)) as server:
        with pytest.raises(error):
            wait(server)
        assert (len(server.requests), clock.pauses) == (1, [])


def test_a_server_that_is_not_the_service_ends_the_wait_at_once(wait: Wait, clock: Clock) -> None:
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


def test_a_task_without_a_percentage_is_at_zero(wait: Wait, clock: Clock) -> None:
    untold = answer({**task("running"), "percentageComplete": None})
    with serving(untold) as server, pytest.raises(gravscale.TaskTimeoutError, match=r"last state: running, 0 %$"):
        wait(server, timeout=20)


def test_an_unreachable_service_ends_the_wait_with_the_reason(wait: Wait, clock: Clock) -> None:
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


def test_a_silent_service_delays_no_wait_beyond_its_timeout(wait: Wait) -> None:
    started = time.monotonic()
    with serving(lambda connection, _: connection.hold()) as server, pytest.raises(gravscale.TaskTimeoutError):
        wait(server, timeout=0.5, poll_interval=0.05)
    assert time.monotonic() - started < 1.5


@pytest.mark.parametrize("configured", [None, 0.2])
def test_a_poll_without_an_answer_is_followed_by_another(
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


def test_a_task_that_failed_without_a_reason_is_an_error_too(wait: Wait, clock: Clock) -> None:
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


async def never_awaited(_: object) -> float:
    return 0.0


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
        ({"poll": 1.5}, "poll: expected a callable, got float"),
        ({"progress": never_awaited}, "progress: expected a function, got an async one"),
        ({"poll": never_awaited}, "poll: expected a function, got an async one"),
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


def test_a_progress_function_gets_each_state(wait: Wait, clock: Clock) -> None:
    seen: list[tuple[str, int | None]] = []
    with serving(answer(task("pending")), UNAVAILABLE, RUNNING, DONE) as server:
        wait(server, progress=lambda one: seen.append((one.status, one.percentage_complete)))
    assert seen == [("pending", 0), ("running", 50), ("completed", 100)]


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

    def interrupt(connection: Connection, _: Request) -> None:
        connection.interrupt(signal.SIGINT)
        connection.hold()

    def paused(seconds: float) -> None:
        raise KeyboardInterrupt

    if moment == "pausing":
        monkeypatch.setattr("gravscale.tasks.time", SimpleNamespace(monotonic=time.monotonic, sleep=paused))
    second = RUNNING if moment == "pausing" else interrupt
    # As in a shell. A process in the background may have started without it.
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


def test_an_id_is_shown_without_control_characters(wait: Wait, clock: Clock) -> None:
    state = answer({**task("failed"), "id": "t\x1b[31m\n1", "action": "a\nb", "error": "no\nroute"})
    with serving(state) as server, pytest.raises(gravscale.TaskFailedError) as failed:
        wait(server)
    assert str(failed.value) == "task t [31m 1 (a b) failed: no route"
    late = pytest.raises(gravscale.TaskTimeoutError, match=r"^task t \[31m 1 did not end within 5 s")
    with serving(RUNNING) as server, late:
        wait(server, "t\x1b[31m\n1", client_id=7, timeout=5)


def test_your_own_policy_sets_the_pauses(wait: Wait, clock: Clock) -> None:
    looks: list[int] = []

    def poll(seen: int) -> float:
        looks.append(seen)
        return 0.25 * seen

    with serving(*[RUNNING] * 3, DONE) as server:
        assert wait(server, poll=poll, poll_interval=30).status == "completed"
    assert looks == [1, 2, 3]
    assert clock.pauses == [0.25, 0.5, 0.75]


def test_a_policy_with_long_pauses_leaves_time_for_a_last_poll(wait: Wait, clock: Clock) -> None:
    with serving(RUNNING, DONE) as server:
        assert wait(server, poll=lambda _: 3600, timeout=20).status == "completed"
    assert clock.pauses == [19]


def test_a_task_that_ended_during_a_pause_that_took_too_long_has_ended_in_time(wait: Wait, clock: Clock) -> None:
    def suspended(_: int) -> float:
        # As when a laptop sleeps.
        clock.now += 3600
        return 1.0

    with serving(RUNNING, DONE) as server:
        assert wait(server, timeout=20, poll=suspended).status == "completed"


@pytest.mark.parametrize(
    ("given", "complaint"), [("1", "as a number, got str"), (0, "above 0"), (None, "got NoneType")]
)
def test_a_policy_that_returns_no_seconds_is_named(wait: Wait, clock: Clock, given: Any, complaint: str) -> None:
    wrong = pytest.raises((gravscale.ApiTypeError, gravscale.ApiValueError), match=f"^poll: .*{complaint}")
    with serving(RUNNING) as server, wrong:
        wait(server, poll=lambda _: given)


def test_a_task_in_an_unknown_state_is_waited_for(wait: Wait, clock: Clock) -> None:
    with serving(answer(task("paused")), DONE) as server:
        assert wait(server).status == "completed"


def test_a_contract_without_the_operation_is_named(wait: Wait, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(gravscale.contract.OPERATIONS, "get_task")
    with serving(DONE) as server:
        missing = "needs the operation 'get_task', which the contract does not have$"
        with pytest.raises(gravscale.ApiValueError, match=rf"^wait_for_task\(\) {missing}"):
            wait(server)
        with pytest.raises(gravscale.ApiValueError, match=rf"^wait_for_tasks\(\) {missing}"):
            gravscale.wait_for_tasks(gravscale.ApiClient(), ["t-1"], 7)
        assert server.requests == []


def test_an_argument_that_is_not_a_client_is_refused_at_once() -> None:
    given = {"NoneType": None, "str": "https://api.example.com", "the class ApiClient": gravscale.ApiClient}
    for name, wrong in given.items():
        client: Any = wrong
        with pytest.raises(gravscale.ApiTypeError, match=f"^api_client: expected an ApiClient, got {name}$"):
            gravscale.wait_for_task(client, "t-1", 7)
        with pytest.raises(gravscale.ApiTypeError, match=f"^api_client: expected an ApiClient, got {name}$"):
            gravscale.wait_for_tasks(client, ["t-1"], 7)


Service = dict[str, list[dict[str, Any]]]


@contextmanager
def tasks_of(states: Service) -> Iterator[tuple[Server, gravscale.ApiClient]]:
    """A service with several tasks. Each has states that it shows one after the other."""

    def reply(connection: Connection, request: Request) -> None:
        own = states[request.target.partition("?")[0].rpartition("/")[2]]
        connection.send(message(own.pop(0) if len(own) > 1 else own[0]))

    with serving(reply) as server, gravscale.ApiClient(gravscale.Configuration(server.url)) as api_client:
        yield server, api_client


def states(task_id: str, *statuses: str) -> list[dict[str, Any]]:
    return [{**task(status, 100 if status == "completed" else 50), "id": task_id} for status in statuses]


def test_several_tasks_are_yielded_as_they_end_even_if_failed(clock: Clock) -> None:
    service = {
        "a": states("a", "pending", "running", "completed"),
        "b": states("b", "running", "failed"),
        "c": states("c", "completed"),
    }
    with tasks_of(service) as (server, api_client):
        ended = [(each.id, each.status) for each in gravscale.wait_for_tasks(api_client, ["a", "b", "c"], 7)]
        assert ended == [("c", "completed"), ("b", "failed"), ("a", "completed")]
        # Tasks that have ended are not polled again.
        assert len(server.requests) == 6
    assert clock.pauses == [1, 1.5]


def test_several_tasks_may_be_models_ids_or_pages(clock: Clock) -> None:
    listed = {"items": [{**task("running"), "id": name} for name in "ab"], "total": 2, "page": 1, "pages": 1}
    service: Service = {"": [listed], "a": states("a", "completed"), "b": states("b", "completed")}
    with tasks_of(service) as (_, api_client):
        running = gravscale.paginate(TaskManagerApi(api_client).list_tasks, 7, status="running")
        ended = gravscale.wait_for_tasks(api_client, running)
        assert [each.id for each in ended] == ["a", "b"]


def test_without_tasks_there_is_no_wait(wait: Wait) -> None:
    with tasks_of({}) as (server, api_client):
        assert list(gravscale.wait_for_tasks(api_client, [])) == []
        assert server.requests == []


def test_tasks_that_do_not_end_in_time_are_all_named(clock: Clock) -> None:
    service = {"a": states("a", "completed"), "b": states("b", "running"), "c": states("c", "pending")}
    with tasks_of(service) as (_, api_client):
        ended = gravscale.wait_for_tasks(api_client, ["a", "b", "c"], 7, timeout=20)
        assert next(ended).id == "a"
        with pytest.raises(gravscale.TaskTimeoutError) as caught:
            next(ended)
    expected = "2 of 3 tasks did not end within 20 s; last states: b: running, 50 %; c: pending, 50 %"
    assert str(caught.value) == expected
    assert caught.value.task is not None
    assert caught.value.task.id == "b"
    assert clock.now - 1000 <= 20


def test_a_silent_service_delays_a_wait_for_many_no_longer_than_for_one(
    opened: list[gravscale.ApiClient],
) -> None:
    started = time.monotonic()
    with serving(lambda connection, _: connection.hold()) as server:
        opened.append(gravscale.ApiClient(gravscale.Configuration(server.url, retries=0)))
        ids = [f"t-{number}" for number in range(20)]
        with pytest.raises(gravscale.TaskTimeoutError, match="20 of 20 tasks"):
            list(gravscale.wait_for_tasks(opened[-1], ids, 7, timeout=1))
    assert time.monotonic() - started < 2.5


def test_a_progress_function_gets_each_state_of_several_tasks(clock: Clock) -> None:
    seen: list[tuple[str, str]] = []
    service = {"a": states("a", "running", "completed"), "b": states("b", "completed")}
    with tasks_of(service) as (_, api_client):
        for _ in gravscale.wait_for_tasks(
            api_client, ["a", "b"], 7, progress=lambda one: seen.append((one.id, one.status))
        ):
            pass
    assert seen == [("a", "running"), ("b", "completed"), ("a", "completed")]


def test_a_progress_function_that_uses_up_the_time_ends_the_wait(clock: Clock) -> None:
    def slow(_: TaskTreeSchema) -> None:
        clock.now = 1020.0

    service = {"a": states("a", "running"), "b": states("b", "completed")}
    with tasks_of(service) as (server, api_client):
        with pytest.raises(gravscale.TaskTimeoutError, match=r"^2 of 2 tasks did not end within 20 s"):
            list(gravscale.wait_for_tasks(api_client, ["a", "b"], 7, timeout=20, progress=slow))
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ("t-1", r"tasks_or_ids: expected several tasks or their ids, such as a list, got str; wait_for_task\(\) waits"),
        (STARTED, "tasks_or_ids: expected several tasks or their ids, such as a list, got TaskTreeSchema"),
        (7, "tasks_or_ids: expected several tasks or their ids, such as a list, got int"),
        (["t-1", 7], r"tasks_or_ids\[1\]: expected a TaskTreeSchema or its id, got int"),
    ],
)
def test_a_single_task_for_several_is_refused_at_once(given: Any, complaint: str) -> None:
    with tasks_of({}) as (server, api_client):
        with pytest.raises(gravscale.ApiTypeError, match=f"^{complaint}"):
            gravscale.wait_for_tasks(api_client, given, 7)
        assert server.requests == []
