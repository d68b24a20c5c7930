"""What a child process can't share with its parent, and lets go of after a fork."""

from __future__ import annotations

from weakref import WeakSet

from gravscale.support.lazy import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Protocol

    class NotShared(Protocol):
        """Something that is told when it finds itself in a child process."""

        def after_fork(self) -> None:
            """Let go of what is the parent's."""
            ...


_watched: WeakSet[NotShared] = WeakSet()


def register_after_fork(thing: NotShared) -> None:
    """Call `after_fork` of something in each child process, for as long as there is such a thing."""
    _watched.add(thing)


def _after_fork() -> None:
    for thing in list(_watched):
        thing.after_fork()


try:
    from os import register_at_fork
except ImportError:
    # No forks here.
    pass
else:
    # For speed: Python keeps this function to the very end, with all that its module knows. Had it imported `os` or
    # `typing`, which know much, every program would take longer to end.
    register_at_fork(after_in_child=_after_fork)
