"""The sandbox behaves as a user of the service would expect, over real HTTP."""

from __future__ import annotations

import json
import os
import re
import socket
import sqlite3
import stat
import sys
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
from plain_http import PASSWORD, Answer, Client, User, until

from gravscale.sandbox import Sandbox

HUGE = 10**60
SIGN_IN, SIGN_UP, REFRESH, INFO = (f"/api/auth/{name}" for name in ("sign-in", "sign-up", "refresh", "info"))
FOR_BEARERS = [
    ("GET", INFO),
    ("GET", "/api/account/"),
    ("GET", "/api/account/all"),
    ("GET", "/api/metal/"),
    ("GET", "/api/vpc/"),
    ("GET", "/api/network/public-ip"),
    ("POST", "/api/network/public-ip"),
    ("DELETE", "/api/network/public-ip"),
    ("GET", "/api/task/"),
    ("GET", "/api/task/some-task"),
]


@pytest.fixture(scope="module")
def instant() -> Iterator[Sandbox]:
    """A sandbox whose tasks end at once."""
    with Sandbox(task_duration=0) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def slow() -> Iterator[Sandbox]:
    """A sandbox whose tasks stay pending for as long as a test may take."""
    with Sandbox(task_duration=3600) as sandbox:
        yield sandbox


@pytest.fixture
def client(instant: Sandbox) -> Iterator[Client]:
    client = Client(instant.url)
    yield client
    client.close()


@pytest.fixture
def slow_client(slow: Sandbox) -> Iterator[Client]:
    client = Client(slow.url)
    yield client
    client.close()


@pytest.fixture
def user(client: Client) -> User:
    """A user whose tasks end at once."""
    return client.new_user()


@pytest.fixture
def slow_user(slow_client: Client) -> User:
    """A user whose tasks stay pending."""
    return slow_client.new_user()


def assert_invalid(answer: Answer, *loc: str | int) -> None:
    """The answer is a 422 as FastAPI writes it, for that location."""
    assert answer.status == 422, answer
    assert set(answer.body) == {"detail"}
    for fault in answer.body["detail"]:
        assert set(fault) == {"loc", "msg", "type"}
        assert fault["msg"]
        assert fault["type"]
    assert list(loc) in [fault["loc"] for fault in answer.body["detail"]]


def assert_detail(answer: Answer, status: int) -> None:
    """The answer is an error with that status and an explanation."""
    assert answer.status == status, answer
    assert isinstance(answer.body["detail"], str)
    assert answer.body["detail"]


# Signing up and in


def test_a_new_account_can_sign_in_and_see_its_user(client: Client) -> None:
    email = f"{uuid.uuid4().hex}@example.com"
    account = client.call("POST", SIGN_UP, content={"email": email, "password": PASSWORD})
    assert account.status == 201
    assert account.body["email"] == email
    assert uuid.UUID(account.body["accountId"])
    signed_in = client.call("POST", SIGN_IN, content={"email": email, "password": PASSWORD})
    assert signed_in.status == 200
    assert signed_in.body["type"] == "Bearer"
    left = datetime.fromisoformat(signed_in.body["expiresAt"].replace("Z", "+00:00")) - datetime.now(timezone.utc)
    assert timedelta(minutes=10) < left <= timedelta(minutes=15)
    info = client.call("GET", INFO, token=signed_in.body["accessToken"])
    assert info.body == {"email": email, "nickname": email.partition("@")[0]}


def test_an_unknown_email_is_refused(client: Client) -> None:
    login = {"email": f"{uuid.uuid4().hex}@example.com", "password": PASSWORD}
    assert_detail(client.call("POST", SIGN_IN, content=login), 401)


def test_a_wrong_password_is_refused_in_the_same_words_as_an_unknown_email(client: Client, user: User) -> None:
    wrong = client.call("POST", SIGN_IN, content={"email": user.email, "password": PASSWORD + "!"})
    unknown = client.call("POST", SIGN_IN, content={"email": "x" + user.email, "password": PASSWORD})
    assert_detail(wrong, 401)
    assert wrong.body == unknown.body


def test_an_email_can_sign_up_only_once_in_any_case(client: Client, user: User) -> None:
    for email in (user.email, user.email.upper()):
        assert_detail(client.call("POST", SIGN_UP, content={"email": email, "password": "another"}), 409)
    assert client.call("POST", SIGN_IN, content={"email": user.email, "password": "another"}).status == 401


def test_an_email_signs_in_in_any_case(client: Client, user: User) -> None:
    assert client.sign_in(user.email.upper()).client_id == user.client_id


