"""`ApiClient.request`: calls outside the contract, with all features of a call."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Annotated, Any

import pytest
from example_service import LoginSchema, UserInfoSchema
from misbehaving import Server, answer, raw, serving
from pydantic import BaseModel, Field, RootModel, SecretStr

from gravscale import (
    ApiClient,
    ApiException,
    ApiResponseError,
    ApiTimeoutError,
    ApiTypeError,
    ApiValueError,
    Configuration,
    NotFoundException,
    PasswordCredentials,
)

PLAIN = raw(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=latin-1\r\nContent-Length: 3\r\n\r\nol\xe1")
EMPTY = raw(b"HTTP/1.1 204 No Content\r\n\r\n")


class Quota(BaseModel):
    """A program's own model."""

    used: int


class Numbers(RootModel[list[int]]):
    """A model that is a list."""


@dataclass
class Order:
    """A program's own dataclass."""

    day: date
    key: SecretStr
    quotas: list[Quota]


class Undefined(BaseModel):
    """A model with a type that does not exist."""

    used: Unknown  # type: ignore[name-defined]  # noqa: F821


@pytest.fixture
def server() -> Iterator[Server]:
    with serving(answer({"used": 3})) as running:
        yield running


@pytest.fixture
def api_client(server: Server) -> Iterator[ApiClient]:
    with ApiClient(Configuration(f"{server.url}/base/", access_token="an-access-token")) as made:
        yield made


def test_a_request_uses_the_configured_host_credentials_and_headers(server: Server, api_client: ApiClient) -> None:
    api_client.set_default_header("X-Team", "blue")
    assert api_client.request("get", "/api/quota") == {"used": 3}
    sent = server.requests[0]
    assert (sent.method, sent.target, sent.body) == ("GET", "/base/api/quota", b"")
    assert sent.headers["authorization"] == "Bearer an-access-token"
    assert sent.headers["x-team"] == "blue"


@pytest.mark.parametrize(
    ("query", "target"),
    [
        ({}, "/q"),
        ({"a": 1, "b": None, "c": True, "d": 2.5, "e f": "é&"}, "/q?a=1&c=true&d=2.5&e%20f=%C3%A9%26"),
        ({"a": ["x", 2], "b": ()}, "/q?a=x&a=2"),
        ({"since": datetime(2026, 1, 2, tzinfo=timezone.utc)}, "/q?since=2026-01-02T00%3A00%3A00.000000%2B00%3A00"),
    ],
)
def test_a_query_is_encoded_like_that_of_an_operation(
    server: Server, api_client: ApiClient, query: dict[str, Any], target: str
) -> None:
    api_client.request("GET", "/q", query=query)
    assert server.requests[0].target == f"/base{target}"


@pytest.mark.parametrize(
    ("body", "options", "media", "sent"),
    [
        ({"a": [1, None]}, {}, "application/json", b'{"a":[1,null]}'),
        (LoginSchema(email="e", password="p"), {}, "application/json", b'{"email":"e","password":"p"}'),
        ("text", {}, "application/json", b'"text"'),
        (b"\x00\x01", {}, "application/octet-stream", b"\x00\x01"),
        (b"{}", {"_content_type": "application/json"}, "application/json", b"{}"),
        ("a,b", {"_content_type": "text/csv"}, "text/csv", b"a,b"),
        (
            {"a": "b c"},
            {"_content_type": "application/x-www-form-urlencoded"},
            "application/x-www-form-urlencoded",
            b"a=b+c",
        ),
        (
            {"a": [1, True, None, "b"], "c": False, "d": None, "e": {"f": 1}},
            {"_content_type": "application/x-www-form-urlencoded"},
            "application/x-www-form-urlencoded",
            b"a=1&a=true&a=b&c=false&e=%7B%22f%22%3A+1%7D",
        ),
        (Quota(used=3), {}, "application/json", b'{"used":3}'),
        ({"all": [Quota(used=3), Numbers([1])]}, {}, "application/json", b'{"all":[{"used":3},[1]]}'),
        (
            Order(date(2026, 1, 2), SecretStr("s"), [Quota(used=3)]),
            {},
            "application/json",
            b'{"day":"2026-01-02","key":"s","quotas":[{"used":3}]}',
        ),
        (bytearray(b"\x00"), {}, "application/octet-stream", b"\x00"),
        (memoryview(b"\x00"), {}, "application/octet-stream", b"\x00"),
    ],
)
def test_a_body_is_encoded_for_its_content_type(
    server: Server, api_client: ApiClient, body: Any, options: Any, media: str, sent: bytes
) -> None:
    api_client.request("POST", "/new", body=body, **options)
    assert (server.requests[0].headers["content-type"], server.requests[0].body) == (media, sent)


