"""The memory that an answer takes is limited, even if a short text would become large objects."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from example_service import AuthenticationApi, TaskManagerApi
from misbehaving import INFO, TASK, answer, serving

import gravscale

READ = """
import sys
import gravscale
import example_service
example_service.stand_in()

def peak():
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM:")) // 1024

configuration = gravscale.Configuration(host=sys.argv[1], access_token="token")
with gravscale.ApiClient(configuration) as client:
    tasks = example_service.TaskManagerApi(client)
    tasks.list_tasks(1)
    before = peak()
    try:
        tasks.list_tasks(1)
        read = "read"
    except gravscale.ApiResponseError:
        read = "refused"
print(read, peak() - before)
"""
EMPTY = b'{"items": []}'
DENSEST = {**TASK, "createdAt": "2026-01-31", "updatedAt": "2026-01-31", "id": "", "status": ""}


def items(item: bytes, count: int) -> bytes:
    return b'{"items": [' + b",".join([item] * count) + b"]}"


def tasks_of(values: int) -> bytes:
    return items(json.dumps(DENSEST, separators=(",", ":")).encode(), values // (len(DENSEST) + 1))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process how much memory it had at most")
@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        pytest.param(items(b'{"":0}', 8_000_000), "refused", id="56 MB of small objects"),
        pytest.param(items(b"[]", 20_000_000), "refused", id="60 MB of empty lists"),
        pytest.param(items(b"1", 30_000_000), "refused", id="60 MB of digits"),
        pytest.param(tasks_of(6_000_000), "refused", id="60 MB of tasks"),
        pytest.param(tasks_of(1_000_000), "read", id="as many tasks as are taken"),
    ],
)
def test_no_answer_takes_more_than_400_bytes_for_each_of_a_million_values(body: bytes, outcome: str) -> None:
    with serving(answer(EMPTY), answer(body)) as server:
        run = subprocess.run(
            [sys.executable, "-c", READ, server.url], capture_output=True, text=True, timeout=60, check=False
        )
    assert run.stderr == ""
    read, megabytes = run.stdout.split()
    assert read == outcome
    # Twice the text, as received and as assembled, and the objects made from it.
    assert int(megabytes) < 2 * len(body) / 2**20 + 400


def test_an_answer_with_too_many_values_is_an_error_that_names_the_setting() -> None:
    with (
        serving(answer(items(b"{}", 600_000)), answer(INFO)) as server,
        gravscale.ApiClient(gravscale.Configuration(server.url)) as client,
    ):
        with pytest.raises(gravscale.ApiResponseError, match=r"more than 1048576 values \(see Configuration"):
            TaskManagerApi(client).list_tasks(1)
        assert AuthenticationApi(client).info().nickname == "me"


def test_a_larger_limit_allows_more_values() -> None:
    numbers = b"1," * 1_100_000 + b"1"
    with serving(answer(b'{"email": "e", "nickname": "n", "numbers": [' + numbers + b"]}")) as server:
        configuration = gravscale.Configuration(server.url, max_response_size=128 * 2**20)
        with gravscale.ApiClient(configuration) as client:
            assert AuthenticationApi(client).info().nickname == "n"
        with (
            gravscale.ApiClient(gravscale.Configuration(server.url)) as client,
            pytest.raises(gravscale.ApiResponseError, match="more than 1048576 values"),
        ):
            AuthenticationApi(client).info()
