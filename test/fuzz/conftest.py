"""What the fuzzing tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from recorder import Recorder, recording


@pytest.fixture(scope="module")
def recorder() -> Iterator[Recorder]:
    with recording() as running:
        yield running
