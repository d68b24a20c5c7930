"""paginate(...).parallel(): pages are fetched in parallel, come in order, and leave nothing behind."""

from __future__ import annotations

import contextvars
import gc
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from example_service import TaskManagerApi
from misbehaving import Connection, Request, Server, message, serving

import gravscale
from gravscale.prefetch import Prefetcher

PAGES = 12


class Lists:
    """A service with a list of pages of two tasks. It answers when the test says so.

    Attributes:
        asked: The page numbers of the requests, in order of arrival.
        held: The pages that are answered only after their event is set.
        failing: The status of each page that fails.
        says: The fields that each page reports about the list.
    """

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.held: dict[int, threading.Event] = {}
        self.failing: dict[int, int] = {}
        self.says: dict[str, int] = {"pages": PAGES}
        self.most_at_once = 0
        self._at_once = 0
        self._changed = threading.Condition()

    def __call__(self, connection: Connection, request: Request) -> None:
        number = int(dict(parse_qsl(urlsplit(request.target).query))["page"])
        with self._changed:
            self.asked.append(number)
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
            self._changed.notify_all()
        if number in self.held:
            self.held[number].wait(20)
        with self._changed:
            self._at_once -= 1
        times = {"createdAt": "2026-01-01T00:00:00Z", "updatedAt": "2026-01-01T00:00:00Z"}
        items = [{"id": f"{number}-{n}", "status": "completed", **times} for n in range(2) if number <= PAGES]
        status = self.failing.get(number, 200)
        connection.send(message({"detail": "no"} if status != 200 else {"items": items, **self.says}, status))

    def hold(self, *numbers: int) -> None:
        self.held.update((number, threading.Event()) for number in numbers)

    def release(self, *numbers: int) -> None:
        for number in numbers or self.held:
            self.held[number].set()

    def wait_for(self, *numbers: int) -> None:
        """Wait until these pages were requested."""
        with self._changed:
            assert self._changed.wait_for(lambda: set(numbers) <= set(self.asked), 10), self.asked


@pytest.fixture
def lists() -> Iterator[Lists]:
    lists = Lists()
    yield lists
    lists.release()


@pytest.fixture
def server(lists: Lists) -> Iterator[Server]:
    with serving(lists) as server:
        yield server
        lists.release()


@pytest.fixture
def task_api(server: Server) -> Iterator[TaskManagerApi]:
    with gravscale.ApiClient(gravscale.Configuration(server.url, access_token="token", retries=0)) as api_client:
        yield TaskManagerApi(api_client)


def threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("gravscale page")]


def ids(*numbers: int) -> list[str]:
    return [f"{number}-{n}" for number in numbers for n in range(2)]


@pytest.mark.parametrize("workers", [1, 2, 4, 50])
@pytest.mark.parametrize("says", [{"pages": PAGES}, {"total": 2 * PAGES, "size": 2}, {"total": 2 * PAGES}, {}], ids=str)
def test_items_come_in_the_same_order_as_without_parallel(
    lists: Lists, task_api: TaskManagerApi, says: dict[str, int], workers: int
) -> None:
    lists.says = says
    tasks = gravscale.paginate(task_api.list_tasks, 7).parallel(workers)
    assert [task.id for task in tasks] == ids(*range(1, PAGES + 1))
    assert sorted(lists.asked) == list(range(1, PAGES + (2 if says == {} else 1)))
    assert lists.most_at_once <= workers
    assert threads() == []


def test_pages_after_the_first_are_fetched_at_the_same_time(lists: Lists, task_api: TaskManagerApi) -> None:
    lists.hold(2, 3, 4, 5)
    pages = gravscale.paginate(task_api.list_tasks, 7).parallel(4).pages()
    assert next(pages).items[0].id == "1-0"
    lists.wait_for(2, 3, 4, 5)
    assert lists.most_at_once == 4
    lists.release()
    assert [page.items[0].id for page in pages] == [f"{number}-0" for number in range(2, PAGES + 1)]


def test_four_pages_are_fetched_at_once_by_default(lists: Lists, task_api: TaskManagerApi) -> None:
    lists.hold(2, 3, 4, 5)
    pages = gravscale.paginate(task_api.list_tasks, 7).parallel().pages()
    next(pages)
    lists.wait_for(2, 3, 4, 5)
    assert len(threads()) == 4
    lists.release()


