"""How an answer is read: its limits, and how field types recognize it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic_core import core_schema

# Measured: up to 2.4 µs for each value of a model, and 14 ns for each digit of a long number.
_SECONDS_A_VALUE = 3e-6
_SECONDS_A_BYTE = 2e-8
# A call may outlast its timeout by this much.
_SLACK_SECONDS = 0.5
# Reading a text up to this length takes less time than that, whatever it holds.
_CHEAP_BYTES = 2**20


class Reading:
    """The context in which pydantic reads an answer, and does not check an argument.

    Args:
        check_time: Raises an error if the call has timed out, or has fewer seconds left than it is given.
        values_max: How many JSON values to accept. Each may take 400 bytes of memory, although its text has only two.

    Attributes:
        odd_times: How many more times in almost ISO 8601 format to accept. Each takes a tenth of a millisecond.
    """

    def __init__(
        self, check_time: Callable[[float], object] = lambda _: None, values_max: float = float("inf")
    ) -> None:
        self.check_time = check_time
        self.values_max = values_max
        self.odd_times = 4_000

    def check_cost(self, raw: bytes) -> None:
        """Raise an error for a JSON text that would take too much memory or time to read.

        Raise ValueError if it has too many values. Commas in strings count too. Raise the error of `check_time` if
        reading may take longer than there is time, because nothing can interrupt pydantic's compiled code.
        """
        if len(raw) <= _CHEAP_BYTES:
            return
        values = raw.count(b",") + raw.count(b"[") + raw.count(b"{")
        if values > self.values_max:
            raise ValueError(f"more than {self.values_max:.0f} values (see Configuration.max_response_size)")
        self.check_time(max(0.0, values * _SECONDS_A_VALUE + len(raw) * _SECONDS_A_BYTE - _SLACK_SECONDS))


def is_answer(info: core_schema.ValidationInfo) -> bool:
    """Return whether pydantic reads an answer, and does not check an argument."""
    return info.mode == "json" or isinstance(info.context, Reading)
