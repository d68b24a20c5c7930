"""Everything that FastAPI writes into larger contracts works: unions, open models, defaults, limits, odd names."""

from __future__ import annotations

import json
from datetime import date, datetime, timezone
from typing import Any
from uuid import UUID

import pytest
from generating import Call

BLACK = {"kind": "coloured", "colour": "black", "name": "b"}


@pytest.mark.parametrize(
    ("name", "value", "class_"),
    [
        ("Pet", {"kind": "cat", "name": "c"}, "Cat"),
        ("Coloured", BLACK | {"colour": "white"}, "White"),
        ("Versioned", {"version": 1, "size": 2}, "First"),
        ("Versioned", {"version": 3, "size": 2}, "Second"),
    ],
    ids=str,
)
def test_a_discriminator_selects_the_member_of_a_union(
    ask: Call, name: str, value: dict[str, Any], class_: str
) -> None:
    read, request = ask(f"send_{name.lower()}", value, answer=value)
    assert type(read.actual_instance).__name__ == class_
    assert read.to_dict() == json.loads(request.body) == value


def test_a_member_of_a_union_may_be_a_union(other: Any, ask: Call) -> None:
    for given in (BLACK, other.Black(**BLACK), other.Coloured(other.Black(**BLACK))):
        read, request = ask("send_pet", given, answer=BLACK)
        assert type(read.actual_instance.actual_instance) is other.Black
        assert json.loads(request.body) == BLACK


def test_a_date_beside_a_time_stays_a_date(ask: Call) -> None:
    for value, read in (
        ("2026-01-31", date(2026, 1, 31)),
        ("2026-01-31T00:00:00Z", datetime(2026, 1, 31, tzinfo=timezone.utc)),
    ):
        answer, request = ask("send_moment", read, answer=value)
        assert (type(answer.actual_instance), answer.actual_instance) == (type(read), read)
        assert json.loads(request.body) == value.replace("Z", "+00:00")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("open", {"id": 1, "more": [{"a": None}]}),
        ("opennumbers", {"id": 1, "more": 2, "none": None}),
        ("unlisted", {"more": {"a": 1}}),
        ("patterned", {"id": 1, "x-more": "y"}),
        ("tree", {"value": "a", "left": {"value": "b", "right": {}}}),
    ],
)
def test_properties_that_are_not_listed_are_kept_and_sent(ask: Call, name: str, value: dict[str, Any]) -> None:
    operation = {"opennumbers": "send_open_numbers"}.get(name, f"send_{name}")
    read, request = ask(operation, value, answer=value)
    assert json.loads(request.body) == read.to_dict() == value
    assert read.additional_properties.keys() == value.keys() - {"id", "value"}
    assert ask(operation, read, answer=value)[1].body == request.body


def test_a_default_has_the_type_of_its_field_and_is_shared_by_no_two_models(other: Any) -> None:
    made = other.Defaults()
    assert (made.tags, made.gaps, made.whole, made.free) == (["a"], [None], 5, {"a": [1]})
    assert (made.day, made.id) == (date(2026, 1, 31), UUID("8c3b9a52-6f0e-4d5c-9b1a-2e7f4c8d1a60"))
    assert made.cat == other.Cat(kind="cat")
    made.tags.append("b")
    made.free["b"] = 2
    assert (other.Defaults().tags, other.Defaults().free) == (["a"], {"a": [1]})


def test_multiples_and_patterns_are_checked(other: Any, ask: Call) -> None:
    fits = {"price": 0.29, "pair": 2, "password": "abc1", "codes": ["ab"]}
    assert json.loads(ask("send_limits", fits, answer={"price": 3})[1].body) == fits
    for name, value in {"price": 0.295, "pair": 3, "password": "abcd", "codes": ["abc"]}.items():
        with pytest.raises(other.ApiValueError, match=rf"limits\.{name}"):
            other.ThingsApi(other.ApiClient()).send_limits({name: value})


def test_write_only_fields_belong_to_requests_and_read_only_fields_to_answers(other: Any, ask: Call) -> None:
    for given in ({"name": "n", "password": "p"}, other.User(name="n", password="p")):
        user, request = ask("send_user", given, answer={"id": 1, "name": "n"})
        assert json.loads(request.body) == {"name": "n", "password": "p"}
        assert user.to_dict() == {"id": 1, "name": "n"}
    assert other.User.from_json(user.to_json()) == user
    with pytest.raises(other.ApiValueError, match="password"):
        ask("send_user", {"name": "n"})