def test_a_page_that_arrives_late_keeps_its_place(lists: Lists, task_api: TaskManagerApi) -> None:
    lists.hold(2)
    found: list[str] = []
    tasks = gravscale.paginate(task_api.list_tasks, 7).parallel(4)
    reader = threading.Thread(target=lambda: found.extend(task.id for task in tasks))
    reader.start()
    lists.wait_for(3, 4, 5)
    lists.release()
    reader.join(10)
    assert found == ids(*range(1, PAGES + 1))


def test_no_more_pages_are_fetched_ahead_than_workers(lists: Lists, task_api: TaskManagerApi) -> None:
    pages = gravscale.paginate(task_api.list_tasks, 7).parallel(3).pages()
    for number in range(1, PAGES + 1):
        next(pages)
        lists.wait_for(*range(1, min(number + 3, PAGES) + 1))
        for thread in threads():
            thread.join(10)
        assert max(lists.asked) == min(number + 3, PAGES)


def test_nothing_is_fetched_before_it_is_needed(lists: Lists, task_api: TaskManagerApi) -> None:
    tasks = gravscale.paginate(task_api.list_tasks, 7).parallel(4)
    assert (lists.asked, threads()) == ([], [])
    assert next(tasks).id == "1-0"
    lists.wait_for(1, 2, 3, 4, 5)


def test_a_parallel_list_may_start_from_a_later_page(lists: Lists, task_api: TaskManagerApi) -> None:
    tasks = gravscale.paginate(task_api.list_tasks, 7, page=5).parallel(4)
    assert [task.id for task in tasks] == ids(*range(5, PAGES + 1))
    assert sorted(lists.asked) == list(range(5, PAGES + 1))


def test_the_first_page_is_not_fetched_again_after_total(lists: Lists, task_api: TaskManagerApi) -> None:
    lists.says = {"pages": PAGES, "total": 2 * PAGES}
    tasks = gravscale.paginate(task_api.list_tasks, 7)
    assert tasks.total == 2 * PAGES
    assert len(list(tasks.parallel(4))) == 2 * PAGES
    assert sorted(lists.asked) == list(range(1, PAGES + 1))


def test_an_error_is_raised_in_its_place_and_nothing_is_fetched_after_it(
    lists: Lists, task_api: TaskManagerApi
) -> None:
    lists.failing = {4: 404, 3: 403}
    found: list[str] = []
    with pytest.raises(gravscale.ForbiddenException):
        found.extend(task.id for task in gravscale.paginate(task_api.list_tasks, 7).parallel(4))
    assert found == ids(1, 2)
    assert max(lists.asked) <= 6
    assert threads() == []


def test_the_timeout_applies_to_each_parallel_page(lists: Lists, task_api: TaskManagerApi) -> None:
    lists.hold(4)
    tasks = gravscale.paginate(task_api.list_tasks, 7, _request_timeout=0.3).parallel(2)
    assert [next(tasks).id for _ in range(6)] == ids(1, 2, 3)
    with pytest.raises(gravscale.ApiTimeoutError, match=r"after 0\.3 s"):
        next(tasks)


@pytest.mark.parametrize("way", ["close", "break", "forget"])
def test_stopping_early_leaves_nothing_running(lists: Lists, task_api: TaskManagerApi, way: str) -> None:
    tasks = gravscale.paginate(task_api.list_tasks, 7).parallel(4)
    if way == "close":
        items: Any = iter(tasks)
        next(items)
        items.close()
        assert next(items, None) is None
    elif way == "break":
        for _ in tasks:
            break
    else:
        next(tasks)
        del tasks
        gc.collect()
    assert threads() == []
    assert max(lists.asked) <= 5


