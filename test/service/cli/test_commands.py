"""Each command in each format, against a sandbox."""

from __future__ import annotations

import csv
import json
from typing import Any

import pytest
from command_runs import Gravscale, log_in
from recording import EMAIL, PASSWORD, recording

from gravscale.sandbox import Sandbox

# Each command that only reads, and the first row that it shows, if that is known.
LOOKS = {
    "whoami": ["ada@example.com", "ada"],
    "account list": None,
    "account show": None,
    "metal list": None,
    "vpc list": ["vpc-main", "production", "default"],
    "ip list": ["vpc-lab", "10.0.1.11", "203.0.113.2"],
    "ip list --vpc vpc-lab": ["vpc-lab", "10.0.1.11", "203.0.113.2"],
    "task list --status completed": None,
    "profile list": None,
    "profile show": None,
}
SINGLE = ("whoami", "account show", "profile show")


@pytest.mark.parametrize("command", LOOKS)
def test_every_format_of_a_command_has_the_same_items(signed_in: Gravscale, command: str) -> None:
    words = command.split()
    runs = {form: signed_in(*words, "-o", form) for form in ("table", "json", "jsonl", "csv")}
    assert {run.status for run in runs.values()} == {0}
    document = runs["json"].data
    items = [document] if command in SINGLE else document
    assert items
    assert [json.loads(line) for line in runs["jsonl"].out.splitlines()] == items
    header, *rows = csv.reader(runs["csv"].out.splitlines())
    table = runs["table"].rows
    assert len(rows) == len(table) == len(items)
    assert rows == table
    assert all(len(row) == len(header) for row in rows)
    if first := LOOKS[command]:
        assert rows[0] == first


@pytest.mark.parametrize("command", [command for command in LOOKS if command not in SINGLE])
def test_a_limit_applies_to_every_list(signed_in: Gravscale, command: str) -> None:
    assert len(signed_in(*command.split(), "--limit", "1").rows) == 1


def test_json_uses_the_contracts_names(signed_in: Gravscale) -> None:
    assert set(signed_in("account", "list", "-o", "json").data[0]) == {"uuid", "clientId", "clientStatus"}
    assert signed_in("ip", "list", "-o", "json").data[0]["publicIp"] == [{"address": "203.0.113.2"}]


def test_an_account_is_found_by_its_uuid(signed_in: Gravscale) -> None:
    (account,) = signed_in("account", "list", "-o", "json").data
    assert signed_in("account", "show", account["uuid"], "-o", "json").data == account


def test_columns_select_fields_in_every_format(signed_in: Gravscale) -> None:
    columns = ("--columns", "tenant.name, name", "--limit", "1")
    assert signed_in("vpc", "list", *columns).out == "production\tvpc-main\n"
    assert signed_in("vpc", "list", *columns, "-o", "csv").out == "tenant.name,name\nproduction,vpc-main\n"
    picked = {"tenant.name": "production", "name": "vpc-main"}
    assert signed_in("vpc", "list", *columns, "-o", "json").data == [picked]
    assert signed_in("vpc", "list", *columns, "-o", "jsonl").data == picked


@pytest.mark.parametrize("form", ["table", "json", "jsonl", "csv"])
def test_an_unknown_column_is_named_with_the_known_ones(signed_in: Gravscale, form: str) -> None:
    run = signed_in("vpc", "list", "--columns", "name,size", "-o", form)
    assert (run.status, run.out) == (2, "")
    assert run.err.startswith("gravscale: --columns: no such field: size; the fields are name, tenant (see ")


def test_common_options_may_precede_the_command(signed_in: Gravscale) -> None:
    assert (
        signed_in("-o", "json", "vpc", "--limit", "1", "list").data == signed_in("vpc", "list", "-o", "json").data[:1]
    )
    assert signed_in("-o", "csv", "vpc", "list", "-o", "json").data


