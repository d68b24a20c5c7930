"""The commands of the former command line still work, and name the new ones."""

from __future__ import annotations

import pytest
from command_runs import EMAIL, PASSWORD, Gravscale

from gravscale.sandbox import Sandbox


def test_the_former_commands_still_work(gravscale: Gravscale, own: Sandbox) -> None:
    run = gravscale("auth", "login", "--host", own.url, "-e", EMAIL, "-p", PASSWORD)
    assert run.status == 0
    assert run.err.startswith("gravscale: this command is now: gravscale login\n")
    assert gravscale("auth", "info", "-j").data["email"] == EMAIL
    assert gravscale("account", "list", "--json").data[0]["clientId"] == 1
    assert len(gravscale("vpc", "list", "-c", "1", "-j").data) == 2
    allocate = ("nat11", "allocate", "-c", "1", "-v", "vpc-main", "-a", "10.0.0.10")
    assert gravscale(*allocate, "--json").data["status"] == "completed"
    run = gravscale("nat11", "list", "-c", "1", "-v", "vpc-main", "-j")
    assert run.data[0]["address"] == "10.0.0.10"
    assert run.err == "gravscale: this command is now: gravscale ip list --vpc NAME\n"
    assert gravscale("nat11", "deallocate", "-c", "1", "-a", "10.0.0.10", "-q").status == 0
    assert gravscale("nat11", "list", "-v", "vpc-main", "-q") == (0, "", "")


def test_a_login_may_leave_the_password_to_the_prompt(gravscale: Gravscale) -> None:
    assert "--password-stdin: required" in gravscale("auth", "login", "--host", "http://127.0.0.1:9", "-e", EMAIL).err


@pytest.mark.parametrize("name", ["auth", "nat11"])
def test_help_does_not_show_them(gravscale: Gravscale, name: str) -> None:
    assert f"  {name} " not in gravscale("--help").out
    assert "--json" not in gravscale("vpc", "list", "--help").out
