"""The client of a changed contract works, over HTTP and without a line written by hand."""

from __future__ import annotations

import importlib
import inspect
import json
import pickle
from datetime import date, datetime, timezone
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

import pytest
from changed_contract import AWKWARD, AWKWARD_NAMES
from generating import Call
from misbehaving import answer as answering
from misbehaving import message, raw, serving

ID = UUID("8c3b9a52-6f0e-4d5c-9b1a-2e7f4c8d1a60")
TIME = datetime(2026, 1, 31, 12, tzinfo=timezone.utc)
VOLUME: dict[str, Any] = {"id": str(ID), "name": "main", "status": "in-use", "attachedTo": None}


def query_of(request: Any) -> list[tuple[str, str]]:
    return parse_qsl(urlsplit(request.target).query, keep_blank_values=True)


# What arrives is what was passed.


def test_query_parameters_arrive_in_the_contracts_form(changed: Any, call: Call) -> None:
    _, request = call(
        "list_volumes",
        [1, 2],
        answer=[],
        status=[changed.VolumeStatus.AVAILABLE, "in-use"],
        label=["a", "b,c"],
        medium="nvme",
        media=["ssd", "nvme"],
        order=changed.Priority(5),
        created_after=TIME,
        created_on=date(2026, 1, 31),
        encrypted=False,
        min_ratio=0.5,
        price="1.10",
        owner=ID,
        anything="7",
        size=1.5,
        mixed=[1, "a"],
        page=2,
    )
    assert sorted(query_of(request)) == [
        ("anything", "7"),
        ("created_after", "2026-01-31T12:00:00.000000+00:00"),
        ("created_on", "2026-01-31"),
        ("encrypted", "false"),
        ("label", "a,b,c"),
        ("media", "nvme"),
        ("media", "ssd"),
        ("medium", "nvme"),
        ("min_ratio", "0.5"),
        ("mixed", "1"),
        ("mixed", "a"),
        ("order", "5"),
        ("owner", str(ID)),
        ("page", "2"),
        ("price", "1.10"),
        ("size", "1.5"),
        ("slot", "1"),
        ("slot", "2"),
        ("status", "available"),
        ("status", "in-use"),
    ]


def test_header_fields_and_cookies_arrive_with_the_contracts_names(call: Call) -> None:
    _, request = call("list_volumes", [1], answer=[], x_request_priority=9, x_trace=["a", "b"], region="eu")
    assert request.headers["x-request-priority"] == "9"
    assert request.headers["x-trace"] == "a,b"
    assert request.headers["cookie"] == "region=eu"
    _, request = call("create_volume", "key 1", {"name": "main"}, answer=VOLUME)
    assert request.headers["idempotency-key"] == "key 1"


def test_a_cookie_is_added_to_the_default_cookies(changed: Any) -> None:
    with (
        serving(answering([])) as server,
        changed.ApiClient(changed.Configuration(host=server.url, access_token="token"), cookie="a=b") as api_client,
    ):
        changed.BlockStorageApi(api_client).list_volumes([1], region="eu")
    assert server.requests[0].headers["cookie"] == "a=b; region=eu"


def test_omitted_arguments_are_not_sent(call: Call) -> None:
    _, request = call("list_volumes", [1], answer=[])
    assert request.target == "/v2/api/volumes?slot=1"
    assert not request.headers.keys() & {"x-request-priority", "x-trace", "cookie", "content-type"}
    _, request = call("set_status", ID, answer=b"")
    assert (request.body, request.headers.get("content-type")) == (b"", None)


def test_path_parameters_arrive_in_the_path(call: Call) -> None:
    _, request = call("get_snapshot", ID, 3, answer={"id": 3})
    assert request.target == f"/v2/api/volumes/{ID}/snapshots/3"
    _, request = call("list", "a/b c", answer=[])
    assert request.target == "/v2/api/odds/a%2Fb%20c"


