"""The output formats, with data of any kind."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Iterator
from typing import Any

import click
import pytest

from gravscale import PublicIpSchema, TaskTreeSchema
from gravscale.cli.invocation import Invocation
from gravscale.cli.output import show_list, show_one

TASK = {"id": "1", "status": "completed", "createdAt": "2026-01-02T00:00:00Z", "updatedAt": "2026-01-02T00:00:00Z"}
NASTY = "a\x1b[31mb\x07\x9bc\u202ed\x7f\te\nf"


@pytest.fixture
def stdout(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Replaces stdout with a stream of the given encoding."""

    def replace(encoding: str = "utf-8") -> io.BytesIO:
        raw = io.BytesIO()
        monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding, "backslashreplace", newline="\n"))
        return raw

    return replace


@pytest.mark.parametrize("form", ["table", "csv", "json", "jsonl"])
@pytest.mark.parametrize("item", [{"name": NASTY}, {NASTY: "name"}], ids=["value", "name"])
def test_no_control_character_is_written(stdout: Any, form: str, item: dict[str, str]) -> None:
    raw = stdout()
    for show in (show_one, lambda item, *rest: show_list([item], *rest)):
        show(item, form, (), ())
    text = raw.getvalue().decode()
    assert text.replace("\n", "").replace("\t", "").isprintable()
    if form == "jsonl":
        assert [json.loads(line) for line in text.splitlines()] == [item, item]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", " =", "\t=", "\r=", "＝"])
def test_csv_contains_no_formulas(stdout: Any, start: str) -> None:
    raw = stdout()
    show_list([{"a": f"{start}cmd|' /C calc'!A0", "b": -1, "c": [f"{start}1"]}], "csv", (), ())
    _, (a, b, c) = csv.reader(io.StringIO(raw.getvalue().decode()))
    assert (a[0], b, c[0]) == ("'", "-1", "'")


def test_csv_quotes_cells(stdout: Any) -> None:
    raw = stdout()
    show_list([{"name": 'a,"b"'}], "csv", (), ())
    assert raw.getvalue() == b'name\n"a,""b"""\n'


def test_a_stream_without_unicode_gets_escapes(stdout: Any) -> None:
    raw = stdout("ascii")
    show_list([{"name": "é", "key": "日"}], "table", (), ())
    show_list([{"name": "é"}], "json", (), ())
    table, document = raw.getvalue().decode("ascii").split("\n", 1)
    assert table == "\\xe9\t\\u65e5"
    assert json.loads(document) == [{"name": "é"}]


def test_json_keeps_unicode(stdout: Any) -> None:
    raw = stdout()
    show_one({"name": "é日\U0001f600", "lone": "\ud800"}, "jsonl", (), ())
    assert raw.getvalue() == '{"name": "é日😀", "lone": "\\ud800"}\n'.encode()


def test_items_are_written_as_they_arrive(stdout: Any) -> None:
    raw = stdout()
    seen = []

    def items() -> Iterator[dict[str, int]]:
        for number in range(3):
            seen.append(raw.getvalue().count(b"\n"))
            yield {"n": number}

    show_list(items(), "jsonl", (), ())
    assert seen == [0, 1, 2]


def test_nothing_beyond_the_limit_is_fetched(stdout: Any) -> None:
    def items() -> Iterator[int]:
        yield from (1, 2)
        pytest.fail("fetched a third item")

    raw, invocation = stdout(), Invocation()
    invocation.limit = 2
    invocation.show_list(items())
    invocation.limit = None
    invocation.show_list([1, 2, 3])
    assert raw.getvalue().decode().split() == ["1", "2", "1", "2", "3"]


