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
    from gravscale.sandbox.server import TOKEN_TTL

    settings: dict[str, Any] = {"task_duration": TASK_DURATION}
    # The marker nearest to the test has the last word.
    for marker in reversed(list(request.node.iter_markers("gravscale_sandbox"))):
        if marker.args:
            raise pytest.UsageError("the marker gravscale_sandbox takes settings by name, such as token_ttl=0.3")
        settings.update(marker.kwargs)
    with Sandbox(**settings) as sandbox:
        login = gravscale.LoginSchema(email=EMAIL, password=PASSWORD)
        # What the test asked for must not keep it from starting.
        asked = sandbox.token_ttl, sandbox.latency, sandbox.failure_rate
        sandbox.token_ttl, sandbox.latency, sandbox.failure_rate = TOKEN_TTL, 0.0, 0.0
        # No proxy of the environment's: it would look for the sandbox on its own machine.
        with gravscale.ApiClient(gravscale.Configuration(sandbox.url, no_proxy="*")) as api_client:
            auth = gravscale.AuthenticationApi(api_client)
            auth.sign_up(login)
            api_client.configuration.access_token = auth.sign_in(login).access_token
            client_id = gravscale.AccountApi(api_client).list_accounts().items[0].client_id
        sandbox.token_ttl, sandbox.latency, sandbox.failure_rate = asked
        credentials = gravscale.PasswordCredentials(EMAIL, PASSWORD)
        configuration = gravscale.Configuration(sandbox.url, credentials=credentials, no_proxy="*")
        with gravscale.ApiClient(configuration) as api_client:
            yield GravscaleSandbox(sandbox.url, EMAIL, PASSWORD, client_id, configuration, api_client, sandbox)
