"""Waiting for the tasks of a whole service."""

from __future__ import annotations

import pytest

import gravscale
from gravscale.sandbox import Sandbox


def test_a_session_is_renewed_during_the_wait() -> None:
    with Sandbox(token_ttl=0.4, task_duration=1.0) as sandbox:
        credentials = gravscale.PasswordCredentials("me@example.com", "secret")
        with gravscale.ApiClient(gravscale.Configuration(sandbox.url, credentials=credentials)) as api_client:
            gravscale.AuthenticationApi(api_client).sign_up({"email": "me@example.com", "password": "secret"})
            network = gravscale.NetworkApi(api_client)
            good, bad = (
                network.create_public_ip(1, {"vpc_name": "vpc-main", "address": address})
                for address in ("10.0.0.9", "192.0.2.9")
            )
            assert gravscale.wait_for_task(api_client, good, poll_interval=0.1, timeout=20).status == "completed"
            with pytest.raises(gravscale.TaskFailedError, match=r"route\.announce: no route can be announced for 192"):
                gravscale.wait_for_task(api_client, bad, poll_interval=0.1, timeout=20)
