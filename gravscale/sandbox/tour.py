"""A tour of the SDK's main features, step by step, against a sandbox."""

from __future__ import annotations

import sys
import textwrap
import time
from typing import TYPE_CHECKING

import gravscale
from gravscale.sandbox.server import Sandbox

if TYPE_CHECKING:
    from pydantic import JsonValue

    from gravscale import TaskTreeSchema

WIDTH = 79
_TIMEOUT_SECONDS = 30.0
_POLL_SECONDS = 0.1
# Short enough to show a renewal.
_TOKEN_LIFE_SECONDS = 2.0


def tour() -> int:
    """Run the tour, print each step, and return the exit status."""
    started = time.monotonic()
    with Sandbox(token_ttl=_TOKEN_LIFE_SECONDS) as sandbox:
        print(f"A sandbox of the Gravscale API runs at {sandbox.url}\n")
        _walk(sandbox.url)
    print(f"\nDone. Every step was a real HTTP call; all of them took {time.monotonic() - started:.1f} s.")
    return 0


def _walk(url: str) -> None:
    login = gravscale.LoginSchema(email="ada@example.com", password="analytical engine")
    with gravscale.ApiClient(gravscale.Configuration(host=url)) as api_client:
        auth = gravscale.AuthenticationApi(api_client)
        account = auth.sign_up(login)
        _step("auth.sign_up(login)", f"account {account.account_id}", f"for {account.email}")
        authorization = auth.sign_in(login)
        _step("auth.sign_in(login)", f"access token {_masked(authorization.access_token)}", _until(authorization))

    configuration = gravscale.Configuration(host=url, access_token=authorization.access_token)
    with gravscale.ApiClient(configuration) as api_client:
        auth = gravscale.AuthenticationApi(api_client)
        user = auth.info()
        _step("auth.info()", f"signed in as {user.nickname} <{user.email}>")
        renewed = auth.refresh_token(authorization.refresh_token or "")
        _step("auth.refresh_token(refresh_token)", f"access token {_masked(renewed.access_token)}", _until(renewed))

    credentials = gravscale.PasswordCredentials(login.email, login.password)
    with gravscale.ApiClient(gravscale.Configuration(host=url, credentials=credentials)) as api_client:
        _renewal(api_client, credentials)

        accounts = gravscale.AccountApi(api_client).list_accounts()
        client_id = accounts.items[0].client_id
        _step("account_api.list_accounts()", *(f"client {a.client_id}: {a.client_status}" for a in accounts.items))

        metals = gravscale.MetalApi(api_client).get_metal()
        _step("metal_api.get_metal()", *_metals(metals))

        vpcs = gravscale.VirtualPrivateCloudApi(api_client).list_vpc(client_id)
        _step(f"vpc_api.list_vpc({client_id})", *(f"{v.name}, tenant {v.tenant.name}" for v in vpcs.items))

        network, vpc_name, address = gravscale.NetworkApi(api_client), vpcs.items[0].name, "10.0.0.10"
        wanted = gravscale.CreatePublicIpSchema(vpc_name=vpc_name, address=address)
        task = network.create_public_ip(client_id, wanted)
        _step(f"network_api.create_public_ip({client_id}, wanted)", f"task {task.id}: {task.status}")
        _follow(api_client, task)

        ips = network.list_all_public_ips(client_id, vpc_name)
        _step(
            f"network_api.list_all_public_ips({client_id}, {vpc_name!r})",
            *(f"{ip.address} is {', '.join(public.address for public in ip.public_ip)}" for ip in ips.items),
        )
        task = network.deallocate_public_ip(client_id, address)
        _step(f"network_api.deallocate_public_ip({client_id}, {address!r})", f"task {task.id}: {task.status}")
        _follow(api_client, task)
        left = network.list_all_public_ips(client_id, vpc_name)
        _step(f"network_api.list_all_public_ips({client_id}, {vpc_name!r})", f"{len(left.items)} public IPs are left")


def _renewal(api_client: gravscale.ApiClient, credentials: gravscale.PasswordCredentials) -> None:
    auth = gravscale.AuthenticationApi(api_client)
    auth.info()
    first = credentials.access_token(api_client)
    _step("auth.info(), with PasswordCredentials", "signed in on this first call that needs a token")
    time.sleep(_TOKEN_LIFE_SECONDS)
    auth.info()
    is_new = credentials.access_token(api_client) != first
    what = f"the token, valid for {_TOKEN_LIFE_SECONDS:.0f} s, was {'renewed automatically' if is_new else 'kept'}"
    _step(f"auth.info(), {_TOKEN_LIFE_SECONDS:.0f} s later", what)


def _follow(api_client: gravscale.ApiClient, task: TaskTreeSchema) -> None:
    # The bar goes to stderr, so flush the lines that stdout still buffers.
    _step("gravscale.wait_for_task(api_client, task, progress=True)")
    sys.stdout.flush()
    task = gravscale.wait_for_task(
        api_client, task, timeout=_TIMEOUT_SECONDS, poll_interval=_POLL_SECONDS, progress=True
    )
    _results(f"{task.percentage_complete} % {task.status}")


_number = 0


def _step(call: str, *results: str) -> None:
    global _number
    _number += 1
    print(f"{_number:2d}. {_bold(call)}")
    _results(*results)


def _results(*results: str) -> None:
    for result in results:
        print(textwrap.fill(result, WIDTH, initial_indent="      -> ", subsequent_indent="         "))


def _bold(text: str) -> str:
    return f"\x1b[1m{text}\x1b[0m" if sys.stdout.isatty() else text


def _masked(token: str) -> str:
    return f"*** ({len(token)} characters)"


def _until(authorization: gravscale.AuthorizationSchema) -> str:
    return f"valid until {authorization.expires_at:%H:%M:%S} UTC"


def _metals(metals: JsonValue) -> list[str]:
    offers = [metal for metal in metals if isinstance(metal, dict)] if isinstance(metals, list) else []
    columns = ("name", "cores", "memoryGb", "pricePerMonthUsd")
    lines = ["{:10} {:3} cores {:4} GB  {:7.2f} USD".format(*map(metal.get, columns)) for metal in offers[:3]]
    return [*lines, f"and {len(offers) - 3} more"]
