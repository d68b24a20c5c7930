"""The same for the sandbox and for a user's own tests with it. Separate, because its libraries take long to check."""

from __future__ import annotations

from pathlib import Path

from typing_extensions import assert_type

import gravscale
from gravscale.sandbox import Sandbox, SandboxFixture


def sandboxes(tmp_path: Path) -> None:
    sandbox = Sandbox(
        "127.0.0.1",
        port=0,
        database=tmp_path / "sandbox.db",
        token_ttl=900,
        task_duration=0.5,
        latency=0,
        failure_rate=0.1,
    )
    with sandbox as running:
        assert_type(running, Sandbox)
        assert_type(running.url, str)
        assert_type(running.host, str)
        assert_type(running.port, int)
        assert_type(running.is_public, bool)
        assert_type(running.failure_rate, float)
        running.failure_rate = 1
        running.latency = 0.5
    assert_type(sandbox.start(), Sandbox)
    sandbox.wait()
    sandbox.stop()

    Sandbox(failure_rate="0.1")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    sandbox.latency = "0.1"  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    sandbox.port = 8000  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]


def test_of_a_users_own(gravscale_sandbox: SandboxFixture) -> None:
    assert_type(gravscale_sandbox.url, str)
    assert_type(gravscale_sandbox.email, str)
    assert_type(gravscale_sandbox.password, str)
    assert_type(gravscale_sandbox.client_id, int)
    assert_type(gravscale_sandbox.configuration, gravscale.Configuration)
    assert_type(gravscale_sandbox.api_client, gravscale.ApiClient)
    assert_type(gravscale_sandbox.sandbox, Sandbox)
