"""Libraries that replace Python's sockets, threads or TLS. Each runs in its own process, as it can't be undone."""

from __future__ import annotations

import importlib.util
import ssl
import subprocess
import sys
from pathlib import Path

import pytest
import trustme
from misbehaving import Connection, Request, Server, answer, dripping, message, serving

REPLACED = {
    "truststore": "import truststore; truststore.inject_into_ssl()",
    "OpenSSL": "import urllib3.contrib.pyopenssl; urllib3.contrib.pyopenssl.inject_into_urllib3()",
    "gevent": "from gevent import monkey; monkey.patch_all()",
    "eventlet": "import eventlet; eventlet.monkey_patch()",
}
CLIENT = """
import sys, time
import gravscale
import example_service
example_service.stand_in()

configuration = gravscale.Configuration(sys.argv[1], access_token="token", retries=0, ssl_ca_cert=sys.argv[2])
client = gravscale.ApiClient(configuration)
auth = example_service.AuthenticationApi(client)
"""
DRIPPED = """
auth.info()
started = time.monotonic()
try:
    auth.info(_request_timeout=0.5)
except gravscale.ApiTimeoutError:
    print("over" if time.monotonic() - started < 1.0 else "over late")
"""
EARLY = """
try:
    client.call_api("POST", sys.argv[1], body="x" * 20_000_000, _request_timeout=10)
except gravscale.ApiException as error:
    print(error)
else:
    print("read")
"""
GREENLETS = """
import threading

received = {}
def ask(number):
    received[number] = client.call_api("GET", f"{sys.argv[1]}/{number}").read().decode()

threads = [threading.Thread(target=ask, args=(number,)) for number in range(20)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(received == {number: f"/{number}" for number in range(20)})
"""


@pytest.fixture(params=REPLACED)
def first(request: pytest.FixtureRequest) -> str:
    """The first lines of a program that replaces something."""
    library: str = request.param
    if importlib.util.find_spec(library) is None:
        pytest.skip(f"{library} is not installed")
    return REPLACED[library]


@pytest.fixture
def tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


def run(program: str, server: Server, authority: trustme.CA, tmp_path: Path) -> str:
    """The output of a program. Only the libraries' own warnings may appear on stderr."""
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program, server.url, str(tmp_path / "ca.pem")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stderr == ""
    return done.stdout


def test_calls_over_tls_are_answered(first: str, tls: ssl.SSLContext, authority: trustme.CA, tmp_path: Path) -> None:
    program = f"{first}\n{CLIENT}print(auth.info().nickname, auth.info().nickname)"
    with serving(answer(), tls=tls) as server:
        assert run(program, server, authority, tmp_path) == "me me\n"
        assert server.connections == 1


def test_a_server_that_drips_over_tls_holds_no_call_beyond_its_timeout(
    first: str, tls: ssl.SSLContext, authority: trustme.CA, tmp_path: Path
) -> None:
    with serving(answer(), dripping(message()), tls=tls) as server:
        assert run(f"{first}\n{CLIENT}{DRIPPED}", server, authority, tmp_path) == "over\n"


def test_an_early_answer_over_tls_is_read(
    first: str, tls: ssl.SSLContext, authority: trustme.CA, tmp_path: Path
) -> None:
    def refuse(connection: Connection) -> None:
        connection.socket.recv(65536)
        connection.send(message({}, 200, {"Connection": "close"}))
        connection.hold()

    with serving(answer(), greet=refuse, tls=tls) as server:
        assert run(f"{first}\n{CLIENT}{EARLY}", server, authority, tmp_path) == "read\n"


@pytest.mark.parametrize("library", ["gevent", "eventlet"])
def test_greenlets_each_get_their_own_answers(
    library: str, tls: ssl.SSLContext, authority: trustme.CA, tmp_path: Path
) -> None:
    pytest.importorskip(library)

    def echo(connection: Connection, request: Request) -> None:
        # Time for the other greenlets to send their requests.
        connection.server.over.wait(0.02)
        connection.send(message(request.target.encode()))

    with serving(echo, tls=tls) as server:
        assert run(f"{REPLACED[library]}\n{CLIENT}{GREENLETS}", server, authority, tmp_path) == "True\n"
