"""A request that is ready to send: where its credentials go, what of it may be shown, and what follows a redirect."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from gravscale import ApiTypeError, ApiValueError
from gravscale.transport.request import METHODS, Request, check_method

ORIGIN = "https://service.test"
SECRET = "a-secret/of+many characters"
ENCODED = "a-secret%2Fof%2Bmany%20characters"


@pytest.mark.parametrize("method", [*sorted(METHODS), "get", "Patch"])
def test_a_method_may_be_written_in_any_case(method: str) -> None:
    assert check_method(method) == method.upper()


@pytest.mark.parametrize("method", ["TRACE", "", 7])
def test_another_method_is_refused_with_those_that_there_are(method: object) -> None:
    with pytest.raises(ApiValueError) as caught:
        check_method(method)
    expected = "method: expected one of DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"
    assert str(caught.value) == f"{expected}, got {method!r}"


def test_a_request_is_what_it_was_made_of() -> None:
    request = Request("POST", ORIGIN, "/a?b=c", {"X": "1"}, b"body", redacted_target="/a?…", stream=True)
    assert (request.method, request.origin, request.target, request.headers) == ("POST", ORIGIN, "/a?b=c", {"X": "1"})
    assert (request.body, request.redacted_target, request.stream) == (b"body", "/a?…", True)
    plain = Request("GET", ORIGIN, "/a?b=c", {})
    assert (plain.body, plain.redacted_target, plain.secrets, plain.stream) == (None, "/a?b=c", [], False)
    assert plain.max_response_size == float("inf")
    limited = Request("GET", ORIGIN, "/", {}, max_response_size=9)
    assert limited.max_response_size == limited.redirected("/a", to_get=False).max_response_size == 9
    assert [request.has_header(name) for name in ("x", "X", "Y")] == [True, True, False]


def test_the_repr_of_a_request_shows_no_secret() -> None:
    request = Request("GET", ORIGIN, f"/a?b={ENCODED}", {"Authorization": f"Bearer {SECRET}"})
    assert repr(request) == "<Request GET https://service.test/a?b=***>"


@pytest.mark.parametrize(
    ("name", "value", "secrets"),
    [
        ("Authorization", "Bearer token", ["Bearer token", "token"]),
        ("Authorization", "token", ["token"]),
        ("Authorization", "Bearer a b", ["Bearer a b", "a b"]),
        (
            "authorization",
            "BASIC " + base64.b64encode(b"me:pass:word").decode(),
            ["BASIC bWU6cGFzczp3b3Jk", "bWU6cGFzczp3b3Jk", "pass:word"],
        ),
        ("Authorization", "Basic bWU6", ["Basic bWU6", "bWU6"]),
        ("Authorization", "Basic abc", ["Basic abc", "abc"]),
        ("Authorization", "Basic /w==", ["Basic /w==", "/w=="]),
        ("X-Api-Key", "key", ["key"]),
        (
            "COOKIE",
            "a=12345678; b=1234567;c = 123=5678 ",
            ["a=12345678; b=1234567;c = 123=5678 ", "12345678", "123=5678"],
        ),
        ("X-Note", "harmless", []),
    ],
)
def test_the_secrets_in_a_header_are_known(name: str, value: str, secrets: list[str]) -> None:
    assert Request("GET", ORIGIN, "/", {"X-Other": "1", name: value}).secrets == secrets
    request = Request("GET", ORIGIN, "/", {})
    request.authorize(name, value)
    assert request.headers == {name: value}
    assert request.secrets == (secrets or [value])


def test_secrets_that_are_given_come_before_those_in_headers_and_are_not_changed() -> None:
    given = ["given"]
    headers = {"Authorization": "Bearer token", "Cookie": "a=b"}
    assert Request("GET", ORIGIN, "/", headers, secrets=given).secrets == ["given", "Bearer token", "token", "a=b"]
    assert given == ["given"]


def test_a_header_that_can_not_be_sent_is_not_put() -> None:
    request = Request("GET", ORIGIN, "/", {})
    with pytest.raises(ApiValueError, match=r"^header X: the value contains a control character"):
        request.authorize("X", "a\nb")
    assert (request.headers, request.secrets) == ({}, [])


@pytest.mark.parametrize(
    ("place", "headers", "target", "redacted"),
    [
        ("header", {"Cookie": "sid=1", "K": SECRET}, "/a?b=c", "/a?b=c"),
        ("cookie", {"Cookie": f"sid=1; K={SECRET}"}, "/a?b=c", "/a?b=c"),
        ("query", {"Cookie": "sid=1"}, f"/a?b=c&K={ENCODED}", "/a?b=c&K=***"),
    ],
)
def test_credentials_go_where_their_setting_says(
    place: str, headers: dict[str, str], target: str, redacted: str
) -> None:
    request = Request("GET", ORIGIN, "/a?b=c", {"Cookie": "sid=1"}, secrets=["given"])
    request.authorize_as({"in": place, "key": "K", "value": SECRET})
    assert (request.headers, request.target, request.redacted_target) == (headers, target, redacted)
    assert request.redacted_url == ORIGIN + redacted
    assert {"given", "sid=1", SECRET} <= set(request.secrets)


def test_the_name_of_a_parameter_is_encoded_too() -> None:
    request = Request("GET", ORIGIN, "/a", {})
    request.authorize_as({"in": "query", "key": "a b&c", "value": "d"})
    assert (request.target, request.redacted_target) == ("/a?a%20b%26c=d", "/a?a%20b%26c=***")


@pytest.mark.parametrize(
    ("setting", "error", "message"),
    [
        (7, ApiValueError, "expected a dict with 'in', 'key' and 'value'"),
        ({}, ApiValueError, "expected a dict with 'in', 'key' and 'value'"),
        ({"in": "query", "key": "k"}, ApiValueError, "expected a dict with 'in', 'key' and 'value'"),
        ({"in": "body", "key": "k", "value": "v"}, ApiValueError, "'in' must be header, query or cookie"),
        ({"in": "query", "key": 7, "value": "v"}, ApiTypeError, "expected a str for 'key' and 'value'"),
        ({"in": "query", "key": "k", "value": 7}, ApiTypeError, "expected a str for 'key' and 'value'"),
        ({"in": "cookie", "key": "k", "value": "v;w"}, ApiValueError, "a cookie can't contain a semicolon"),
        ({"in": "query", "key": "k", "value": "\ud800"}, ApiValueError, "the text contains a lone surrogate"),
        ({"in": "query", "key": "\ud800", "value": "v"}, ApiValueError, "the text contains a lone surrogate"),
    ],
)
def test_credentials_that_can_not_be_sent_are_refused_and_change_nothing(
    setting: Any, error: type[Exception], message: str
) -> None:
    request = Request("GET", ORIGIN, "/a", {})
    with pytest.raises(error, match=f"^_request_auth: {message}") as caught:
        request.authorize_as(setting)
    assert caught.value.__cause__ is None
    assert (request.target, request.redacted_target, request.headers, request.secrets) == ("/a", "/a", {}, [])


@pytest.mark.parametrize("others", [[], ["unused-secret"]])
@pytest.mark.parametrize(
    ("target", "redacted"),
    [
        (f"/a?b={ENCODED}", "/a?b=***"),
        ("/a?b=a-secret/of%2bmany%20characters&c=d", "/a?b=***&c=d"),
        ("/a?b=another", "/a?b=another"),
    ],
)
def test_a_secret_is_masked_where_it_comes_again_in_the_query(target: str, redacted: str, others: list[str]) -> None:
    request = Request("GET", ORIGIN, target, {})
    request.add_secrets([*others, SECRET])
    assert (request.target, request.redacted_target) == (target, redacted)


@pytest.mark.parametrize(
    ("method", "to_get", "sent"),
    [
        ("POST", True, ("GET", {"X": "1"}, None)),
        ("POST", False, ("POST", {"X": "1", "content-TYPE": "text/plain"}, b"body")),
        ("GET", True, ("GET", {"X": "1", "content-TYPE": "text/plain"}, b"body")),
    ],
)
def test_what_follows_a_redirect_keeps_all_that_still_counts(method: str, to_get: bool, sent: tuple[Any, ...]) -> None:
    headers = {"X": "1", "content-TYPE": "text/plain"}
    request = Request(method, ORIGIN, "/a", headers, b"body", secrets=[SECRET], stream=True)
    following = request.redirected(f"/b?c={ENCODED}", to_get=to_get)
    assert (following.method, following.headers, following.body) == sent
    assert (following.origin, following.target, following.redacted_target) == (ORIGIN, f"/b?c={ENCODED}", "/b?c=***")
    assert (following.secrets, following.stream) == ([SECRET], True)