@pytest.mark.parametrize(
    ("body", "loc"),
    [
        ({"password": PASSWORD}, ("body", "email")),
        ({"email": "ada@example.com"}, ("body", "password")),
        ({"email": 1, "password": PASSWORD}, ("body", "email")),
        ({"email": "ada@example.com", "password": [PASSWORD]}, ("body", "password")),
        ([PASSWORD], ("body",)),
        (PASSWORD, ("body",)),
    ],
)
@pytest.mark.parametrize("path", [SIGN_IN, SIGN_UP])
def test_a_bad_login_is_explained_without_its_password(
    client: Client, path: str, body: object, loc: tuple[str, ...]
) -> None:
    answer = client.call("POST", path, content=body)
    assert_invalid(answer, *loc)
    assert PASSWORD not in answer.text


@pytest.mark.parametrize("path", [SIGN_IN, SIGN_UP])
def test_a_body_that_is_not_json_is_explained_without_quoting_it(client: Client, path: str) -> None:
    answer = client.call("POST", path, raw=f'{{"password": "{PASSWORD}'.encode())
    assert answer.status == 422
    assert answer.body["detail"][0]["loc"][0] == "body"
    assert PASSWORD not in answer.text


@pytest.mark.parametrize("email", ["", "ada", "ada@", "@example.com", "ada@example", "a b@example.com", "a@b@c.de"])
def test_only_an_email_address_can_sign_up(client: Client, email: str) -> None:
    assert_invalid(client.call("POST", SIGN_UP, content={"email": email, "password": PASSWORD}), "body", "email")


def test_an_empty_password_cannot_sign_up(client: Client) -> None:
    login = {"email": f"{uuid.uuid4().hex}@example.com", "password": ""}
    assert_invalid(client.call("POST", SIGN_UP, content=login), "body", "password")


# Tokens


@pytest.mark.parametrize(("method", "path"), FOR_BEARERS)
@pytest.mark.parametrize(
    "authorization",
    [None, "Bearer", "Bearer ", "Bearer not-a-token", "Bearer a.b.c", "Basic YTpi", "Bearer eyJhbGciOiJub25lIn0.e30."],
)
def test_without_a_valid_token_every_call_is_a_401(
    client: Client, user: User, method: str, path: str, authorization: str | None
) -> None:
    query: dict[str, str | int] = {"client_id": user.client_id, "vpc_name": "vpc-main", "address": "10.0.0.1"}
    content = {"vpcName": "vpc-main", "address": "10.0.0.1"} if method == "POST" else None
    headers = {"Authorization": authorization} if authorization is not None else None
    answer = client.call(method, path, query, content=content, headers=headers)
    assert_detail(answer, 401)
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_token_that_was_tampered_with_is_refused(client: Client, user: User) -> None:
    head, claims, signature = user.token.split(".")
    for token in (f"{head}.{claims}.{signature[::-1]}", f"{head}.{claims}.", f"{head}.{claims[:-2]}.{signature}"):
        assert_detail(client.call("GET", INFO, token=token), 401)


def test_a_token_of_another_sandbox_is_refused(client: Client, slow_user: User) -> None:
    assert_detail(client.call("GET", INFO, token=slow_user.token), 401)


def test_an_access_token_expires(client: Client) -> None:
    with Sandbox(token_ttl=0.5) as sandbox:
        brief = Client(sandbox.url)
        user = brief.new_user()
        answer = until(lambda: brief.call("GET", INFO, token=user.token), lambda seen: seen.status != 200)
        assert_detail(answer, 401)
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        renewed = brief.call("POST", REFRESH, {"refresh_token": user.refresh_token})
        assert brief.call("GET", INFO, token=renewed.body["accessToken"]).status == 200
        brief.close()


def test_a_refresh_token_works_once_and_returns_the_next(client: Client, user: User) -> None:
    first = client.call("POST", REFRESH, {"refresh_token": user.refresh_token})
    assert first.status == 200
    assert first.body["accessToken"] != user.token
    assert client.call("GET", INFO, token=first.body["accessToken"]).body["email"] == user.email
    assert_detail(client.call("POST", REFRESH, {"refresh_token": user.refresh_token}), 401)
    assert client.call("POST", REFRESH, {"refresh_token": first.body["refreshToken"]}).status == 200


@pytest.mark.parametrize("token", ["", "unknown", "\0", "ü", "x" * 5000])
def test_an_unknown_refresh_token_is_refused(client: Client, token: str) -> None:
    assert_detail(client.call("POST", REFRESH, {"refresh_token": token}), 401)


