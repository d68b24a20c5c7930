"""Many threads with one session, and the session after a fork."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext
from typing import Any

import pytest
from recording import EMAIL, PASSWORD, Service

import gravscale

Connect = Any
THREADS = 32


def waiting_for_a_renewal() -> int:
    """How many threads wait for another thread's renewal."""
    waiting = 0
    for frame in sys._current_frames().values():
        while frame is not None:
            # Only parts of the names, because mutation testing changes them.
            if frame.f_code.co_filename.endswith("token_refresh.py") and re.search("wait", frame.f_code.co_name):
                waiting += 1
                break
            frame = frame.f_back  # type: ignore[assignment]
    return waiting


def until(condition: Callable[[], bool]) -> None:
    over = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < over, "it never came to that"
        time.sleep(0.002)


def together(call: Callable[[], Any], service: Service, held: str) -> list[Future[Any]]:
    """Make the call in 32 threads. One renews while the others wait."""
    service.hold[held] = threading.Event()
    with ThreadPoolExecutor(THREADS) as pool:
        futures = [pool.submit(call) for _ in range(THREADS)]
        until(lambda: waiting_for_a_renewal() == THREADS - 1)
        service.hold[held].set()
    return futures


def test_32_new_threads_sign_in_once(service: Service, connect: Connect) -> None:
    for future in together(connect().info, service, "sign-in"):
        future.result()
    assert service.counts() == {"sign-in": 1, "info": THREADS}


def test_32_threads_with_an_expired_token_renew_once(
    service: Service, connect: Connect, later: Callable[[float], None]
) -> None:
    # An endless wait, because the clock of the waiting threads is the one that jumps.
    auth = connect(timeout=None)
    auth.info()
    service.forget()
    later(3600)
    for future in together(auth.info, service, "refresh"):
        future.result()
    assert service.counts() == {"refresh": 1, "info": THREADS}


def test_32_threads_with_a_revoked_token_renew_once(service: Service, connect: Connect) -> None:
    auth = connect()
    auth.info()
    service.revoke()
    service.forget()
    for future in together(auth.info, service, "refresh"):
        future.result()
    assert service.counts() == {"401": THREADS, "refresh": 1, "info": THREADS}


def test_32_threads_get_the_same_error_of_one_failed_sign_in(service: Service, connect: Connect) -> None:
    auth = connect()
    service.failing["sign-in"] = (403, {"detail": "the account is closed"})
    errors = [future.exception() for future in together(auth.info, service, "sign-in")]
    assert {(type(error), str(error)) for error in errors} == {(gravscale.ForbiddenException, str(errors[0]))}
    assert len({id(error) for error in errors}) == THREADS
    assert service.counts() == {"sign-in": 1}
    service.failing.clear()
    auth.info()
    assert service.counts() == {"sign-in": 2, "info": 1}


def test_32_threads_get_the_same_error_of_one_failed_refresh(service: Service, connect: Connect) -> None:
    auth = connect()
    auth.info()
    service.revoke()
    service.forget()
    service.failing["refresh"] = (503, {"detail": "out of order"})
    errors = [future.exception() for future in together(auth.info, service, "refresh")]
    assert {(type(error), str(error)) for error in errors} == {(gravscale.ServiceException, str(errors[0]))}
    assert service.counts() == {"401": THREADS, "refresh": 1}


def test_signing_out_does_not_fail_with_the_sign_in_of_another_thread(service: Service, connect: Connect) -> None:
    credentials = gravscale.PasswordCredentials(EMAIL, PASSWORD)
    auth = connect(credentials)
    service.failing["sign-in"] = (401, {"detail": "unknown e-mail or wrong password"})
    service.hold["sign-in"] = threading.Event()
    with ThreadPoolExecutor(2) as pool:
        signing_in = pool.submit(auth.info)
        assert service.arrived["sign-in"].wait(20)
        signing_out = pool.submit(credentials.sign_out, auth.api_client)
        until(lambda: waiting_for_a_renewal() == 1)
        service.hold["sign-in"].set()
        assert isinstance(signing_in.exception(), gravscale.UnauthorizedException)
        assert signing_out.exception() is None


def test_a_call_does_not_fail_because_signing_out_did(service: Service, connect: Connect) -> None:
    class Stuck:
        """A store whose entries can't be deleted."""

        def load(self, key: str) -> None: ...

        def save(self, key: str, authorization: Any) -> None: ...

        def lock(self, key: str) -> Any:
            return nullcontext()

        def delete(self, key: str) -> None:
            until(lambda: waiting_for_a_renewal() == 1)
            raise RuntimeError("read-only")

    credentials = gravscale.PasswordCredentials(EMAIL, PASSWORD, store=Stuck())
    auth = connect(credentials)
    auth.info()
    with ThreadPoolExecutor(2) as pool:
        signing_out = pool.submit(credentials.sign_out, auth.api_client)
        until(lambda: not credentials._sessions[service.url].refreshes.recent.latest().is_over())
        assert pool.submit(auth.info).exception() is None
        assert isinstance(signing_out.exception(), RuntimeError)


def test_while_one_thread_renews_a_token_early_the_others_use_the_old_one(
    service: Service, connect: Connect, later: Callable[[float], None]
) -> None:
    auth = connect()
    auth.info()
    later(3600 - 30)
    service.hold["refresh"] = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        renewing = pool.submit(auth.info)
        assert service.arrived["refresh"].wait(20)
        # The renewal may take longer than this call.
        auth.info(_request_timeout=3.0)
        assert service.counts() == {"sign-in": 1, "refresh": 1, "info": 2}
        service.hold["refresh"].set()
        renewing.result()


