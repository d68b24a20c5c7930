"""A program that reads lists and waits for tasks. Like program.py, it is not run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from typing_extensions import assert_type

import gravscale
from gravscale.pagination import Page


@dataclass
class Letters:
    """A user's own page class."""

    items: list[str]
    total: int | None = None


def letters(alphabet: str, page: int = 1) -> Letters:
    return Letters(list(alphabet[page - 1 :]))


def first(names: Iterator[str]) -> str:
    return next(names)


def lists(api_client: gravscale.ApiClient) -> None:
    network_api, task_api = gravscale.NetworkApi(api_client), gravscale.TaskManagerApi(api_client)
    tasks = gravscale.paginate(task_api.list_tasks, client_id=7, status="failed", _request_timeout=(1, 2))
    assert_type(tasks, gravscale.Pages[gravscale.TaskTreeSchema])
    assert_type(next(tasks), gravscale.TaskTreeSchema)
    assert_type(list(tasks), list[gravscale.TaskTreeSchema])
    assert_type(tasks.total, int | None)
    assert_type(tasks.parallel(), gravscale.Pages[gravscale.TaskTreeSchema])
    assert_type(tasks.parallel(workers=8).total, int | None)
    for page in tasks.pages():
        assert_type(page, Page[gravscale.TaskTreeSchema])
        assert_type(page.items[0], gravscale.TaskTreeSchema)
    for address in gravscale.paginate(network_api.list_all_public_ips, 7, "vpc-main").parallel(4):
        assert_type(address, gravscale.PublicIpSchema)
    assert_type(gravscale.paginate(letters, "abc"), gravscale.Pages[str])
    # A function that takes any iterable or any iterator accepts a list too.
    own: Iterable[str] = gravscale.paginate(letters, "abc")
    assert_type(first(gravscale.paginate(letters, "abc")), str)
    assert_type(list(own), list[str])

    tasks.parallel("4")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    tasks.total = 3  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
    gravscale.paginate(letters)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    gravscale.paginate(letters, 7)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    gravscale.paginate(task_api.list_tasks_with_http_info, 7)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def tasks(api_client: gravscale.ApiClient, running: list[gravscale.TaskTreeSchema]) -> None:
    ended = gravscale.wait_for_tasks(
        api_client, running, 7, timeout=600, poll_interval=0.5, progress=print, poll=lambda looks: 2.0**looks
    )
    assert_type(ended, Iterator[gravscale.TaskTreeSchema])
    for task in ended:
        status: gravscale.TaskStatus = task.status
        assert_type(status, str)
    ids: list[str] = ["t-1", "t-2"]
    gravscale.wait_for_tasks(api_client, ids, 7, progress=True)
    gravscale.wait_for_tasks(api_client, gravscale.paginate(gravscale.TaskManagerApi(api_client).list_tasks, 7))
    assert_type(gravscale.wait_for_task(api_client, "t-1", 7, poll=lambda _: 1), gravscale.TaskTreeSchema)

    gravscale.wait_for_tasks(api_client, running[0])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    gravscale.wait_for_tasks(api_client, [7], 7)  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    gravscale.wait_for_task(api_client, "t-1", 7, poll=2.0)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    gravscale.wait_for_task(api_client, "t-1", 7, poll=lambda: 2.0)  # type: ignore[arg-type, misc]  # pyright: ignore[reportArgumentType]
