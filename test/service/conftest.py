"""What tests of the SDK's own contract use, and of all that is made for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pytest

import gravscale
from gravscale.sandbox import Sandbox

EMAIL = "me@example.com"
PASSWORD = "correct horse battery staple"


class SignedIn(NamedTuple):
    """A sandbox with an account, and a client that is signed in to it."""

    sandbox: Sandbox
    authorization: gravscale.AuthorizationSchema
    api_client: gravscale.ApiClient


@pytest.fixture(autouse=True)
def _contract() -> None:
    """These are tests of the contract itself."""


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
