"""The pytest fixture `gravscale_sandbox`, for the tests of programs that use the SDK."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

# pytest loads this wherever gravscale is installed, with or without the extra `sandbox`. So import nothing heavy here.
from gravscale.sandbox.fixture import SandboxFixture

TASK_DURATION = 0.2


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        "gravscale_sandbox(**settings): start the test's gravscale_sandbox with these arguments of Sandbox",
    )


@pytest.fixture
def gravscale_sandbox(request: pytest.FixtureRequest) -> Iterator[SandboxFixture]:
    """Start a sandbox with an account, for this test only."""
    import gravscale
    from gravscale.sandbox import Sandbox
    from gravscale.sandbox.account import EMAIL, PASSWORD, sign_up

    settings: dict[str, Any] = {"task_duration": TASK_DURATION}
    # The marker closest to the test wins.
    for marker in reversed(list(request.node.iter_markers("gravscale_sandbox"))):
        if marker.args:
            raise pytest.UsageError("the marker gravscale_sandbox takes settings by name, such as token_ttl=0.3")
        settings.update(marker.kwargs)
    with Sandbox(**settings) as sandbox:
        client_id = sign_up(sandbox)
        credentials = gravscale.PasswordCredentials(EMAIL, PASSWORD)
        # A proxy from the environment would look for the sandbox on the proxy's own machine.
        configuration = gravscale.Configuration(sandbox.url, credentials=credentials, no_proxy="*")
        with gravscale.ApiClient(configuration) as api_client:
            yield SandboxFixture(sandbox.url, EMAIL, PASSWORD, client_id, configuration, api_client, sandbox)
