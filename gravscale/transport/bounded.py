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
    # Whoever acquires this first decides whether the action was in time. Nobody waits for it, and nobody releases it.
    decision = threading.Lock()
    over = threading.Event()
    failures: list[BaseException] = []

    def run() -> None:
        try:
            action()
        except BaseException as error:
            failures.append(error)
        if decision.acquire(blocking=False):
            over.set()
        else:
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
        is_abandoned = decision.acquire(blocking=False)
    if is_abandoned:
        raise Expired
    if failures:
        try:
            raise failures.pop()
        finally:
            # The traceback refers to this frame; a cycle would keep both alive.
            del failures, run
    return None
