"""Release objects after a fork that a child process can't share with its parent."""

from __future__ import annotations

from weakref import WeakSet

from gravscale.support.lazy import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Protocol

    class NotShared(Protocol):
        """An object that is notified when it finds itself in a child process."""

        def after_fork(self) -> None:
            """Release everything that belongs to the parent."""
            ...


_watched: WeakSet[NotShared] = WeakSet()


def register_after_fork(thing: NotShared) -> None:
    """Call the object's `after_fork` in each child process, for as long as the object exists."""
    _watched.add(thing)


def _after_fork() -> None:
    for thing in list(_watched):
        thing.after_fork()


try:
    from os import register_at_fork
except ImportError:
    # This system has no fork.
    pass
else:
    # For speed: Python keeps this function, and everything that its module refers to, until the very end. If the module
    # imported `os` or `typing`, which refer to a lot, every program would take longer to exit.
    register_at_fork(after_in_child=_after_fork)