def test_an_access_token_is_not_accepted_as_a_refresh_token(client: Client, user: User) -> None:
    assert_detail(client.call("POST", REFRESH, {"refresh_token": user.token}), 401)
    assert_detail(client.call("GET", INFO, token=user.refresh_token), 401)


# Accounts, VPCs, metals


def test_an_account_is_found_by_uuid_by_client_id_or_without_either(client: Client, user: User) -> None:
    found = client.call("GET", "/api/account/", token=user.token)
    assert found.body["clientId"] == user.client_id
    assert found.body["clientStatus"] == "active"
    for query in ({"uuid": found.body["uuid"]}, {"client_id": user.client_id}):
        assert client.call("GET", "/api/account/", query, token=user.token).body == found.body
    assert client.call("GET", "/api/account/all", token=user.token).body["items"] == [found.body]


def test_an_unknown_account_is_not_found(client: Client, user: User) -> None:
    for query in ({"uuid": str(uuid.uuid4())}, {"client_id": user.client_id + 10**6}, {"client_id": HUGE}):
        assert_detail(client.call("GET", "/api/account/", query, token=user.token), 404)


def test_the_account_of_another_user_is_not_found(client: Client, user: User) -> None:
    other = client.new_user()
    other.allocate("10.0.0.1")
    task_id = other.call("GET", "/api/task/").body["items"][0]["id"]
    theirs: dict[str, str | int] = {"client_id": other.client_id}
    wanted = {"vpcName": "vpc-main", "address": "10.0.0.2"}
    answers = [
        user.call("GET", "/api/account/", theirs),
        user.call("GET", "/api/vpc/", theirs),
        user.call("GET", "/api/network/public-ip", {**theirs, "vpc_name": "vpc-main"}),
        user.call("POST", "/api/network/public-ip", theirs, content=wanted),
        user.call("DELETE", "/api/network/public-ip", {**theirs, "address": "10.0.0.1"}),
        user.call("GET", "/api/task/", theirs),
        user.call("GET", f"/api/task/{task_id}", theirs),
    ]
    for answer in answers:
        assert_detail(answer, 404)
    assert_detail(user.call("GET", f"/api/task/{task_id}"), 404)
    assert_detail(user.release("10.0.0.1"), 404)
    assert len(other.public_ips()) == 1


def test_a_new_account_starts_with_two_vpcs(user: User) -> None:
    page = user.call("GET", "/api/vpc/").body
    assert page["total"] == 2
    assert len({vpc["name"] for vpc in page["items"]}) == 2
    for vpc in page["items"]:
        assert vpc["tenant"]["name"]
        assert vpc["tenant"]["group"]["name"]
        assert user.public_ips(vpc["name"]) == []


def test_the_metals_are_believable_servers(client: Client, user: User) -> None:
    metals = client.call("GET", "/api/metal/", token=user.token).body
    assert len(metals) >= 5
    assert len({metal["name"] for metal in metals}) == len(metals)
    for metal in metals:
        assert 4 <= metal["cores"] <= 256
        assert 16 <= metal["memoryGb"] <= 4096
        assert 50 < metal["pricePerMonthUsd"] < 10_000
        assert metal["available"] >= 1
        assert all(metal[key] for key in ("cpu", "disks", "network", "location"))


# Public IPs


@pytest.mark.parametrize("address", ["10.0.0.10", "2001:db8::1"])
def test_an_allocated_address_is_listed_until_it_is_released(user: User, address: str) -> None:
    allocation = user.allocate(address)
    assert allocation.status == 202
    (listed,) = user.public_ips()
    assert listed["address"] == address
    assert listed["vpc"] == {"name": "vpc-main"}
    assert user.public_ips("vpc-lab") == []
    task = user.task(allocation.body["id"])
    assert task["status"] == "completed"
    assert task["result"]["publicIp"] == listed["publicIp"][0]["address"]
    release = user.release(address)
    assert release.status == 202
    assert user.task(release.body["id"])["status"] == "completed"
    assert user.public_ips() == []
    assert user.allocate(address).status == 202


def test_a_public_ip_can_be_released_by_its_public_address(user: User) -> None:
    user.allocate("10.0.0.10")
    assert user.release(user.public_ips()[0]["publicIp"][0]["address"]).status == 202
    assert user.public_ips() == []


def test_an_allocated_address_cannot_be_allocated_again(user: User) -> None:
    assert user.allocate("10.0.0.10").status == 202
    assert_detail(user.allocate("10.0.0.10"), 409)
    assert len(user.public_ips()) == 1