def test_a_public_ip_is_allocated_listed_and_released(gravscale: Gravscale, own: Sandbox) -> None:
    log_in(gravscale, own)
    run = gravscale("ip", "allocate", "vpc-main", "10.0.0.10", "-o", "json")
    assert (run.status, run.data["status"], run.data["result"]["address"]) == (0, "completed", "10.0.0.10")
    # Without a terminal, progress is shown as lines.
    assert f"task {run.data['id']}: completed, 100 %\n" in run.err
    assert gravscale("ip", "list").out == "vpc-main\t10.0.0.10\t203.0.113.2\n"
    assert gravscale("ip", "list", "--vpc", "vpc-lab").out == ""
    run = gravscale("ip", "release", "10.0.0.10", "--yes", "--quiet", "-o", "csv")
    assert (run.status, run.err) == (0, "")
    assert run.out.splitlines()[1].split(",")[1] == "completed"
    assert gravscale("ip", "list", "-o", "json").data == []


def test_releasing_asks_first(gravscale: Gravscale, own: Sandbox) -> None:
    log_in(gravscale, own)
    gravscale("ip", "allocate", "vpc-main", "10.0.0.10")
    run = gravscale("ip", "release", "10.0.0.10", stdin="n\n")
    assert run.status == 1
    assert run.err == "Release the public IP of 10.0.0.10? [y/N]: gravscale: nothing was released\n"
    assert gravscale("ip", "release", "10.0.0.10").status == 2
    assert len(gravscale("ip", "list").rows) == 1
    assert gravscale("ip", "release", "10.0.0.10", stdin="y\n").status == 0
    assert gravscale("ip", "list").rows == []


def test_with_no_wait_a_task_can_be_shown_and_waited_for_later(gravscale: Gravscale, own: Sandbox) -> None:
    log_in(gravscale, own)
    own.task_duration = 0.3
    started = gravscale("ip", "allocate", "vpc-main", "10.0.0.10", "--no-wait")
    task_id, status, *_ = started.rows[0]
    assert status in ("pending", "running")
    assert gravscale("task", "wait", task_id, "-q").rows[0][:2] == [task_id, "completed"]
    shown = gravscale("task", "show", task_id, "-o", "json").data
    assert [task["status"] for task in shown["subTasks"]] == ["completed"] * 4
    assert gravscale("task", "list", "--columns", "id").out == f"{task_id}\n"


def test_the_account_to_act_for_may_be_given(signed_in: Gravscale) -> None:
    assert signed_in("vpc", "list", "--client-id", "1").status == 0
    run = signed_in("vpc", "list", "--client-id", "99")
    assert run.status == 4
    assert "there is no such account" in run.err


def test_with_several_accounts_client_id_is_required(gravscale: Gravscale) -> None:
    accounts = [{"uuid": str(number), "clientId": number, "clientStatus": "active"} for number in (7, 8)]
    pages: dict[str, list[dict[str, Any]]] = {
        "GET /api/account/all": accounts,
        "GET /api/vpc/": [{"name": "vpc-a", "tenant": {"name": "t", "group": {"name": "g"}}}],
    }
    with recording() as service:
        service.others = lambda request: (200, {"items": pages[f"GET {request.target.partition('?')[0]}"], "pages": 1})
        login = ("login", "--host", service.url, "--email", EMAIL, "--password-stdin")
        assert gravscale(*login, stdin=PASSWORD).status == 0
        run = gravscale("vpc", "list")
        assert run.status == 2
        said = "gravscale: --client-id: required, because you have more than one account: 7 (active), 8 (active)"
        assert run.err.startswith(said)
        assert gravscale("vpc", "list", "--client-id", "8").out == "vpc-a\tt\tg\n"
        assert gravscale(*login, "--client-id", "7", stdin=PASSWORD).status == 0
        assert gravscale("vpc", "list").status == 0
        assert "client_id=7" in service.seen[-1][1].target


@pytest.mark.parametrize(("option", "status"), [("--client-id", 4), ("-c", 4), ("--timeout", 2)])
def test_an_option_of_0_counts_as_set(signed_in: Gravscale, option: str, status: int) -> None:
    run = signed_in("vpc", "list", option, "0")
    assert (run.status, run.out) == (status, "")


@pytest.mark.parametrize("command", [("ip", "list", "--vpc", ""), ("account", "show", "")])
def test_an_empty_name_counts_as_set(signed_in: Gravscale, command: tuple[str, ...]) -> None:
    run = signed_in(*command)
    assert (run.status in (1, 2, 4), run.out) == (True, "")
