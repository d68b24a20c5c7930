"""A secret is found however it is written, in a time that grows with the text and no faster."""

from __future__ import annotations

import base64
import html
import json
import tracemalloc
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest

from gravscale.support.redaction import MASK, redact, redact_data, redact_headers

SECRETS = [
    "correct horse battery staple",
    "C0rrect!horse#42&b+$x/…",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0MiJ9.a-b_c",
    "Xy7+9zQ/k==",
    "пароль-секрет",
    "\\\\server\\share",
    'say "quoted" & <more>',
    "C:\\x5c\\u005c",
    "line\nbreak\tand tab",
    "100% of it's",
]

ENCODERS: dict[str, Callable[[str], str]] = {
    "raw": str,
    "JSON": lambda secret: json.dumps(secret)[1:-1],
    "JSON of UTF-8": lambda secret: json.dumps(secret, ensure_ascii=False)[1:-1],
    "Python": lambda secret: repr(secret)[1:-1],
    "a URL": lambda secret: quote(secret, safe=""),
    "a path": quote,
    "a form": quote_plus,
    "HTML": html.escape,
    "HTML in ASCII": lambda secret: html.escape(secret).encode("ascii", "xmlcharrefreplace").decode(),
    "UTF-8 read as latin-1": lambda secret: secret.encode().decode("latin-1"),
}


@pytest.mark.parametrize("outer", ENCODERS)
@pytest.mark.parametrize("inner", ENCODERS)
@pytest.mark.parametrize("secret", SECRETS)
def test_nothing_of_a_secret_is_left_once_or_twice_encoded(secret: str, inner: str, outer: str) -> None:
    written = ENCODERS[outer](ENCODERS[inner](secret))
    assert redact(f"head-{written}-tail", [secret]) == f"head-{MASK}-tail"


@pytest.mark.parametrize("encode", [base64.standard_b64encode, base64.urlsafe_b64encode])
@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_in_base64_is_masked(secret: str, encode: Callable[[bytes], bytes]) -> None:
    assert MASK in redact(f"head-{encode(secret.encode()).decode()}-tail", [secret])
    assert secret not in redact(quote(encode(secret.encode()).decode(), safe=""), [secret])


@pytest.mark.parametrize("secret", ["password", "Secretly", "hunter2", "a", "7", "Unauthorized"])
def test_what_could_be_a_word_is_masked_as_a_whole_value_only(secret: str) -> None:
    sentence = f"unknown e-mail or wrong {secret}"
    data = {"detail": sentence, "given": secret, "list": [secret, "b"], "count": 7}
    expected = {"detail": sentence, "given": MASK, "list": [MASK, "b"], "count": 7}
    assert redact_data(data, [secret]) == expected
    assert json.loads(redact(json.dumps(data), [secret])) == expected
    assert redact(f"/path?q={secret}&{secret}=1", [secret]).startswith(f"/path?q={MASK}&{secret}=")


def test_a_key_that_is_the_secret_stays() -> None:
    assert redact_data({"hunter2": 1}, ["hunter2"]) == {"hunter2": 1}
    assert redact('{"hunter2": "hunter2"}', ["hunter2"]) == f'{{"hunter2": "{MASK}"}}'


def test_data_keep_their_keys_and_numbers() -> None:
    secret = "C0rrect!horse#42"
    data = {secret: 42, "text": f"<{secret}>", "deep": [{"password": "x", "count": 1.5, "ok": True, "none": None}]}
    masked = {secret: 42, "text": f"<{MASK}>", "deep": [{"password": MASK, "count": 1.5, "ok": True, "none": None}]}
    assert redact_data(data, [secret]) == masked


def test_the_request_id_stays_and_other_header_fields_are_masked() -> None:
    secret = "C0rrect!horse#42"
    fields = {"x-request-id": f"req-{secret}", "X-Echo": secret, "Set-Cookie": "a=b", "Date": "today"}
    assert dict(redact_headers(fields, [secret])) == {**fields, "X-Echo": MASK, "Set-Cookie": MASK}


NAMED = {
    '{"password": "p\\"q", "b": 1}': '{"password": "***", "b": 1}',
    '{"accessToken":"abc': '{"accessToken":"***',
    r'"{\"refresh_token\": \"a\\\"b\", \"x\": 1}"': r'"{\"refresh_token\": \"***\", \"x\": 1}"',
    "&quot;password&quot;: &quot;abc&quot;, 1": "&quot;password&quot;: &quot;***&quot;, 1",
    "{'api_key': 'abc', 'b': 1}": "{'api_key': '***', 'b': 1}",
    "/auth?refresh_token=abc&page=2": "/auth?refresh_token=***&page=2",
    "https://user:word@host/path": "https://***@host/path",
    "Authorization: Bearer abcdefghijklmnop.q": "Authorization: Bearer ***",
    '{"tokenType": "Bearer", "expiresAt": "2026"}': '{"tokenType": "Bearer", "expiresAt": "2026"}',
    "Bearer authentication is required": "Bearer authentication is required",
}


@pytest.mark.parametrize("text", NAMED)
def test_what_stands_under_a_secret_name_is_masked(text: str) -> None:
    assert redact(text) == NAMED[text]


LONG = {
    "a token of plus signs": ("+" * 20_000, ["+" * 20_000]),
    "nearly a token of plus signs": ("+" * 40_000, ["+" * 20_000 + "a"]),
    "a long password": ('{"password":"' + "a" * (1 << 20), []),
    "names": ("password=" * 100_000, []),
    "quoted names": ('"password":"' * 80_000, []),
    "backslashes": ("\\" * (1 << 20), ["\\" * 20_000]),
    "quotes": ('\\"' * (1 << 19), []),
    "spaces": (" " * (1 << 20), []),
}


@pytest.mark.parametrize("text", LONG)
def test_memory_grows_with_the_text_and_no_faster(text: str) -> None:
    written, secrets = LONG[text]
    tracemalloc.start()
    try:
        redact(written, secrets)
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()
