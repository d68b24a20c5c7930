"""What the pytest fixture `gravscale_sandbox` gives to a test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

# pytest's plugin loads this wherever gravscale is installed, with the extra `sandbox` or without.
if TYPE_CHECKING:
    import gravscale
    from gravscale.sandbox.server import Sandbox


@dataclass(frozen=True)
class SandboxFixture:
    """A running sandbox with a signed-up account, for one test.

    Attributes:
        url: the sandbox's base URL.
        email: the account's e-mail address.
        password: the account's password.
        client_id: the account's client id.
        configuration: a configuration that signs in to the account on first need.
        api_client: a client with that configuration, closed after the test.
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
        return f"<SandboxFixture {self.url}, client {self.client_id}>"
