"""Doing within a time what takes no timeout."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable

from gravscale.transport.deadline import Expired


def run_within(seconds: float | None, action: Callable[[], None], undo: Callable[[], None]) -> None:
    """Do in another thread what takes no timeout, or another for each step. Raises Expired when it takes longer.

    Args:
        seconds: None for no limit.
        action: what to do.
        undo: what to do after an action that nobody waits for any more.
    """
    # Guards whether it was in time: the two below say nothing to each other in between.
    lock = threading.Lock()
    over = threading.Event()
    state = {"abandoned": False}
    failures: list[BaseException] = []

    def run() -> None:
        try:
            action()
        except BaseException as error:
            failures.append(error)
        with lock:
            over.set()
            abandoned = state["abandoned"]
        if abandoned:
            undo()

    if sys.is_finalizing():
        # A thread would never run.
        return action()
    try:
        threading.Thread(target=run, name="gravscale-connect", daemon=True).start()
    except RuntimeError:
        # Python is about to exit and starts no more threads.
        return action()
    try:
        over.wait(seconds)
    finally:
        with lock:
            state["abandoned"] = not over.is_set()
    if state["abandoned"]:
        raise Expired
    if failures:
        try:
            raise failures.pop()
        finally:
            # Its traceback knows this frame, and a cycle would keep both.
            del failures, run
    return None