def test_parameters_with_reserved_names_arrive(call: Call) -> None:
    result, request = call(
        "list",
        "c",
        answer=["x"],
        var_options="o",
        var_self="s",
        var_from="f",
        filter_name="n",
        with_hyphen="h",
        body="b",
        _headers={"X-More": "m"},
    )
    assert result == ["x"]
    assert dict(query_of(request)) == {
        "options": "o",
        "self": "s",
        "from": "f",
        "filter[name]": "n",
        "with-hyphen": "h",
        "body": "b",
    }
    assert request.headers["x-more"] == "m"


# A field with a default is sent with it.
A = {"name": "a", "sizeGb": 10}
BODIES: dict[str, tuple[str, list[Any], Any]] = {
    "a dict by the contract's names": ("create_volume", ["k", {"name": "a", "sizeGb": 2}], {**A, "sizeGb": 2}),
    "a dict by Python's names": ("create_volume", ["k", {"name": "a", "size_gb": 2}], {**A, "sizeGb": 2}),
    "null where it may be": ("create_volume", ["k", {"name": "a", "labels": None}], {**A, "labels": None}),
    "a dict in a dict": ("create_volume", ["k", {**A, "place": {"rack": "r"}}], {**A, "place": {"rack": "r"}}),
    "dicts in a list": ("create_volumes", [[A, {"name": "b", "size_gb": 3}]], [A, {"name": "b", "sizeGb": 3}]),
    "texts": ("label_volume", [ID, ["a", "é"]], ["a", "é"]),
    "nothing in a list": ("label_volume", [ID, []], []),
    "a free-form object": ("annotate_volume", [ID, {"a": [1, None, {"b": 1.5}]}], {"a": [1, None, {"b": 1.5}]}),
    "a free-form object that has a name": ("get_size", [{"a": True}], {"a": True}),
    "a value": ("set_size", [7], 7),
    "an enum's value": ("set_status", [ID, "in-use"], "in-use"),
    "one of several, as text": ("put_disk", ["text"], "text"),
    "one of several, as a dict": ("put_disk", [{"name": "n"}], {"name": "n"}),
    "one of several, as a dict in a dict": ("put_disk", [{**A, "place": {"rack": "r"}}], {**A, "place": {"rack": "r"}}),
}
ANSWERS = {"create_volume": VOLUME, "create_volumes": [], "label_volume": [], "put_disk": "text"}


@pytest.mark.parametrize("case", BODIES)
def test_a_body_arrives_as_it_was_passed(call: Call, case: str) -> None:
    name, arguments, arrived = BODIES[case]
    _, request = call(name, *arguments, answer=ANSWERS.get(name, 1))
    assert json.loads(request.body) == arrived
    assert request.headers["content-type"] == "application/json"


def test_models_arrive_like_dicts(changed: Any, call: Call) -> None:
    first = changed.CreateVolume(name="a", place=changed.CreateVolumePlace(rack="r"))
    _, request = call("create_volumes", [first, {"name": "b"}], answer=[])
    assert json.loads(request.body) == [
        {"name": "a", "sizeGb": 10, "place": {"rack": "r"}},
        {"name": "b", "sizeGb": 10},
    ]
    _, request = call("set_status", ID, changed.VolumeStatus.IN_MINUS_USE)
    assert json.loads(request.body) == "in-use"
    _, request = call("put_disk", changed.Disk(changed.ModelPath(name="n")), answer="text")
    assert json.loads(request.body) == {"name": "n"}


def test_forms_and_files_arrive(call: Call) -> None:
    result, request = call("log_in", "me", "p&q", answer={"user": "me"})
    assert result.user == "me"
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    assert parse_qsl(request.body.decode()) == [("user", "me"), ("password", "p&q")]
    _, request = call("add_image", b"\x00\xff", 2)
    assert request.headers["content-type"].startswith("multipart/form-data; boundary=")
    assert b'name="file"; filename="file"' in request.body
    assert b"\x00\xff" in request.body
    assert b'name="size"\r\n\r\n2\r\n' in request.body
    _, request = call("put_image", b"\x00\xff")
    assert (request.headers["content-type"], request.body) == ("application/octet-stream", b"\x00\xff")


