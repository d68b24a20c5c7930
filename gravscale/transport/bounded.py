"""Run an action with a time limit, even if it accepts no timeout."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable

from gravscale.transport.deadline import Expired


def run_within(seconds: float | None, action: Callable[[], None], undo: Callable[[], None]) -> None:
    """Run an action in another thread. Raises Expired if it takes longer than the given seconds.

    Args:
        seconds: The time limit, or None.
        action: The action, which accepts no timeout, or only one for each of its steps.
        undo: Called after the action if nobody waits for it any more.
    """
    # Guards the decision whether the action was in time: both threads must agree.
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
        # Python is about to exit and can't start threads any more.
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
            # The traceback refers to this frame; a cycle would keep both alive.
            del failures, run
    return None
