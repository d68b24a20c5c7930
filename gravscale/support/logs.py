"""The SDK's loggers: `gravscale`, and below it one for each concern."""

from __future__ import annotations

import logging
import os
import re
import sys
import warnings
from contextlib import suppress
from typing import ClassVar, TextIO, cast
from weakref import WeakSet

from gravscale.support.text import excerpt

_MESSAGE_LENGTH = 1000
# Also as a query or a path has one. The parts are bounded, so that the time that it takes grows with the text only.
_EMAIL = r"[\w.!#$'*+^`{|}~%-]{1,64}(?:@|%40)[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}"
_sdk = logging.getLogger("gravscale")
# A program that set up no logging would otherwise find warnings on its stderr.
_sdk.addHandler(logging.NullHandler())


class _Stderr(logging.Handler):
    """Writes to stderr what GRAVSCALE_LOG asks for, unless the program's own logging shows it."""

    def emit(self, record: logging.LogRecord) -> None:
        if not _is_handled_elsewhere(record):
            # A program may have any stderr, or none.
            with suppress(Exception):
                cast("TextIO", sys.stderr).write(f"{self.format(record)}\n")


def _is_handled_elsewhere(record: logging.LogRecord) -> bool:
    """Whether a handler of the program's own gets the record too."""
    concern: logging.Logger | None = logging.getLogger(record.name)
    while concern is not None:
        if not all(isinstance(handler, (logging.NullHandler, _File, _Stderr)) for handler in concern.handlers):
            return True
        concern = concern.parent if concern.propagate else None
    return False


class _File(logging.FileHandler):
    """Writes to a `logger_file`, which is beside whatever else is logged."""


def _set_up_by_environment() -> None:
    """Set up logging as GRAVSCALE_LOG says."""
    asked = os.environ.get("GRAVSCALE_LOG", "").strip().lower()
    if asked not in ("debug", "info"):
        if asked:
            warnings.warn(f"GRAVSCALE_LOG: expected debug or info, got {asked!r}", stacklevel=2)
        return
    handler = _Stderr()
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(levelname)s %(message)s"))
    _sdk.addHandler(handler)
    _sdk.setLevel(asked.upper())


_set_up_by_environment()


def logger(concern: str) -> logging.Logger:
    """Return the logger of a concern, such as `gravscale.rest`."""
    child = _sdk.getChild(concern)
    child.addFilter(_make_harmless)
    return child


def _make_harmless(record: logging.LogRecord) -> bool:
    """Take control characters and e-mail addresses from what a record is about; it may be the service's own words."""
    if isinstance(record.args, tuple):
        record.args = tuple(
            arg if arg is None or isinstance(arg, (int, float)) else _harmless(str(arg)) for arg in record.args
        )
    return True


def _harmless(text: str) -> str:
    return re.sub(_EMAIL, "***", excerpt(text, _MESSAGE_LENGTH))


class LogSettings:
    """What a Configuration says of logging. All share the loggers, and none undoes what another asks for."""

    def __init__(self) -> None:
        self._debug = False
        self._logger_file: str | None = None
        self._logger_format = "%(asctime)s %(levelname)s %(message)s"

    @property
    def debug(self) -> bool:
        """Whether every call is logged, at DEBUG, to the logger `gravscale`."""
        return self._debug

    @debug.setter
    def debug(self, value: bool) -> None:
        self._debug = value
        if value:
            if not _debugging:
                _level_before[:] = [_sdk.level]
            _debugging.add(self)
            _sdk.setLevel(logging.DEBUG)
            return
        was_debugging = self in _debugging
        _debugging.discard(self)
        if was_debugging and not _debugging and _level_before:
            level = _level_before.pop()
            # Another is one that the program has set meanwhile.
            if _sdk.level == logging.DEBUG:
                _sdk.setLevel(level)

    @property
    def logger_file(self) -> str | None:
        """A file to which the SDK's log records are written as well."""
        return self._logger_file

    @logger_file.setter
    def logger_file(self, value: str | None) -> None:
        # First, as it may fail: then the file that there was goes on.
        log_file = _LogFile.of(value) if value else None
        if self._logger_file:
            _LogFile.of(self._logger_file).remove(self)
        self._logger_file = value
        if log_file is not None:
            log_file.add(self)

    @property
    def logger_format(self) -> str:
        """The format of the log file's lines."""
        return self._logger_format

    @logger_format.setter
    def logger_format(self, value: str) -> None:
        self._logger_format = value
        if self._logger_file:
            _LogFile.of(self._logger_file).handler.setFormatter(logging.Formatter(value))

    def _join_log(self) -> None:
        """Ask for what the settings say, as a copy of other settings has to."""
        if self._debug:
            self.debug = True
        if self._logger_file:
            _LogFile.of(self._logger_file).add(self)


_debugging: WeakSet[LogSettings] = WeakSet()
# The level that there was before they changed it, if they did.
_level_before: list[int] = []


class _LogFile:
    """A file that is logged to: once, however many configurations name it.

    Args:
        path: where it is.
    """

    _by_path: ClassVar[dict[str, _LogFile]] = {}

    def __init__(self, path: str) -> None:
        self.path = path
        self.handler = _File(path, encoding="utf-8")
        self.users: WeakSet[LogSettings] = WeakSet()

    @classmethod
    def of(cls, path: str) -> _LogFile:
        path = os.path.abspath(path)
        if path not in cls._by_path:
            cls._by_path[path] = cls(path)
        return cls._by_path[path]

    def add(self, user: LogSettings) -> None:
        self.users.add(user)
        self.handler.setFormatter(logging.Formatter(user.logger_format))
        _sdk.addHandler(self.handler)

    def remove(self, user: LogSettings) -> None:
        self.users.discard(user)
        if not self.users:
            _sdk.removeHandler(self.handler)
            self.handler.close()
            del self._by_path[self.path]