def test_columns_reach_into_lists_and_objects(stdout: Any) -> None:
    raw = stdout()
    item = {"a": {"b": [{"c": 1}, {"c": None}]}, "d": {"e": True}, "f": [[1]], "g.h": "dotted"}
    show_list([item, {"a": None}], "table", (), ("a.b.c", "d", "f", "g.h", "d.e"))
    assert raw.getvalue().decode().splitlines() == ['1, \t{"e": true}\t[[1]]\tdotted\ttrue', "\t\t\t\t"]


@pytest.mark.parametrize(
    ("item", "column", "known"),
    [
        ({"a": {"b": {"c": 1, "d": 2}}}, "a.b.x", "a.b.c, a.b.d"),
        ({"a": {"b": 1}}, "a.x.y", "a.b"),
        ({"a": [{"b": 1}, {"b": 2}]}, "a.x", "a.b"),
        ({"a": 1}, "a.b", "a"),
        ({"a": [1, 2]}, "a.b", "a.value"),
        (PublicIpSchema.from_dict({"address": "", "vpc": {"name": ""}, "publicIp": []}), "vpc.x", "vpc.name"),
        (PublicIpSchema.from_dict({"address": "", "vpc": {"name": ""}, "publicIp": []}), "vpc_name", "address, vpc, p"),
        (1, "a.b", "value"),
    ],
)
def test_an_unknown_nested_column_is_named_with_the_known_ones(
    stdout: Any, item: object, column: str, known: str
) -> None:
    raw = stdout()
    for form in ("table", "csv", "json", "jsonl"):
        for show in (show_one, lambda item, *rest: show_list([item], *rest)):
            with pytest.raises(click.UsageError, match=f"no such field: {column}; the fields are {known}"):
                show(item, form, (), (column,))
    assert raw.getvalue() == b""


@pytest.mark.parametrize(
    ("item", "column"),
    [
        ({"a": None}, "a.b"),
        ({"a": []}, "a.b"),
        ({"a": [{"c": 1}, {"b": 1}]}, "a.b"),
        (PublicIpSchema.from_dict({"address": "", "vpc": {"name": ""}, "publicIp": []}), "publicIp.address"),
        # The contract does not define the result of a task, which differs between tasks.
        (TaskTreeSchema.model_validate({**TASK, "result": {"address": ""}}), "result.publicIp"),
    ],
)
def test_a_nested_column_that_may_exist_is_empty(stdout: Any, item: object, column: str) -> None:
    raw = stdout()
    show_list([item], "csv", (), (column,))
    assert raw.getvalue().decode().splitlines()[0] == column


def test_a_plain_value_has_the_column_value(stdout: Any) -> None:
    raw = stdout()
    show_list(["a", 1, None], "csv", (), ())
    show_one("text", "table", (), ())
    assert raw.getvalue() == b'value\na\n1\n""\ntext\n'


def test_an_empty_list_is_an_empty_document(stdout: Any) -> None:
    for form, written in {"json": b"[]\n", "jsonl": b"", "csv": b"name\n", "table": b""}.items():
        raw = stdout()
        show_list([], form, ("name",), ())
        sys.stdout.flush()
        assert raw.getvalue() == written


def test_an_empty_list_of_unknown_columns_has_no_header(stdout: Any) -> None:
    for form in ("csv", "table"):
        raw = stdout()
        show_list([], form, (), ())
        sys.stdout.flush()
        assert raw.getvalue() == b""


def test_a_list_may_begin_with_null(stdout: Any) -> None:
    for form, written in {"json": b"[\n  null,\n  1\n]\n", "jsonl": b"null\n1\n", "csv": b'value\n""\n1\n'}.items():
        raw = stdout()
        show_list([None, 1], form, (), ())
        assert raw.getvalue() == written


def test_an_unknown_column_is_named_before_anything_is_written(stdout: Any) -> None:
    raw = stdout()
    for form in ("table", "csv", "json", "jsonl"):
        with pytest.raises(click.UsageError, match="no such field: x; the fields are a"):
            show_list([{"a": 1}], form, (), ("x",))
    assert raw.getvalue() == b""