MULTIPART: Any = {"_content_type": "multipart/form-data"}


def test_a_multipart_form_has_files_and_fields(server: Server, api_client: ApiClient, tmp_path: Path) -> None:
    (tmp_path / "path.txt").write_text("on disk")
    with (tmp_path / "path.txt").open("rb") as opened:
        form = {
            "named": ("a.txt", b"bytes"),
            "typed": ("b", io.BytesIO(b"1,2"), "text/csv"),
            "opened": opened,
            "path": tmp_path / "path.txt",
            "text": "é",
            "list": ["x", None, ("c.bin", b"\0")],
            "pair": ("y", "z"),
            "object": {"a": 1},
            "none": None,
        }
        api_client.request("POST", "/new", query={"q": 1}, body=form, **MULTIPART)
    sent = server.requests[0]
    assert sent.target == "/base/new?q=1"
    body = sent.body.replace(sent.headers["content-type"].partition("boundary=")[2].encode(), b"=")
    parts = [part.decode() for part in body.split(b"--=\r\n")[1:]]
    disposition = "Content-Disposition: form-data; name="
    assert [part.removeprefix(disposition).removesuffix("\r\n").removesuffix("\r\n--=--") for part in parts] == [
        '"named"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\nbytes',
        '"typed"; filename="b"\r\nContent-Type: text/csv\r\n\r\n1,2',
        '"opened"; filename="path.txt"\r\nContent-Type: text/plain\r\n\r\non disk',
        '"path"; filename="path.txt"\r\nContent-Type: text/plain\r\n\r\non disk',
        '"text"\r\n\r\né',
        '"list"\r\n\r\nx',
        '"list"; filename="c.bin"\r\nContent-Type: application/octet-stream\r\n\r\n\0',
        '"pair"\r\n\r\ny',
        '"pair"\r\n\r\nz',
        '"object"\r\nContent-Type: application/json\r\n\r\n{"a":1}',
    ]


@pytest.mark.parametrize(
    ("form", "error", "complaint"),
    [
        ({"f": object()}, ApiTypeError, r"body\['f'\]: expected a model or plain data, got object"),
        ({"f": Path("/none/such")}, ApiValueError, r"body\['f'\]: can't open the file '/none/such': No such"),
        ({"f": (1, b"content")}, ApiTypeError, r"body\['f'\]: expected a path, bytes, an open binary file, or a tup"),
        ({1: "f"}, ApiTypeError, "body: expected a str for each name, got int"),
    ],
)
def test_a_field_of_a_form_that_cannot_be_sent_is_named(
    server: Server, api_client: ApiClient, form: Any, error: type[Exception], complaint: str
) -> None:
    with pytest.raises(error, match=complaint):
        api_client.request("POST", "/new", body=form, **MULTIPART)
    assert server.requests == []


@pytest.mark.parametrize(
    ("body", "options"),
    [
        ({"key": SecretStr("hunter22-secret")}, {}),
        ({"keys": [SecretStr("hunter22-secret")]}, {}),
        ({"key": SecretStr("hunter22-secret")}, MULTIPART),
        ({"password": ["hunter22-secret", "other-secret"]}, MULTIPART),
        ({"login": {"password": "hunter22-secret"}}, MULTIPART),
    ],
)
def test_a_secret_in_a_body_is_masked_in_the_answer(body: Any, options: Any) -> None:
    with (
        serving(answer({"detail": "no hunter22-secret here"}, 400)) as server,
        ApiClient(Configuration(server.url)) as api_client,
        pytest.raises(ApiException) as caught,
    ):
        api_client.request("POST", "/new", body=body, **options)
    assert b"hunter22-secret" in server.requests[0].body
    assert "no *** here" in str(caught.value)


