"""Errors in a list or a wait show no secret to tools that report the variables of a traceback."""

from __future__ import annotations

import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from example_service import TaskManagerApi
from misbehaving import Connection, Request, Scenario, Server, answer, hang_up, reset, serving
from opentelemetry.instrumentation.urllib3 import URLLib3Instrumentor

import gravscale

SECRET = "hunter2hunter2"
# The calls below get the secret only from here, so that it is no variable of the tests themselves.
given = [SECRET]
TIMES = {"createdAt": "2026-01-01T00:00:00Z", "updatedAt": "2026-01-01T00:00:00Z"}
TASK = {"id": "t", "status": "running", "clientId": 7, **TIMES}
FIRST = answer({"items": [TASK], "pages": 3})


def report(error: BaseException) -> str:
    """The report of a program that shows the variables of tracebacks, as sentry, rich, loguru and pytest can."""
    return "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())


@pytest.fixture(params=["alone", "with OpenTelemetry in between"], autouse=True)
def telemetry(request: pytest.FixtureRequest) -> Iterator[None]:
    instrumentor = URLLib3Instrumentor()
    if request.param != "alone":
        instrumentor.instrument()
    yield
    if request.param != "alone":
        instrumentor.uninstrument()


def client_of(server: Server) -> gravscale.ApiClient:
    return gravscale.ApiClient(gravscale.Configuration(server.url, access_token=given[0], retries=0))


def options() -> dict[str, Any]:
    authorization = {"in": "header", "key": "Authorization", "value": f"Bearer {given[0]}"}
    return {"_request_auth": authorization, "_headers": {"X-Api-Key": given[0]}}


def items(task_api: TaskManagerApi) -> object:
    return list(gravscale.paginate(task_api.list_tasks, 7, **options()))


def pages(task_api: TaskManagerApi) -> object:
    return list(gravscale.paginate(task_api.list_tasks, 7, **options()).pages())


def by_next(task_api: TaskManagerApi) -> object:
    tasks = gravscale.paginate(task_api.list_tasks, 7, **options())
    return [next(tasks), next(tasks)]


def parallel(task_api: TaskManagerApi) -> object:
    return list(gravscale.paginate(task_api.list_tasks, 7, **options()).parallel(2))


def total(task_api: TaskManagerApi) -> object:
    return [gravscale.paginate(task_api.list_tasks, 7, **options()).total for _ in range(2)]


WAYS: list[Callable[[TaskManagerApi], object]] = [items, pages, by_next, parallel, total]
FAULTS: dict[str, Scenario] = {
    "refused": answer({"detail": "no"}, 403),
    "of another shape": answer({"items": 7}),
    "cut off": hang_up,
    "reset": reset,
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_a_page_that_fails_shows_no_token(way: Callable[[TaskManagerApi], object], fault: Scenario) -> None:
    with serving(FIRST, fault) as server, client_of(server) as api_client:
        with pytest.raises(gravscale.ApiException) as caught:
            way(TaskManagerApi(api_client))
        assert len(server.requests) > 1
        assert all(SECRET in request.headers["authorization"] for request in server.requests)
    shown = report(caught.value)
    assert SECRET not in shown
    # The program's own variables are still there.
    assert f"in {way.__name__}" in shown


def test_a_refused_argument_does_not_show_the_others() -> None:
    with serving(FIRST) as server, client_of(server) as api_client:
        operation: Any = TaskManagerApi(api_client).list_tasks
        for arguments in ({}, {"client_id": 7, "sizes": 3}, {"client_id": "7"}):
            with pytest.raises(gravscale.ApiTypeError) as caught:
                list(gravscale.paginate(operation, **arguments, **options()))
            assert SECRET not in report(caught.value)
        assert server.requests == []


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C interrupts no socket there")
@pytest.mark.parametrize("way", WAYS)
def test_a_list_that_is_interrupted_shows_no_token(way: Callable[[TaskManagerApi], object]) -> None:
    def interrupt(connection: Connection, _: Request) -> None:
        connection.interrupt(signal.SIGINT)
        connection.hold()

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with serving(FIRST, interrupt) as server, client_of(server) as api_client:
            with pytest.raises(KeyboardInterrupt) as caught:
                way(TaskManagerApi(api_client))
            server.over.set()
        assert SECRET not in report(caught.value)
    finally:
        signal.signal(signal.SIGINT, before)


def test_an_error_in_your_own_function_keeps_only_its_own_variables() -> None:
    def own_pages(page: int = 1, token: str = "") -> Any:
        seen = f"page {page}"
        if page == 2:
            del token
            raise LookupError(seen)
        return SimpleNamespace(items=[page], pages=3)

    for workers in (1, 2):
        with pytest.raises(LookupError) as caught:
            list(gravscale.paginate(own_pages, token=given[0]).parallel(workers))
        assert "seen = 'page 2'" in report(caught.value)
        assert SECRET not in report(caught.value)


def wait(api_client: gravscale.ApiClient) -> object:
    return gravscale.wait_for_task(api_client, "t", 7, poll_interval=0.001)


def wait_for_many(api_client: gravscale.ApiClient) -> object:
    return list(gravscale.wait_for_tasks(api_client, ["t", "t"], 7, poll_interval=0.001))


@pytest.mark.parametrize("way", [wait, wait_for_many])
def test_a_wait_that_fails_shows_no_token(way: Callable[[gravscale.ApiClient], object]) -> None:
    with serving(answer(TASK), answer({"detail": "no"}, 403)) as server, client_of(server) as api_client:
        with pytest.raises(gravscale.ForbiddenException) as caught:
            way(api_client)
        assert SECRET in server.requests[-1].headers["authorization"]
    shown = report(caught.value)
    assert SECRET not in shown
    assert f"in {way.__name__}" in shown
    assert "gravscale/tasks.py" not in shown.replace("\\", "/")
