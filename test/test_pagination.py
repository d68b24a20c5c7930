"""paginate(): which pages are fetched, and where a list ends."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any, Generic, TypeVar
from urllib.parse import parse_qsl, urlsplit

import pytest
from example_service import LoginSchema, PageTaskTreeSchema, TaskManagerApi
from pydantic import BaseModel
from recording import Request, Service, recording

import gravscale

T = TypeVar("T")
GivesPage = Callable[[int, int | None], dict[str, Any]]


def task(number: int) -> dict[str, Any]:
    moment = "2026-01-01T00:00:00Z"
    return {"id": f"task-{number}", "status": "completed", "createdAt": moment, "updatedAt": moment}


class Lists:
    """A service with one list."""

    def __init__(self, service: Service, task_api: TaskManagerApi) -> None:
        self.task_api = task_api
        self._service = service

    def has(self, page: GivesPage) -> None:
        """The answer to a page number and a size."""

        def answer(request: Request) -> tuple[int, Any]:
            query = dict(parse_qsl(urlsplit(request.target).query))
            return 200, page(int(query["page"]), int(query["size"]) if "size" in query else None)

        self._service.others = answer

    def queries(self) -> list[dict[str, str]]:
        return [dict(parse_qsl(urlsplit(request.target).query)) for _, request in self._service.seen]

    def pages(self) -> list[int]:
        return [int(query["page"]) for query in self.queries()]

    def ids(self, **arguments: Any) -> list[int]:
        tasks = gravscale.paginate(self.task_api.list_tasks, client_id=7, **arguments)
        return [int(one.id.removeprefix("task-")) for one in tasks]


@pytest.fixture
def lists() -> Iterator[Lists]:
    with recording() as service:
        configuration = gravscale.Configuration(service.url, access_token=service.issue()["accessToken"])
        with gravscale.ApiClient(configuration) as api_client:
            yield Lists(service, TaskManagerApi(api_client))


def holding(count: int, *reported: str, size: int = 3) -> GivesPage:
    """A list with this many items, whose pages report some of `pages`, `total`, `size`."""

    def page(number: int, asked: int | None) -> dict[str, Any]:
        at_once = min(asked or size, size)
        items = [task(n) for n in range(count)][(number - 1) * at_once : number * at_once]
        facts = {"pages": -(-count // at_once), "total": count, "size": at_once, "page": number}
        return {"items": items, **{name: facts[name] for name in reported}}

    return page


@pytest.mark.parametrize(
    ("reported", "asked"),
    [
        (("pages", "total", "size", "page"), [1, 2, 3]),
        (("pages",), [1, 2, 3]),
        (("total",), [1, 2, 3]),
        (("total", "size"), [1, 2, 3]),
        (("size",), [1, 2, 3]),
        ((), [1, 2, 3]),
    ],
)
def test_a_list_ends_with_its_last_page(lists: Lists, reported: tuple[str, ...], asked: list[int]) -> None:
    lists.has(holding(8, *reported))
    assert lists.ids() == list(range(8))
    assert lists.pages() == asked


@pytest.mark.parametrize(("reported", "asked"), [("pages", 3), ("total", 3), ("size", 4)])
def test_a_page_after_the_last_is_requested_only_without_totals(lists: Lists, reported: str, asked: int) -> None:
    lists.has(holding(9, reported))
    assert lists.ids() == list(range(9))
    assert len(lists.pages()) == asked


@pytest.mark.parametrize("reported", [("pages", "total", "size"), ("total",), ("size",), ()])
def test_an_empty_list_needs_one_request(lists: Lists, reported: tuple[str, ...]) -> None:
    lists.has(holding(0, *reported))
    assert lists.ids() == []
    assert lists.pages() == [1]


def test_no_page_is_fetched_before_it_is_needed(lists: Lists) -> None:
    lists.has(holding(9, "pages"))
    tasks = gravscale.paginate(lists.task_api.list_tasks, client_id=7)
    assert lists.pages() == []
    for asked in ([1], [1], [1], [1, 2]):
        next(tasks)
        assert len(lists.pages()) - len(asked) in (0, 1)
        assert lists.pages()[: len(asked)] == asked


@pytest.mark.parametrize("reported", [("size",), (), ("total", "size")])
def test_pages_smaller_than_requested_lose_no_items(lists: Lists, reported: tuple[str, ...]) -> None:
    lists.has(holding(8, *reported))
    if not reported:
        # Then only a short page shows the end.
        assert lists.ids(size=3) == list(range(8))
    else:
        assert lists.ids(size=100) == list(range(8))


@pytest.mark.parametrize("reported", ["pages", "total", "size"])
def test_a_list_may_start_from_a_later_page(lists: Lists, reported: str) -> None:
    lists.has(holding(8, reported))
    assert lists.ids(page=2, size=3) == [3, 4, 5, 6, 7]
    assert lists.pages() == [2, 3]


def test_a_positional_page_argument_sets_the_first_page(lists: Lists) -> None:
    lists.has(holding(8, "pages"))
    tasks = gravscale.paginate(lists.task_api.list_tasks, 7, None, None, None, None, 2, 3)
    assert len(list(tasks)) == 5
    assert lists.pages() == [2, 3]


@pytest.mark.parametrize("reported", [("pages",), ("total", "size"), ("total",), ("pages", "total", "size", "page")])
@pytest.mark.parametrize("empty", [{2}, {1}, {1, 2, 3}, {2, 3, 4}], ids=str)
def test_an_empty_page_does_not_end_a_list_that_has_more(
    lists: Lists, reported: tuple[str, ...], empty: set[int]
) -> None:
    whole = holding(14, *reported)
    lists.has(lambda number, size: {**whole(number, size), **({"items": []} if number in empty else {})})
    assert lists.ids(size=3) == [n for n in range(14) if n // 3 + 1 not in empty]


def test_a_list_may_start_among_empty_pages(lists: Lists) -> None:
    lists.has(lambda number, size: {"items": [task(7)] if number == 4 else [], "total": 2})
    assert lists.ids(page=3) == [7]


def test_any_number_of_pages_may_be_empty_as_long_as_others_are_not(lists: Lists) -> None:
    lists.has(lambda number, _: {"items": [task(number)] if number % 2 else [], "pages": 79})
    assert lists.ids() == list(range(1, 80, 2))


@pytest.mark.parametrize("reported", [("pages",), ("total", "size")])
def test_an_empty_last_page_is_the_end(lists: Lists, reported: tuple[str, ...]) -> None:
    whole = holding(8, *reported)
    lists.has(lambda number, size: {**whole(number, size), **({"items": []} if number >= 3 else {})})
    assert lists.ids(size=3) == list(range(6))
    assert lists.pages() == [1, 2, 3]


def test_a_list_that_shrinks_ends_at_its_new_end(lists: Lists) -> None:
    before, after = holding(8, "pages", "total", "size"), holding(3, "pages", "total", "size")
    lists.has(lambda number, size: (before if number == 1 else after)(number, size))
    assert lists.ids(size=3) == [0, 1, 2]
    assert lists.pages() == [1, 2]


@pytest.mark.parametrize("facts", [{"pages": 10**9}, {"total": 10**9, "size": 3}])
def test_endless_empty_pages_are_an_error_that_says_how_to_continue(lists: Lists, facts: dict[str, int]) -> None:
    lists.has(lambda number, _: {"items": [task(0)] if number == 1 else [], **facts})
    tasks = gravscale.paginate(lists.task_api.list_tasks, client_id=7)
    assert next(tasks).id == "task-0"
    with pytest.raises(gravscale.ApiResponseError) as caught:
        next(tasks)
    assert str(caught.value) == (
        "list_tasks: page 33 is empty, like the 31 before it, although the service says that there are more; "
        "to continue, start with page=34"
    )
    assert len(lists.pages()) == 33


def test_pages_have_the_contracts_maximum_size(lists: Lists) -> None:
    lists.has(holding(250, "pages", size=1000))
    assert len(lists.ids()) == 250
    assert [query["size"] for query in lists.queries()] == ["100"] * 3


@pytest.mark.parametrize("reported", [(), ("total",), ("size",)])
def test_pages_smaller_than_the_maximum_lose_no_items(lists: Lists, reported: tuple[str, ...]) -> None:
    lists.has(holding(250, *reported, size=50))
    assert lists.ids() == list(range(250))


def test_each_loop_over_a_list_starts_from_its_first_page(lists: Lists) -> None:
    lists.has(holding(5, "pages"))
    tasks = gravscale.paginate(lists.task_api.list_tasks, client_id=7)
    assert [len(list(tasks)), len(list(tasks))] == [5, 5]
    assert lists.pages() == [1, 2, 1, 2]


def test_after_next_a_loop_continues(lists: Lists) -> None:
    lists.has(holding(5, "pages"))
    tasks = gravscale.paginate(lists.task_api.list_tasks, client_id=7)
    assert [next(tasks).id, next(tasks).id] == ["task-0", "task-1"]
    assert [each.id for each in tasks] == ["task-2", "task-3", "task-4"]
    assert next(tasks, None) is None
    assert lists.pages() == [1, 2]


def test_whole_pages_are_what_the_operation_returns(lists: Lists) -> None:
    lists.has(holding(5, "pages", "page"))
    pages = list(gravscale.paginate(lists.task_api.list_tasks, client_id=7).pages())
    assert [(type(page), len(page.items)) for page in pages] == [
        (PageTaskTreeSchema, 3),
        (PageTaskTreeSchema, 2),
    ]


def test_the_total_needs_one_request_which_the_next_loop_uses(lists: Lists) -> None:
    lists.has(holding(5, "pages", "total"))
    tasks = gravscale.paginate(lists.task_api.list_tasks, client_id=7)
    assert lists.pages() == []
    assert [tasks.total, tasks.total] == [5, 5]
    assert lists.pages() == [1]
    assert len(list(tasks)) == 5
    assert lists.pages() == [1, 2]
    assert tasks.total == 5
    assert lists.pages() == [1, 2]
    assert len(list(tasks)) == 5
    assert lists.pages() == [1, 2, 1, 2]


def test_the_total_is_that_of_the_latest_page(lists: Lists) -> None:
    lists.has(holding(5, "pages", "total"))
    tasks = gravscale.paginate(lists.task_api.list_tasks, client_id=7)
    next(tasks)
    lists.has(holding(6, "pages", "total"))
    assert len(list(tasks)) == 5
    assert tasks.total == 6


def test_the_total_may_be_read_in_another_thread_while_the_first_page_is_fetched() -> None:
    def fetch(page: int = 1) -> SimpleNamespace:
        if page == 1 and threading.current_thread() is threading.main_thread():
            other = threading.Thread(target=lambda: pages.total)
            other.start()
            other.join(20)
        return SimpleNamespace(items=[f"{page}a", f"{page}b"], total=6, pages=3)

    pages = gravscale.paginate(fetch)  # type: ignore[var-annotated]
    assert list(pages) == ["1a", "1b", "2a", "2b", "3a", "3b"]


def test_without_a_reported_total_it_is_none(lists: Lists) -> None:
    lists.has(holding(5, "pages"))
    tasks = gravscale.paginate(lists.task_api.list_tasks, client_id=7)
    assert [tasks.total, tasks.total] == [None, None]
    assert lists.pages() == [1]


def test_the_repr_of_a_list_names_only_its_operation(lists: Lists) -> None:
    tasks = gravscale.paginate(lists.task_api.list_tasks, 7, _headers={"X-Secret": "hunter2hunter2"})
    assert repr(tasks) == "<Pages of list_tasks>"
    assert str(vars(tasks)).count("hunter2") == 0


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"size": 3},
        {"total": 10**9, "size": 3},
        {"pages": 10**9},
        {"pages": 10**9, "total": 10**10, "size": 3, "page": 1},
    ],
)
def test_a_service_that_repeats_a_page_ends_the_list(lists: Lists, facts: dict[str, int]) -> None:
    lists.has(lambda _, __: {"items": [task(n) for n in range(3)], **facts})
    assert set(lists.ids()) == {0, 1, 2}
    assert len(lists.pages()) <= 3


@pytest.mark.parametrize("facts", [{"size": 1}, {"pages": 10**9}])
def test_a_service_that_cycles_through_pages_ends_the_list(lists: Lists, facts: dict[str, int]) -> None:
    lists.has(lambda number, _: {"items": [task(number % 3)], **facts})
    assert set(lists.ids()) == {0, 1, 2}
    assert len(lists.pages()) <= 5


def test_a_service_that_always_promises_one_more_page_ends_the_list(lists: Lists) -> None:
    lists.has(lambda number, _: {"items": [task(0)], "pages": number + 1})
    assert set(lists.ids()) == {0}
    assert len(lists.pages()) <= 3


def test_a_list_that_grows_by_a_page_loses_no_items(lists: Lists) -> None:
    newest = {1: [3, 4, 5], 2: [3, 4, 5], 3: [6, 7, 8]}
    lists.has(lambda number, _: {"items": [task(n) for n in newest[number]], "pages": 3})
    assert set(lists.ids()) == {3, 4, 5, 6, 7, 8}


@pytest.mark.parametrize("reported", ["pages", "total"])
def test_all_pages_that_the_first_promised_are_fetched_if_items_move(lists: Lists, reported: str) -> None:
    # Eight items, three per page. One page was inserted in front, so the last promised page repeats the one before.
    newest = {1: [0, 1, 2], 2: [3, 4, 5], 3: [3, 4, 5]}
    facts = {"pages": 3} if reported == "pages" else {"total": 8, "size": 3}
    lists.has(lambda number, _: {"items": [task(n) for n in newest[number]], **facts})
    assert lists.ids() == [0, 1, 2, 3, 4, 5, 3, 4, 5]


def test_one_promised_page_may_repeat_but_none_after_them(lists: Lists, caplog: pytest.LogCaptureFixture) -> None:
    shown = {1: 0, 2: 1, 3: 1, 4: 2, 5: 2, 6: 2}
    lists.has(lambda number, _: {"items": [task(shown[number])], "pages": 6})
    assert lists.ids() == [0, 1, 1, 2, 2]
    assert caplog.messages == ["list_tasks: page 6 repeats an earlier page; the list ends here"]
    caplog.clear()
    # It promises more with each page. Only those that the first page promised may repeat a page.
    lists.has(lambda number, _: {"items": [task(number % 2)], "pages": 2 if number == 1 else 10**9})
    assert lists.ids() == [1, 0]
    assert caplog.messages == ["list_tasks: page 3 repeats an earlier page; the list ends here"]
    lists.has(lambda number, _: {"items": [task(number % 2)]})
    assert lists.ids() == [1, 0]


def test_a_list_one_item_longer_than_its_pages_is_complete(lists: Lists) -> None:
    lists.has(holding(7, "total"))
    assert lists.ids() == list(range(7))


def test_without_totals_a_short_page_is_the_last(lists: Lists) -> None:
    lists.has(holding(8, size=10))
    assert lists.ids(size=10) == list(range(8))
    assert lists.pages() == [1]


def test_the_operations_own_arguments_and_options_go_with_each_page(lists: Lists) -> None:
    lists.has(holding(5, "pages"))
    assert len(lists.ids(size=3, status="completed", _headers={"X-Mine": "1"})) == 5
    assert [(query["status"], query["size"], query["client_id"]) for query in lists.queries()] == [
        ("completed", "3", "7")
    ] * 2
    assert all(request.headers["x-mine"] == "1" for _, request in lists._service.seen)


def test_the_timeout_applies_to_each_page(lists: Lists) -> None:
    lists.has(holding(5, "pages"))
    tasks = gravscale.paginate(lists.task_api.list_tasks, client_id=7, _request_timeout=0.2)
    for _ in range(3):
        next(tasks)
    lists.has(lambda _, __: {"items": [], "late": lists._service.server.over.wait(1)})
    with pytest.raises(gravscale.ApiTimeoutError, match=r"after 0\.2 s"):
        next(tasks)


@pytest.mark.parametrize(
    "arguments", [{"client_id": "seven"}, {"client_id": 7, "size": 101}, {"client_id": 7, "page": 0}]
)
def test_wrong_arguments_raise_the_operations_error(lists: Lists, arguments: dict[str, Any]) -> None:
    with pytest.raises((gravscale.ApiTypeError, gravscale.ApiValueError)) as paged:
        next(gravscale.paginate(lists.task_api.list_tasks, **arguments))
    with pytest.raises(type(paged.value)) as direct:
        lists.task_api.list_tasks(**arguments)
    assert str(paged.value) == str(direct.value)
    assert lists.pages() == []


def test_a_missing_argument_is_refused_at_once(lists: Lists) -> None:
    operation: Any = lists.task_api.list_tasks
    with pytest.raises(gravscale.ApiTypeError, match="client_id"):
        gravscale.paginate(operation)


def test_passing_a_page_instead_of_the_operation_is_explained() -> None:
    page: Any = PageTaskTreeSchema(items=[], total=0, page=1, size=50)
    with pytest.raises(gravscale.ApiTypeError) as caught:
        gravscale.paginate(page)
    message = "operation: expected a method, such as task_api.list_tasks without (), got PageTaskTreeSchema"
    assert str(caught.value) == message


def test_a_wrong_operation_is_named_by_its_type_because_it_may_hold_secrets(lists: Lists) -> None:
    secret = {"in": "header", "key": "Authorization", "value": "Bearer hunter2hunter2"}
    operation: Any = functools.partial(lists.task_api.get_task, _request_auth=secret)
    with pytest.raises(gravscale.ApiTypeError) as caught:
        gravscale.paginate(operation)
    assert str(caught.value) == "operation: expected one that returns pages, such as list_tasks, got partial"


@pytest.mark.parametrize("name", ["get_task", "list_tasks_with_http_info", "list_tasks_without_preload_content"])
def test_an_operation_without_pages_is_refused_before_anything_is_sent(lists: Lists, name: str) -> None:
    operation: Any = getattr(lists.task_api, name)
    with pytest.raises(gravscale.ApiTypeError, match=f"expected one that returns pages, .*, got {name}$"):
        gravscale.paginate(operation, client_id=7)
    assert lists.queries() == []


@pytest.mark.parametrize("operation", [None, "list_tasks", 7])
def test_an_object_that_is_not_an_operation_is_refused(operation: Any) -> None:
    with pytest.raises(gravscale.ApiTypeError, match="operation"):
        gravscale.paginate(operation)


def test_your_own_function_may_return_the_pages() -> None:
    class Letters:
        def __init__(self, items: list[str]) -> None:
            self.items = items

    def letters(page: int | None = None) -> Letters:
        return Letters(["a", "b"] if page == 1 else ["c"])

    assert list(gravscale.paginate(letters)) == ["a", "b", "c"]


def test_pages_that_differ_only_in_secrets_are_different() -> None:
    def pages(page: int = 1) -> Any:
        given = LoginSchema(email="ada@example.com", password=f"a password for page {page}")
        return SimpleNamespace(items=[given], pages=3)

    assert [each.password for each in gravscale.paginate(pages)] == [f"a password for page {n}" for n in (1, 2, 3)]


def test_models_without_json_are_distinguished_too() -> None:
    def pages(page: int = 1) -> Any:
        return SimpleNamespace(items=[LoginSchema(email="\ud800", password=str(page))], pages=2)

    assert len(list(gravscale.paginate(pages))) == 2


class Configuration(BaseModel):
    """A class of the user's, with the name of one of the SDK's."""


def test_annotations_of_your_own_function_mean_the_names_of_its_module() -> None:
    def pages(page: int = 1) -> Configuration:
        return Configuration()

    with pytest.raises(gravscale.ApiTypeError, match="expected one that returns pages"):
        gravscale.paginate(pages)


class Odd:
    """An item whose repr can't be encoded."""

    def __repr__(self) -> str:
        return "\ud800"