# Answers.


def test_each_status_has_its_type(other: Any, ask: Call) -> None:
    assert ask("by_status", answer={"name": "n"})[0] == other.Thing(name="n")
    assert ask("by_status", answer={"kind": "cat"}, answer_status=202)[0] == other.Cat(kind="cat")
    assert ask("by_status", answer=b"", answer_status=204)[0] is None
    for status, class_ in ((404, other.Cat), (500, other.Thing)):
        with pytest.raises(other.ApiException) as caught:
            ask("by_status", answer={"kind": "cat", "name": "n"}, answer_status=status, configuration={"retries": 0})
        assert type(caught.value.data) is class_


def test_an_answer_may_be_null_or_have_null_in_it(other: Any, ask: Call) -> None:
    assert ask("maybe", answer=None)[0] is None
    assert ask("maybe", answer={"name": "n"})[0] == other.Thing(name="n")
    assert ask("numbers", answer=[1, None])[0] == [1, None]


def test_an_answer_may_have_an_enum_of_several_types(ask: Call) -> None:
    for value in ("a", 1, True, "b", 2):
        read, request = ask("send_null", None, answer=value)
        assert (type(read), read) == (type(value), value)
        assert request.body == b"null"


def test_binary_content_is_bytes_for_any_media_type(ask: Call) -> None:
    assert ask("lines", answer=b"{}\n{}", answer_type="application/jsonl")[0] == b"{}\n{}"


def test_each_media_type_has_its_type(other: Any, ask: Call) -> None:
    for media in ("application/json; charset=utf-8", "application/problem+json"):
        assert ask("by_media", answer={"name": "n"}, answer_type=media)[0] == other.Thing(name="n")
    cat, request = ask("by_media", answer={"kind": "cat"}, answer_type="application/vnd.cat")
    assert cat == other.Cat(kind="cat")
    # A type that can't be read is not listed in Accept.
    assert request.headers["accept"] == "application/json, application/vnd.cat"


def test_the_answer_to_a_head_is_none(ask: Call) -> None:
    assert ask("exists", answer=b"")[0] is None


# Requests.


def test_null_is_sent_where_a_body_may_be_null(ask: Call) -> None:
    for operation in ("send_maybe", "send_anything"):
        _, request = ask(operation, None, answer="x")
        assert (request.body, request.headers["content-type"]) == (b"null", "application/json")
    assert ask("send_anything", [1, None], answer="x")[1].body == b"[1,null]"


def test_a_body_without_a_schema_is_bytes_or_a_file(ask: Call, tmp_path: Any) -> None:
    (tmp_path / "file").write_bytes(b"\x00\xff")
    for given in (b"\x00\xff", tmp_path / "file", str(tmp_path / "file"), ("name", b"\x00\xff")):
        _, request = ask("send_file", given, answer="x")
        assert (request.body, request.headers["content-type"]) == (b"\x00\xff", "application/octet-stream")


def test_parts_of_a_form_have_their_names_and_types(ask: Call) -> None:
    _, request = ask("send_form", ("a.png", b"1"), more=[b"2"], cat={"kind": "cat"}, tags=["a", "b"], answer="x")
    for part in (
        b'name="file"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n1\r\n',
        b'name="more"; filename="more"\r\nContent-Type: application/octet-stream\r\n\r\n2\r\n',
        b'name="cat"\r\nContent-Type: application/json\r\n\r\n{"kind":"cat"}\r\n',
        b'name="tags"\r\n\r\na\r\n',
        b'name="tags"\r\n\r\nb\r\n',
    ):
        assert part in request.body


def test_a_parameter_of_an_operation_overrides_the_one_of_its_path(ask: Call) -> None:
    _, request = ask("query", page="first", var_field="empty", answer="x")
    assert request.target == "/parameters?page=first&=empty"


def test_limits_of_numbers_are_those_of_their_type(other: Any, ask: Call) -> None:
    assert ask("query", step=0.3, least=1, answer="x")[1].target == "/parameters?step=0.3&least=1"
    for name, value in {"step": 0.35, "least": 0}.items():
        with pytest.raises(other.ApiValueError, match=name):
            ask("query", **{name: value})


def test_none_in_a_list_of_query_values_is_refused(other: Any, ask: Call) -> None:
    with pytest.raises(other.ApiValueError, match=r"numbers: None can't be written"):
        ask("query", numbers=[1, None])