def test_an_unexpected_error_fails_all_waiting_threads(service: Service, connect: Connect) -> None:
    asked = 0

    class Broken:
        def load(self, key: str) -> None:
            nonlocal asked
            asked += 1
            until(lambda: waiting_for_a_renewal() == THREADS - 1)
            raise RuntimeError("the shelf fell down")

        def save(self, key: str, authorization: Any) -> None: ...

        def lock(self, key: str) -> Any:
            return threading.Lock()

    auth = connect(store=Broken())
    with ThreadPoolExecutor(THREADS) as pool:
        errors = [future.exception() for future in [pool.submit(auth.info) for _ in range(THREADS)]]
    assert {str(error) for error in errors} == {"the shelf fell down"}
    assert asked == 1


def test_a_thread_waits_for_a_renewal_no_longer_than_its_own_timeout(service: Service, connect: Connect) -> None:
    auth = connect()
    service.hold["sign-in"] = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(auth.info)
        assert service.arrived["sign-in"].wait(10)
        started = time.monotonic()
        with pytest.raises(gravscale.ApiTimeoutError, match=r"after 0\.1 s while waiting for a renewed token"):
            auth.info(_request_timeout=0.1)
        assert time.monotonic() - started < 1
        service.hold["sign-in"].set()
        slow.result()
    assert service.counts() == {"sign-in": 1, "info": 1}


def test_a_call_with_a_short_timeout_does_not_fail_a_longer_one(service: Service, connect: Connect) -> None:
    auth = connect()
    service.hold["sign-in"] = threading.Event()
    with ThreadPoolExecutor(2) as pool:
        hasty = pool.submit(auth.info, _request_timeout=0.3)
        assert service.arrived["sign-in"].wait(10)
        patient = pool.submit(auth.info, _request_timeout=20)
        assert isinstance(hasty.exception(), gravscale.ApiTimeoutError)
        service.hold["sign-in"].set()
        patient.result()
    assert service.counts() == {"sign-in": 2, "info": 1}


def test_a_call_with_little_more_time_does_not_repeat_a_timeout(service: Service, connect: Connect) -> None:
    auth = connect()
    service.hold["sign-in"] = threading.Event()
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(auth.info, _request_timeout=0.5)
        assert service.arrived["sign-in"].wait(10)
        second = pool.submit(auth.info, _request_timeout=1.2)
        until(lambda: waiting_for_a_renewal() == 1)
        assert [type(call.exception()) for call in (first, second)] == [gravscale.ApiTimeoutError] * 2
    assert service.counts() == {"sign-in": 1}


def test_a_renewal_that_times_out_is_not_repeated_by_each_thread(service: Service, connect: Connect) -> None:
    service.hold["sign-in"] = threading.Event()
    # On a busy machine, the time may be over before all threads wait. Then try again with more time.
    for seconds in (1.0, 4.0, 16.0):
        auth, before = connect(), service.counts().get("sign-in", 0)
        with ThreadPoolExecutor(THREADS) as pool:
            futures = [pool.submit(auth.info, _request_timeout=seconds) for _ in range(THREADS)]
            while not (all_wait := waiting_for_a_renewal() == THREADS - 1) and not any(map(Future.done, futures)):
                time.sleep(0.01)
            errors = [future.exception() for future in futures]
        assert {type(error) for error in errors} == {gravscale.ApiTimeoutError}
        if all_wait:
            break
    assert all_wait
    assert service.counts() == {"sign-in": before + 1}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this platform")
# This warning is about forking with threads, which is what the test does.
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_forked_child_inherits_no_locked_lock(service: Service, connect: Connect) -> None:
    auth = connect()
    service.hold["sign-in"] = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        renewing = pool.submit(auth.info)
        assert service.arrived["sign-in"].wait(20)
        copied = os.fork()
        if copied == 0:
            try:
                auth.info()
                os._exit(0)
            finally:
                os._exit(1)
        until(lambda: service.counts()["sign-in"] == 2)
        service.hold["sign-in"].set()
        renewing.result()
        assert os.waitpid(copied, 0)[1] == 0
    assert service.counts() == {"sign-in": 2, "info": 2}


FORK = """
    import os, sys, threading, gravscale, example_service
    example_service.stand_in()
    url, email, password = sys.argv[1:]
    credentials = gravscale.PasswordCredentials(email, password)
    configuration = gravscale.Configuration(url, credentials=credentials, timeout=20)
    auth = example_service.AuthenticationApi(gravscale.ApiClient(configuration))
    thread = threading.Thread(target=auth.info)
    thread.start()
    sys.stdout.write("renewing\\n"); sys.stdout.flush()
    sys.stdin.readline()
    # The worst moment: a thread that is not there in the child renews.
    child = os.fork()
    if child == 0:
        auth.info()
        os._exit(0)
    sys.stdout.write("forked\\n"); sys.stdout.flush()
    thread.join()
    status = os.waitpid(child, 0)[1]
    auth.info()
    sys.exit(os.waitstatus_to_exitcode(status))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this platform")
def test_a_forked_child_is_not_blocked_by_a_renewal_of_its_parent(service: Service) -> None:
    from recording import EMAIL, PASSWORD

    service.hold["sign-in"] = threading.Event()
    command = [sys.executable, "-W", "ignore", "-c", textwrap.dedent(FORK), service.url, EMAIL, PASSWORD]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdin is not None
        assert parent.stdout is not None
        parent.stdout.readline()
        assert service.arrived["sign-in"].wait(20)
        parent.stdin.write("fork\n")
        parent.stdin.flush()
        assert parent.stdout.readline() == "forked\n"
        until(lambda: service.counts()["sign-in"] == 2)
        service.hold["sign-in"].set()
        assert parent.wait(20) == 0
    assert service.counts() == {"sign-in": 2, "info": 3}
