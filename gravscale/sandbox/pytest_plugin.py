"""The pytest fixture `gravscale_sandbox`, for the tests of programs that use the SDK."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

# pytest loads this wherever gravscale is installed, with the extra `sandbox` or without: it imports nothing else here.
if TYPE_CHECKING:
    import gravscale
    from gravscale.sandbox import Sandbox

EMAIL = "ada@example.com"
PASSWORD = "analytical engine"
TASK_DURATION = 0.2


@dataclass(frozen=True)
class GravscaleSandbox:
    """A sandbox of one test's own, with an account.

    Attributes:
        url: where it answers.
        email, password: of the account.
        client_id: the account's client.
        configuration: one that signs in to the account on first need.
        api_client: a client with that configuration, closed when the test is over.
        sandbox: the sandbox itself.
    """

    url: str
    email: str
    password: str
    client_id: int
    configuration: gravscale.Configuration
    api_client: gravscale.ApiClient
    sandbox: Sandbox

    def __repr__(self) -> str:
        # pytest shows it when a test fails.
        return f"<GravscaleSandbox {self.url}, client {self.client_id}>"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        "gravscale_sandbox(**settings): what the test's gravscale_sandbox is started with, as Sandbox takes it",
    )


@pytest.fixture
def gravscale_sandbox(request: pytest.FixtureRequest) -> Iterator[GravscaleSandbox]:
    """A local stand-in for Gravscale's API, fresh for this test, with a signed-up account."""
    import gravscale
    from gravscale.sandbox import Sandbox

    settings: dict[str, Any] = {"task_duration": TASK_DURATION}
    # The marker nearest to the test has the last word.
    for marker in reversed(list(request.node.iter_markers("gravscale_sandbox"))):
        settings.update(marker.kwargs)
    with Sandbox(**settings) as sandbox:
        login = gravscale.LoginSchema(email=EMAIL, password=PASSWORD)
        # With retries, so that failures that the test asked for do not keep it from starting.
        with gravscale.ApiClient(gravscale.Configuration(sandbox.url)) as api_client:
            auth = gravscale.AuthenticationApi(api_client)
            auth.sign_up(login)
            api_client.configuration.access_token = auth.sign_in(login).access_token
            client_id = gravscale.AccountApi(api_client).list_accounts().items[0].client_id
        configuration = gravscale.Configuration(sandbox.url, credentials=gravscale.PasswordCredentials(EMAIL, PASSWORD))
        with gravscale.ApiClient(configuration) as api_client:
            yield GravscaleSandbox(sandbox.url, EMAIL, PASSWORD, client_id, configuration, api_client, sandbox)