def test_stopping_early_waits_only_briefly_for_a_service_that_hangs(
    lists: Lists, task_api: TaskManagerApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gravscale.prefetch._CLOSE_SECONDS", 0.1)
    lists.hold(2, 3)
    stopped = float("inf")
    for _ in gravscale.paginate(task_api.list_tasks, 7).parallel(2):
        lists.wait_for(2, 3)
        stopped = time.monotonic()
        break
    assert time.monotonic() - stopped < 1
    left = threads()
    assert len(left) == 2
    assert all(thread.daemon for thread in left)
    lists.release()
    for thread in left:
        thread.join(10)
    assert threads() == []


def test_a_list_may_be_closed_by_a_thread_that_fetches_one_of_its_pages() -> None:
    # As when the garbage collector happens to run there.
    started = threading.Event()
    closed: list[int] = []

    def fetch(number: int) -> None:
        assert started.wait(20)
        prefetcher.close()
        closed.append(number)

    prefetcher = Prefetcher(fetch, 1)
    prefetcher.start([1])
    (thread,) = threads()
    started.set()
    thread.join(20)
    assert closed == [1]


UNREAD = """
import threading, types, gravscale, gravscale.prefetch
gravscale.prefetch._CLOSE_SECONDS = 60

def pages(page=1):
    if page > 1:
        threading.Event().wait()
    return types.SimpleNamespace(items=[page], pages=5)

items = gravscale.paginate(pages).parallel(4)
print(next(items))
"""


def test_a_list_that_is_not_read_to_its_end_does_not_delay_the_exit() -> None:
    program = subprocess.run([sys.executable, "-c", UNREAD], capture_output=True, text=True, timeout=50, check=True)
    assert (program.stdout, program.stderr) == ("1\n", "")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no forks here")
@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
def test_after_a_fork_both_processes_read_the_list_to_its_end(lists: Lists, task_api: TaskManagerApi) -> None:
    lists.hold(2, 3, 4, 5)
    tasks = gravscale.paginate(task_api.list_tasks, 7).parallel(4)
    found = [next(tasks).id]
    lists.wait_for(2, 3, 4, 5)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        # Whatever happens here, no test goes on in two processes.
        try:
            lists_of_child = [task.id for task in tasks]
            os.write(writing, repr(lists_of_child).encode())
        finally:
            os._exit(0)
    os.close(writing)
    lists.release()
    found += [task.id for task in tasks]
    with os.fdopen(reading) as pipe:
        of_child = pipe.read()
    os.waitpid(child, 0)
    assert found == ids(*range(1, PAGES + 1))
    assert of_child == repr(found[1:])


def test_if_no_thread_can_start_pages_come_one_after_the_other(
    task_api: TaskManagerApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = threading.Thread.start

    def start(thread: threading.Thread) -> None:
        if thread.name.startswith("gravscale page"):
            raise RuntimeError("can't start new thread")
        real(thread)

    monkeypatch.setattr(threading.Thread, "start", start)
    assert len(list(gravscale.paginate(task_api.list_tasks, 7).parallel(4))) == 2 * PAGES


def test_pages_are_fetched_in_the_callers_context() -> None:
    trace: contextvars.ContextVar[str] = contextvars.ContextVar("trace")
    seen: list[str] = []

    def pages(page: int = 1) -> Any:
        seen.append(trace.get())
        return SimpleNamespace(items=[page], pages=5)

    trace.set("of this test")
    assert list(gravscale.paginate(pages).parallel(4)) == [1, 2, 3, 4, 5]
    assert seen == ["of this test"] * 5


def failing_at_page_3(page: int = 1) -> Any:
    """A function of a user."""
    if page == 3:
        raise LookupError("no such page")
    return SimpleNamespace(items=[page], pages=5)


def test_an_error_in_your_own_function_is_raised_unchanged() -> None:
    found: list[int] = []
    with pytest.raises(LookupError, match=r"^no such page$"):
        found.extend(gravscale.paginate(failing_at_page_3).parallel(2))
    assert found == [1, 2]


def test_an_error_in_your_own_function_leaves_no_garbage() -> None:
    gc.disable()
    try:
        # The first one may also collect garbage of other tests.
        for _ in range(2):
            with suppress(LookupError):
                list(gravscale.paginate(failing_at_page_3).parallel(2))
            left = gc.collect()
        assert left == 0
    finally:
        gc.enable()


@pytest.mark.parametrize(
    ("workers", "complaint"),
    [
        (0, "workers: expected 1 or more, got 0"),
        (-4, "workers: expected 1 or more, got -4"),
        (True, "workers: expected an int, got bool"),
        (2.0, "workers: expected an int, got float"),
        (None, "workers: expected an int, got NoneType"),
    ],
)
def test_an_invalid_number_of_workers_is_refused(task_api: TaskManagerApi, workers: Any, complaint: str) -> None:
    with pytest.raises((gravscale.ApiTypeError, gravscale.ApiValueError), match=f"^{complaint}$"):
        gravscale.paginate(task_api.list_tasks, 7).parallel(workers)