WRONG_QUERIES: list[tuple[str, Any, str]] = [
    ("slot", None, "ApiTypeError"),
    ("slot", 1, "ApiTypeError"),
    ("slot", ["1"], "ApiTypeError"),
    ("slot", [], "ApiValueError"),
    ("slot", [1, 2, 3, 4], "ApiValueError"),
    ("status", ["gone"], "ApiValueError"),
    ("medium", "tape", "ApiValueError"),
    ("order", 2, "ApiValueError"),
    ("min_ratio", 0.4, "ApiValueError"),
    ("min_ratio", "1", "ApiTypeError"),
    ("encrypted", "yes", "ApiTypeError"),
    ("created_after", "soon", "ApiValueError"),
    ("created_on", "2026-02-30", "ApiValueError"),
    ("owner", "me", "ApiValueError"),
    ("page", 0, "ApiValueError"),
    ("x_request_priority", 10, "ApiValueError"),
    ("region", "eu; admin=1", "ApiValueError"),
    ("slots", [1], "ApiTypeError"),
]


@pytest.mark.parametrize(("name", "value", "kind"), WRONG_QUERIES, ids=str)
def test_a_wrong_argument_is_named_and_nothing_is_sent(changed: Any, name: str, value: Any, kind: str) -> None:
    refuses(changed, kind, name, "list_volumes", **{"slot": [1], name: value})


WRONG_BODIES: list[tuple[dict[str, Any], str]] = [
    ({"name": ""}, "create_volume.name: "),
    ({"name": "a", "labels": ["a", "b", "c"]}, "create_volume.labels: "),
    ({"name": "a", "place": {}}, "create_volume.place.rack: missing"),
    ({"name": "a", "label": []}, "create_volume: 'label' is not one of its fields, did you mean 'labels'?"),
    (
        {"name": "a", "place": {"rack": "r", "unit": 1}},
        "create_volume.place: 'unit' is not one of its fields, which are rack",
    ),
]


@pytest.mark.parametrize(("body", "words"), WRONG_BODIES, ids=str)
def test_an_invalid_body_is_named_with_its_field_and_nothing_is_sent(
    changed: Any, body: dict[str, Any], words: str
) -> None:
    refuses(changed, "ApiValueError", words, "create_volume", "k", body)


def test_a_misspelled_field_is_found_in_lists_and_unions_too(changed: Any) -> None:
    refuses(
        changed,
        "ApiValueError",
        "create_volume.1: 'size' is not one of its fields, did you mean 'size_gb'?",
        "create_volumes",
        [{"name": "a"}, {"name": "b", "size": 1}],
    )
    refuses(
        changed,
        "ApiValueError",
        "'mane' is not one of its fields, did you mean 'name'?",
        "put_disk",
        {"name": "a", "mane": "b"},
    )


def test_other_wrong_arguments_are_named_and_nothing_is_sent(changed: Any) -> None:
    refuses(changed, "ApiTypeError", "slot", "list_volumes")
    refuses(changed, "ApiTypeError", "body", "set_size", "7")
    refuses(changed, "ApiValueError", "volume_id", "get_volume", "main")
    refuses(changed, "ApiValueError", "var_class", "list", "..")
    refuses(changed, "ApiValueError", "Idempotency-Key", "create_volume", "a\nb", {"name": "a"})


def refuses(changed: Any, kind: str, words: str, operation: str, *arguments: Any, **options: Any) -> None:
    with serving(answering()) as server, changed.ApiClient(changed.Configuration(host=server.url)) as api_client:
        apis = (changed.BlockStorageApi(api_client), changed.OddsEndsApi(api_client))
        method = next(getattr(api, operation) for api in apis if hasattr(api, operation))
        with pytest.raises(changed.OpenApiException) as caught:
            method(*arguments, **options)
    assert type(caught.value).__name__ == kind
    assert words in str(caught.value)
    assert server.requests == []


# Answers are read as the contract says.


