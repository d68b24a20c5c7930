"""The SDK imports some modules during a call. If that fails, the call fails with an SDK error."""

from __future__ import annotations

import importlib
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from example_service import AuthenticationApi
from misbehaving import INFO, Server, answer, serving

import gravscale
from gravscale.token_refresh import RefreshChain, refresh_single_flight

# Each is the first such call in its process, on a connection that is already open.
CALLS = {
    "a sign-in": "auth.info()",
    "facts about a call": "with_token.info_with_http_info()",
    "a call that the SDK does not cover": "client.request('GET', '/api/new')",
    "an upload": "client.call_api('POST', url, FORM, post_params=[('file', ('a.txt', b'content'))]).read()",
    "an answer with an odd time": "tasks.list_tasks(client_id=1)",
    "an event hook": "observed.info()",
}
PROGRAM = """
import os, sys
import gravscale
import example_service
example_service.stand_in()

url = sys.argv[1]
FORM = {"Content-Type": "multipart/form-data"}

def connected(**settings):
    client = gravscale.ApiClient(gravscale.Configuration(url, retries=0, timeout=10, **settings))
    client.call_api("GET", url).read()
    return client

client = connected(access_token="token")
with_token, tasks = example_service.AuthenticationApi(client), example_service.TaskManagerApi(client)
credentials = gravscale.PasswordCredentials("me@example.com", "secret")
auth = example_service.AuthenticationApi(connected(credentials=credentials))
observed = example_service.AuthenticationApi(
    gravscale.ApiClient(gravscale.Configuration(url, retries=0, access_token="token", event_hooks={"request": [repr]}))
)
"""
NO_FILE = """
import resource
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
taken = []
try:
    while True:
        taken.append(os.open(os.devnull, os.O_RDONLY))
except OSError:
    pass
"""
# As Python sets it during its shutdown.
AT_THE_END = "sys.meta_path = None"
TIME = "2026-01-01 00:00:00 +0000"
TASK = {"id": "t", "status": "running", "createdAt": TIME, "updatedAt": TIME}
TOKENS = {"accessToken": "a", "refreshToken": "r", "type": "Bearer", "expiresAt": "2100-01-01T00:00:00Z"}
EVERYTHING = {**INFO, **TOKENS, "items": [TASK], "total": 1, "page": 1, "size": 50, "pages": 1}


@pytest.fixture
def server() -> Iterator[Server]:
    with serving(answer(EVERYTHING)) as running:
        yield running


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit for a process")
@pytest.mark.parametrize("end", [NO_FILE, AT_THE_END], ids=["no file can be opened", "Python is about to end"])
@pytest.mark.parametrize("call", CALLS)
def test_an_import_that_fails_during_a_call_is_an_sdk_error(call: str, end: str, server: Server) -> None:
    attempt = f"""
try:
    {CALLS[call]}
except gravscale.OpenApiException as error:
    kind = type(error).__name__
else:
    kind = "answered"
os.write(1, kind.encode())
os._exit(0)
"""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PROGRAM + end + attempt, server.url],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    # An upload doesn't need the list of media types.
    assert done.stdout in ("ApiConnectionError", *(["answered"] if call == "an upload" else [])), done.stderr


def test_an_import_that_fails_in_your_own_function_is_raised_unchanged(server: Server) -> None:
    def token() -> str:
        return importlib.import_module("gravscale.no_such_module").__name__

    configuration = gravscale.Configuration(server.url, access_token=token)
    with gravscale.ApiClient(configuration) as client, pytest.raises(ModuleNotFoundError):
        AuthenticationApi(client).info()


def test_a_file_that_your_own_function_cannot_read_is_raised_unchanged(server: Server, tmp_path: Any) -> None:
    configuration = gravscale.Configuration(server.url, access_token=(tmp_path / "token").read_text)
    with gravscale.ApiClient(configuration) as client, pytest.raises(FileNotFoundError):
        AuthenticationApi(client).info()


def test_threads_that_wait_for_a_renewal_that_cannot_import_get_an_sdk_error(monkeypatch: pytest.MonkeyPatch) -> None:
    importing, waiting = threading.Event(), threading.Event()

    class Slow:
        def find_spec(self, name: str, path: object, target: object = None) -> None:
            if name == "gravscale.no_such_module":
                importing.set()
                waiting.wait(10)

    def ready(in_flight: bool) -> None:
        if in_flight:
            waiting.set()

    chain, ends = RefreshChain(), time.monotonic() + 10
    errors: list[BaseException] = []

    def renew(refresh: Any) -> None:
        try:
            refresh_single_flight(chain, ready, refresh, ends)
        except Exception as error:
            errors.append(error)

    monkeypatch.setattr(sys, "meta_path", [Slow(), *sys.meta_path])
    fails = partial(importlib.import_module, "gravscale.no_such_module")
    owner = threading.Thread(target=renew, args=[fails])
    owner.start()
    assert importing.wait(10)
    renew(pytest.fail)
    owner.join(10)
    assert [type(error) for error in errors if isinstance(error, gravscale.OpenApiException)] == [
        gravscale.ApiConnectionError
    ]
