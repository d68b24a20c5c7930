"""What a body becomes: bytes as its media type says."""

from __future__ import annotations

import io
from typing import Any

import pytest

from gravscale import ApiTypeError, ApiValueError
from gravscale.pipeline.body import encode_body, secrets_of

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
CLOSED = io.BytesIO()
CLOSED.close()


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
    assert encode_body(body, media, None, "b") == (expected, media)


@pytest.mark.parametrize(("body", "form"), [({"a": 1}, None), (None, {"a": 1})], ids=["as body", "as form"])
def test_a_form_is_encoded_by_its_media_type_whatever_parameters_that_has(body: Any, form: Any) -> None:
    assert encode_body(body, f"{FORM} ; charset=utf-8", form, "b") == (b"a=1", FORM)
    content, media = encode_body(body, f"{MULTIPART.upper()}; boundary=x", form, "b")
    assert content is not None
    assert media == f"{MULTIPART}; boundary={content[2:34].decode()}"
    assert b'name="a"\r\n\r\n1\r\n' in content


def test_without_a_body_there_is_no_content_type() -> None:
    assert encode_body(None, "application/json", None, "b") == (None, None)


@pytest.mark.parametrize(
    ("body", "media", "error", "message"),
    [
        ({"a": 1}, "text/plain", ApiTypeError, "expected str or bytes for text/plain, got dict"),
        (
            {"a": object()},
            "application/json",
            ApiValueError,
            "can't be written as application/json (PydanticSerializationError)",
        ),
        ("\ud800", "text/plain", ApiValueError, "can't be written as text/plain (UnicodeEncodeError)"),
        ({"a": "\ud800"}, FORM, ApiValueError, f"can't be written as {FORM} (UnicodeEncodeError)"),
        ({"a": CLOSED}, MULTIPART, ApiValueError, "a file that can't be read as bytes (ValueError)"),
    ],
)
def test_what_can_not_be_written_is_refused_without_a_word_of_it(
    body: Any, media: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as raised:
        encode_body(body, media, None, "login")
    assert str(raised.value) == f"login: {message}"
    assert raised.value.__context__ is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (({"a": 1}, FORM, {"b": 2}, "body"), "post_params: can't be used together with body"),
        ((None, FORM, {"b": "\ud800"}, "form"), f"form: can't be written as {FORM} (UnicodeEncodeError)"),
        ((None, MULTIPART, {"b": CLOSED}, "form"), "form: a file that can't be read as bytes (ValueError)"),
        (
            ("a", "text/\n", None, "body"),
            "header Content-Type: the value contains a control character or one outside latin-1",
        ),
    ],
)
def test_fields_and_media_types_that_can_not_be_sent_are_refused(arguments: Any, message: str) -> None:
    with pytest.raises(ApiValueError) as raised:
        encode_body(*arguments)
    assert str(raised.value) == message


def test_secrets_are_found_by_their_names_at_any_depth() -> None:
    body = {"email": "me", "password": "p", "more": [{"api_key": "k"}], "token": {"value": ["t", 7]}, "secret": ""}
    assert secrets_of(body) == ["p", "k", "t"]