def test_words_in_an_enum_do_not_become_class_names(other: Any, ask: Call) -> None:
    assert ask("query", say="a Thing is", answer="x")[1].target == "/parameters?say=a%20Thing%20is"
    thing, _ = ask("send_thing", {"name": "n", "say": "int here", "int": 1}, answer={"name": "n", "say": "a Thing is"})
    assert thing.say == "a Thing is"
    assert "Says <<this>> and {{that}}." in other.ThingsApi.query.__doc__


def test_a_path_is_encoded_with_its_parameters(ask: Call) -> None:
    assert ask("odd_path", "1", "{a}", answer="x")[1].target == "/%C3%BC%20b/1.%7Ba%7D"


@pytest.mark.parametrize(
    ("operation", "settings", "sent"),
    [
        ("either", {"access_token": None}, {}),
        ("either", {"api_key": {"key": "k"}, "access_token": None}, {"x-key": "k"}),
        ("either", {}, {"authorization": "Bearer token"}),
        ("both", {"api_key": {"key": "k"}}, {"x-key": "k", "authorization": "Bearer token"}),
        ("optional", {"access_token": None}, {}),
        ("optional", {}, {"authorization": "Bearer token"}),
    ],
)
def test_configured_credentials_are_sent_to_operations_that_take_them(
    ask: Call, operation: str, settings: dict[str, Any], sent: dict[str, str]
) -> None:
    _, request = ask(operation, answer="x", configuration=settings)
    assert {name: request.headers[name] for name in ("x-key", "authorization") if name in request.headers} == sent


# Names.


def test_an_operation_may_have_the_name_of_a_type(ask: Call) -> None:
    assert ask("dict", ["a", "b"], answer=["2026-01-31"])[0] == [date(2026, 1, 31)]
    assert ask("date", answer="2026-01-31")[0] == date(2026, 1, 31)
    days, request = ask("types", date(2026, 1, 31), answer={"a": ["2026-01-31"]})
    assert (days, request.target) == ({"a": [date(2026, 1, 31)]}, "/types?day=2026-01-31")


def test_a_field_may_have_the_name_of_its_type(other: Any, ask: Call) -> None:
    read, _ = ask("send_o", {}, answer={"datetime": "2026-01-31T00:00:00Z", "until": "2026-02-01T00:00:00Z"})
    assert read == other.O(datetime=read.datetime, until=datetime(2026, 2, 1, tzinfo=timezone.utc))
    assert other.ModelHOMES2(x="a").to_dict() == {"x": "a"}


def test_of_fields_alike_each_is_set_by_its_own_name(other: Any, ask: Call) -> None:
    value = {"userId": "a", "user_id": "b"}
    assert other.Alike(user_id="b", user_id_2="a").to_dict() == value
    assert json.loads(ask("send_alike", value, answer=value)[1].body) == value


def test_brackets_of_a_list_are_no_part_of_its_name(ask: Call) -> None:
    assert ask("dict", ids=["a", "b"], answer=[])[1].target == "/types?ids%5B%5D=a&ids%5B%5D=b"


# Types.


def test_of_unions_within_a_union_the_one_with_the_most_known_fields_is_read(other: Any, ask: Call) -> None:
    for value, class_ in (
        ({"label": "l", "weight": 1}, other.Large),
        ({"label": "l", "note": "n"}, other.Plain),
        ({"label": "l", "size": 1}, other.Small),
    ):
        read, request = ask("send_either", value, answer=value)
        found = read.actual_instance
        assert type(getattr(found, "actual_instance", found)) is class_
        assert json.loads(request.body) == read.to_dict() == value


def test_members_of_a_union_may_differ_only_in_their_limits(other: Any, ask: Call) -> None:
    for value in (5, 100):
        read, request = ask("send_bounded", value, answer=value)
        assert json.loads(request.body) == read.actual_instance == value
    with pytest.raises(other.ApiValueError, match="bounded"):
        ask("send_bounded", 50)


def test_members_of_a_union_may_differ_only_in_the_values_of_an_enum(other: Any, ask: Call) -> None:
    for state, class_ in {"open": "Begun", "failed": "Ended", "cancelled": "Cancelled", 0: "Cancelled"}.items():
        value = {"state": state, "note": "n"}
        read, request = ask("send_state", value, answer=value)
        assert type(read.actual_instance).__name__ == class_
        assert json.loads(request.body) == read.to_dict() == value
    # Even one with fewer known fields.
    read, _ = ask("send_state", {"state": "new"}, answer={"state": "failed", "size": 1})
    assert type(read.actual_instance).__name__ == "Ended"
    assert ask("send_state", {"state": "new"}, answer={"state": "later"})[0].to_dict() == {"state": "later"}


