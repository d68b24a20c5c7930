"""The log: what is written, where it goes, and what each configuration changes of it."""

from __future__ import annotations

import copy
import gc
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gravscale import Configuration
from gravscale.support.logs import logger, set_up_by_environment

SDK = logging.getLogger("gravscale")


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    before = SDK.level, SDK.propagate, list(SDK.handlers)
    yield
    SDK.setLevel(before[0])
    SDK.propagate = before[1]
    SDK.handlers[:] = before[2]


def formatted(message: str, *arguments: Any) -> str:
    """A message as the SDK's loggers pass it on."""
    texts: list[str] = []

    class Collecting(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            texts.append(record.getMessage())

    handler = Collecting()
    SDK.addHandler(handler)
    logger("rest").error(message, *arguments)
    SDK.removeHandler(handler)
    (text,) = texts
    return text


def test_each_concern_has_a_logger_below_that_of_the_sdk() -> None:
    assert logger("rest") is logging.getLogger("gravscale.rest")
    assert logger("rest").parent is SDK


def test_what_came_from_the_service_is_made_harmless() -> None:
    assert formatted("%s %s", "a\x1b[31m\nb", Path("/me@example.com/x")) == "a [31m b /***/x"
    assert formatted("%s", "x" * 1001) == "x" * 1000 + "…"
    for address in ("me@example.com", "a.b+c%40mail.example.com", "O'Neil@example.co.uk"):
        assert formatted("%s", f"<{address}>") == "<***>"
    assert formatted("%s", "an @ sign, me@localhost") == "an @ sign, me@localhost"


def test_numbers_and_none_stay_as_they_are() -> None:
    assert formatted("%d %.1f %r %s", 1, 1.25, None, True) == "1 1.2 None True"
    assert formatted("%(a)s", {"a": "b"}) == "b"
    assert formatted("100%") == "100%"


@pytest.mark.parametrize(
    ("value", "lines"), [("debug", ["DEBUG low", "INFO high"]), (" Info ", ["INFO high"]), ("", []), (None, [])]
)
def test_the_environment_sends_the_log_to_stderr(
    value: str | None, lines: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if value is None:
        monkeypatch.delenv("GRAVSCALE_LOG", raising=False)
    else:
        monkeypatch.setenv("GRAVSCALE_LOG", value)
    set_up_by_environment()
    # Otherwise pytest's own handlers get the records too.
    SDK.propagate = False
    logger("rest").debug("low")
    logger("rest").info("high")
    written = capsys.readouterr().err.splitlines()
    assert [line.partition(" gravscale.rest ")[2] for line in written] == lines
    assert all(line[:4].isdigit() for line in written)


def test_an_unknown_level_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRAVSCALE_LOG", "Loud")
    with pytest.warns(UserWarning, match=r"^GRAVSCALE_LOG: expected debug or info, got 'loud'$"):
        set_up_by_environment()


@pytest.fixture
def to_stderr(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRAVSCALE_LOG", "info")
    set_up_by_environment()


@pytest.mark.usefixtures("to_stderr")
@pytest.mark.parametrize(
    ("name", "propagates", "is_repeated"),
    [
        ("gravscale.rest", False, False),
        ("gravscale", False, False),
        ("", True, False),
        # This handler does not get the record.
        ("", False, True),
        ("gravscale.retry", True, True),
    ],
)
def test_what_the_program_logs_itself_is_not_repeated_on_stderr(
    name: str, propagates: bool, is_repeated: bool, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    SDK.propagate = propagates
    own = logging.getLogger(name)
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    monkeypatch.setattr(own, "handlers", [*own.handlers, logging.StreamHandler(sys.stdout)])
    logger("rest").error("once")
    assert ("once" in capsys.readouterr().err) == is_repeated


@pytest.mark.usefixtures("to_stderr")
def test_a_program_without_a_usable_stderr_works(monkeypatch: pytest.MonkeyPatch) -> None:
    SDK.propagate = False
    for stderr in (None, object()):
        monkeypatch.setattr(sys, "stderr", stderr)
        logger("rest").error("nowhere")


@pytest.mark.usefixtures("to_stderr")
def test_a_log_file_is_no_logging_of_the_programs_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    SDK.propagate = False
    configuration = Configuration()
    configuration.logger_file = str(tmp_path / "calls.log")
    logger("rest").error("twice, olá")
    configuration.logger_file = None
    assert "twice" in capsys.readouterr().err
    assert (tmp_path / "calls.log").read_bytes().endswith(" ERROR twice, olá\n".encode())


def test_configurations_do_not_undo_each_others_debug() -> None:
    SDK.setLevel(logging.WARNING)
    first = Configuration()
    assert (first.debug, first.logger_file) == (False, None)
    first.debug = True
    second = copy.deepcopy(first)
    first.debug = False
    assert (SDK.level, second.debug) == (logging.DEBUG, True)
    second.debug = False
    assert SDK.level == logging.WARNING
    # Without having been on, it changes nothing.
    Configuration().debug = False
    assert SDK.level == logging.WARNING


def test_a_configuration_that_is_gone_does_not_hold_the_level_of_the_next_one() -> None:
    SDK.setLevel(logging.WARNING)
    first = Configuration(debug=True)
    del first
    gc.collect()
    second = Configuration(debug=True)
    second.debug = False
    assert SDK.level == logging.WARNING


def test_configurations_do_not_close_each_others_log_file(tmp_path: Path) -> None:
    path = tmp_path / "calls.log"
    first = Configuration()
    first.logger_file = str(path)
    first.logger_format = "<%(message)s>"
    second = copy.deepcopy(first)
    first.logger_file = None
    logger("rest").error("kept")
    second.logger_file = None
    logger("rest").error("closed")
    assert path.read_text("utf-8") == "<kept>\n"


def test_a_log_file_is_written_once_whatever_its_path_and_in_utf_8(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    first, second = Configuration(), Configuration()
    first.logger_file = "calls.log"
    second.logger_file = str(tmp_path / "calls.log")
    (handler,) = (each for each in SDK.handlers if isinstance(each, logging.FileHandler))
    assert handler.encoding == "utf-8"
    logger("rest").error("once")
    first.logger_file = second.logger_file = None
    assert handler not in SDK.handlers
    assert handler.stream is None
    assert len((tmp_path / "calls.log").read_text("utf-8").splitlines()) == 1
    # A file of the same name can be opened again.
    first.logger_file = "calls.log"
    logger("rest").error("again")
    first.logger_file = None
    assert len((tmp_path / "calls.log").read_text("utf-8").splitlines()) == 2
