"""One client for threads, forks, process pools and signals: no answers are mixed up, and nothing leaks."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import subprocess
import sys
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from example_service import AuthenticationApi, stand_in
from misbehaving import (
    Connection,
    Request,
    Server,
    answer,
    chunked,
    dripping,
    hang_up,
    message,
    raw,
    redirect,
    reset,
    serving,
    silence,
)

import gravscale
from gravscale import ApiClient


def ask(client: ApiClient, who: str, **options: Any) -> str:
    """Ask the server to echo a name, and return its answer."""
    return AuthenticationApi(client).info(_headers={"X-Who": who}, **options).email


def say_who(connection: Connection, request: Request) -> None:
    connection.send(message({"email": request.headers.get("x-who", ""), "nickname": ""}))


def run(program: str, server: Server) -> str:
    """Run a program in Python's development mode, with every warning an error. It must not write to stderr."""
    ran = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", program, server.url],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.stderr == ""
    assert ran.returncode == 0
    return ran.stdout


@pytest.mark.parametrize("size", [1, 64])
def test_64_threads_on_one_client_each_get_their_own_answers(size: int, connect: Any) -> None:
    names = [f"{thread} {call}" for thread in range(64) for call in range(5)]
    with serving(say_who) as server:
        client = connect(server.url, connection_pool_maxsize=size, timeout=30.0)
        with ThreadPoolExecutor(64) as threads:
            assert list(threads.map(lambda name: ask(client, name), names)) == names
        assert len(server.requests) == len(names)


def test_threads_that_start_together_share_their_connections_later(connect: Any) -> None:
    with serving(say_who) as server:
        client = connect(server.url, connection_pool_maxsize=8)
        barrier = threading.Barrier(8)

        def meet_and_ask(name: str) -> str:
            barrier.wait()
            return ask(client, name)

        with ThreadPoolExecutor(8) as threads:
            for _ in range(5):
                list(threads.map(meet_and_ask, "abcdefgh"))
        assert server.connections <= 8


def test_more_threads_than_kept_connections_cause_no_warning(connect: Any, caplog: pytest.LogCaptureFixture) -> None:
    everyone = threading.Barrier(8)

    def wait_for_all(connection: Connection, request: Request) -> None:
        everyone.wait(5)
        say_who(connection, request)

    with serving(wait_for_all) as server:
        client = connect(server.url, connection_pool_maxsize=1)
        with ThreadPoolExecutor(8) as threads:
            list(threads.map(lambda name: ask(client, name), "abcdefgh"))
    assert [record for record in caplog.records if record.levelname == "WARNING"] == []


def test_closing_a_client_does_not_disturb_other_threads(connect: Any) -> None:
    with serving(say_who) as server:
        client = connect(server.url, retries=0, timeout=30.0)
        done = threading.Event()

        def keep_closing() -> None:
            while not done.is_set():
                client.close()

        closer = threading.Thread(target=keep_closing)
        closer.start()
        try:
            names = [str(n) for n in range(200)]
            with ThreadPoolExecutor(4) as threads:
                assert list(threads.map(lambda name: ask(client, name), names)) == names
        finally:
            done.set()
            closer.join()


FORK = """
import os, sys, threading, warnings
import gravscale
import example_service
example_service.stand_in()
warnings.filterwarnings("ignore", "This process .* is multi-threaded")
client = gravscale.ApiClient(gravscale.Configuration(host=sys.argv[1], access_token="token"))

def ask():
    who = f"{os.getpid()} {threading.get_ident()}"
    assert example_service.AuthenticationApi(client).info(_headers={"X-Who": who}).email == who

def keep_asking():
    while not done.is_set():
        ask()

done = threading.Event()
ask()
threads = [threading.Thread(target=keep_asking) for _ in range(4)]
for thread in threads:
    thread.start()
children = []
for _ in range(8):
    child = os.fork()
    if child == 0:
        for _ in range(5):
            ask()
        client.close()
        os._exit(0)
    children.append(child)
assert [os.waitpid(child, 0)[1] for child in children] == [0] * 8
done.set()
for thread in threads:
    thread.join()
ask()
client.close()
print("ok")
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_forked_workers_open_their_own_connections() -> None:
    processes: dict[int, set[str]] = defaultdict(set)

    def note_and_say(connection: Connection, request: Request) -> None:
        processes[connection.number].add(request.headers["x-who"].split()[0])
        say_who(connection, request)

    with serving(note_and_say) as server:
        assert run(FORK, server) == "ok\n"
    assert {len(users) for users in processes.values()} == {1}
    assert len({user for users in processes.values() for user in users}) == 9


FORK_IN_USE = """
import os, sys, threading, warnings
import gravscale
import example_service
example_service.stand_in()
warnings.filterwarnings("ignore", "This process .* is multi-threaded")
client = gravscale.ApiClient(gravscale.Configuration(host=sys.argv[1], access_token="token"))
api = example_service.AuthenticationApi(client)
stream = api.info_without_preload_content()
reading, writing = os.pipe()
child = os.fork()
if child == 0:
    os.close(writing)
    os.read(reading, 1)
    os._exit(0)
