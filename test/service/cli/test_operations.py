"""`call` and `api`: operations of the contract, and any other request."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_runs import EMAIL, PASSWORD, Gravscale, log_in
from recording import recording

from gravscale.contract import OPERATIONS
from gravscale.sandbox import Sandbox


def test_every_operation_of_the_contract_has_a_command_with_its_parameters(gravscale: Gravscale) -> None:
    listed = gravscale("call", "--help").out
    for name in OPERATIONS:
        command = name.replace("_", "-")
        assert f"  {command} " in listed
        assert gravscale("call", command, "--help").status == 0
        assert gravscale("call", name, "--help").status == 0
    said = gravscale("call", "list-all-public-ips", "--help").out
    for option in ("--vpc-name", "--page", "--size", "--client-id", "at most 100."):
        assert option in said


def test_a_list_is_fetched_page_by_page(signed_in: Gravscale) -> None:
    vpcs = signed_in("call", "list-vpc").data
    assert [vpc["name"] for vpc in vpcs] == ["vpc-main", "vpc-lab"]
    assert signed_in("call", "list-vpc", "--size", "1", "-o", "jsonl").out.count("\n") == 2
    page = signed_in("call", "list-vpc", "--page", "2", "--size", "1").data
    assert (page["page"], page["total"], page["items"]) == (2, 2, vpcs[1:])


def test_a_single_page_is_shown_as_a_list_in_tables(signed_in: Gravscale) -> None:
    page = ("call", "list-vpc", "--page", "1", "--columns", "name")
    assert signed_in(*page, "-o", "csv").out == "name\nvpc-main\nvpc-lab\n"
    assert signed_in(*page, "-o", "table", "--limit", "1").out == "vpc-main\n"


@pytest.mark.parametrize("command", ["call list-vpc --page 1", "api GET /api/vpc/ -q client_id=1"])
def test_columns_and_a_limit_reach_into_a_page_that_is_a_document(signed_in: Gravscale, command: str) -> None:
    page = signed_in(*command.split(), "-o", "json").data
    assert (page["total"], len(page["items"])) == (2, 2)
    chosen = signed_in(*command.split(), "-o", "json", "--columns", "tenant.name, name", "--limit", "1").data
    assert chosen == {**page, "items": [{"tenant.name": "production", "name": "vpc-main"}]}
    run = signed_in(*command.split(), "--columns", "nme")
    assert (run.status, run.out) == (2, "")
    assert "no such field: nme; the fields are name, tenant" in run.err


@pytest.mark.parametrize("command", ["call get-metal", "api GET /api/metal/"])
def test_a_list_without_pages_has_columns_and_a_limit_in_every_format(signed_in: Gravscale, command: str) -> None:
    options = ("--columns", "name", "--limit", "1", "-o")
    assert signed_in(*command.split(), *options, "json").data == [{"name": "m1.small"}]
    assert signed_in(*command.split(), *options, "jsonl").data == {"name": "m1.small"}
    assert signed_in(*command.split(), *options, "csv").out == "name\nm1.small\n"


def test_call_finds_the_account_to_act_for(signed_in: Gravscale) -> None:
    assert signed_in("call", "list-vpc", "--columns", "name", "-o", "csv").out == "name\nvpc-main\nvpc-lab\n"
    assert signed_in("call", "list-vpc", "--client-id", "99").status == 4
    assert signed_in("call", "get-account", "--client-id", "1").data["clientId"] == 1
    assert signed_in("call", "get-account", "--client-id", "99").status == 4


def test_a_body_comes_from_options_from_json_or_from_both(gravscale: Gravscale, own: Sandbox, tmp_path: Path) -> None:
    log_in(gravscale, own)
    create = ("call", "create-public-ip")
    assert gravscale(*create, "--vpc-name", "vpc-main", "--address", "10.0.0.1").data["action"] == "public_ip.allocate"
    assert gravscale(*create, "-d", '{"vpcName": "vpc-main", "address": "10.0.0.2"}').status == 0
    (tmp_path / "body.json").write_text('{"vpcName": "vpc-main"}')
    assert gravscale(*create, "-d", f"@{tmp_path / 'body.json'}", "--address", "10.0.0.3").status == 0
    assert gravscale(*create, "-d", "-", stdin='{"vpcName": "vpc-main", "address": "10.0.0.4"}').status == 0
    gravscale("task", "wait", gravscale("task", "list").rows[0][0])
    assert len(gravscale("ip", "list").rows) == 4


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("create-public-ip",), "vpc_name: missing"),
        (("create-public-ip", "-d", "{"), "--data: expected JSON, @FILE or -: "),
        (("create-public-ip", "-d", "@/none"), "--data: can't be read: "),
        (("create-public-ip", "-d", "[" * 100_000), "--data: nested too deeply"),
        (("create-public-ip", "-d", "[]", "--address", "10.0.0.1"), "--data: expected an object to combine with"),
        (("create-public-ip", "-d", '{"vpc": 1}'), "'vpc' is not one of its fields, did you mean 'vpc_name'?"),
        (("list-tasks", "--page", "x"), "gravscale: Invalid value for '--page': Input should be a valid integer"),
        (("list-tasks", "--page", "0"), "page: "),
        (("list-tasks", "--created-at", "yesterday"), "'--created-at': "),
        (("get-task",), "Missing option '--task-id'"),
    ],
)
def test_an_unknown_parameter_is_named(signed_in: Gravscale, arguments: tuple[str, ...], said: str) -> None:
    run = signed_in("call", *arguments)
    assert (run.status, run.out) == (2, "")
    assert said in run.err


def test_a_secret_cannot_be_an_argument(signed_in: Gravscale) -> None:
    for command in (
        ("call", "sign-in", "--email", EMAIL, "--password", PASSWORD),
        ("call", "sign-in", "-d", json.dumps({"email": EMAIL, "password": PASSWORD})),
        ("call", "refresh-token", "--refresh-token", PASSWORD),
        ("api", "POST", "/api/auth/refresh", "-q", f"refresh_token={PASSWORD}"),
        ("api", "POST", "/api/auth/sign-in", "-d", json.dumps([{"login": {"password": PASSWORD}}])),
    ):
        run = signed_in(*command)
        assert (run.status, run.out) == (2, ""), run.err
        assert "can't be an argument, because other users of this machine can read it; pass" in run.err
        assert PASSWORD not in run.err


def test_a_secret_comes_from_stdin(signed_in: Gravscale, demo: Sandbox) -> None:
    sign_in = ("call", "sign-in", "--host", demo.url, "--email", EMAIL)
    session = signed_in(*sign_in, "--password", "-", stdin=f"{PASSWORD}\n").data
    refresh = ("call", "refresh-token", "--host", demo.url, "--refresh-token")
    session = signed_in(*refresh, "-", stdin=session["refreshToken"]).data
    api = ("api", "POST", "/api/auth/refresh", "-q")
    assert signed_in(*api, "refresh_token=-", stdin=session["refreshToken"]).data["type"] == "Bearer"
    assert "expected refresh token on the first line of stdin, got none" in signed_in(*refresh, "-").err
    said = "--data and --password: only one of them can be -"
    assert said in signed_in(*sign_in, "--password", "-", "-d", "-", stdin=PASSWORD).err
    run = signed_in(*sign_in)
    assert (run.status, run.out) == (2, "")
    assert "--password -: required, because there is no terminal to ask on" in run.err


def test_a_body_with_a_secret_comes_from_stdin(gravscale: Gravscale, own: Sandbox) -> None:
    body = json.dumps({"email": EMAIL, "password": PASSWORD})
    run = gravscale("call", "sign-in", "--host", own.url, "-d", "-", stdin=body)
    assert run.data["type"] == "Bearer"
    run = gravscale("call", "sign-in", "-d", "-", stdin=body)
    assert (run.status, run.out) == (2, "")
    assert "--host: required" in run.err


def test_api_sends_any_signed_in_request(signed_in: Gravscale) -> None:
    assert signed_in("api", "get", "/api/auth/info").data == {"email": EMAIL, "nickname": "ada"}
    page = signed_in("api", "GET", "/api/vpc/", "-q", "client_id=1", "--query", "size=1").data
    assert [vpc["name"] for vpc in page["items"]] == ["vpc-main"]
    assert signed_in("api", "GET", "/api/vpc/", "-q", "client_id=1", "-o", "csv", "--columns", "name").out == (
        "name\nvpc-main\nvpc-lab\n"
    )
    assert signed_in("api", "GET", "/api/none").status == 4
    assert "-q: expected KEY=VALUE, got 'client_id'" in signed_in("api", "GET", "/api/vpc/", "-q", "client_id").err


def test_api_sends_a_body_and_repeats_parameters(gravscale: Gravscale) -> None:
    with recording() as service:
        service.others = lambda _: (200, {"items": [], "pages": 1})
        gravscale("login", "--host", service.url, "--email", EMAIL, "--password-stdin", stdin=PASSWORD)
        run = gravscale("api", "POST", "/api/new", "-q", "a=1", "-q", "a=2", "-q", "b=x=y", "-d", '{"é": [1]}')
        assert run.status == 0, run.err
        request = service.seen[-1][1]
    assert (request.method, request.target) == ("POST", "/api/new?a=1&a=2&b=x%3Dy")
    assert json.loads(request.body) == {"é": [1]}


def test_api_accepts_a_query_in_the_path(gravscale: Gravscale) -> None:
    with recording() as service:
        service.others = lambda _: (200, {"items": [], "pages": 1})
        gravscale("login", "--host", service.url, "--email", EMAIL, "--password-stdin", stdin=PASSWORD)
        assert gravscale("api", "GET", "/api/new?a=1&b=&a=%C3%A9", "-q", "a=2").status == 0
        assert service.seen[-1][1].target == "/api/new?a=1&a=%C3%A9&a=2&b="
    assert "-q token: a secret can't be an argument" in gravscale("api", "GET", "/api/new?token=abc").err
