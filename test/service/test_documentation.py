"""The examples of the generated documentation run without changes. For the guides, see guides/."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import gravscale
from gravscale.sandbox import Sandbox

ROOT = Path(__file__).parents[2]
API_PAGES = sorted((ROOT / "docs").glob("*Api.md"))
GENERATED = "<!-- Generated from openapi.json"
MODEL_PAGES = sorted(
    page
    for page in (ROOT / "docs").glob("*.md")
    if page not in API_PAGES and page.read_text("utf-8").startswith(GENERATED)
)

EMAIL, PASSWORD = "reader@example.com", "a reader's own"


def examples(page: Path) -> list[str]:
    return re.findall(r"```python\n(.*?)```", page.read_text("utf-8"), re.DOTALL)


def run(program: str, environment: dict[str, str]) -> str:
    finished = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | environment,
    )
    assert (finished.returncode, finished.stderr) == (0, ""), program
    return finished.stdout


def test_there_is_a_page_for_each_api_class() -> None:
    assert len(API_PAGES) >= 6


@pytest.fixture
def reader() -> Iterator[dict[str, str]]:
    """The environment of a reader who has signed up, signed in and started a task."""
    with Sandbox(task_duration=0) as sandbox:
        configuration = gravscale.Configuration(host=sandbox.url)
        with gravscale.ApiClient(configuration) as api_client:
            auth = gravscale.AuthenticationApi(api_client)
            auth.sign_up({"email": EMAIL, "password": PASSWORD})
            authorization = auth.sign_in({"email": EMAIL, "password": PASSWORD})
            configuration.access_token = authorization.access_token
            wanted = {"vpcName": "vpc-lab", "address": "10.0.0.99"}
            task = gravscale.NetworkApi(api_client).create_public_ip(1, wanted)
        yield {
            "GRAVSCALE_HOST": sandbox.url,
            "GRAVSCALE_REFRESH_TOKEN": authorization.refresh_token or "",
            "GRAVSCALE_EMAIL": EMAIL,
            "GRAVSCALE_PASSWORD": PASSWORD,
            "GRAVSCALE_TASK_ID": task.id,
        }


@pytest.mark.parametrize("page", API_PAGES, ids=lambda page: page.stem)
def test_every_example_of_an_api_page_prints_a_response(page: Path, reader: dict[str, str]) -> None:
    programs = examples(page)
    # One process per page, because each example has its own imports. An example that signs up needs a new address.
    signing_up = [program for program in programs if ".sign_up(" in program]
    output = run("\n".join(program for program in programs if program not in signing_up), reader)
    if signing_up:
        output += run(signing_up[0], reader | {"GRAVSCALE_EMAIL": "another@example.com"})
    operations = re.findall(r"api_instance\.(\w+)\(", "\n".join(programs))
    assert len(operations) == len(programs)
    for operation in operations:
        assert f"The response of {page.stem}->{operation}:" in output
    assert "Exception" not in output


def test_the_example_of_every_model_page_runs() -> None:
    programs = [program for page in MODEL_PAGES for program in examples(page)]
    assert len(programs) >= 21
    assert run("\n".join(programs), {}).count("\nTrue") == len(programs)


def test_the_readme_has_the_two_commands_and_ci_runs_the_second() -> None:
    commands = re.findall(r"^python3 -m venv .*$", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE)
    assert len(commands) == 2
    assert commands[0].endswith("-m gravscale.sandbox tour")
    assert commands[1].endswith("tox run -e py")
    ci = ROOT / ".ci" / "run"
    # An sdist does not have it.
    assert not ci.exists() or "<!-- test command -->" in ci.read_text("utf-8")
