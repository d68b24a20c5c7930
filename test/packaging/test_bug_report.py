"""python -m gravscale prints everything that a bug report needs, and no secrets."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

import gravscale

OURS = ("GRAVSCALE_", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
WITHOUT = "import sys, runpy; sys.modules[{module!r}] = None; runpy.run_module('gravscale', run_name='__main__')"


def report(*command: str, **settings: str) -> str:
    """The output with these settings and no others."""
    environment = {name: value for name, value in os.environ.items() if not name.upper().startswith(OURS)}
    run = subprocess.run(
        [sys.executable, "-W", "error", *(command or ("-m", "gravscale"))],
        capture_output=True,
        text=True,
        check=False,
        env=environment | {"GRAVSCALE_HOST": "http://host"} | settings,
    )
    assert (run.returncode, run.stderr) == (0, "")
    return run.stdout


def test_it_names_the_versions_of_all_dependencies() -> None:
    lines = report().splitlines()
    assert lines[0] == f"gravscale {gravscale.__version__}"
    assert f"Python {platform.python_version()} " in lines[1]
    for name in ("urllib3", "pydantic", "python-dateutil", "typing-extensions"):
        assert f"{name} {metadata.version(name)}" in lines
    extras = {line.partition(":")[0]: line for line in lines if line.startswith("extra ")}
    assert set(extras) == {"extra cli", "extra progress", "extra redis", "extra sandbox", "extra store"}
    assert f"uvicorn {metadata.version('uvicorn')}" in extras["extra sandbox"]
    assert extras["extra store"].endswith(f", platformdirs {metadata.version('platformdirs')}")


def test_it_shows_the_settings_and_the_proxy() -> None:
    printed = report(
        GRAVSCALE_HOST="https://api.example.com/v1", HTTPS_PROXY="http://proxy.example.com:3128", NO_PROXY="a"
    )
    assert "\nGRAVSCALE_HOST: set\n" in printed
    assert "Configuration(host='https://api.example.com/v1'" in printed
    assert "\nNO_PROXY: a\n" in printed
    assert printed.endswith("\nproxy: http://proxy.example.com:3128\n")
    assert report(GRAVSCALE_HOST="http://host").endswith("\nproxy: none\n")
    assert "\nGRAVSCALE_HOST: empty, which counts as not set\n" in report(GRAVSCALE_HOST="")


@pytest.mark.parametrize("scheme", ["http://", ""])
def test_it_shows_no_secret(scheme: str) -> None:
    secrets = {
        "GRAVSCALE_EMAIL": "someone@example.com",
        "GRAVSCALE_PASSWORD": "hunter2-hunter2",
        "GRAVSCALE_TOKEN": "token-under-a-wrong-name",
    }
    proxies = {"HTTP_PROXY": f"{scheme}user:proxy-password@127.0.0.1:3128", "NO_PROXY": "http://u:no-password@host"}
    printed = report(**secrets, **proxies)
    assert "credentials=<PasswordCredentials>" in printed
    assert "GRAVSCALE_TOKEN: not a setting of this version" in printed
    assert "proxy: http://127.0.0.1:3128" in printed
    for secret in (*secrets.values(), "user", "proxy-password", "no-password"):
        assert secret not in printed
    assert "access_token=***" in (printed := report(GRAVSCALE_ACCESS_TOKEN="only-a-token"))
    assert "only-a-token" not in printed


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        (
            {"GRAVSCALE_HOST": "secret-token"},
            "ApiValueError: GRAVSCALE_HOST: expected an http or https URL with a host",
        ),
        (
            {"GRAVSCALE_HOST": "https://user:secret-token@host"},
            "ApiValueError: GRAVSCALE_HOST: the URL must not contain a user name or password",
        ),
        ({"GRAVSCALE_EMAIL": "me"}, "ApiValueError: GRAVSCALE_PASSWORD: not set, while GRAVSCALE_EMAIL is"),
        ({"HTTP_PROXY": "http://user:secret-token/@host"}, "ApiValueError: the environment's proxy: expected"),
    ],
)
def test_a_bad_setting_is_named_but_not_shown(settings: dict[str, str], complaint: str) -> None:
    printed = report(**settings)
    assert f"\n{complaint}" in printed
    assert "secret-token" not in printed


@pytest.mark.skipif(os.name != "posix", reason="only POSIX has settings that are no text")
def test_a_setting_of_any_bytes_is_printed_on_any_terminal() -> None:
    printed = report(NO_PROXY=os.fsdecode(b"caf\xe9"), PYTHONIOENCODING="ascii")
    assert "NO_PROXY: caf\\udce9\n" in printed


def test_a_broken_installation_can_still_be_reported() -> None:
    printed = report("-c", WITHOUT.format(module="urllib3"))
    assert f"\nurllib3 {metadata.version('urllib3')}\n" in printed
    assert printed.endswith("ModuleNotFoundError: import of urllib3 halted; None in sys.modules\n")


def test_a_missing_package_is_named() -> None:
    program = """
import runpy
from importlib import metadata

installed = metadata.version

def version(name):
    if name == missing:
        raise metadata.PackageNotFoundError(name)
    return installed(name)

missing, metadata.version = "uvicorn", version
runpy.run_module("gravscale", run_name="__main__")
"""
    assert ", uvicorn (not installed)\n" in report("-c", program)


def test_sources_that_are_not_installed_can_be_reported_too(tmp_path: Path) -> None:
    sources = Path(gravscale.__file__).parent
    shutil.copytree(sources, tmp_path / "gravscale", ignore=shutil.ignore_patterns("__pycache__"))
    run = subprocess.run(
        # Without site-packages.
        [sys.executable, "-S", "-m", "gravscale"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert (run.returncode, run.stderr) == (0, "")
    assert "\nnot installed: running from source\n" in run.stdout


def test_it_takes_no_arguments() -> None:
    run = subprocess.run([sys.executable, "-m", "gravscale", "tour"], capture_output=True, text=True, check=False)
    assert run.returncode == 2
    assert "unrecognized arguments: tour" in run.stderr
    assert "python -m gravscale.sandbox" in report("-m", "gravscale", "--help")
