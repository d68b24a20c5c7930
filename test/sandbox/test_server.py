"""Starting and stopping a sandbox inside other programs."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
import urllib3

import gravscale
from gravscale.sandbox import Sandbox


def answers(sandbox: Sandbox) -> bool:
    with urllib3.PoolManager(retries=False) as pool:
        return pool.request("GET", f"{sandbox.url}/openapi.json", timeout=5).status == 200


def serving_threads() -> set[threading.Thread]:
    """The threads that serve; those of sandboxes that other tests share are among them."""
    return {thread for thread in threading.enumerate() if thread.name == "gravscale-sandbox"}


def test_it_answers_within_the_block_and_not_after_it() -> None:
    before = serving_threads()
    with Sandbox() as sandbox:
        assert answers(sandbox)
        assert len(serving_threads() - before) == 1
    with pytest.raises(urllib3.exceptions.HTTPError):
        answers(sandbox)
    assert serving_threads() == before


def test_two_of_them_know_nothing_of_each_other() -> None:
    with Sandbox() as one, Sandbox() as other:
        assert one.url != other.url
        for sandbox in (one, other):
            with gravscale.ApiClient(gravscale.Configuration(host=sandbox.url)) as api_client:
                gravscale.AuthenticationApi(api_client).sign_up({"email": "a@b.co", "password": "p"})


def test_it_listens_to_this_machine_alone_unless_told_otherwise() -> None:
    assert not Sandbox().is_public
    assert Sandbox(host="0.0.0.0").is_public
    with Sandbox() as sandbox:
        assert sandbox.url.startswith("http://127.0.0.1:")


def test_starting_and_stopping_twice_does_no_harm() -> None:
    sandbox = Sandbox()
    assert sandbox.start() is sandbox.start()
    sandbox.stop()
    sandbox.stop()


def test_it_starts_where_an_event_loop_runs_already_as_in_a_notebook() -> None:
    async def cell() -> bool:
        with Sandbox() as sandbox:
            return await asyncio.to_thread(answers, sandbox)

    assert asyncio.run(cell())


def test_it_starts_in_another_thread() -> None:
    seen: list[bool] = []

    def work() -> None:
        with Sandbox() as sandbox:
            seen.append(answers(sandbox))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [True]


def test_it_starts_within_two_seconds() -> None:
    begun = time.monotonic()
    with Sandbox():
        # Of a machine that does other things as well, no more can be asked.
        assert time.monotonic() - begun < 10


def test_a_port_is_free_again_once_it_has_stopped() -> None:
    with Sandbox() as sandbox:
        assert answers(sandbox)
    with Sandbox(port=sandbox.port) as again:
        assert again.url == sandbox.url
        assert answers(again)


def test_it_can_be_started_again() -> None:
    sandbox = Sandbox()
    for _ in range(2):
        with sandbox:
            assert answers(sandbox)


def test_it_stops_when_its_block_fails() -> None:
    before = serving_threads()
    with pytest.raises(KeyError), Sandbox():
        raise KeyError
    assert serving_threads() == before


def test_it_stops_from_another_thread() -> None:
    sandbox = Sandbox().start()
    stopping = threading.Thread(target=sandbox.stop)
    stopping.start()
    sandbox.wait()
    stopping.join()
    with pytest.raises(urllib3.exceptions.HTTPError):
        answers(sandbox)


def test_an_idle_connection_does_not_hold_up_the_end() -> None:
    sandbox = Sandbox().start()
    with socket.create_connection(("127.0.0.1", sandbox.port)) as idle:
        idle.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: sandbox\r\n\r\n")
        assert idle.recv(12) == b"HTTP/1.1 200"
        begun = time.monotonic()
        sandbox.stop()
        assert time.monotonic() - begun < 5


def test_a_taken_port_is_an_os_error() -> None:
    with Sandbox() as sandbox, pytest.raises(OSError, match=r"in use|one usage"):
        Sandbox(port=sandbox.port).start()


def test_a_database_that_cannot_be_opened_is_an_os_error_and_frees_the_port(tmp_path: Path) -> None:
    sandbox = Sandbox(database=tmp_path / "missing" / "state.db")
    for _ in range(2):
        with pytest.raises(OSError, match=r"database: .*state\.db"):
            sandbox.start()
    (tmp_path / "missing").mkdir()
    with sandbox:
        assert answers(sandbox)


@pytest.mark.parametrize("name", ["a?b.db", "a%20b.db", "a#b.db"])
def test_a_database_has_the_name_that_was_given(tmp_path: Path, name: str) -> None:
    if sys.platform == "win32" and "?" in name:
        pytest.skip("no file of Windows has such a name")
    with Sandbox(database=tmp_path / name) as sandbox:
        assert answers(sandbox)
    assert [file.name for file in tmp_path.iterdir()] == [name]


def test_a_database_of_an_impossible_name_is_an_os_error() -> None:
    with pytest.raises(OSError, match=r"database: .* can't be opened"):
        Sandbox(database="a\0").start()


@pytest.mark.parametrize(
    ("argument", "error"),
    [
        ({"token_ttl": -1}, gravscale.ApiValueError),
        ({"token_ttl": None}, gravscale.ApiTypeError),
        ({"latency": "1"}, gravscale.ApiTypeError),
        ({"latency": True}, gravscale.ApiTypeError),
        ({"latency": float("nan")}, gravscale.ApiValueError),
        ({"failure_rate": -0.1}, gravscale.ApiValueError),
        ({"port": "80"}, gravscale.ApiTypeError),
        ({"port": 70_000}, gravscale.ApiValueError),
        ({"port": -1}, gravscale.ApiValueError),
        ({"host": None}, gravscale.ApiTypeError),
        ({"host": ""}, gravscale.ApiValueError),
        ({"database": 1}, gravscale.ApiTypeError),
        ({"failure_rate": 1.5}, gravscale.ApiValueError),
        ({"token_ttl": 1e300}, gravscale.ApiValueError),
        ({"task_duration": float("inf")}, gravscale.ApiValueError),
    ],
)
def test_a_bad_argument_is_named(argument: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error, match=next(iter(argument))):
        Sandbox(**argument)


def test_it_leaves_nothing_open_behind() -> None:
    program = "from gravscale.sandbox import Sandbox\nwith Sandbox() as s: pass\nprint(repr(s))"
    run = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", program], capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.startswith("<Sandbox http://127.0.0.1:")