def test_items_may_have_any_type() -> None:
    odd = Odd()

    def pages(page: int = 1) -> SimpleNamespace:
        return SimpleNamespace(items=[odd] if page == 1 else [])

    assert list(gravscale.paginate(pages)) == [odd]


@pytest.mark.parametrize("answer", [SimpleNamespace(), {"items": [1]}, None, SimpleNamespace(items=None)])
def test_an_answer_that_is_not_a_page_is_refused(answer: Any) -> None:
    class Ask:
        def __call__(self, page: int = 1) -> Any:
            return answer

        def __repr__(self) -> str:
            return "Ask()"

    complaint = rf"operation: expected one that returns pages, but Ask returned {type(answer).__name__}$"
    with pytest.raises(gravscale.ApiTypeError, match=complaint):
        next(gravscale.paginate(Ask()))


def test_a_callable_without_a_page_argument_is_refused_by_name() -> None:
    class Ask:
        def __call__(self) -> list[int]:
            return []

        def __repr__(self) -> str:
            return "Ask()"

    operation: Any = Ask()
    with pytest.raises(gravscale.ApiTypeError, match=r"returns pages, such as list_tasks, got Ask$"):
        gravscale.paginate(operation)


class Page(Generic[T]):
    def __init__(self, items: list[T]) -> None:
        self.items = items


