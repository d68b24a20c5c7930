"""Start and stop a sandbox inside other programs."""

from __future__ import annotations

import asyncio
import gc
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
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
    """The serving threads. They include those of sandboxes that other tests share."""
    return {thread for thread in threading.enumerate() if thread.name == "gravscale-sandbox"}


def test_it_answers_within_the_block_and_not_after_it() -> None:
    before = serving_threads()
    with Sandbox() as sandbox:
        assert answers(sandbox)
        assert len(serving_threads() - before) == 1
    with pytest.raises(urllib3.exceptions.HTTPError):
        answers(sandbox)
    assert serving_threads() == before


def test_two_sandboxes_share_nothing() -> None:
    with Sandbox() as one, Sandbox() as other:
        assert one.url != other.url
        for sandbox in (one, other):
            with gravscale.ApiClient(gravscale.Configuration(host=sandbox.url)) as api_client:
                gravscale.AuthenticationApi(api_client).sign_up({"email": "a@b.co", "password": "p"})


def test_by_default_only_this_machine_can_reach_it() -> None:
    with Sandbox() as sandbox:
        assert not sandbox.is_public
        assert sandbox.url.startswith("http://127.0.0.1:")


@pytest.mark.parametrize(
    ("host", "own"),
    [("0.0.0.0", "127.0.0.1"), ("::", "[::1]"), ("192.0.2.1", "192.0.2.1"), ("box.example", "box.example")],
)
def test_it_warns_if_other_machines_can_reach_it(host: str, own: str) -> None:
    with pytest.warns(gravscale.InsecureTransportWarning, match="other machines") as warned:
        sandbox = Sandbox(host, 8000)
    assert warned[0].filename == __file__
    assert sandbox.is_public
    # The address by which this machine reaches it: nothing is called 0.0.0.0.
    assert sandbox.url == f"http://{own}:8000"


def test_a_sandbox_on_every_address_is_reached_by_its_url() -> None:
    with pytest.warns(gravscale.InsecureTransportWarning), Sandbox("0.0.0.0") as sandbox:
        assert answers(sandbox)


def test_starting_and_stopping_twice_does_no_harm() -> None:
    sandbox = Sandbox()
    assert sandbox.start() is sandbox.start()
    sandbox.stop()
    sandbox.stop()


def test_several_threads_start_it_only_once() -> None:
    before = serving_threads()
    sandbox = Sandbox()
    barrier = threading.Barrier(8)

    def start() -> str:
        barrier.wait(20)
        return sandbox.start().url

    with ThreadPoolExecutor(8) as pool:
        urls = {each.result() for each in [pool.submit(start) for _ in range(8)]}
    assert len(serving_threads() - before) == 1
    assert urls == {sandbox.url}
    sandbox.stop()
    assert serving_threads() == before


def test_it_starts_in_a_running_event_loop_as_in_a_notebook() -> None:
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
        # A busy machine can't be expected to be faster.
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


def test_an_idle_connection_does_not_delay_stopping() -> None:
    sandbox = Sandbox().start()
    with socket.create_connection(("127.0.0.1", sandbox.port)) as idle:
        idle.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: sandbox\r\n\r\n")
        assert idle.recv(12) == b"HTTP/1.1 200"
        begun = time.monotonic()
        sandbox.stop()
        assert time.monotonic() - begun < 5


def test_a_call_in_progress_gets_a_503_when_the_sandbox_stops() -> None:
    program = r"""
import socket, threading
from gravscale.sandbox import Sandbox

class Slow(Sandbox):
    was_asked = threading.Event()

    @property
    def latency(self):
        self.was_asked.set()
        return 3600

    @latency.setter
    def latency(self, value):
        pass

def status(lines):
    return lines.readline().decode().strip()

for sandbox in (Sandbox().start(), Slow().start()):
    with socket.create_connection(("127.0.0.1", sandbox.port)) as connection, connection.makefile("rb") as lines:
        connection.sendall(b"POST /api/auth/sign-in HTTP/1.1\r\nHost: sandbox\r\nContent-Length: 9\r\n")
        connection.sendall(b"Expect: 100-continue\r\n\r\n")
        if isinstance(sandbox, Slow):
            assert sandbox.was_asked.wait(20)
        else:
            # It waits for the body, which never comes.
            assert (status(lines), status(lines)) == ("HTTP/1.1 100 Continue", "")
        sandbox.stop()
        print(status(lines))
"""
    run = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", program], capture_output=True, text=True, check=False
    )
    assert (run.stdout, run.stderr) == ("HTTP/1.1 503 Service Unavailable\n" * 2, "")