def test_an_address_cannot_be_allocated_or_released_while_its_allocation_runs(slow_user: User) -> None:
    assert slow_user.allocate("10.0.0.10").status == 202
    assert slow_user.public_ips() == []
    assert_detail(slow_user.allocate("10.0.0.10"), 409)
    assert_detail(slow_user.release("10.0.0.10"), 409)


def test_an_address_of_two_vpcs_can_be_released_in_both_at_once() -> None:
    with Sandbox(task_duration=0) as sandbox:
        client = Client(sandbox.url)
        user = client.new_user()
        for vpc in ("vpc-main", "vpc-lab"):
            assert user.allocate("10.0.0.10", vpc).status == 202
        sandbox.task_duration = 3600
        assert [user.release("10.0.0.10").status for _ in range(3)] == [202, 202, 409]
        client.close()


def test_every_address_gets_its_own_public_ip(client: Client) -> None:
    user = client.new_user()
    for number in range(300):
        assert user.allocate(f"10.0.{number // 250}.{number % 250}").status == 202
    pages: list[dict[str, str | int]] = [{"vpc_name": "vpc-main", "size": 100, "page": page} for page in (1, 2, 3)]
    items = [item for page in pages for item in user.call("GET", "/api/network/public-ip", page).body["items"]]
    public = {ip["address"] for item in items for ip in item["publicIp"]}
    assert len(items) == len(public) == 300
    # Networks that are not used on the Internet (RFC 5737, RFC 2544).
    for address in map(ip_address, public):
        assert any(address in ip_network(network) for network in ("203.0.113.0/24", "198.18.0.0/15"))


def test_an_address_without_a_public_ip_cannot_be_released(user: User) -> None:
    assert_detail(user.release("10.0.0.99"), 404)


@pytest.mark.parametrize("address", ["", "10.0.0", "10.0.0.256", "host.example.com", "10.0.0.1/24", "\0", "１０.0.0.1"])
def test_an_invalid_address_is_explained(user: User, address: str) -> None:
    assert_invalid(user.allocate(address), "body", "address")
    assert_invalid(user.release(address), "query", "address")


def test_an_unknown_vpc_is_not_found(user: User) -> None:
    assert_detail(user.allocate("10.0.0.10", "nowhere"), 404)
    assert_detail(user.call("GET", "/api/network/public-ip", {"vpc_name": "nowhere"}), 404)


def test_a_missing_field_is_explained(user: User, client: Client) -> None:
    assert_invalid(user.call("POST", "/api/network/public-ip", content={"address": "10.0.0.1"}), "body", "vpcName")
    assert_invalid(client.call("GET", "/api/vpc/", token=user.token), "query", "client_id")


# Tasks


def test_a_task_goes_from_pending_to_running_to_completed() -> None:
    with Sandbox(task_duration=1.5) as sandbox:
        client = Client(sandbox.url)
        user = client.new_user()
        started = user.allocate("10.0.0.10").body
        seen = [started]

        def look() -> Any:
            seen.append(user.task(started["id"]))
            return seen[-1]

        until(look, lambda task: task["status"] not in ("pending", "running"))
        client.close()

    states = [task["status"] for task in seen]
    assert list(dict.fromkeys(states)) == ["pending", "running", "completed"]
    assert states == sorted(states, key=["pending", "running", "completed"].index)
    percentages = [task["percentageComplete"] for task in seen]
    assert percentages == sorted(percentages)
    assert percentages[0] == 0
    assert percentages[-1] == 100
    assert any(0 < percentage < 100 for percentage in percentages)
    assert {task["action"] for task in seen} == {"public_ip.allocate"}
    allocating = [sub["status"] for task in seen for sub in task["subTasks"] if sub["action"] == "public_ip.allocate"]
    assert list(dict.fromkeys(allocating)) == ["pending", "running", "completed"]
    assert {sub["status"] for sub in seen[-1]["subTasks"]} == {"completed"}
    assert all(task["result"] is None for task in seen[:-1])
    assert seen[-1]["result"]["address"] == "10.0.0.10"
    assert seen[-1]["error"] is None
    assert seen[-1]["email"] == user.email
    assert seen[-1]["clientId"] == user.client_id
    assert seen[-1]["createdAt"] < seen[-1]["updatedAt"]