def test_unknown_values_of_any_enum_are_kept_in_an_answer(other: Any, ask: Call) -> None:
    known = {"several": True, "code": 2, "status": 404}
    mixed, request = ask("send_mixed", known, answer=known)
    assert json.loads(request.body) == mixed.to_dict() == known
    assert mixed.status is other.Status(404)
    for unknown in ({"several": "b", "code": 3, "status": 500}, {"several": 2, "code": 1.5, "status": 0.5}):
        assert ask("send_mixed", known, answer=unknown)[0].to_dict() == unknown
        for name in unknown:
            with pytest.raises(other.ApiValueError, match=rf"mixed\.{name}"):
                ask("send_mixed", {name: unknown[name]})


def test_a_discriminator_may_select_a_union_with_a_discriminator(ask: Call) -> None:
    for value, class_ in (
        ({"kind": "a", "version": 2, "name": "n"}, "Two"),
        ({"kind": "b", "name": "n"}, "Other"),
    ):
        read, request = ask("send_within", value, answer=value)
        found = read.actual_instance
        assert type(getattr(found, "actual_instance", found)).__name__ == class_
        assert json.loads(request.body) == value


def test_a_map_may_contain_itself(ask: Call) -> None:
    value = {"a": {"b": "2026-01-31T00:00:00+00:00"}}
    read, request = ask("send_paths", value, answer=value)
    time = datetime(2026, 1, 31, tzinfo=timezone.utc)
    assert read["a"].actual_instance["b"].actual_instance == time
    assert json.loads(request.body) == value


def test_a_form_without_a_schema_takes_any_fields(other: Any, ask: Call) -> None:
    assert ask("send_any_form", {"a": "b c", "d": 1}, answer="x")[1].body == b"a=b+c&d=1"
    with pytest.raises(other.ApiTypeError, match="request_body"):
        ask("send_any_form", "a=b")


def test_properties_beside_all_of_are_those_that_count(other: Any, ask: Call) -> None:
    with pytest.raises(other.ApiValueError, match="user_id"):
        ask("send_stricter", {"user_id": "long"})
    with pytest.raises(other.ApiTypeError, match="userId"):
        ask("send_stricter", {"userId": 1})
    assert ask("send_stricter", {"user_id": "id"}, answer={"userId": "a"})[0].to_dict() == {"userId": "a"}


def test_bytes_where_only_text_can_be_are_its_utf_8(other: Any, ask: Call) -> None:
    assert ask("dict", raw="é".encode(), answer=[])[1].target == "/types?raw=%C3%A9"
    assert ask("send_text", b"a b", answer="x")[1].body == b"raw=a+b"
    with pytest.raises(other.ApiValueError, match=r"^raw: bytes that are not UTF-8"):
        ask("dict", raw=b"\xff")


def test_one_media_type_is_sent_where_a_service_takes_several(ask: Call) -> None:
    assert ask("bytes", b"x", answer="x")[1].headers["content-type"] == "application/octet-stream"
    assert ask("bytes", b"x", answer="x", _content_type="image/png")[1].headers["content-type"] == "image/png"


def test_names_that_are_taken_are_changed(other: Any, ask: Call) -> None:
    # The API class keeps its name, and so does the schema that looks like the params of another.
    for made in (other.ModelThingsApi(x="a"), other.ModelImport(x="a"), other.Any(x="a")):
        assert made.to_dict() == {"x": "a"}
    params, request = ask("send_thing_params", {"thing": {"name": "n"}}, answer={"thing": {"name": "m"}})
    assert type(params) is other.ThingParams
    assert params.thing == other.Thing(name="m")
    assert json.loads(request.body) == {"thing": {"name": "n"}}


def test_each_property_has_a_field_for_any_name(ask: Call) -> None:
    value = {"": "1", "日本": "2", "本": "3", "a-b": "4", "a_b": "5"}
    odd, request = ask("send_odd", value, answer=value)
    assert json.loads(request.body) == odd.to_dict() == value


def test_an_operation_with_a_repeated_tag_appears_once_per_tag(other: Any) -> None:
    assert "twice" in vars(other.OthersApi)
    assert "twice" in vars(other.ThingsApi)
