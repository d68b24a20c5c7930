"""The account that a sandbox starts with: for the pytest fixture, and for `serve --demo`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import gravscale
from gravscale.sandbox.server import TOKEN_TTL

if TYPE_CHECKING:
    from gravscale.sandbox.server import Sandbox

EMAIL = "ada@example.com"
PASSWORD = "analytical engine"
# None of the guides uses these, or looks at the addresses of this VPC.
_DEMO_VPC = "vpc-lab"
_DEMO_ADDRESSES = ("10.0.1.11", "10.0.1.12", "10.0.1.13")
_DEMO_RUNNING_SECONDS = 60.0


def sign_up(sandbox: Sandbox, *, demo: bool = False) -> int:
    """Sign up the account, and return its client id.

    Args:
        sandbox: a running sandbox.
        demo: whether the account gets some public IPs and tasks. One that exists already stays as it is.

    Returns:
        The client id.

    Raises:
        OpenApiException: a call failed; for example, the account exists already and `demo` is false.
    """
    chosen = sandbox.token_ttl, sandbox.latency, sandbox.failure_rate, sandbox.task_duration
    # The chosen latency and failures are for the user's calls, not for these.
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
    """Leave two public IPs, four tasks that are completed, and one that runs for a minute."""
    sandbox.task_duration = 0.0
    for address in _DEMO_ADDRESSES:
        network_api.create_public_ip(client_id, {"vpc_name": _DEMO_VPC, "address": address})
    network_api.deallocate_public_ip(client_id, _DEMO_ADDRESSES[-1])
    sandbox.task_duration = _DEMO_RUNNING_SECONDS
    network_api.create_public_ip(client_id, {"vpc_name": _DEMO_VPC, "address": _DEMO_ADDRESSES[-1]})