def test_the_answer_is_read_as_the_requested_type(api_client: ApiClient) -> None:
    assert api_client.request("GET", "/q", answer=Quota) == Quota(used=3)
    assert api_client.request("GET", "/q", answer=dict) == {"used": 3}
    assert api_client.request("GET", "/q", answer=dict[str, int]) == {"used": 3}
    assert api_client.request("GET", "/q", answer=Quota | None) == Quota(used=3)
    assert json.loads(api_client.request("GET", "/q", answer=bytes)) == {"used": 3}


def test_without_a_type_the_answer_is_json_text_or_none() -> None:
    with serving(answer([1]), PLAIN, EMPTY) as server, ApiClient(Configuration(server.url)) as api_client:
        assert [api_client.request("GET", "/q") for _ in range(3)] == [[1], "olá", None]


def answering(media: str, body: bytes) -> Any:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {media}\r\nContent-Length: {len(body)}\r\n\r\n"
    return raw(head.encode() + body)


@pytest.mark.parametrize(
    ("media", "body", "data"),
    [
        ("Application/JSON; charset=utf-8", b"[1]", [1]),
        ("application/problem+json", b"[1]", [1]),
        ("application/json", b"\xef\xbb\xbf[1]", [1]),
        ("application/x-ndjson", b"[1]\n[2]\n", "[1]\n[2]\n"),
        ("text/plain; about=json", b"[1]", "[1]"),
    ],
)
def test_the_content_type_decides_what_is_json(media: str, body: bytes, data: object) -> None:
    with serving(answering(media, body)) as server, ApiClient(Configuration(server.url)) as api_client:
        assert api_client.request("GET", "/q") == data


@pytest.mark.parametrize("type_", [list[str], dict[str, Any], tuple[str, ...], Quota])
def test_a_text_is_not_read_as_a_list_of_texts(type_: Any) -> None:
    with (
        serving(answering("text/html", b"<html>Sign in</html>")) as server,
        ApiClient(Configuration(server.url)) as api_client,
    ):
        with pytest.raises(ApiResponseError, match=", not the expected"):
            api_client.request("GET", "/q", answer=type_)
        for text in (str, str | None, Annotated[str, Field(title="page")]):
            assert api_client.request("GET", "/q", answer=text) == "<html>Sign in</html>"


def test_an_answer_without_a_body_is_none_if_the_type_allows_it() -> None:
    with serving(EMPTY) as server, ApiClient(Configuration(server.url)) as api_client:
        assert api_client.request("DELETE", "/q", answer=Quota | None) is None
        assert api_client.request("HEAD", "/q", answer=Quota | None) is None
        with pytest.raises(ApiResponseError, match=", not the expected Quota"):
            api_client.request("DELETE", "/q", answer=Quota)


def test_an_answer_of_another_type_is_an_error_that_names_both(api_client: ApiClient) -> None:
    with pytest.raises(ApiResponseError, match=r"not the expected UserInfoSchema: email: "):
        api_client.request("GET", "/q", answer=UserInfoSchema)


