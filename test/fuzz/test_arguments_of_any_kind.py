"""For any arguments, the service gets one well-formed request with exactly these, or nothing at all."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from every_operation import EVERY_CALL, Call
from example_service import AuthenticationApi, TaskManagerApi
from hypothesis import assume, example, given
from hypothesis import strategies as st
from pydantic import TypeAdapter
from recorder import Received, Recorder, examples

from gravscale import (
    ApiClient,
    ApiResponseError,
    ApiTypeError,
    ApiValueError,
    Configuration,
    OpenApiException,
    PasswordCredentials,
)
from gravscale.schema.parameters import Body, Path

NASTY = [
    "",
    ".",
    "..",
    "/",
    "../..",
    "a/../b",
    "%2e%2e",
    "%",
    "%zz",
    "?",
    "#",
    "&",
    "=",
    ";",
    "+",
    " ",
    "a b",
    "\\",
    "//",
]
NASTY += [
    "\0",
    "\r\n",
    "a\r\nX: y",
    "a HTTP/1.1\r\n\r\nGET /",
    "\x7f",
    "\x85",
    "\u2028",
    "\ud800",
    "\udfff\ud800",
    "😀",
    "é",
]
NASTY += ["{task_id}", "{", "${x}", "%s", "\ufeff", "\u202e", "x" * 5000, "'\"<>", "null", "０", "1.0"]
texts = (
    st.sampled_from(NASTY)
    | st.text(st.characters(), max_size=20)
    | st.tuples(*[st.sampled_from(NASTY)] * 3).map("".join)
)
times = st.datetimes(timezones=st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes))))
numbers = st.integers() | st.sampled_from([0, -1, 2**31, 2**63, -(2**63) - 1, 10**100])


def is_unicode(text: str) -> bool:
    return not re.search("[\ud800-\udfff]", text)


def arguments_of(call: Call) -> st.SearchStrategy[dict[str, Any]]:
    kinds: dict[str, Any] = {}
    for parameter in call.parameters:
        if isinstance(parameter, Body):
            fields = list(parameter.type_.model_fields)
            kinds[parameter.name] = st.fixed_dictionaries(dict.fromkeys(fields, texts))
        elif parameter.name in ("client_id", "page", "size"):
            kinds[parameter.name] = st.integers(1, 100) if parameter.constraints else numbers
        elif parameter.name.endswith("_at"):
            kinds[parameter.name] = times
        else:
            kinds[parameter.name] = texts
        if not parameter.required:
            kinds[parameter.name] |= st.none()
    return st.fixed_dictionaries(kinds)


@st.composite
def calls(draw: Any) -> tuple[Call, dict[str, Any]]:
    call = draw(st.sampled_from([call for call in EVERY_CALL if call.parameters]))
    return call, draw(arguments_of(call))


@pytest.fixture(scope="module")
def client(recorder: Recorder) -> Iterator[ApiClient]:
    with ApiClient(Configuration(host=f"{recorder.url}/base", access_token="token", retries=0)) as api_client:
        yield api_client


def received_of(recorder: Recorder, use: Any) -> Received | None:
    """The one request that something causes, or None if it is refused before any is sent."""
    before = len(recorder.received)
    try:
        use()
    except (ApiTypeError, ApiValueError):
        assert len(recorder.received) == before, "it was refused after it was sent"
        assert recorder.malformed == []
        return None
    except ApiResponseError:
        # The recorder's answer does not have the expected type.
        pass
    assert recorder.malformed == []
    (received,) = recorder.received[before:]
    return received


def is_right(call: Call, arguments: dict[str, Any]) -> bool:
    """Whether the arguments can be sent."""
    flat = itertools.chain.from_iterable(
        value.values() if isinstance(value, dict) else [value] for value in arguments.values()
    )
    return all(is_unicode(value) for value in flat if isinstance(value, str)) and arguments.get("task_id") not in (
        "",
        ".",
        "..",
    )


@examples(600)
@given(called=calls())
def test_arguments_arrive_as_they_were_passed(recorder: Recorder, client: ApiClient, called: Any) -> None:
    call, arguments = called
    received = received_of(recorder, lambda: call(client, arguments))
    if not is_right(call, arguments):
        assert received is None
        return
    assert received is not None, "it was refused for no reason"
    path, query, body = "/base" + call.operation.path, [], b""
    for parameter in call.parameters:
        value = arguments[parameter.name]
        if isinstance(parameter, Body):
            body = received.body
            fields = {field.alias or name: value[name] for name, field in parameter.type_.model_fields.items()}
            assert json.loads(body) == fields
        elif isinstance(parameter, Path):
            path = path.replace(f"{{{parameter.wire}}}", value)
        elif value is not None:
            query.append((parameter.wire, value))
    assert received.method == call.operation.method
    assert received.path == path
    assert [name for name, _ in received.query] == [name for name, _ in query]
    for (_, text), (_, value) in zip(received.query, query, strict=True):
        read = TypeAdapter(datetime).validate_python(text) if isinstance(value, datetime) else text
        assert read == (value if isinstance(value, datetime) else str(value))
    assert received.body == body
    assert received.values("Authorization") == (["Bearer token"] if call.operation.security else [])


names = texts | st.sampled_from(
    [
        "Host",
        "Connection",
        "Expect",
        "Content-Type",
        "Cookie",
        "authorization",
        "Upgrade",
        "TE",
        "Content-Length",
        "Transfer-Encoding",
        "User-Agent",
        "accept",
        "Accept-Encoding",
        "X",
        "X:",
        "X y",
        "Proxy-Connection",
        "é",
    ]
)


@examples(150)
@given(name=names, value=texts, default=st.booleans())
@example(name="Content-Length", value="0", default=False)
@example(name="Transfer-Encoding", value="chunked", default=True)
def test_header_fields_arrive_as_they_were_passed(
    recorder: Recorder, client: ApiClient, name: str, value: str, default: bool
) -> None:
    def use() -> None:
        if default:
            with ApiClient(client.configuration, name, value) as other:
                AuthenticationApi(other).info()
        else:
            AuthenticationApi(client).info(_headers={name: value})

    received = received_of(recorder, use)
    right = re.fullmatch(r"[\w!#$%&'*+.^`|~-]+", name, re.ASCII) and re.fullmatch(r"[\t -~\x80-\xff]*", value)
    if not right or name.lower() in ("content-length", "transfer-encoding", "host"):
        assert received is None
    else:
        assert received is not None
        assert received.values(name) == [value.strip(" \t")] or value.strip() != value.strip(" \t")


@examples(120)
@given(token=texts, place=st.sampled_from(["token", "callable", "header", "query", "cookie"]))
def test_credentials_arrive_as_they_were_passed(recorder: Recorder, client: ApiClient, token: str, place: str) -> None:
    configuration = Configuration(host=recorder.url, retries=0)
    options: dict[str, Any] = {}
    if place == "token":
        configuration.access_token = token
    elif place == "callable":
        configuration.access_token = lambda: token
    else:
        options["_request_auth"] = {"in": place, "key": "X-Key", "value": token}

    def use() -> None:
        with ApiClient(configuration) as other:
            AuthenticationApi(other).info(**options)

    received = received_of(recorder, use)
    if place in ("token", "callable") and (not token or token != token.strip()):
        assert received is None
        return
    if place == "cookie" and ";" in token:
        assert received is None
        return
    if not is_unicode(token) or (place != "query" and not re.fullmatch(r"[\t -~\x80-\xff]*", token)):
        assert received is None
        return
    assert received is not None
    if place == "query":
        assert received.query == [("X-Key", token)]
        return
    assume(token == token.strip())
    name, expected = {"cookie": ("Cookie", f"X-Key={token}"), "header": ("X-Key", token)}.get(
        place, ("Authorization", f"Bearer {token}".strip())
    )
    assert received.values(name) == [expected]


hosts = st.one_of(
    texts,
    texts.map(lambda text: f"http://{text}"),
    texts.map(lambda text: f"http://service.test{text}"),
    texts.map(lambda text: f"http://service.test/{text}"),
    texts.map(lambda text: f"http://{text}.test/base"),
    st.integers(-1, 70_000).map(lambda port: f"http://service.test:{port}"),
    st.from_regex(r"https?://[a-z0-9.:@%\[\]-]{1,30}(/[a-z%./]{0,9})?", fullmatch=True),
)


@examples(200)
@given(host=hosts)
@example(host="http://a..b")
@example(host="http://" + "a" * 64 + ".test")
@example(host="http://user:password@service.test")
@example(host="http://service.test\r\nX: y")
def test_a_host_is_used_as_given_or_refused(recorder: Recorder, host: str) -> None:
    assume(not host.startswith("https:"))

    def use() -> None:
        # The recorder acts as a proxy for every host, so that no name is looked up.
        with ApiClient(Configuration(host=host, proxy=recorder.url, no_proxy="", retries=0)) as client:
            AuthenticationApi(client).info()

    received = received_of(recorder, use)
    if received is not None:
        authority = received.target.removeprefix("http://").partition("/")[0]
        assert received.target.startswith("http://")
        assert received.target.endswith("/api/auth/info")
        assert received.values("Host") == [authority]
        if host.isascii():
            given_authority = re.split("[/?#]", host.partition("://")[2])[0].lower()
            assert authority == given_authority.removesuffix(":80").removesuffix(":")


contents = st.recursive(
    st.none() | st.booleans() | numbers | st.floats() | texts | st.binary(max_size=9) | times,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
media_types = st.sampled_from(
    ["application/json", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "a/b+json; c=d"]
)


@examples(200)
@given(
    method=st.sampled_from(["GET", "post", "PUT", "DELETE", "PATCH", "OPTIONS"]) | texts,
    path=texts,
    body=contents,
    form=st.none() | st.dictionaries(texts, texts, max_size=3) | st.lists(st.tuples(texts, texts), max_size=3),
    media=media_types | texts,
)
@example(method="POST", path="", body={"a": float("nan")}, form=None, media="application/json")
@example(method="POST", path="", body="\ud800", form=None, media="text/plain")
def test_a_call_by_url_sends_one_request_or_none(
    recorder: Recorder, client: ApiClient, method: str, path: str, body: Any, form: Any, media: str
) -> None:
    def use() -> None:
        client.call_api(method, f"{recorder.url}/{path}", {"Content-Type": media}, body, form).read()

    received = received_of(recorder, use)
    if received is None:
        return
    assert received.method == method.upper()
    if media == "application/json" and isinstance(body, (str, bool)) and not form:
        assert json.loads(received.body) == body
    if media == "text/plain" and isinstance(body, str) and not form:
        assert received.body.decode() == body


def test_a_value_that_contains_itself_is_refused(recorder: Recorder, client: ApiClient) -> None:
    body: dict[str, Any] = {}
    body["body"] = body
    with pytest.raises(OpenApiException, match="nested"):
        client.call_api("POST", recorder.url, body=body)
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(OpenApiException, match="nested"):
        client.call_api("POST", recorder.url, body=deep)


def test_a_number_too_long_for_python_to_write_is_refused(recorder: Recorder, client: ApiClient) -> None:
    before = len(recorder.received)
    with pytest.raises(ApiValueError, match="client_id: "):
        TaskManagerApi(client).list_tasks(10**5000)
    assert len(recorder.received) == before
    for setting in ("timeout", "max_response_size", "connection_pool_maxsize", "retries", "server_index"):
        with pytest.raises(ApiValueError, match=setting):
            _ = Configuration(**{setting: -(10**5000)}).host
    for option in ("_request_timeout", "_headers"):
        value: Any = {"X-Number": 10**5000} if option == "_headers" else 10**5000
        with pytest.raises(ApiValueError, match=r"X-Number|_request_timeout"):
            AuthenticationApi(client).info(**{option: value})
    with pytest.raises(ApiValueError, match="leeway"):
        PasswordCredentials("me@example.com", "password", leeway=10**5000)
    assert len(recorder.received) == before
    # JSON has no largest number. Whether pydantic writes this one depends on its version.
    received = received_of(recorder, lambda: client.call_api("POST", recorder.url, body={"number": 10**5000}))
    assert received is None or received.body == b'{"number":1' + b"0" * 5000 + b"}"
