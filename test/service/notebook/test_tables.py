"""Models in a notebook are tables, with HTML escaped and secrets masked, for any content."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
from html.parser import HTMLParser
from typing import Any

import pytest
from pydantic import Field

import gravscale
from gravscale.schema.any_of import AnyOf
from gravscale.schema.model import Model
from gravscale.schema.tables import ROWS_MAX, list_as_html

TIMES = {"createdAt": "2026-05-04T09:30:00Z", "updatedAt": "2026-05-04T09:31:00Z"}
TAGS = {"style", "div", "table", "caption", "thead", "tbody", "tr", "th", "td", "p", "progress"}


class Shown(HTMLParser):
    """The HTML as a browser reads it.

    Attributes:
        tables: The caption of each table, and its rows, each as a list of its cells' text.
        tags: The name and the attributes of every element.
    """

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tables: list[tuple[str, list[list[str]]]] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._within: list[str] = []
        self.feed(html)
        self.close()
        assert self._within == [], "an element that was not closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._within.append(tag)
        if tag == "table":
            self.tables.append(("", []))
        elif tag == "tr":
            self.tables[-1][1].append([])
        elif tag in ("th", "td"):
            self.tables[-1][1][-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self._within.pop() == tag

    def handle_data(self, data: str) -> None:
        if "caption" in self._within:
            caption, rows = self.tables[-1]
            self.tables[-1] = caption + data, rows
        elif "th" in self._within or "td" in self._within:
            self.tables[-1][1][-1][-1] += data

    @property
    def table(self) -> tuple[str, list[list[str]]]:
        (only,) = self.tables
        return only

    @property
    def fields(self) -> dict[str, str]:
        """The first table, as fields and their values."""
        return dict(self.tables[0][1])


def look(model: Any) -> Shown:
    return Shown(model._repr_html_())


def task(**fields: Any) -> gravscale.TaskTreeSchema:
    made = gravscale.TaskTreeSchema.from_dict({"id": "t-1", "status": "running", **TIMES, **fields})
    assert made is not None
    return made


def page(*items: Any, **fields: Any) -> gravscale.PageTaskTreeSchema:
    return gravscale.PageTaskTreeSchema(items=list(items), **fields)


def test_a_model_is_a_table_of_its_fields() -> None:
    assert look(gravscale.UserInfoSchema(email="me@example.com", nickname="me")).table == (
        "UserInfoSchema",
        [["email", "me@example.com"], ["nickname", "me"]],
    )


def test_a_page_is_a_table_of_its_items() -> None:
    accounts = gravscale.PageAccountSchema.from_dict(
        {
            "items": [
                {"uuid": "u-1", "clientId": 7, "clientStatus": "active"},
                {"uuid": "u-2", "clientId": 8, "clientStatus": "blocked"},
            ],
            "total": 45,
            "page": 2,
            "size": 2,
            "pages": 23,
        }
    )
    assert look(accounts).table == (
        "PageAccountSchema: page 2 of 23, 2 of 45 items",
        [["", "uuid", "client_id", "client_status"], ["0", "u-1", "7", "active"], ["1", "u-2", "8", "blocked"]],
    )


@pytest.mark.parametrize(
    ("fields", "caption"),
    [
        ({}, "1 item"),
        ({"total": 1}, "1 of 1 item"),
        ({"page": 3}, "page 3, 1 item"),
        ({"page": 1, "pages": 1, "total": 1}, "page 1 of 1, 1 of 1 item"),
    ],
)
def test_a_page_shows_its_numbers_as_far_as_known(fields: dict[str, int], caption: str) -> None:
    assert look(page(task(), **fields)).tables[0][0] == f"PageTaskTreeSchema: {caption}"


def test_an_empty_page_is_a_table_too() -> None:
    assert look(page(total=0)).table == ("PageTaskTreeSchema: 0 of 0 items", [[""]])


def test_nested_models_are_columns_named_by_their_path() -> None:
    vpcs = gravscale.PageVpcSchema.from_dict(
        {"items": [{"name": "vpc-main", "tenant": {"name": "production", "group": {"name": "default"}}}]}
    )
    assert look(vpcs).table[1] == [
        ["", "name", "tenant.name", "tenant.group.name"],
        ["0", "vpc-main", "production", "default"],
    ]
    assert vpcs is not None
    assert look(vpcs.items[0]).fields["tenant.group.name"] == "default"


def test_public_addresses_are_shown_in_the_row() -> None:
    ips = gravscale.PagePublicIpSchema.from_dict(
        {
            "items": [
                {
                    "address": "10.0.0.1",
                    "vpc": {"name": "vpc-main"},
                    "publicIp": [{"address": "203.0.113.1"}, {"address": "203.0.113.2"}],
                }
            ]
        }
    )
    assert look(ips).table[1] == [
        ["", "address", "vpc.name", "public_ip"],
        ["0", "10.0.0.1", "vpc-main", "203.0.113.1, 203.0.113.2"],
    ]


def test_a_task_shows_its_progress_and_its_sub_tasks() -> None:
    parts = [
        {"id": str(number), "status": status, "action": "step", **TIMES}
        for number, status in enumerate(["completed", "completed", "running", "pending"])
    ]
    shown = look(task(percentageComplete=60, subTasks=parts))
    assert shown.fields["status"] == "running"
    assert shown.fields["percentage_complete"].strip() == "60 %"
    assert ("progress", {"max": "100", "value": "60"}) in shown.tags
    assert shown.fields["sub_tasks"] == "2 completed, 1 running, 1 pending"
    caption, rows = shown.tables[1]
    assert caption == "sub_tasks: 4 items"
    assert [row[:4] for row in rows[:2]] == [["", "id", "status", "action"], ["0", "0", "completed", "step"]]


def test_a_list_of_tasks_shows_how_far_each_has_come() -> None:
    parts = [{"id": "s", "status": "completed", **TIMES}]
    shown = look(page(task(percentageComplete=60, subTasks=parts), task(id="t-2", status="pending")))
    assert [row[1:4] for row in shown.table[1]] == [
        ["id", "status", "percentage_complete"],
        ["t-1", "running", " 60 %"],
        ["t-2", "pending", " 0 %"],
    ]
    assert [attributes["value"] for tag, attributes in shown.tags if tag == "progress"] == ["60", "0"]
    assert [row[-1] for row in shown.table[1]] == ["sub_tasks", "1 completed", ""]


@pytest.mark.parametrize(("percentage", "drawn"), [(250, "100"), (-3, "0")])
def test_a_bar_is_never_longer_than_its_frame(percentage: int, drawn: str) -> None:
    shown = look(task(percentageComplete=percentage))
    assert ("progress", {"max": "100", "value": drawn}) in shown.tags
    assert shown.fields["percentage_complete"].strip() == f"{percentage} %"


def test_columns_without_any_value_are_left_out() -> None:
    head = look(page(task(), task(error="no route"))).table[1][0]
    assert "error" in head
    assert "result" not in head
    assert look(task()).fields["result"] == ""


def test_times_are_shown_to_the_second_with_their_offset() -> None:
    assert look(task(createdAt="2026-05-04T09:30:00.123456-03:00")).fields["created_at"] == "2026-05-04 09:30:00-03:00"


def test_a_union_is_shown_as_its_value() -> None:
    fault = gravscale.ValidationError.from_dict({"loc": ["body", "email"], "msg": "Field required", "type": "missing"})
    assert look(fault).fields["loc"] == "body, email"
    assert look(gravscale.ValidationErrorLocInner("body")).fields == {"actual_instance": "body"}
    assert look(Fault(where=gravscale.ValidationErrorLocInner(3))).fields == {"where": "3", "why": ""}
    assert look(Fault(why=Cause({"password": "hunter2"}))).fields == {"where": "", "why": "{'password': '***'}"}


class Cause(AnyOf):
    """One of several types."""

    actual_instance: Any = None


class Fault(Model):
    """With fields of several types."""

    where: gravscale.ValidationErrorLocInner | None = None
    why: Cause | None = None


EVIL = "</td></table><script>alert(1)</script><img src=x onerror=\"alert('2')\"> & &lt;b&gt;"


@pytest.mark.parametrize(
    "shown",
    [
        lambda: look(task(id=EVIL, status=EVIL, error=EVIL, result={EVIL: [EVIL]})),
        lambda: look(task(subTasks=[{"id": EVIL, "status": EVIL, "action": EVIL, **TIMES}])),
        lambda: look(page(task(id=EVIL, subTasks=[{"id": "x", "status": EVIL, **TIMES}]))),
        lambda: look(
            gravscale.PagePublicIpSchema.from_dict(
                {"items": [{"address": EVIL, "vpc": {"name": EVIL}, "publicIp": [{"address": EVIL}]}]}
            )
        ),
        lambda: look(type(EVIL, (gravscale.UserInfoSchema,), {})(email=EVIL, nickname=EVIL)),
        lambda: Shown(list_as_html([type(EVIL, (gravscale.UserInfoSchema,), {})(email=EVIL, nickname=EVIL)])),
        lambda: look(gravscale.ValidationErrorLocInner(EVIL)),
        lambda: look(page(task(), page=1).model_copy(update={"total": EVIL, "page": EVIL, "pages": EVIL})),
        lambda: look(task().model_copy(update={"percentage_complete": EVIL, "created_at": EVIL})),
    ],
)
def test_no_server_can_inject_markup(shown: Any) -> None:
    seen = shown()
    assert {tag for tag, _ in seen.tags} <= TAGS
    assert {(tag, name) for tag, attributes in seen.tags for name in attributes} <= {
        ("div", "class"),
        ("table", "class"),
        ("progress", "max"),
        ("progress", "value"),
    }
    # This is meant to be read.
    assert "<script>alert(1)</script>" in "".join(
        caption + "".join("".join(row) for row in rows) for caption, rows in seen.tables
    )


class Vault(Model):
    """It has secrets in every possible place."""

    name: str
    api_key: str | None = None
    private_key: dict[str, str] | None = None
    credentials: gravscale.LoginSchema | None = None
    logins: list[gravscale.LoginSchema] = Field(default_factory=list)
    settings: Any = None
    token_expires: bool = True


def test_secrets_are_masked_wherever_they_are() -> None:
    login = gravscale.LoginSchema(email="me@example.com", password="hunter2")
    vault = Vault(
        name="main",
        api_key="hunter2",
        private_key={"passphrase": "hunter2"},
        credentials=login,
        logins=[login, login],
        settings={"list": [{"refreshToken": "hunter2"}]},
    )
    for html in (vault._repr_html_(), list_as_html([vault]), list_as_html([login]), login._repr_html_()):
        assert "hunter2" not in html
        assert "***" in html
    assert look(vault).fields["api_key"] == "***"
    assert look(vault).fields["token_expires"] == "True"
    assert look(login).fields == {"email": "me@example.com", "password": "***"}
    authorization = gravscale.AuthorizationSchema.from_dict(
        {"accessToken": "hunter2", "refreshToken": "hunter2", "type": "Bearer", "expiresAt": "2026-05-04T09:30:00Z"}
    )
    assert look(authorization).fields == {
        "access_token": "***",
        "refresh_token": "***",
        "type": "Bearer",
        "expires_at": "2026-05-04 09:30:00+00:00",
    }


def test_long_texts_are_cut_and_long_lists_too() -> None:
    shown = look(task(error="x" * 10_000)).fields["error"]
    assert len(shown) == 300
    assert shown.endswith("x…")
    caption, rows = Shown(list_as_html([task()] * 1000)).table
    assert caption == f"TaskTreeSchema: 1000 items (first {ROWS_MAX} shown)"
    assert len(rows) == 1 + ROWS_MAX


def test_a_lone_surrogate_does_not_break_a_table() -> None:
    html = look(task().model_copy(update={"error": "\ud800"})).fields["error"]
    assert json.dumps(html).encode()
    assert html == "?"


def test_a_model_without_its_fields_can_be_shown() -> None:
    assert look(gravscale.UserInfoSchema.model_construct(email="me")).fields == {"email": "me", "nickname": ""}


class Node(Model):
    """It may contain itself."""

    name: str
    next: Node | None = None


def test_a_model_that_contains_itself_can_be_shown() -> None:
    node = Node(name="n")
    # pydantic would refuse it, but a container of models may also come from the user's own code.
    node.__dict__["next"] = node
    assert look(node).fields["next.next.name"] == "n"


def test_tables_define_no_colors() -> None:
    html = task(percentageComplete=50)._repr_html_()
    style = html.partition("</style>")[0].lower()
    assert "currentcolor" in style
    assert not any(word in style.replace("currentcolor", "") for word in ("color", "#", "rgb", "hsl"))


def test_reprs_stay_short_and_masked() -> None:
    login = gravscale.LoginSchema(email="me@example.com", password="hunter2")
    assert repr(login) == "LoginSchema(email='me@example.com', password='***')"
    assert "<" not in repr(page(task())) + str(page(task()))


def test_outside_a_notebook_it_is_not_loaded() -> None:
    program = """
import sys, gravscale
user = gravscale.UserInfoSchema(email="me@example.com", nickname="me")
repr(user), user.to_json(), gravscale.AuthenticationApi(), gravscale.wait_for_task, gravscale.paginate
sys.exit("gravscale.notebook" in sys.modules)
"""
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_models_only_have_its_method() -> None:
    assert inspect.isfunction(Model.__dict__["_repr_html_"])
    assert Model.model_fields == {}
    assert Model.__private_attributes__ == {}