@pytest.mark.parametrize("answer", [Page[int], "Page[int]", "Unknown", Page, Any, None], ids=str)
def test_a_page_may_be_annotated_in_any_way_or_not_at_all(answer: Any) -> None:
    def pages(page: int = 1) -> Any:
        return Page([page] if page < 3 else [])

    pages.__annotations__["return"] = answer
    if answer is None:
        del pages.__annotations__["return"]
    assert list(gravscale.paginate(pages)) == [1, 2]


def test_an_error_is_raised_when_its_page_is_reached(lists: Lists) -> None:
    lists.has(holding(9, "pages"))
    tasks = gravscale.paginate(lists.task_api.list_tasks, client_id=7)
    first = [next(tasks) for _ in range(3)]
    lists._service.others = lambda _: (404, {"detail": "gone"})
    with pytest.raises(gravscale.NotFoundException, match="gone"):
        next(tasks)
    assert len(first) == 3


def test_an_error_of_a_page_shows_none_of_the_sdks_frames(lists: Lists) -> None:
    lists.has(lambda number, _: {"items": [task(number)], "pages": 2} if number == 1 else {"items": None})
    headers = {"X-Api-Key": "a-token-that-must-not-show"}
    items = gravscale.paginate(lists.task_api.list_tasks, client_id=7, _headers=headers)
    del headers
    next(items)
    with pytest.raises(gravscale.ApiResponseError) as caught:
        next(items)
    frames = [entry.frame for entry in caught.traceback]
    assert not any("a-token-that-must-not-show" in repr(dict(frame.f_locals)) for frame in frames[1:])