os.close(reading)
stream.close()
assert api.info().email == "closed"
os.close(writing)
os.waitpid(child, 0)
client.close()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_worker_keeps_no_connection_of_its_parent_open() -> None:
    closed = threading.Event()

    def wait_for_the_end(connection: Connection, _: Request) -> None:
        connection.send(message(b"{", length=100))
        if connection.receive() is None:
            closed.set()

    def say_whether_closed(connection: Connection, _: Request) -> None:
        connection.send(message({"email": "closed" if closed.wait(5) else "open", "nickname": ""}))

    with serving(wait_for_the_end, say_whether_closed) as server:
        run(FORK_IN_USE, server)


@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
def test_a_client_can_be_sent_to_a_process_pool(method: str, connect: Any) -> None:
    with serving(say_who) as server:
        client = connect(server.url)
        assert ask(client, "before") == "before"
        context = multiprocessing.get_context(method)
        with ProcessPoolExecutor(2, mp_context=context, initializer=stand_in) as processes:
            assert list(processes.map(ask, [client] * 4, "abcd")) == list("abcd")
        assert ask(client, "after") == "after"


@contextmanager
def on_signal(number: int, handler: Callable[..., Any]) -> Iterator[None]:
    before = signal.signal(number, handler)
    try:
        yield
    finally:
        signal.signal(number, before)


def interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def send_signal() -> None:
    identity = threading.main_thread().ident
    assert identity is not None
    signal.pthread_kill(identity, signal.SIGUSR1)


@pytest.mark.skipif(not hasattr(signal, "SIGUSR1"), reason="no such signal here")
@pytest.mark.parametrize(
    "part",
    [b"", message()[:20], message(b"{", length=100), message(b"", 503, {"Retry-After": "5"})],
    ids=["while waiting", "in the head", "in the body", "in the pause before a retry"],
)
def test_a_client_is_usable_after_an_interrupt(part: bytes, connect: Any) -> None:
    def send_and_interrupt(connection: Connection, _: Request) -> None:
        connection.send(part)
        # The client may or may not have read that yet. Either way, it is interrupted in the middle of its call.
        connection.server.over.wait(0.05)
        send_signal()

    with on_signal(signal.SIGUSR1, interrupt), serving(send_and_interrupt, say_who) as server:
        client = connect(server.url)
        with pytest.raises(KeyboardInterrupt):
            ask(client, "interrupted")
        assert ask(client, "next") == "next"


@pytest.mark.skipif(not hasattr(signal, "SIGUSR1"), reason="no such signal here")
# A socket interrupted between being opened and being stored is closed by the garbage collector.
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_interrupt_at_any_moment_mixes_up_no_answers(connect: Any) -> None:
    armed = False
    interrupted = 0

    def interrupt_once(*_: object) -> None:
        nonlocal armed
        if armed:
            armed = False
            raise KeyboardInterrupt

    with on_signal(signal.SIGUSR1, interrupt_once), serving(say_who) as server:
        client = connect(server.url)
        for turn in range(300):
            timer = threading.Timer(random.uniform(0, 0.002), send_signal)
            timer.start()
            try:
                armed = True
                ask(client, f"interrupted {turn}")
                armed = False
            except KeyboardInterrupt:
                interrupted += 1
            timer.join()
            assert ask(client, str(turn)) == str(turn)
    assert interrupted > 0


@pytest.mark.skipif(not hasattr(signal, "SIGUSR1"), reason="no such signal here")
def test_a_signal_handler_may_use_the_client_that_it_interrupts(connect: Any) -> None:
    answers: list[str] = []

    def signal_and_say(connection: Connection, request: Request) -> None:
        connection.interrupt(signal.SIGUSR1)
        connection.server.wait_for(requests=2)
        say_who(connection, request)

    with serving(signal_and_say, say_who) as server:
        client = connect(server.url)
        with on_signal(signal.SIGUSR1, lambda *_: answers.append(ask(client, "handler"))):
            assert ask(client, "call") == "call"
    assert answers == ["handler"]


@pytest.mark.skipif(not hasattr(signal, "SIGUSR1"), reason="no such signal here")
def test_a_call_in_a_signal_handler_keeps_the_outer_timeout(connect: Any, within: Any) -> None:
    def signal_and_drip(connection: Connection, _: Request) -> None:
        send_signal()
        connection.drip(message())

    with serving(signal_and_drip, say_who) as server:
        client = connect(server.url)
        handler = on_signal(signal.SIGUSR1, lambda *_: ask(client, "handler"))
        with handler, within(0.4), pytest.raises(gravscale.ApiTimeoutError):
            ask(client, "call", _request_timeout=0.4)
        assert len(server.requests) == 2