def test_nested_answers_become_models(changed: Any, call: Call) -> None:
    answer = {
        **VOLUME,
        "createdAt": "2026-01-31T12:00:00Z",
        "day": "2026-01-31",
        "medium": "nvme",
        "media": ["ssd"],
        "before": "available",
        "priority": 5,
        "price": "1.10",
        "ratio": 2,
        "extra": [1, {"a": None}],
        "options": {"a": True},
        "counters": {"reads": 1},
        "place": {"rack": "r", "unit": 2},
        "latest": {"id": 1, "parent": {"id": 0}, "children": [{"id": 2, "volume": VOLUME}]},
        "host": {"name": "h", "snapshots": [{"id": 4}]},
        "replicas": [VOLUME],
        "matrix": [[1], [2, 3]],
        "bySlot": {"a": {"id": 3}},
        "unheard": "of",
    }
    (volume,), _ = call("list_volumes", [1], answer=[answer])
    assert type(volume) is changed.Volume
    assert (volume.id, volume.status, volume.attached_to) == (ID, changed.VolumeStatus.IN_MINUS_USE, None)
    assert (volume.created_at, volume.day) == (TIME, date(2026, 1, 31))
    assert (volume.before, volume.priority) == (changed.VolumeStatus.AVAILABLE, changed.Priority.NUMBER_5)
    assert (volume.medium, volume.media, volume.price, volume.ratio) == ("nvme", ["ssd"], "1.10", 2)
    assert (volume.extra, volume.options, volume.counters) == ([1, {"a": None}], {"a": True}, {"reads": 1})
    assert volume.place == changed.VolumePlace(rack="r", unit=2)
    assert volume.matrix == [[1], [2, 3]]
    assert type(volume.latest.parent) is type(volume.by_slot["a"]) is changed.Snapshot
    assert type(volume.latest.children[0].volume) is type(volume.replicas[0]) is changed.Volume
    assert volume.host.snapshots[0].id == 4
    assert pickle.loads(pickle.dumps(volume)) == volume
    again = json.loads(volume.to_json())
    assert {name: again[name] for name in VOLUME} == VOLUME
    assert again["latest"]["children"][0]["volume"]["name"] == "main"


def test_fields_missing_in_an_answer_have_their_defaults(call: Call) -> None:
    volume, _ = call("get_volume", ID, answer=VOLUME)
    assert (volume.size_gb, volume.medium, volume.ratio, volume.encrypted) == (10, "ssd", 1.5, True)
    assert volume.greeting == 'it\'s "me" at C:\\new'
    assert (volume.labels, volume.note, volume.latest, volume.by_slot) == (None, None, None, None)
    # A nullable field is written as null; an optional one is omitted.
    assert volume.to_dict().keys() >= {"attachedTo", "note", "before"}
    assert not volume.to_dict().keys() & {"labels", "latest", "createdAt", "bySlot"}


@pytest.mark.parametrize(
    "fault",
    [
        {"attachedTo": ...},
        {"name": None},
        {"name": ""},
        {"sizeGb": 5000},
        {"id": "main"},
        {"latest": {"id": "1"}},
    ],
    ids=str,
)
def test_an_answer_that_breaks_the_contract_is_an_error_that_names_the_field(
    changed: Any, call: Call, fault: dict[str, Any]
) -> None:
    (name,) = fault
    answer = {key: value for key, value in {**VOLUME, **fault}.items() if value is not ...}
    with pytest.raises(changed.ApiResponseError, match=name):
        call("get_volume", ID, answer=answer)


@pytest.mark.parametrize(("name", "value"), [("status", "gone"), ("medium", "tape"), ("priority", 2)])
def test_a_value_that_an_enum_does_not_have_yet_is_kept(call: Call, name: str, value: object) -> None:
    volume, _ = call("get_volume", ID, answer={**VOLUME, name: value})
    assert (getattr(volume, name), type(getattr(volume, name))) == (value, type(value))


@pytest.mark.parametrize("value", [None, True, 1.5, "text", [1, {"a": []}], {"a": None}], ids=str)
def test_a_free_form_answer_may_be_any_json(call: Call, value: Any) -> None:
    assert call("annotate_volume", ID, {}, answer=value)[0] == value