def test_an_allocation_in_the_failing_network_fails_with_an_error(user: User) -> None:
    started = user.allocate("192.0.2.7")
    assert started.status == 202
    task = user.task(started.body["id"])
    assert task["status"] == "failed"
    assert "192.0.2.7" in task["error"]
    assert task["result"] is None
    assert task["percentageComplete"] < 100
    failed = [sub for sub in task["subTasks"] if sub["status"] == "failed"]
    assert [sub["error"] for sub in failed] == [task["error"]]
    assert user.public_ips() == []
    assert_detail(user.release("192.0.2.7"), 404)
    assert user.allocate("192.0.2.7").status == 202


def test_a_release_is_a_task_with_its_own_sub_tasks(user: User) -> None:
    user.allocate("10.0.0.10")
    task = user.task(user.release("10.0.0.10").body["id"])
    assert task["action"] == "public_ip.release"
    assert "public_ip.release" in [sub["action"] for sub in task["subTasks"]]


@pytest.mark.parametrize(
    "task_id", ["6f1c1bd2-5d0c-4d6e-8e07-3c1f0a9b7a10", "unknown", "%00", "%F0%9F%9A%80", "%FF", "x" * 3000]
)
def test_an_unknown_task_is_not_found(user: User, task_id: str) -> None:
    assert_detail(user.call("GET", f"/api/task/{task_id}"), 404)


def test_tasks_are_listed_newest_first_and_can_be_filtered(user: User) -> None:
    good = user.allocate("10.0.0.1").body
    bad = user.allocate("192.0.2.1").body

    def ids(**query: str | int) -> list[str]:
        answer = user.call("GET", "/api/task/", dict(query))
        assert answer.status == 200, answer
        assert answer.body["total"] == len(answer.body["items"])
        return [task["id"] for task in answer.body["items"]]

    assert ids() == [bad["id"], good["id"]]
    assert ids(status="completed") == [good["id"]]
    assert ids(status="failed") == [bad["id"]]
    assert ids(status="pending") == []
    assert ids(correlation_id=good["correlationId"]) == [good["id"]]
    assert ids(correlation_id=good["correlationId"], status="failed") == []
    assert ids(correlation_id=str(uuid.uuid4())) == []
    assert ids(created_at=bad["createdAt"]) == [bad["id"]]
    assert ids(created_at=good["createdAt"]) == [bad["id"], good["id"]]
    assert ids(updated_at="2999-01-01T00:00:00Z") == []
    assert ids(updated_at="2000-01-01T00:00:00") == [bad["id"], good["id"]]


def test_a_pending_task_is_listed_as_such(slow_user: User) -> None:
    slow_user.allocate("10.0.0.1")
    assert slow_user.call("GET", "/api/task/", {"status": "pending"}).body["total"] == 1
    assert slow_user.call("GET", "/api/task/", {"status": "completed"}).body["total"] == 0


def test_a_list_is_split_into_pages(user: User) -> None:
    for last in range(5):
        user.allocate(f"10.0.0.{last}")
    pages = [
        user.call("GET", "/api/network/public-ip", {"vpc_name": "vpc-main", "page": page, "size": 2}).body
        for page in (1, 2, 3, 4)
    ]
    addresses = [[ip["address"] for ip in page["items"]] for page in pages]
    assert addresses == [["10.0.0.0", "10.0.0.1"], ["10.0.0.2", "10.0.0.3"], ["10.0.0.4"], []]
    for number, page in enumerate(pages, 1):
        assert (page["total"], page["page"], page["size"], page["pages"]) == (5, number, 2, 3)


@pytest.mark.parametrize("path", ["/api/account/all", "/api/vpc/", "/api/task/", "/api/network/public-ip"])
@pytest.mark.parametrize(("field", "value"), [("page", 0), ("page", -1), ("size", 0), ("size", 101), ("size", "x")])
def test_a_page_out_of_bounds_is_explained(user: User, path: str, field: str, value: str | int) -> None:
    assert_invalid(user.call("GET", path, {"vpc_name": "vpc-main", field: value}), "query", field)


# Faults


def test_every_answer_has_its_own_request_id(client: Client, user: User) -> None:
    answers = [
        client.call("GET", INFO, token=user.token),
        client.call("GET", INFO),
        client.call("POST", SIGN_IN, content={}),
        client.call("GET", "/api/task/x", {"client_id": user.client_id}, token=user.token),
        client.call("GET", "/nowhere"),
    ]
    assert [answer.status for answer in answers] == [200, 401, 422, 404, 404]
    assert len({answer.headers["X-Request-ID"] for answer in answers}) == 5


