"""Credentials over plain http to another host give one warning per process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from misbehaving import refusing

import gravscale

# These requests don't leave the machine: they go through a proxy that refuses every connection.
PRELUDE = """
import sys, threading, warnings
from gravscale import ApiClient, ApiConnectionError, Configuration, InsecureTransportWarning
from example_service import AuthenticationApi, stand_in

stand_in()

def call(host, login=False, **settings):
    with ApiClient(Configuration(host=host, proxy=sys.argv[1], no_proxy="", retries=0, **settings)) as client:
        try:
            if login:
                AuthenticationApi(client).sign_in({"email": "e", "password": "p"})
            else:
                client.request("GET", "/info")
        except ApiConnectionError:
            pass
"""


def run(program: str, *options: str) -> subprocess.CompletedProcess[str]:
    with refusing() as proxy:
        root = str(Path(gravscale.__file__).parent.parent)
        return subprocess.run(
            [sys.executable, *options, "-c", PRELUDE + program, proxy],
            env={**os.environ, "PYTHONPATH": os.pathsep.join((root, os.environ["PYTHONPATH"])), "PYTHONWARNINGS": ""},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


@pytest.mark.parametrize(
    ("program", "warnings"),
    [
        ("call('http://service.test', access_token='hunter2')", 1),
        ("call('http://service.test', login=True)", 1),
        ("for _ in range(3): call('http://service.test', access_token='hunter2'); call('http://other.test', True)", 1),
        ("call('http://192.0.2.1', access_token='hunter2')", 1),
        ("call('http://service.test')", 0),
        ("call('https://service.test', access_token='hunter2')", 0),
        ("for host in ('localhost', '127.0.0.1', '127.9.9.9', '[::1]', 'api.localhost'):\n"
         "    call(f'http://{host}', access_token='hunter2')", 0),
        ("threads = [threading.Thread(target=call, args=('http://service.test', True)) for _ in range(16)]\n"
         "for thread in threads: thread.start()\n"
         "for thread in threads: thread.join()", 1),
    ],
)  # fmt: skip
def test_credentials_over_plain_http_warn_once_per_process(program: str, warnings: int) -> None:
    ran = run(program, "-W", "always")
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr.count("InsecureTransportWarning") == warnings, ran.stderr
    assert "hunter2" not in ran.stderr


def test_the_warning_points_at_the_callers_own_line() -> None:
    ran = run("call('http://service.test', access_token='hunter2')", "-W", "always")
    assert ran.stderr.startswith("<string>:"), ran.stderr


def test_if_warnings_are_errors_no_call_is_sent() -> None:
    program = """
outcomes = []
for _ in range(2):
    try:
        call("http://service.test", access_token="hunter2")
    except InsecureTransportWarning:
        outcomes.append("refused")
assert outcomes == ["refused", "refused"], outcomes
"""
    ran = run(program, "-W", "error")
    assert ran.returncode == 0, ran.stderr


def test_a_warning_hook_may_make_a_call() -> None:
    program = """
warnings.showwarning = lambda *_: (call("http://service.test", access_token="hunter2"), print("warned", flush=True))
call("http://service.test", access_token="hunter2")
"""
    ran = run(program, "-W", "always")
    assert (ran.stdout, ran.stderr) == ("warned\n", "")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this platform")
def test_a_process_forked_during_a_warning_can_call() -> None:
    program = """
import os
warning, go_on = threading.Event(), threading.Event()
warnings.showwarning = lambda *_: (warning.set(), go_on.wait(20))
thread = threading.Thread(target=call, args=("http://service.test", True))
thread.start()
warning.wait(20)
child = os.fork()
call("http://service.test", login=True)
if child == 0:
    os._exit(0)
go_on.set()
thread.join()
print(os.waitpid(child, 0)[1])
"""
    ran = run(program, "-W", "always::gravscale.InsecureTransportWarning")
    assert (ran.stdout, ran.stderr) == ("0\n", "")


def test_the_warning_is_public() -> None:
    warning: Any = gravscale.InsecureTransportWarning
    assert issubclass(warning, UserWarning)
