"""Headers that a program sets: which are sent, and what is said of the others."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from gravscale import ApiTypeError, ApiValueError
from gravscale.transport.fields import basic_auth, check_header, find_header, put_cookie, put_header, put_headers


@pytest.mark.parametrize(
    ("value", "text"),
    [("a b", "a b"), ("", ""), ("a\tb", "a\tb"), (" !~", " !~"), ("\x80\xff", "\x80\xff"), (7, "7"), (1.5, "1.5")],
)
def test_a_value_is_sent_as_text(value: object, text: str) -> None:
    assert check_header("X", value) == text


INVALID = ["a\n", "\r", "\0", "\x08", "\x1f", "\x7f", "\u0100", "\ud800", 10**5000]


@pytest.mark.parametrize("value", INVALID, ids=range(len(INVALID)))
def test_a_value_that_no_header_can_have_is_not_quoted(value: object) -> None:
    with pytest.raises(ApiValueError) as caught:
        check_header("X-A", value)
    assert str(caught.value) == "header X-A: the value contains a control character or one outside latin-1"
    assert caught.value.__context__ is None


@pytest.mark.parametrize(("value", "type_name"), [(True, "bool"), (None, "NoneType"), (b"a", "bytes"), (["a"], "list")])
def test_a_value_of_another_type_is_named_by_its_type(value: Any, type_name: str) -> None:
    with pytest.raises(ApiTypeError, match=f"^header X-A: expected a str, got {type_name}$"):
        check_header("X-A", value)


@pytest.mark.parametrize("name", ["X", "!#$%&'*+.^_`|~-09azAZ"])
def test_a_name_has_the_characters_of_rfc_9110(name: str) -> None:
    assert check_header(name, "1") == "1"


@pytest.mark.parametrize("name", ["", "X A", "X: secret", ":X", "X\n", "\xe9", "c2VjcmV0LXRva2Vu/x="])
def test_an_invalid_name_is_not_quoted_because_it_may_be_the_value(name: str) -> None:
    with pytest.raises(ApiValueError) as caught:
        check_header(name, "1")
    assert str(caught.value) == "header: expected a name of letters, digits and hyphens"


def test_a_name_of_another_type_is_named_by_its_type() -> None:
    name: Any = 7
    with pytest.raises(ApiTypeError, match=r"^header: expected a str for the field's name, got int$"):
        check_header(name, "1")


@pytest.mark.parametrize(
    ("name", "source"), [("Content-Length", "body"), ("TRANSFER-ENCODING", "body"), ("host", "URL")]
)
def test_what_the_sdk_sets_itself_can_not_be_set(name: str, source: str) -> None:
    with pytest.raises(ApiValueError) as caught:
        check_header(name, "1")
    assert str(caught.value) == f"header {name}: can't be set, because the SDK derives it from the {source}"


def test_a_header_replaces_the_one_of_its_name_in_any_case() -> None:
    headers = {"x-a": "1", "X-B": "2"}
    assert put_header(headers, "X-A", 3) == "3"
    assert headers == {"X-B": "2", "X-A": "3"}
    assert [find_header(headers, name) for name in ("x-b", "X-a", "X")] == ["X-B", "X-A", None]


def test_several_headers_are_set_at_once() -> None:
    headers = {"x-a": "1"}
    put_headers(headers, {"X-A": "2", "X-B": "3"}, "_headers")
    assert headers == {"X-A": "2", "X-B": "3"}


def test_headers_of_another_type_are_named_by_their_argument() -> None:
    several: Any = [("X", "1")]
    with pytest.raises(ApiTypeError, match=r"^_headers: expected a dict of headers, got list$"):
        put_headers({}, several, "_headers")


def test_cookies_are_added_to_each_other() -> None:
    headers: dict[str, str] = {}
    put_cookie(headers, "a", "1", "cookie")
    assert headers == {"Cookie": "a=1"}
    put_cookie(headers, "b", "2", "cookie")
    assert headers == {"Cookie": "a=1; b=2"}
    others = {"cookie": "c=3"}
    put_cookie(others, "d", "4", "cookie")
    assert others == {"Cookie": "c=3; d=4"}


def test_a_cookie_that_would_become_two_is_named_by_its_argument() -> None:
    with pytest.raises(ApiValueError, match=r"^session: a cookie can't contain a semicolon$"):
        put_cookie({}, "a", "1;b=2", "session")


@pytest.mark.parametrize(
    ("user", "password", "octets"),
    [
        ("me", "a:b", b"me:a:b"),
        ("", "", b":"),
        ("\xfc", "\u20ac", b"\xc3\xbc:\xe2\x82\xac"),
        ("me", "\udcff", b"me:\xff"),
    ],
)
def test_basic_authentication_has_the_bytes_of_user_and_password(user: str, password: str, octets: bytes) -> None:
    scheme, _, code = basic_auth(user, password).partition(" ")
    assert (scheme, base64.b64decode(code)) == ("Basic", octets)