def test_answers_may_be_maps_values_enums_lists_and_text(changed: Any, call: Call) -> None:
    assert call("sizes", answer={"a": 1})[0] == {"a": 1}
    assert call("set_size", 7, answer=8)[0] == 8
    assert call("get_status", ID, answer="in-use")[0] is changed.VolumeStatus.IN_MINUS_USE
    assert call("label_volume", ID, ["a"], answer=["a", "b"])[0] == ["a", "b"]
    assert call("api_ping_get", answer="pong")[0] == "pong"
    assert call("get_size", {}, answer=1.5)[0].actual_instance == 1.5
    (thing,), _ = call("things", answer=[{"path": {"name": "n"}, "model": {"size": 1}}])
    assert (thing.path.name, thing.model.size) == ("n", 1)
    archive, _ = call("get_archive", answer={"name": "n", "keptUntil": "2026-01-31T12:00:00Z"})
    assert (archive.name, archive.kept_until) == ("n", TIME)


def test_a_union_is_read_as_the_member_that_fits(changed: Any, call: Call) -> None:
    for answer, kind in (({"name": "n"}, changed.ModelPath), ({"size": 1}, changed.ModelModel), ("text", str)):
        disk, _ = call("put_disk", "text", answer=answer)
        assert type(disk.actual_instance) is kind
        assert disk.to_dict() == answer


def test_answers_that_are_not_json_are_returned_unchanged(call: Call) -> None:
    result, request = call("get_image", answer=b"\xef\xbb\xbf\x00", answer_type="application/octet-stream")
    assert result == b"\xef\xbb\xbf\x00"
    assert request.headers["accept"] == "application/octet-stream, application/json"
    with pytest.warns(DeprecationWarning, match="motd"):
        result, _ = call("motd", answer="héllo".encode(), answer_type="text/plain; charset=utf-8")
    assert result == "héllo"


def test_an_operation_without_an_answer_returns_none(changed: Any) -> None:
    with (
        serving(raw(message(b"", 204))) as server,
        changed.ApiClient(changed.Configuration(host=server.url, access_token="token")) as api_client,
    ):
        storage = changed.BlockStorageApi(api_client)
        assert storage.delete_volume(ID) is None
        full = storage.delete_volume_with_http_info(ID)
        assert (full.status_code, full.data, full.raw_data) == (204, None, b"")
        assert storage.delete_volume_without_preload_content(ID).status == 204


def test_a_deprecated_operation_warns_where_it_is_called(call: Call, changed: Any) -> None:
    with pytest.warns(DeprecationWarning, match=r"motd\(\) is deprecated") as caught:
        call("motd", answer="x")
    assert caught[0].filename.endswith("conftest.py")
    assert "Deprecated" in changed.OddsEndsApi.motd.__doc__


# Names.


def test_every_field_with_an_impossible_name_gets_a_unique_one(changed: Any) -> None:
    sent = dict.fromkeys(AWKWARD_NAMES, "text") | {"list": ["a"], "lists": [["b"]]}
    model = changed.Awkward.from_dict(sent)
    assert model.to_dict() == json.loads(model.to_json()) == sent
    by_name = {name: getattr(model, name) for name in type(model).model_fields}
    assert changed.Awkward(**by_name) == model
    assert (by_name["var_class"], by_name["var_copy"], by_name["var_json"], by_name["list"]) == (
        "text",
        "text",
        "text",
        ["a"],
    )
    assert changed.Camel(var_parse_obj="a", var_to_dict="b").to_dict() == {"parseObj": "a", "toDict": "b"}


def test_consoles_show_the_signature_of_each_operation(changed: Any) -> None:
    for api in changed.api.HOMES:
        for name, method in inspect.getmembers(getattr(changed, api), inspect.isfunction):
            if not name.startswith("_"):
                assert "_request_timeout" in inspect.signature(method).parameters, name
    signature = inspect.signature(changed.OddsEndsApi.list)
    assert signature.return_annotation == "builtins.list[str]"
    signature = inspect.signature(changed.BlockStorageApi.create_volumes)
    assert signature.return_annotation == "list[Volume]"