ODD = ["\0", "a\0b@example.com", "ü@example.com", "🚀", "\u202e", "x" * 100_000, "' OR 1=1 --", "%00", "../..", " "]
ODD_JSON = [
    b'{"email": "\\ud800", "password": "p"}',
    b'{"email": "\\udfff@example.com", "password": "p"}',
    b'{"\\ud800": 1}',
    b'{"email": "\xff@example.com", "password": "p"}',
    b'{"email": NaN, "password": Infinity}',
    b"[" * 20_000,
    b'{"email": ' + b"9" * 5000 + b', "password": "p"}',
    b'{"email": {"a": 1e999}, "password": null}',
    b"\xef\xbb\xbf{}",
    b"null",
    b" ",
    b"",
]


@pytest.mark.parametrize("raw", ODD_JSON, ids=range(len(ODD_JSON)))
@pytest.mark.parametrize("path", [SIGN_IN, SIGN_UP, "/api/network/public-ip"])
def test_odd_json_is_a_client_error(client: Client, user: User, path: str, raw: bytes) -> None:
    answer = client.call("POST", path, {"client_id": user.client_id}, token=user.token, raw=raw)
    if answer.status != 401:  # a well-formed login, but no such account
        assert answer.status == 422, answer
        assert all(fault["loc"][0] == "body" for fault in answer.body["detail"])


@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
def test_odd_text_in_a_body_is_a_client_error(client: Client, user: User, text: str) -> None:
    answers = [
        client.call("POST", SIGN_IN, content={"email": text, "password": text}),
        user.allocate(text),
        user.allocate("10.0.0.1", text),
    ]
    for answer in answers:
        assert 400 <= answer.status < 500, answer


@pytest.mark.parametrize("text", [text[:2000] for text in ODD], ids=range(len(ODD)))
def test_odd_text_in_a_query_is_a_client_error(client: Client, user: User, text: str) -> None:
    answers = [
        client.call("POST", REFRESH, {"refresh_token": text}),
        user.call("GET", "/api/account/", {"uuid": text}),
        user.call("GET", "/api/vpc/", {"client_id": text}),
        user.call("GET", "/api/network/public-ip", {"vpc_name": text}),
        user.release(text),
        user.call("GET", "/api/task/", {"created_at": text}),
    ]
    for answer in answers:
        assert 400 <= answer.status < 500, answer
    for field in ("status", "correlation_id"):
        assert user.call("GET", "/api/task/", {field: text}).body["items"] == []


def test_an_odd_password_signs_in_like_any_other(client: Client) -> None:
    for password in ("\0", "ü🚀", " ", "x" * 10_000, "\ud800"):
        login = {"email": f"{uuid.uuid4().hex}@example.com", "password": password}
        assert client.call("POST", SIGN_UP, content=login).status == 201
        assert client.call("POST", SIGN_IN, content=login).status == 200
        assert client.call("POST", SIGN_IN, content={**login, "password": password + "\0"}).status == 401


@pytest.mark.parametrize("number", [HUGE, -HUGE, 2**63, -1, 0])
def test_a_huge_number_is_not_found(user: User, number: int) -> None:
    for path in ("/api/account/", "/api/vpc/", "/api/task/", "/api/task/x"):
        assert_detail(user.call("GET", path, {"client_id": number}), 404)


@pytest.mark.parametrize("page", [2**63, HUGE])
def test_a_page_far_beyond_the_end_is_empty(user: User, page: int) -> None:
    for path in ("/api/account/all", "/api/vpc/", "/api/task/", "/api/network/public-ip"):
        answer = user.call("GET", path, {"vpc_name": "vpc-main", "page": page})
        assert answer.status == 200, answer
        assert answer.body["items"] == []


@pytest.mark.parametrize(
    "moment", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00", "9999-12-31T23:59:59"]
)
def test_dates_at_the_ends_of_the_calendar_are_accepted(user: User, moment: str) -> None:
    user.allocate("10.0.0.1")
    for field in ("created_at", "updated_at"):
        answer = user.call("GET", "/api/task/", {field: moment})
        assert answer.status == 200, answer
        assert answer.body["total"] == (1 if moment.startswith("0001") else 0)


# Options


def test_a_failure_rate_of_one_answers_503_and_does_nothing(tmp_path: Path) -> None:
    login = {"email": "ada@example.com", "password": PASSWORD}
    with Sandbox(database=tmp_path / "state.db", failure_rate=1) as sandbox:
        client = Client(sandbox.url)
        for _ in range(5):
            answer = client.call("POST", SIGN_UP, content=login)
            assert_detail(answer, 503)
            assert answer.headers["X-Request-ID"]
        client.close()
    with Sandbox(database=tmp_path / "state.db") as sandbox:
        client = Client(sandbox.url)
        assert client.call("POST", SIGN_IN, content=login).status == 401
        assert client.call("POST", SIGN_UP, content=login).status == 201
        client.close()


