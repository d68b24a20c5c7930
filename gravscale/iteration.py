"""Iterators that the SDK returns to users."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import TypeVar

from gravscale.tracebacks import hide_sdk_frames

T_co = TypeVar("T_co", covariant=True)


class FrameHidingIterator(Iterator[T_co]):
    """Iterate over what a generator yields, and hide its frames in errors.

    The frames of a generator hold the arguments of the calls that it makes, including tokens.

    Args:
        generator: The generator. It is closed along with the iterator.
    """

    def __init__(self, generator: Generator[T_co]) -> None:
        self._generator = generator

    @hide_sdk_frames
    def __next__(self) -> T_co:
        return next(self._generator)

    def close(self) -> None:
        """Stop early. The iterator yields nothing more."""
        self._generator.close()
