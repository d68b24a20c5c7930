"""Fixtures that tests of several folders use."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator

import pytest
from example_service import stand_in

# Programs that tests run find the example service too.
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (os.path.dirname(__file__), os.environ.get("PYTHONPATH"))))


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors, because most tests wait for sockets most of the time."""
    return (os.cpu_count() or 1) + 1


@pytest.fixture(autouse=True)
def _contract() -> Iterator[None]:
    """What is tested here does not depend on the contract of the SDK; what does has its tests in `service`."""
    with stand_in():
        yield


@pytest.fixture(autouse=True)
def _log_level() -> Iterator[None]:
    """Undo what a test's `debug=True` sets for the whole process."""
    logger = logging.getLogger("gravscale")
    level = logger.level
    yield
    logger.setLevel(level)


@pytest.fixture(params=["UTC", "Etc/GMT+7"])
def time_zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The machine of the test."""
    if not hasattr(time, "tzset"):
        pytest.skip("this system's time zone can't be set for one process")
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()