def test_parallel_calls_do_not_wait_for_each_other() -> None:
    with Sandbox(latency=0.5) as sandbox, ThreadPoolExecutor(16) as pool:
        begun = time.monotonic()
        clients = [Client(sandbox.url) for _ in range(16)]
        statuses = [each.result().status for each in [pool.submit(client.call, "GET", INFO) for client in clients]]
        for client in clients:
            client.close()
        assert statuses == [401] * 16
        # One after the other, they would take 8 seconds.
        assert time.monotonic() - begun < 4


def test_latency_is_added_to_each_answer() -> None:
    with Sandbox(latency=0.3) as sandbox:
        client = Client(sandbox.url)
        begun = datetime.now(timezone.utc)
        client.call("GET", INFO)
        assert datetime.now(timezone.utc) - begun >= timedelta(seconds=0.29)
        client.close()


def test_a_database_file_keeps_everything_for_the_next_sandbox(tmp_path: Path) -> None:
    file = tmp_path / "state.db"
    with Sandbox(database=str(file), task_duration=0) as sandbox:
        client = Client(sandbox.url)
        user = client.new_user(email="ada@example.com")
        task = user.allocate("10.0.0.10").body
        client.close()
    with Sandbox(database=file) as sandbox:
        client = Client(sandbox.url)
        # The same token still works, because the signing key is stored too.
        again = User(client, user.email, user.token, user.refresh_token, user.client_id)
        assert again.task(task["id"])["status"] == "completed"
        assert [ip["address"] for ip in again.public_ips()] == ["10.0.0.10"]
        assert client.sign_in("ada@example.com").client_id == user.client_id
        assert client.call("POST", REFRESH, {"refresh_token": user.refresh_token}).status == 200
        client.close()
    assert PASSWORD.encode() not in file.read_bytes()
    assert user.refresh_token.encode() not in file.read_bytes()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_only_its_owner_can_read_a_database_file(tmp_path: Path) -> None:
    file = tmp_path / "state.db"
    before = os.umask(0)
    try:
        with Sandbox(database=file) as sandbox:
            client = Client(sandbox.url)
            client.new_user()
            client.close()
    finally:
        os.umask(before)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@contextmanager
def locked(file: Path, mode: str = "EXCLUSIVE") -> Iterator[sqlite3.Connection]:
    """Another program holds the database's lock."""
    connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    connection.execute(f"BEGIN {mode}")
    yield connection
    connection.close()


def test_a_locked_database_is_a_503_with_retry_after(tmp_path: Path) -> None:
    file = tmp_path / "state.db"
    with Sandbox(database=file) as sandbox, ThreadPoolExecutor(8) as pool:
        client = Client(sandbox.url)
        user = client.new_user()
        with locked(file):
            begun = time.monotonic()
            calls = [pool.submit(user.call, "GET", "/api/vpc/") for _ in range(8)]
            # Pages without the database still work meanwhile.
            assert client.call("GET", "/openapi.json").status == 200
            assert not any(call.done() for call in calls)
            for call in calls:
                assert_detail(call.result(), 503)
                assert call.result().headers["Retry-After"] == "1"
            # They wait at the same time. One after the other would take 16 seconds.
            assert time.monotonic() - begun < 8
        assert user.call("GET", "/api/vpc/").status == 200
        client.close()


def test_a_call_waits_for_a_program_that_soon_releases_the_database(tmp_path: Path) -> None:
    file = tmp_path / "state.db"
    with Sandbox(database=file) as sandbox, ThreadPoolExecutor(1) as pool:
        client = Client(sandbox.url)
        user = client.new_user()
        with locked(file) as other:
            call = pool.submit(user.call, "GET", "/api/vpc/")
            with pytest.raises(TimeoutError):
                call.result(0.2)
            other.execute("ROLLBACK")
            assert call.result().status == 200
        client.close()


def test_a_reader_of_the_database_delays_changes_only_while_it_reads(tmp_path: Path) -> None:
    file = tmp_path / "state.db"
    with Sandbox(database=file) as sandbox:
        client = Client(sandbox.url)
        user = client.new_user()
        with locked(file, "DEFERRED") as reader:
            reader.execute("SELECT * FROM account").fetchall()
            assert user.call("GET", "/api/vpc/").status == 200
            assert_detail(user.allocate("10.0.0.10"), 503)
        assert user.call("GET", "/api/task/").body["items"] == []
        assert user.allocate("10.0.0.10").status == 202
        client.close()


