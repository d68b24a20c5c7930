"""The fixture `gravscale_sandbox`, in a user's own test suite."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import gravscale

ROOT = Path(__file__).parents[2]
PLUGIN = "gravscale.sandbox.pytest_plugin"


def pytest_of(suite: str, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a user's tests, in a folder outside this project."""
    (folder / "test_mine.py").write_text(suite)
    (folder / "pytest.ini").write_text("[pytest]\n")
    command = [sys.executable, "-m", "pytest", "-p", PLUGIN, "-p", "no:cacheprovider", "-W", "error", *arguments]
    # As the entry point would load it, even if the project is not installed.
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""}
    environment["PYTHONPATH"] = str(Path(gravscale.__file__).parent.parent)
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


SUITE = """
import pytest
import gravscale
from gravscale.sandbox import SandboxFixture

urls = []

def test_its_account_signs_in_on_first_use(gravscale_sandbox: SandboxFixture) -> None:
    assert isinstance(gravscale_sandbox, SandboxFixture)
    urls.append(gravscale_sandbox.url)
    with gravscale.ApiClient(gravscale_sandbox.configuration) as api_client:
        assert gravscale.AuthenticationApi(api_client).info().email == gravscale_sandbox.email
        accounts = gravscale.AccountApi(api_client).list_accounts().items
        assert [account.client_id for account in accounts] == [gravscale_sandbox.client_id]
        task = gravscale.NetworkApi(api_client).create_public_ip(
            gravscale_sandbox.client_id, {"vpc_name": "vpc-main", "address": "10.0.0.10"}
        )
        gravscale.wait_for_task(api_client, task, poll_interval=0.05)

def test_each_test_starts_with_an_empty_sandbox(gravscale_sandbox):
    assert gravscale_sandbox.url not in urls
    network = gravscale.NetworkApi(gravscale_sandbox.api_client)
    assert network.list_all_public_ips(gravscale_sandbox.client_id, "vpc-main").items == []

def test_the_password_is_that_of_the_account(gravscale_sandbox):
    login = {"email": gravscale_sandbox.email, "password": gravscale_sandbox.password}
    configuration = gravscale.Configuration(gravscale_sandbox.url, no_proxy="*")
    with gravscale.ApiClient(configuration) as api_client:
        assert gravscale.AuthenticationApi(api_client).sign_in(login).access_token
    assert gravscale_sandbox.password not in repr(gravscale_sandbox)

@pytest.mark.gravscale_sandbox(token_ttl=0.2)
def test_the_marker_sets_the_arguments_of_the_sandbox(gravscale_sandbox):
    assert gravscale_sandbox.sandbox.token_ttl == 0.2

@pytest.mark.gravscale_sandbox(failure_rate=1, token_ttl=0)
def test_failures_start_in_the_test_and_not_during_setup(gravscale_sandbox):
    with pytest.raises(gravscale.ServiceException):
        gravscale.AuthenticationApi(gravscale_sandbox.api_client).info()
    gravscale_sandbox.sandbox.failure_rate = 0
    gravscale_sandbox.sandbox.token_ttl = 60
    assert gravscale.AuthenticationApi(gravscale_sandbox.api_client).info().email == gravscale_sandbox.email

@pytest.mark.gravscale_sandbox(0.5)
def test_a_positional_setting_is_refused(gravscale_sandbox):
    pass
"""


def test_each_test_gets_its_own_sandbox_with_an_account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A proxy could not find the sandbox, so none is used.
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    run = pytest_of(SUITE, tmp_path, "--strict-markers")
    assert "5 passed, 1 error" in run.stdout, run.stdout + run.stderr
    assert "the marker gravscale_sandbox takes settings by name" in run.stdout


def test_without_the_extra_other_tests_still_run(tmp_path: Path) -> None:
    missing = """
import sys

for name in ("fastapi", "uvicorn", "sqlalchemy", "argon2", "jwt", "fastapi_pagination"):
    assert name not in sys.modules
    sys.modules[name] = None

def test_of_something_else():
    pass

def test_with_it(gravscale_sandbox):
    pass
"""
    run = pytest_of(missing, tmp_path)
    assert "1 passed, 1 error" in run.stdout, run.stdout + run.stderr
    assert re.search(r"the sandbox needs \w+: pip install 'gravscale\[sandbox\]'", run.stdout)


def test_loading_the_plugin_loads_nothing_heavy() -> None:
    program = (
        f"import sys, {PLUGIN}; print([n for n in ('fastapi', 'uvicorn', 'urllib3', 'pydantic') if n in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=ROOT)
    assert run.stdout == "[]\n", run.stderr


def test_pytest_finds_the_plugin_automatically() -> None:
    declared = (ROOT / "pyproject.toml").read_text()
    assert f'[project.entry-points.pytest11]\ngravscale_sandbox = "{PLUGIN}"\n' in declared


def test_the_guide_shows_a_test_that_passes(tmp_path: Path) -> None:
    guide = (ROOT / "docs" / "testing.md").read_text()
    blocks = re.findall(r"^```python\n(.*?)^```", guide, re.MULTILINE | re.DOTALL)
    run = pytest_of("\n".join(blocks), tmp_path, "--strict-markers")
    assert re.search(rf"\b{sum(block.count('def test_') for block in blocks)} passed", run.stdout), run.stdout
