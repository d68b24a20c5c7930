"""`%load_ext gravscale`, and tracebacks, beyond what the example notebook shows."""

from __future__ import annotations

import copy
from types import SimpleNamespace
from typing import Any

import pytest
from IPython.core.formatters import DisplayFormatter
from misbehaving import answer, refusing, serving

import gravscale
from gravscale.support.ipython import short_traceback

USER = gravscale.UserInfoSchema(email="me@example.com", nickname="me")


@pytest.fixture
def shell() -> Any:
    """The part of a shell that displays things."""
    return SimpleNamespace(display_formatter=DisplayFormatter())


def html(shell: Any, value: object) -> str | None:
    shown: str | None = shell.display_formatter.format(value)[0].get("text/html")
    return shown


def test_with_it_a_list_of_models_is_a_table(shell: Any) -> None:
    assert html(shell, [USER]) is None
    gravscale.load_ipython_extension(shell)
    assert "<caption>UserInfoSchema: 1 item</caption>" in (html(shell, [USER]) or "")


@pytest.mark.parametrize("other", [[], [1, 2], [USER, 1], [1, USER], [[USER]], (USER,), {"a": USER}, "text"])
def test_with_it_other_lists_are_shown_as_before(shell: Any, other: object) -> None:
    gravscale.load_ipython_extension(shell)
    assert html(shell, other) is None


class Own(list[Any]):
    def _repr_html_(self) -> str:
        return f"<b>{len(self)}</b>"


def test_with_it_lists_with_their_own_html_keep_it(shell: Any) -> None:
    gravscale.load_ipython_extension(shell)
    assert html(shell, Own([1, 2])) == "<b>2</b>"


def test_with_it_another_librarys_formatter_stays(shell: Any) -> None:
    formatter = shell.display_formatter.formatters["text/html"]
    formatter.for_type(list, lambda value: f"<i>{len(value)}</i>")
    gravscale.load_ipython_extension(shell)
    assert html(shell, [1, 2]) == "<i>2</i>"
    assert "UserInfoSchema" in (html(shell, [USER]) or "")
    gravscale.unload_ipython_extension(shell)
    assert html(shell, [USER]) == "<i>1</i>"


def test_unloading_it_leaves_nothing(shell: Any) -> None:
    formatter = shell.display_formatter.formatters["text/html"]
    before = dict(formatter.type_printers)
    gravscale.load_ipython_extension(shell)
    gravscale.unload_ipython_extension(shell)
    assert formatter.type_printers == before
    gravscale.unload_ipython_extension(shell)
    assert formatter.type_printers == before


def test_loaded_twice_it_is_unloaded_at_once(shell: Any) -> None:
    gravscale.load_ipython_extension(shell)
    gravscale.load_ipython_extension(shell)
    assert "UserInfoSchema" in (html(shell, [USER]) or "")
    gravscale.unload_ipython_extension(shell)
    assert html(shell, [USER]) is None


def call(url: str) -> gravscale.OpenApiException:
    with gravscale.ApiClient(gravscale.Configuration(url, retries=0)) as api_client:
        with pytest.raises(gravscale.OpenApiException) as caught:
            gravscale.AuthenticationApi(api_client).info()
        return caught.value


def frames(lines: list[str]) -> str:
    return "".join(line for line in lines if line.lstrip().startswith("File "))


def test_a_traceback_ends_where_the_program_called_the_sdk() -> None:
    with serving(answer({"detail": "no such thing"}, 404)) as server:
        error = call(server.url)
    lines = short_traceback(error)
    assert "in call" in frames(lines)
    assert "api_client.py" not in frames(lines)
    assert lines[-1].endswith("404 Not Found: no such thing\n")


def test_a_traceback_shows_the_cause_only_in_its_message() -> None:
    with refusing() as url:
        error = call(url)
    assert isinstance(error.__cause__, ConnectionRefusedError)
    lines = "".join(short_traceback(error))
    assert "direct cause" not in lines
    assert "refused" in lines


def test_a_traceback_shows_what_the_program_was_handling() -> None:
    with serving(answer({"detail": "no such thing"}, 404)) as server:
        try:
            {}["a key of the program"]
        except KeyError:
            first = call(server.url)
            try:
                raise first
            except gravscale.NotFoundException:
                second = call(server.url)
    lines = "".join(short_traceback(second))
    assert "KeyError: 'a key of the program'" in lines
    assert lines.count("During handling of the above exception") == 2
    assert "api_client.py" not in lines


def test_the_error_itself_keeps_its_traceback() -> None:
    with refusing() as url:
        error = call(url)
    before = error.__traceback__, error.__cause__, error.__context__, error.__suppress_context__
    short_traceback(error)
    assert (error.__traceback__, error.__cause__, error.__context__, error.__suppress_context__) == before


def test_an_error_that_was_not_raised_has_a_traceback_of_its_message() -> None:
    assert short_traceback(copy.copy(gravscale.ApiValueError("size: expected 1 or more"))) == [
        "gravscale.exceptions.ApiValueError: size: expected 1 or more\n"
    ]
