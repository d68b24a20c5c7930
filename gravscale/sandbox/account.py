"""The first account of a sandbox, for the pytest fixture and for `serve --demo`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import gravscale
from gravscale.sandbox.server import TOKEN_TTL

if TYPE_CHECKING:
    from gravscale.sandbox.server import Sandbox

EMAIL = "ada@example.com"
PASSWORD = "analytical engine"
# The guides use neither these addresses nor this VPC.
_DEMO_VPC = "vpc-lab"
_DEMO_ADDRESSES = ("10.0.1.11", "10.0.1.12", "10.0.1.13")
_DEMO_RUNNING_SECONDS = 60.0


def sign_up(sandbox: Sandbox, *, demo: bool = False) -> int:
    """Sign up the account, and return its client id.

    With `demo`, the account gets some public IPs and tasks, unless it exists already. Without, an account that exists
    raises ConflictException.
    """
    chosen = sandbox.token_ttl, sandbox.latency, sandbox.failure_rate, sandbox.task_duration
    # The latency and the failure rate apply to the user's calls, not to these.
    sandbox.token_ttl, sandbox.latency, sandbox.failure_rate = TOKEN_TTL, 0.0, 0.0
    try:
        credentials = gravscale.PasswordCredentials(EMAIL, PASSWORD)
        with gravscale.ApiClient(
            gravscale.Configuration(sandbox.url, credentials=credentials, no_proxy="*")
        ) as api_client:
            is_new = True
            try:
                gravscale.AuthenticationApi(api_client).sign_up({"email": EMAIL, "password": PASSWORD})
            except gravscale.ConflictException:
                if not demo:
                    raise
                is_new = False
            client_id: int = gravscale.AccountApi(api_client).list_accounts().items[0].client_id
            if demo and is_new:
                _fill(sandbox, gravscale.NetworkApi(api_client), client_id)
            return client_id
    finally:
        sandbox.token_ttl, sandbox.latency, sandbox.failure_rate, sandbox.task_duration = chosen


def _fill(sandbox: Sandbox, network_api: gravscale.NetworkApi, client_id: int) -> None:
    """Create two public IPs, four completed tasks, and one that runs for a minute."""
    sandbox.task_duration = 0.0
    for address in _DEMO_ADDRESSES:
        network_api.create_public_ip(client_id, {"vpc_name": _DEMO_VPC, "address": address})
    network_api.deallocate_public_ip(client_id, _DEMO_ADDRESSES[-1])
    sandbox.task_duration = _DEMO_RUNNING_SECONDS
    network_api.create_public_ip(client_id, {"vpc_name": _DEMO_VPC, "address": _DEMO_ADDRESSES[-1]})