def test_two_sandboxes_share_a_database_file(tmp_path: Path) -> None:
    file = tmp_path / "state.db"
    with Sandbox(database=file) as one, Sandbox(database=file) as other, ThreadPoolExecutor(2) as pool:
        clients = [Client(one.url), Client(other.url)]
        jobs = [pool.submit(lambda client: [client.new_user().client_id for _ in range(5)], each) for each in clients]
        assert sorted(client_id for job in jobs for client_id in job.result()) == list(range(1, 11))
        for client in clients:
            client.close()


def test_without_a_database_file_nothing_is_kept() -> None:
    for _ in range(2):
        with Sandbox() as sandbox:
            client = Client(sandbox.url)
            assert client.new_user(email="ada@example.com").client_id == 1
            client.close()


def test_the_sandbox_serves_its_own_document(client: Client) -> None:
    assert json.loads(client.call("GET", "/openapi.json").text)["paths"].keys() >= {SIGN_IN, "/api/metal/"}


def test_the_docs_page_works_offline(client: Client) -> None:
    page = client.call("GET", "/docs")
    assert page.status == 200
    loaded = re.findall(r"""(?:src|href)=["']([^"']+)""", page.text)
    assert len(loaded) >= 2
    for url in loaded:
        assert url.startswith("/")
        assert not url.startswith("//")
    for url in loaded:
        if not url.endswith(".png"):
            assert len(client.call("GET", url).text) > 10_000


# Large bodies

BODY_MAX = 10 * 2**20


def test_a_body_over_ten_megabytes_is_refused_before_it_is_sent(instant: Sandbox) -> None:
    with socket.create_connection(("127.0.0.1", instant.port), 20) as connection:
        head = f"POST {SIGN_IN} HTTP/1.1\r\nHost: sandbox\r\nContent-Length: {BODY_MAX + 1}\r\n\r\n"
        connection.sendall(head.encode() + b"{")
        assert b" 413 " in connection.makefile("rb").readline()


def test_a_body_of_unknown_length_is_refused_once_it_is_over_ten_megabytes(instant: Sandbox) -> None:
    with socket.create_connection(("127.0.0.1", instant.port), 20) as connection:
        head = f"POST {SIGN_IN} HTTP/1.1\r\nHost: sandbox\r\nTransfer-Encoding: chunked\r\n\r\n"
        connection.sendall(head.encode())
        for _ in range(11):
            connection.sendall(b"100000\r\n" + bytes(2**20) + b"\r\n")
        # The rest is never sent.
        assert b" 413 " in connection.makefile("rb").readline()


def test_a_client_that_sends_all_of_a_large_body_first_reads_the_refusal(instant: Sandbox, client: Client) -> None:
    with socket.create_connection(("127.0.0.1", instant.port), 20) as connection:
        head = f"POST {SIGN_IN} HTTP/1.1\r\nHost: sandbox\r\nContent-Length: {3 * BODY_MAX}\r\n\r\n"
        connection.sendall(head.encode())
        # If the connection were closed right after the response, this would fail and the response could be lost.
        for _ in range(30):
            connection.sendall(bytes(BODY_MAX // 10))
        connection.sendall(bytes(3 * BODY_MAX - 30 * (BODY_MAX // 10)))
        assert b" 413 " in connection.makefile("rb").readline()
    answer = client.call("POST", SIGN_IN, raw=bytes(2 * BODY_MAX))
    assert_detail(answer, 413)
    assert answer.headers["Connection"] == "close"
    assert answer.headers["X-Request-ID"]
    assert client.call("GET", "/openapi.json").status == 200


def test_a_body_of_ten_megabytes_is_read(client: Client) -> None:
    assert_invalid(client.call("POST", SIGN_IN, raw=b'"' + b"x" * (BODY_MAX - 2) + b'"'), "body")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps a file that is open")
def test_a_database_that_was_deleted_is_a_500_that_says_so(tmp_path: Path) -> None:
    file = tmp_path / "state.db"
    with Sandbox(database=file) as sandbox:
        client = Client(sandbox.url)
        user = client.new_user()
        file.unlink()
        for _ in range(2):
            # On the same connection: an application that raises an error has the server close it.
            failed = user.allocate("10.0.0.10")
            assert (failed.status, failed.body["detail"].partition(":")[0]) == (500, "the sandbox's database failed")
        client.close()
