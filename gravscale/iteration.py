"""Iterators that the SDK hands out."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import TypeVar

from gravscale.tracebacks import hide_sdk_frames

T_co = TypeVar("T_co", covariant=True)


class FrameHidingIterator(Iterator[T_co]):
    """Iterate over what a generator of the SDK yields.

    The frames of a generator know the arguments of the calls that it makes, tokens among them. As with any other entry
    to the SDK, an error that comes out of it doesn't show them.

    Args:
        generator: what to iterate over. It is closed along with the iterator.
    """

    def __init__(self, generator: Generator[T_co]) -> None:
        self._generator = generator

    @hide_sdk_frames
    def __next__(self) -> T_co:
        return next(self._generator)

    def close(self) -> None:
        """Stop early. The iterator gives nothing more."""
        self._generator.close()
