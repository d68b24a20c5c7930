"""What a body becomes: bytes as its media type says."""

from __future__ import annotations

from typing import Any

import pytest

from gravscale import ApiTypeError, ApiValueError
from gravscale.pipeline.body import encode_body, secrets_of

FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("body", "media", "expected"),
    [
        ({"a": [1, None]}, "application/json", b'{"a":[1,null]}'),
        ("é", "application/merge-patch+json; charset=utf-8", '"é"'.encode()),
        ("é", "text/plain", "é".encode()),
        (b"\x00", "application/json", b"\x00"),
        ({"a": "1 2", "b": [True, None], "c": None}, FORM, b"a=1+2&b=true"),
    ],
)
def test_the_media_type_says_how_a_body_is_written(body: Any, media: str, expected: bytes) -> None:
    assert encode_body(body, media) == (expected, media)


def test_without_a_body_there_is_no_content_type() -> None:
    assert encode_body(None, "application/json") == (None, None)


@pytest.mark.parametrize(
    ("body", "media", "error", "message"),
    [
        ({"a": 1}, "text/plain", ApiTypeError, "expected str or bytes for text/plain, got dict"),
        ({"a": object()}, "application/json", ApiValueError, "can't be written as application/json"),
        ("\ud800", "text/plain", ApiValueError, "can't be written as text/plain"),
    ],
)
def test_what_can_not_be_written_is_refused_without_a_word_of_it(
    body: Any, media: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=f"^login: {message}") as raised:
        encode_body(body, media, name="login")
    assert raised.value.__context__ is None


def test_a_body_and_the_fields_of_a_form_exclude_each_other() -> None:
    with pytest.raises(ApiValueError, match="can't be used together"):
        encode_body({"a": 1}, FORM, {"b": 2})


def test_secrets_are_found_by_their_names_at_any_depth() -> None:
    body = {"email": "me", "password": "p", "more": [{"api_key": "k"}], "token": {"value": ["t", 7]}, "secret": ""}
    assert secrets_of(body) == ["p", "k", "t"]
