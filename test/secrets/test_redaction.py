"""A secret is found however it is written, in a time that grows with the text and no faster."""

from __future__ import annotations

import html
import json
import time
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from misbehaving import raw, serving

from gravscale import ApiClient, AuthenticationApi, Configuration, LoginSchema, ServiceException
from gravscale.support.redaction import redact

SECRETS = [
    "correct horse battery staple",
    "пароль-секрет",
    "密码密码1",
    "é😀é",
    "ñ¿q",
    "?ü?",
    "\\\\server\\share",
    '"quoted"',
    "x\\",
    "100%",
    "a&b;c",
    "C:\\x5c\\u005c",
    "a\nb\tc",
    "'",
]

WAYS: dict[str, Callable[[str], str]] = {
    "raw": str,
    "JSON": json.dumps,
    "JSON in JSON in JSON": lambda secret: json.dumps(json.dumps(json.dumps(secret))),
    "JSON in HTML": lambda secret: html.escape(json.dumps(secret)),
    "HTML in JSON": lambda secret: json.dumps(html.escape(secret)),
    "Python": repr,
    "Python's bytes": lambda secret: repr(secret.encode()),
    "a URL": lambda secret: quote(secret, safe=""),
    "a URL in a URL": lambda secret: quote(quote(secret, safe=""), safe=""),
    "JSON in a URL": lambda secret: quote(json.dumps(secret), safe=""),
    "a form": quote_plus,
    "a URL in latin-1": lambda secret: quote(secret.encode("latin-1", "replace"), safe=""),
    "latin-1 read as UTF-8": lambda secret: secret.encode("latin-1", "replace").decode("utf-8", "replace"),
    "UTF-8 read as latin-1": lambda secret: secret.encode().decode("latin-1"),
    "UTF-8 read as ASCII": lambda secret: secret.encode().decode("ascii", "replace"),
    "ASCII": lambda secret: secret.encode("ascii", "replace").decode(),
    "ASCII with references": lambda secret: secret.encode("ascii", "xmlcharrefreplace").decode(),
    "ASCII with escapes": lambda secret: secret.encode("ascii", "backslashreplace").decode(),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("secret", SECRETS)
def test_nothing_of_a_secret_is_left_however_it_is_written(secret: str, way: str) -> None:
    text = redact(WAYS[way](f"head-{secret}-tail"), [secret])
    assert text.partition("head-")[2].partition("-tail")[0] == "***"


@pytest.mark.parametrize(
    "secret", ["\\" * 20 + "x", "ü" * 20 + "x", '"' * 20 + "x", "%" * 20 + "x", "é\\" * 10 + "x", "&amp;" * 9 + "x"]
)
@pytest.mark.parametrize("part", ["\\", "?", "\ufffd", '"', "%5c", "%255c", "%25", "&amp;", "\\u005c", "é", "a"])
def test_no_text_takes_long_to_be_searched_for_a_secret(secret: str, part: str) -> None:
    text = (part * 65536)[:65536] + "."
    start = time.thread_time()
    redact(text, [secret])
    # A tenth of it as a rule; searched in every way there is, it would take for ever.
    assert time.thread_time() - start < 2.0


def test_an_error_page_of_question_marks_is_no_reason_to_hang() -> None:
    with serving(raw(b"HTTP/1.1 500 Oops\r\nContent-Length: 65536\r\n\r\n" + b"?" * 65536)) as server:
        configuration = Configuration(host=server.url, timeout=5.0)
        with ApiClient(configuration) as client, pytest.raises(ServiceException) as caught:
            AuthenticationApi(client).sign_in(LoginSchema(email="me@example.com", password="длинныйпароль1"))
    assert caught.value.status == 500
