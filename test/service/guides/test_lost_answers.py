"""The errors guide's `publish()` allocates once and waits, even if answers are lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import urllib3
from misbehaving import Connection, Request, Server, message, serving
from pages import DOCS, blocks

import gravscale
from gravscale.sandbox import SandboxFixture

(SOURCE,) = [block.source for block in blocks(DOCS / "errors.md") if "def publish" in block.source]
ADDRESS = "10.0.0.21"
FORWARDED = ("authorization", "content-type")


@contextmanager
def losing(sandbox: SandboxFixture, lose: dict[tuple[str, int], Callable[[Connection], None]]) -> Iterator[Server]:
    """A service that does the work, but loses some of its answers.

    Args:
        sandbox: The service.
        lose: What happens instead of the answer to a request for public IPs, by its method and its number from 1.
    """
    counts: dict[str, int] = {}
    with urllib3.PoolManager() as pool:

        def forward(connection: Connection, request: Request) -> None:
            answer = pool.request(
                request.method,
                sandbox.url + request.target,
                body=request.body,
                headers={name: value for name, value in request.headers.items() if name in FORWARDED},
                retries=False,
            )
            if request.target.startswith("/api/network/public-ip"):
                counts[request.method] = counts.get(request.method, 0) + 1
                if instead := lose.get((request.method, counts[request.method])):
                    instead(connection)
                    return
            connection.send(message(answer.data, answer.status))

        with serving(forward) as server:
            yield server


def unavailable(connection: Connection) -> None:
    connection.send(message({}, 503))


@pytest.mark.gravscale_sandbox(task_duration=0.3)
@pytest.mark.parametrize(
    ("lose", "posts"),
    [
        pytest.param({}, 1, id="nothing"),
        pytest.param({("POST", 1): Connection.reset}, None, id="the first answer"),
        pytest.param({("POST", 1): unavailable}, None, id="the first answer, by a proxy that says 503"),
        pytest.param({("POST", 1): Connection.reset, ("POST", 2): unavailable}, None, id="two answers"),
        # Three times, because the client itself repeats a GET twice.
        pytest.param({("GET", number): unavailable for number in (1, 2, 3)}, 1, id="a list"),
    ],
)
def test_an_address_is_published_once_even_if_answers_are_lost(
    gravscale_sandbox: SandboxFixture,
    lose: dict[tuple[str, int], Callable[[Connection], None]],
    posts: int | None,
    capsys: pytest.CaptureFixture[str],
) -> None:
    credentials = gravscale.PasswordCredentials(gravscale_sandbox.email, gravscale_sandbox.password)
    with (
        losing(gravscale_sandbox, lose) as server,
        gravscale.ApiClient(gravscale.Configuration(server.url, credentials=credentials)) as api_client,
    ):
        network_api = gravscale.NetworkApi(api_client)
        client_id = gravscale_sandbox.client_id
        names: dict[str, object] = {
            "gravscale": gravscale,
            "api_client": api_client,
            "network_api": network_api,
            "client_id": client_id,
        }
        exec(SOURCE, names)  # it publishes the address twice
        assert capsys.readouterr().out == "True\n"
        listed = [ip.address for ip in gravscale.paginate(network_api.list_all_public_ips, client_id, "vpc-main")]
        tasks = gravscale.TaskManagerApi(api_client).list_tasks(client_id).items
        sent = [request for request in server.requests if request.method == "POST" and "public-ip" in request.target]
    assert listed == [ADDRESS]
    assert [task.status for task in tasks] == ["completed"]
    assert posts is None or len(sent) == posts


def test_it_says_when_the_allocation_failed(gravscale_sandbox: SandboxFixture) -> None:
    names: dict[str, object] = {
        "gravscale": gravscale,
        "api_client": gravscale_sandbox.api_client,
        "network_api": gravscale.NetworkApi(gravscale_sandbox.api_client),
        "client_id": gravscale_sandbox.client_id,
    }
    source = SOURCE.replace(ADDRESS, "192.0.2.21")
    with pytest.raises(gravscale.TaskFailedError, match="no route"):
        exec(source, names)
