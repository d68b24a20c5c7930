"""Escapes are undone level by level, and what is left knows where it was."""

from __future__ import annotations

import base64
import sys
from collections.abc import Callable
from types import ModuleType

import pytest

from gravscale.support.escapes import base64_contents, levels, traces

ESCAPED = {
    "%2b": "+",
    "%2B": "+",
    r"\u00e9": "é",
    r"\u20AC": "€",
    r"\x41": "A",
    r"\U0001f511": "🔑",
    r"\ud83d\ude00": "😀",
    r"\ud800\udc00": "\U00010000",
    r"\b\f\n\r\t": "\b\f\n\r\t",
    r"\"\'\/": "\"'/",
    "&#39;": "'",
    "&#039;": "'",
    "&#x27;": "'",
    "&#X2f;": "/",
    "&#128;": "\x80",
    "&#128273;": "🔑",
    "&amp;": "&",
    "&eacute;": "é",
    "é".encode().decode("latin-1"): "é",
    "€".encode().decode("latin-1"): "€",
    "🔑".encode().decode("latin-1"): "🔑",
    "%C3%A9": "é",
}


@pytest.mark.parametrize("escaped", ESCAPED)
def test_an_escape_is_undone(escaped: str) -> None:
    *_, (plain, place) = levels(f"<{escaped}>")
    assert plain == f"<{ESCAPED[escaped]}>"
    assert (place(0), place(1), place(len(plain) - 1), place(len(plain))) == (0, 1, len(escaped) + 1, len(escaped) + 2)


class Unreadable(ModuleType):
    def __getattr__(self, name: str) -> object:
        raise OSError(24, "Too many open files")


def test_without_a_free_file_descriptor_the_common_names_of_html_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "html.entities", Unreadable("html.entities"))
    assert [plain for plain, _ in levels("&quot;&lt;&gt;&apos;&eacute;&amp;")][1] == "\"<>'&eacute;&"


@pytest.mark.parametrize("text", ["", "50% off & more", "\\d", "&nonsense;", "é €", "%4", "a;b", "Ã", "100%G1"])
def test_a_text_without_escapes_has_one_level(text: str) -> None:
    assert [plain for plain, _ in levels(text)] == [text]


def test_each_level_undoes_one_and_knows_the_places_in_the_original() -> None:
    seen = [(plain, [place(position) for position in range(len(plain) + 1)]) for plain, place in levels("a%2525x%41c")]
    assert seen == [
        ("a%2525x%41c", list(range(12))),
        ("a%25xAc", [0, 1, 4, 5, 6, 7, 10, 11]),
        ("a%xAc", [0, 1, 6, 7, 10, 11]),
    ]


def test_four_levels_are_undone() -> None:
    assert [plain for plain, _ in levels("%2525252541")] == ["%" + "25" * n + "41" for n in (4, 3, 2, 1, 0)]


def test_malformed_utf_8_stays_a_character() -> None:
    assert [plain for plain, _ in levels("\xe0\x80\x80!")][1] == "\ufffd\ufffd\ufffd!"


@pytest.mark.parametrize("before", ["", "m", "me", "me:"])
@pytest.mark.parametrize("times", [1, 2])
def test_base64_of_a_longer_text_has_a_trace_of_the_text(before: str, times: int) -> None:
    core, pieces = traces("!?C0rrect-a")
    assert core == "C0rrect"
    code = f"{before}!?C0rrect-a?".encode()
    for _ in range(times):
        code = base64.b64encode(code)
    found = [piece for piece in pieces if piece in code.decode()]
    # All but the letters at both ends, which depend on the neighbors: a shorter piece might be in any text.
    assert max(map(len, found)) >= 7


def test_traces_are_as_long_as_they_can_be() -> None:
    assert traces("abc")[1] >= {"YWJj", "FiY", "hYm"}


def test_without_letters_and_digits_any_text_may_have_a_trace() -> None:
    assert traces("+++") == ("", {""})


@pytest.mark.parametrize("encode", [base64.standard_b64encode, base64.urlsafe_b64encode])
@pytest.mark.parametrize("before", ["", "/", "a/", "path/", "head-"])
@pytest.mark.parametrize("secret", ["C0rrect??>>~~", "C0rrect??>>~~1W", "C0rrect??>>~~1", "C0rrect??>>~~12"])
def test_base64_is_decoded_wherever_it_begins(encode: Callable[[bytes], bytes], before: str, secret: str) -> None:
    for code in (encode(secret.encode()).decode(), encode(secret.encode()).decode().rstrip("=")):
        found = list(base64_contents(f"({before}{code}) aaaaaaaaaaaa", ["QzBycmVjd"]))
        assert len(found) == 4
        assert {(start, end) for start, end, _ in found} == {(1, 1 + len(before) + len(code))}
        contents = [content for _, _, content in found]
        assert [content for content in contents if secret in content] == [contents[len(before) % 4]]
