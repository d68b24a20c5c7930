"""The value of the pytest fixture `gravscale_sandbox`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

# The pytest plugin loads this wherever gravscale is installed, with or without the extra `sandbox`.
if TYPE_CHECKING:
    import gravscale
    from gravscale.sandbox.server import Sandbox


@dataclass(frozen=True)
class SandboxFixture:
    """A running sandbox with an account, for one test.

    Attributes:
        url: The base URL of the sandbox.
        email: The e-mail address of the account.
        password: The password of the account.
        client_id: The client id of the account.
        configuration: A configuration that signs in to the account on the first call.
        api_client: A client with that configuration. It is closed after the test.
        sandbox: The sandbox itself.
    """

    url: str
    email: str
    password: str
    client_id: int
    configuration: gravscale.Configuration
    api_client: gravscale.ApiClient
    sandbox: Sandbox

    def __repr__(self) -> str:
        # pytest shows this when a test fails.
        return f"<SandboxFixture {self.url}, client {self.client_id}>"
