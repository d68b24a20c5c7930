"""Sessions whose renewal is interrupted: by an exception at any point, or by calls in the same thread."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from types import FrameType
from typing import Any

import pytest
from recording import Service

import gravscale
from gravscale.token_refresh import InFlightRefresh, RefreshChain, refresh_single_flight

Connect = Any
_MODULES = ("token_refresh.py", "session.py", "cached_token.py", "credentials.py")


class Interrupt(BaseException):
    """An exception that a signal handler may raise anywhere."""


class InterruptAt:
    """Raises at the n-th trace event (lines and bytecodes) in the modules of sessions. With 0, it only counts."""

    def __init__(self, number: int, modules: tuple[str, ...] = _MODULES) -> None:
        self.number, self.seen, self.modules = number, 0, modules

    def _trace(self, frame: FrameType, event: str, _: Any) -> Any:
        name = frame.f_code.co_filename
        if "gravscale" not in name or not name.endswith(self.modules):
            return None
        frame.f_trace_opcodes = True
        self.seen += 1
        if self.seen == self.number:
            sys.settrace(None)
            raise Interrupt
        return self._trace

    def during(self, call: Callable[[], object]) -> None:
        previous = sys.gettrace()
        sys.settrace(self._trace)
        try:
            call()
        except Interrupt:
            pass
        finally:
            sys.settrace(previous)


def apart(call: Callable[[], Any]) -> Any:
    """Call in a separate thread: a tracer that raises may leave the exception state of its thread inconsistent."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(call).result()


def test_an_interrupt_at_any_bytecode_of_a_refresh_blocks_neither_its_thread_nor_another() -> None:
    def run(chain: RefreshChain, number: int) -> int:
        interrupt, held = InterruptAt(number, ("token_refresh.py",)), []

        def ready(_: bool) -> str | None:
            return held[0] if held else None

        def refresh() -> str:
            held.append("token")
            return "token"

        interrupt.during(lambda: refresh_single_flight(chain, ready, refresh, float("inf")))
        held.clear()
        got: list[str] = []

        def again() -> None:
            held.clear()
            got.append(refresh_single_flight(chain, ready, refresh, float("inf")))

        thread = threading.Thread(target=again, daemon=True)
        thread.start()
        thread.join(10)
        assert got == ["token"], f"the other thread was blocked by an interrupt at event {number}"
        again()
        assert got == ["token"] * 2
        return interrupt.seen

    events = apart(lambda: run(RefreshChain(), 0))
    assert events > 100
    for number in range(1, events + 1):
        apart(partial(run, RefreshChain(), number))


def test_an_interrupt_at_any_bytecode_of_a_wait_blocks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gravscale.token_refresh._POLL_SECONDS", 0.005)
    number, events = 0, 1
    while number <= events:
        chain, started, go_on = RefreshChain(), threading.Event(), threading.Event()
        held: list[str] = []

        def refresh(held: list[str] = held, started: threading.Event = started, go_on: threading.Event = go_on) -> str:
            started.set()
            assert go_on.wait(20)
            held.append("token")
            return "token"

        def ready(_: bool, held: list[str] = held) -> str | None:
            return held[0] if held else None

        def call(chain: RefreshChain = chain, ready: Any = ready, refresh: Any = refresh) -> str:
            return str(refresh_single_flight(chain, ready, refresh, float("inf")))

        owner = threading.Thread(target=call, daemon=True)
        owner.start()
        assert started.wait(20)
        interrupt = InterruptAt(number, ("token_refresh.py",))
        timer = threading.Timer(0.012, go_on.set)
        timer.start()
        apart(partial(interrupt.during, call))
        go_on.set()
        owner.join(10)
        timer.join(10)
        assert not owner.is_alive()
        assert call() == "token"
        # A wait polls a few times. Everything after the first round is the same again.
        events = max(events, interrupt.seen) if number == 0 else events
        number += 1
    assert events > 50


def test_an_interrupt_at_any_bytecode_of_a_sign_in_leaves_a_client_that_signs_in(
    service: Service, connect: Connect
) -> None:
    counting = InterruptAt(0)
    apart(partial(counting.during, connect().info))
    assert counting.seen > 300
    for number in range(1, counting.seen + 1):
        auth = connect(timeout=5)
        apart(partial(InterruptAt(number).during, auth.info))
        auth.info()


def test_a_thread_that_ended_during_a_refresh_blocks_nobody() -> None:
    chain = RefreshChain()

    def ready(_: bool) -> None:
        return None

    def dies() -> None:
        def refresh() -> str:
            raise Interrupt

        with pytest.raises(Interrupt):
            refresh_single_flight(chain, ready, refresh, float("inf"))

    thread = threading.Thread(target=dies)
    thread.start()
    thread.join(10)
    assert refresh_single_flight(chain, ready, lambda: "token", float("inf")) == "token"


def test_a_refresh_that_outlives_its_call_is_not_waited_for() -> None:
    chain, go_on, begun = RefreshChain(), threading.Event(), threading.Event()

    def hangs() -> str:
        begun.set()
        assert go_on.wait(20)
        return "late"

    def never(_: bool) -> str | None:
        return None

    # Its call is over already, as in a user's own store that does not check the time.
    thread = threading.Thread(target=lambda: refresh_single_flight(chain, never, hangs, 0.0))
    thread.start()
    assert begun.wait(20)
    assert refresh_single_flight(chain, never, lambda: "token", float("inf")) == "token"
    go_on.set()
    thread.join(10)


def test_a_refresh_of_another_process_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    import inspect

    refresh = InFlightRefresh(float("inf"), inspect.currentframe())
    assert not refresh.is_over()
    # As in a child that was forked in C, without Python's hooks.
    monkeypatch.setattr("gravscale.token_refresh.os.getpid", lambda: 1)
    assert refresh.is_over()
    monkeypatch.undo()
    refresh.finish()


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timer signals on this platform")
def test_a_signal_handler_may_call_while_its_thread_signs_in(service: Service, connect: Connect) -> None:
    auth, answers = connect(timeout=10), []
    service.hold["sign-in"] = threading.Event()

    def handle(*_: object) -> None:
        if not service.hold["sign-in"].is_set():
            service.hold["sign-in"].set()
            answers.append(auth.info())

    def interrupt() -> None:
        assert service.arrived["sign-in"].wait(10)
        # Again, because a thread that is signaled on its way into a wait does not notice.
        while not service.hold["sign-in"].wait(0.1):
            os.kill(os.getpid(), signal.SIGALRM)

    before = signal.signal(signal.SIGALRM, handle)
    thread = threading.Thread(target=interrupt)
    thread.start()
    try:
        answers.append(auth.info())
    finally:
        thread.join(10)
        signal.signal(signal.SIGALRM, before)
    assert len(answers) == 2


@pytest.mark.parametrize("stored", [True, False])
def test_a_log_handler_may_call_while_its_thread_renews(
    service: Service, connect: Connect, tmp_path: Any, stored: bool
) -> None:
    auth = connect(timeout=5, store=gravscale.FileTokenStore(tmp_path) if stored else None)
    answers: list[object] = []

    class Calls(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if not answers:
                answers.append(None)
                answers[0] = auth.info()

    logger, handler = logging.getLogger("gravscale.auth"), Calls()
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        answers.append(auth.info())
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
    assert len(answers) == 2
    assert None not in answers