def test_a_model_never_replaces_a_class_of_the_package(changed: Any) -> None:
    assert inspect.isclass(changed.ModelPath)
    assert changed.ModelModel(size=1).to_dict() == {"size": 1}
    assert changed.ModelCredentials.__module__ == "gravscale.models.model_credentials"
    assert changed.Credentials.__module__ == "gravscale.schema.service"


def test_everything_new_is_exported(changed: Any) -> None:
    new = {"BlockStorageApi", "OddsEndsApi", "DefaultApi", "Volume", "VolumeStatus", "Priority", "Disk", "VolumePlace"}
    assert new <= set(changed.__all__)
    for name in changed.__all__:
        assert getattr(changed, name) is not None
    for package in ("api", "models"):
        exported = importlib.import_module(f"gravscale.{package}")
        assert all(getattr(exported, name) is getattr(changed, name) for name in exported.__all__)


def test_docstrings_have_the_contracts_descriptions(changed: Any) -> None:
    expected = " ".join(AWKWARD.split())
    for documented in (changed.Awkward, changed.BlockStorageApi.list_volumes):
        assert expected in " ".join(documented.__doc__.split())
    assert changed.BlockStorageApi.list_volumes.__doc__.count(" ".join(AWKWARD.split()[:4])) == 2
    assert changed.BlockStorageApi.create_volume.__doc__.startswith('Create a "volume" | and wait.')
    assert changed.BlockStorageApi.list_volumes.__doc__.startswith("List Volumes.\n")
    assert changed.VolumeStatus.__doc__ == "How it is."


# Hosts and authorization.


def test_the_servers_are_the_contracts(changed: Any) -> None:
    configuration = changed.Configuration()
    assert configuration.host == "https://eu.example.com/v2"
    assert changed.Configuration(server_variables={"region": "us"}).host == "https://us.example.com/v2"
    assert changed.Configuration(server_index=1).host == "https://staging.example.com"
    first, second = configuration.get_host_settings()
    assert first["description"] == 'Where "most" are'
    assert first["variables"]["region"] == {
        "description": "The region",
        "default_value": "eu",
        "enum_values": ["eu", "us"],
    }
    assert second["url"] == "https://staging.example.com"
    with pytest.raises(changed.ApiValueError, match="region"):
        _ = changed.Configuration(server_variables={"region": "mars"}).host


def test_a_token_is_sent_for_any_name_of_the_security_scheme(call: Call) -> None:
    assert call("info", answer={"email": "e", "nickname": "n"})[1].headers["authorization"] == "Bearer token"
    assert call("sizes", answer={})[1].headers["authorization"] == "Bearer token"
    for name, arguments, answer in (("log_in", ["me"], {"user": "me"}), ("api_ping_get", [], "pong")):
        assert "authorization" not in call(name, *arguments, answer=answer)[1].headers


def test_api_keys_and_passwords_are_sent_where_the_contract_says(changed: Any, call: Call) -> None:
    account = {"username": "me", "password": "secret"}
    _, request = call("things", answer=[], configuration={"api_key": {"Key": "the key"}, **account})
    assert query_of(request) == [("key", "the key")]
    assert request.headers["authorization"] == "Basic bWU6c2VjcmV0"
    _, request = call("things", answer=[])
    assert request.target == "/v2/api/ends"
    assert "authorization" not in request.headers
    settings = changed.Configuration(api_key={"Key": "k"}, access_token="t", **account).auth_settings()
    assert settings.keys() == {"AccessToken", "Basic", "Key"}
    assert settings["Key"] == {"type": "api_key", "in": "query", "key": "key", "value": "k"}


def test_an_api_key_in_the_query_shows_in_no_error(changed: Any) -> None:
    with (
        serving(answering({}, 404)) as server,
        changed.ApiClient(changed.Configuration(host=server.url, api_key={"Key": "hunter2-key"})) as api_client,
        pytest.raises(changed.NotFoundException) as caught,
    ):
        changed.OddsEndsApi(api_client).things()
    assert "hunter2-key" in server.requests[0].target
    assert "hunter2" not in f"{caught.value} {caught.value.url}"
