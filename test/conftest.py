"""Fixtures that tests of several folders use."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator
from typing import NamedTuple

import pytest

import gravscale
from gravscale.sandbox import Sandbox

EMAIL = "me@example.com"
PASSWORD = "correct horse battery staple"


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors, because most tests wait for sockets most of the time."""
    return (os.cpu_count() or 1) + 1


class SignedIn(NamedTuple):
    """A sandbox with an account, and a client that is signed in to it."""

    sandbox: Sandbox
    authorization: gravscale.AuthorizationSchema
    api_client: gravscale.ApiClient


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


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A sandbox without accounts."""
    with Sandbox(task_duration=0.3) as running:
        yield running


@pytest.fixture
def signed_in(sandbox: Sandbox) -> Iterator[SignedIn]:
    """A sandbox with one account, whose client id is 1."""
    configuration = gravscale.Configuration(host=sandbox.url)
    with gravscale.ApiClient(configuration) as api_client:
        auth = gravscale.AuthenticationApi(api_client)
        login = gravscale.LoginSchema(email=EMAIL, password=PASSWORD)
        auth.sign_up(login)
        authorization = auth.sign_in(login)
        configuration.access_token = authorization.access_token
        yield SignedIn(sandbox, authorization, api_client)