def test_a_call_at_interpreter_exit_is_answered() -> None:
    program = """
import atexit, sys
import gravscale
import example_service
example_service.stand_in()
client = gravscale.ApiClient(gravscale.Configuration(host=sys.argv[1].replace("127.0.0.1", "localhost")))

def last_call():
    with client:
        print(example_service.AuthenticationApi(client).info().email)

atexit.register(last_call)
"""
    with serving(answer()) as server:
        assert run(program, server) == "me@example.com\n"


def test_a_call_in_a_destructor_at_interpreter_exit_is_answered() -> None:
    program = """
import sys
import gravscale
import example_service
example_service.stand_in()

class Caller:
    def __init__(self, url):
        self.client = gravscale.ApiClient(gravscale.Configuration(host=url))
        self.info, self.write = example_service.AuthenticationApi(self.client).info, sys.stdout.write
        # What is loaded on first use can't be loaded any more then.
        self.info()
        self.client.close()

    def __del__(self):
        self.write(self.info().email + "\\n")
        self.client.close()

# Until the modules themselves are taken apart: when no thread can be started any more.
keeper = Caller(sys.argv[1].replace("127.0.0.1", "localhost"))
"""
    with serving(answer()) as server:
        assert run(program, server) == "me@example.com\n"


def test_daemon_threads_in_calls_do_not_block_interpreter_exit() -> None:
    program = """
import sys, threading
import gravscale
import example_service
example_service.stand_in()

auth = example_service.AuthenticationApi(gravscale.ApiClient(gravscale.Configuration(host=sys.argv[1])))
called = threading.Barrier(5)

def call_for_ever():
    auth.info()
    called.wait()
    while True:
        auth.info()

for _ in range(4):
    threading.Thread(target=call_for_ever, daemon=True).start()
called.wait()
print("over")
"""
    with serving(answer()) as server:
        assert run(program, server) == "over\n"


def test_host_names_are_resolved_even_if_no_thread_can_start(connect: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(say_who) as server:
        start = threading.Thread.start

        def start_none(thread: threading.Thread) -> None:
            if thread.name.startswith("gravscale-"):
                raise RuntimeError("can't create new thread at interpreter shutdown")
            start(thread)

        monkeypatch.setattr(threading.Thread, "start", start_none)
        assert ask(connect(server.url.replace("127.0.0.1", "localhost")), "a") == "a"


LEAKS = """
import gc, os, sys
from concurrent.futures import ThreadPoolExecutor
import gravscale
import example_service
example_service.stand_in()

def sockets():
    return sum("socket:" in os.readlink(f"/proc/self/fd/{fd}") for fd in os.listdir("/proc/self/fd")
               if os.path.exists(f"/proc/self/fd/{fd}"))

# What is open is to be closed by the client, not by chance.
gc.disable()
before = sockets()
with gravscale.ApiClient(gravscale.Configuration(host=sys.argv[1], access_token="token", retries=0)) as client:
    api = example_service.AuthenticationApi(client)
    errors = []

    def call(_):
        try:
            api.info(_request_timeout=0.2)
        except gravscale.OpenApiException as error:
            errors.append(error)

    with ThreadPoolExecutor(16) as threads:
        list(threads.map(call, range(64)))
    # The last answers leave a connection that can serve again.
    call(64), call(65)
    assert sockets() > before
assert len(errors) > 20
assert sockets() == before, (sockets(), before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="counts sockets in /proc")
def test_no_socket_is_open_after_a_with_block() -> None:
    faults = (
        *(answer(), reset, hang_up, silence, redirect("http://localhost:1/"), dripping(message())),
        *(raw(message(b"{", length=100)), raw(b"no HTTP\r\n"), raw(message() * 2), answer({}, 500), chunked(b"{")),
    )
    with serving(*faults * 6) as server:
        assert run(LEAKS, server) == ""


def test_after_close_the_client_opens_new_connections(connect: Any) -> None:
    with serving(say_who) as server:
        client = connect(server.url)
        for name in "ab":
            assert ask(client, name) == name
            client.close()
        assert server.connections == 2


def test_after_close_a_stream_can_be_read_and_then_closes_its_connection(connect: Any) -> None:
    ended = threading.Event()

    def wait_for_the_end(connection: Connection, _: Request) -> None:
        with suppress(OSError):
            connection.send(message(b"[1]"))
            if connection.receive() is None:
                ended.set()

    with serving(wait_for_the_end) as server:
        client = connect(server.url)
        response = AuthenticationApi(client).info_without_preload_content()
        client.close()
        assert response.read() == b"[1]"
        assert ended.wait(5)
