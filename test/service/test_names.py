"""The package's names: loaded on first use, and otherwise like any other names."""

from __future__ import annotations

import copy
import json
import pickle
import subprocess
import sys
from typing import Any

import pytest
from misbehaving import answer, serving

import gravscale


def printed_by(program: str, *arguments: str) -> Any:
    """The output of a fresh interpreter, parsed as JSON."""
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", program, *arguments], capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stderr) == (0, ""), run.stderr
    return json.loads(run.stdout)


def test_importing_the_package_loads_neither_pydantic_nor_urllib3() -> None:
    loaded = printed_by("import sys, json, gravscale; print(json.dumps(sorted(sys.modules)))")
    assert not {"pydantic", "pydantic_core", "urllib3", "http.client", "logging", "typing", "typing_extensions"} & set(
        loaded
    )
    assert [name for name in loaded if name.startswith("gravscale")] == [
        "gravscale",
        "gravscale.api",
        "gravscale.models",
        "gravscale.support",
        "gravscale.support.lazy",
        "gravscale.support.version",
    ]


def test_a_call_loads_its_own_tag_and_its_own_models_and_no_others() -> None:
    program = """
import sys, json, gravscale
with gravscale.ApiClient(gravscale.Configuration(sys.argv[1], access_token="token")) as api_client:
    gravscale.AuthenticationApi(api_client).info()
print(json.dumps([name for name in sys.modules if name.startswith(("gravscale.api.", "gravscale.models."))]))
"""
    with serving(answer()) as server:
        loaded = printed_by(program, server.url)
    assert sorted(loaded) == ["gravscale.api.authentication_api", "gravscale.models.user_info_schema"]


@pytest.mark.parametrize("package", ["gravscale", "gravscale.api", "gravscale.models"])
def test_dir_and_star_import_know_every_name(package: str) -> None:
    program = f"""
import json, {package} as package
listed = dir(package)
from {package} import *
print(json.dumps([sorted(set(package.__all__) - set(listed)), sorted(set(package.__all__) - set(globals()))]))
"""
    assert printed_by(program) == [[], []]


@pytest.mark.parametrize("name", gravscale.__all__)
def test_every_name_can_be_pickled_and_copied(name: str) -> None:
    value = getattr(gravscale, name)
    for restored in (pickle.loads(pickle.dumps(value)), copy.deepcopy(value)):
        # A union is created anew, because Python caches only the last ones.
        assert restored is value or (name == "TaskStatus" and restored == value)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'gravscale' has no attribute 'Missing'"):
        gravscale.Missing  # noqa: B018  # the access is what is tested


def test_the_first_use_is_thread_safe() -> None:
    program = """
import json, sys, threading, gravscale
names = ("ApiClient", "Configuration", "LoginSchema", "AuthenticationApi", "TaskTreeSchema", "paginate", "ApiException")
start, seen, failed = threading.Barrier(32), [], []
def use(number):
    start.wait()
    try:
        order = names[number % len(names):] + names[:number % len(names)]
        seen.append({name: id(getattr(gravscale, name)) for name in order})
        gravscale.LoginSchema(email="me@example.com", password="p")
    except BaseException as error:
        failed.append(repr(error))
sys.setswitchinterval(1e-6)
threads = [threading.Thread(target=use, args=(number,)) for number in range(32)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(json.dumps([failed, all(one == seen[0] for one in seen), len(seen)]))
"""
    assert printed_by(program) == [[], True, 32]