def test_an_invalid_json_answer_is_an_error() -> None:
    broken = raw(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1\r\n\r\n{")
    with (
        serving(broken) as server,
        ApiClient(Configuration(server.url)) as api_client,
        pytest.raises(ApiResponseError, match="not the expected JSON"),
    ):
        api_client.request("GET", "/q")


def test_a_request_is_retried_and_renews_the_token_like_any_call() -> None:
    authorization = {"accessToken": "first-token-1", "refreshToken": "r" * 20, "type": "Bearer"}
    signed_in = answer({**authorization, "expiresAt": "2100-01-01T00:00:00Z"})
    renewed = answer({**authorization, "accessToken": "second-token", "expiresAt": "2100-01-01T00:00:00Z"})
    with serving(signed_in, answer({}, 503, {"Retry-After": "0.01"}), answer({}, 401), renewed, answer(7)) as server:
        configuration = Configuration(server.url, credentials=PasswordCredentials("me@example.com", "C0rrect!horse"))
        with ApiClient(configuration) as api_client:
            assert api_client.request("GET", "/q", answer=int) == 7
        assert server.requests[-1].headers["authorization"] == "Bearer second-token"


def test_an_error_status_raises_its_error() -> None:
    with (
        serving(answer({"detail": "no such thing"}, 404)) as server,
        ApiClient(Configuration(server.url)) as api_client,
        pytest.raises(NotFoundException, match=r"^GET \S+/q: 404 .*: no such thing$") as caught,
    ):
        api_client.request("GET", "/q")
    assert caught.value.data == {"detail": "no such thing"}


def test_a_request_accepts_the_options_of_a_call(server: Server, api_client: ApiClient) -> None:
    api_client.request(
        "GET", "/q", _headers={"X-One": "1"}, _request_auth={"in": "header", "key": "X-Key", "value": "k"}
    )
    assert server.requests[0].headers["x-one"] == "1"
    assert server.requests[0].headers["x-key"] == "k"
    assert "authorization" not in server.requests[0].headers

    def silent(connection: Any, _: object) -> None:
        connection.hold()

    with serving(silent) as mute, ApiClient(Configuration(mute.url)) as impatient, pytest.raises(ApiTimeoutError):
        impatient.request("GET", "/q", _request_timeout=0.2)
    with pytest.raises(ApiTypeError, match=r"request\(\) has no argument timeout"):
        api_client.request("GET", "/q", timeout=2)  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"method": "FETCH"}, "^method: expected one of DELETE, GET, .* got 'FETCH'"),
        ({"method": 1}, "^method: expected one of"),
        ({"path": b"/q"}, "^path: expected a str, got bytes"),
        ({"path": "q"}, "^path: expected a path that begins with '/'"),
        ({"path": "https://other.example/q"}, "^path: expected a path .* got a URL; a client only calls its own host"),
        ({"path": "/q?a=b"}, r"^path: .* pass query={…}"),
        ({"path": "/q#a"}, "^path: "),
        ({"path": "/a b"}, "^path: .* space"),
        ({"path": "/a\r\nX: y"}, "^path: "),
        ({"path": "/\ud800"}, "^path: "),
        ({"query": "a=b"}, "^query: expected a dict, got str"),
        ({"query": {1: "b"}}, "^query: expected a str for each name, got int"),
        ({"query": {"a": {"b": 1}}}, r"^query\['a'\]: expected a str, a number, .* got a dict$"),
        ({"query": {"a": object()}}, r"^query\['a'\]: "),
        ({"query": {"a": b"x"}}, r"^query\['a'\]: "),
        ({"query": {"a": "\ud800"}}, r"^query\['a'\]: the text contains a lone surrogate"),
        ({"query": {"a": [None]}}, r"^query\['a'\]: .* got a list with None$"),
        ({"body": Quota}, "^body: expected a model or plain data, got the class Quota"),
        ({"body": UserInfoSchema}, "^body: expected a model or plain data, got the class UserInfoSchema"),
        ({"body": "a", "_content_type": 5}, "^_content_type: expected a str, got int"),
        ({"body": {"a": object()}}, "^body: expected a model or plain data, got object"),
        ({"answer": Server}, "^answer: expected a type that pydantic can read, got <class"),
        ({"answer": 3}, "^answer: expected a type"),
        ({"answer": {}}, "^answer: expected a type"),
        ({"answer": print}, "^answer: expected a type"),
        ({"answer": lambda: dict}, "^answer: expected a type"),
        ({"answer": "Unknown"}, "^answer: expected a type"),
        ({"answer": Undefined}, "^answer: expected a type"),
    ],
)
def test_an_invalid_argument_is_named_and_nothing_is_sent(
    server: Server, api_client: ApiClient, arguments: Any, message: str
) -> None:
    with pytest.raises((ApiTypeError, ApiValueError), match=message):
        api_client.request(**{"method": "GET", "path": "/q", **arguments})
    assert server.requests == []


@pytest.mark.parametrize(
    "path",
    ["//other.example/q", "/../../q", "/%2e%2e/q", "/a//b", "/{uuid}", "/to/http://other.example", "/@other.example"],
)
def test_no_path_leads_to_another_host(server: Server, api_client: ApiClient, path: str) -> None:
    api_client.request("GET", path)
    assert server.requests[0].target.startswith("/base/")