def test_responses_are_sent_without_waiting_for_more() -> None:
    with Sandbox() as sandbox, socket.create_connection(("127.0.0.1", sandbox.port)) as client:
        client.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: sandbox\r\n\r\n")
        assert client.recv(12) == b"HTTP/1.1 200"
        here = client.getsockname()
        # The server's end of the connection, which no public name leads to.
        sockets = [each for each in gc.get_objects() if isinstance(each, socket.socket)]
        delays = [each.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) for each in sockets if peer(each) == here]
        assert len(delays) == 1
        assert delays[0] != 0


def peer(connection: socket.socket) -> object:
    try:
        return connection.getpeername()
    except OSError:
        return None


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit of open files to lower")
def test_a_server_that_fails_to_start_says_why() -> None:
    program = """
import os, resource
from gravscale.sandbox import Sandbox

sandbox = Sandbox()
# So that all modules are loaded.
sandbox.start().stop()
# The listener gets a descriptor, and the event loop wants three more.
lowest_free = os.dup(0)
os.close(lowest_free)
soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (lowest_free + 1, hard))
try:
    sandbox.start()
except OSError as error:
    print(error)
resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
with sandbox:
    print("started")
"""
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert run.stdout == "the sandbox did not start: [Errno 24] Too many open files\nstarted\n", run.stderr


def test_a_taken_port_is_an_os_error() -> None:
    with (
        Sandbox() as sandbox,
        pytest.raises(OSError, match=r"^\S+ \d+\] port: .*(in use|one usage).* 0 for a free one"),
    ):
        Sandbox(port=sandbox.port).start()


@pytest.mark.filterwarnings("ignore::gravscale.InsecureTransportWarning")
@pytest.mark.parametrize("host", ["203.0.113.9", "256.0.0.1"])
def test_a_host_of_another_machine_is_an_os_error(host: str) -> None:
    with pytest.raises(OSError, match=f"host: expected an address of this machine, got '{host}'"):
        Sandbox(host).start()


def test_programs_reach_it_despite_a_proxy_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "example.com")
    monkeypatch.delenv("no_proxy", raising=False)
    login = {"email": "a@b.co", "password": "p"}
    for number, host in enumerate(("127.0.0.1", "localhost", "::1")):
        with Sandbox(host) as sandbox, gravscale.ApiClient(gravscale.Configuration(host=sandbox.url)) as api_client:
            assert gravscale.AuthenticationApi(api_client).sign_up(login).email == "a@b.co", number
    # A proxy that the program itself sets is used: it may be there to inspect the requests.
    for settings in ({"proxy": "http://127.0.0.1:9"}, {"no_proxy": ""}):
        with (
            Sandbox() as sandbox,
            gravscale.ApiClient(gravscale.Configuration(host=sandbox.url, retries=0, **settings)) as api_client,
            pytest.raises(gravscale.ApiConnectionError, match="the proxy failed"),
        ):
            gravscale.AuthenticationApi(api_client).sign_up(login)


def test_a_database_that_cannot_be_opened_is_an_os_error_and_frees_the_port(tmp_path: Path) -> None:
    sandbox = Sandbox(database=tmp_path / "missing" / "state.db")
    for _ in range(2):
        with pytest.raises(OSError, match=r"database: .*state\.db"):
            sandbox.start()
    (tmp_path / "missing").mkdir()
    with sandbox:
        assert answers(sandbox)


@pytest.mark.parametrize("name", ["a?b.db", "a%20b.db", "a#b.db"])
def test_a_database_has_the_given_name(tmp_path: Path, name: str) -> None:
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


@pytest.mark.parametrize("name", ["token_ttl", "task_duration", "latency", "failure_rate"])
def test_settings_changed_while_it_runs_are_checked_too(name: str) -> None:
    with Sandbox() as sandbox:
        for value in ("1", -1, 1e300):
            with pytest.raises((gravscale.ApiTypeError, gravscale.ApiValueError), match=f"^{name}: "):
                setattr(sandbox, name, value)
        setattr(sandbox, name, 0.5)
        assert getattr(sandbox, name) == 0.5
        assert answers(sandbox) or name == "failure_rate"


def test_settings_that_cannot_change_are_read_only() -> None:
    sandbox: Any = Sandbox()
    for name in ("host", "port", "database", "url"):
        with pytest.raises(AttributeError):
            setattr(sandbox, name, getattr(sandbox, name))


def test_it_leaves_nothing_open() -> None:
    program = "from gravscale.sandbox import Sandbox\nwith Sandbox() as s: pass\nprint(repr(s))"
    run = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", program], capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.startswith("<Sandbox http://127.0.0.1:")
