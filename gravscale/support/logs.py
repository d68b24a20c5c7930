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
# It also matches addresses in a query or a path. The lengths are limited, so that the search takes linear time.
_EMAIL = r"[\w.!#$'*+^`{|}~%-]{1,64}(?:@|%40)[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}"
_sdk = logging.getLogger("gravscale")
# Otherwise, a program without logging would get warnings on its stderr.
_sdk.addHandler(logging.NullHandler())


class _Stderr(logging.Handler):
    """Write the log of GRAVSCALE_LOG to stderr, except for records that the program's own logging handles."""

    def emit(self, record: logging.LogRecord) -> None:
        if not _is_handled_elsewhere(record):
            # The program may have replaced its stderr, or have none.
            with suppress(Exception):
                cast("TextIO", sys.stderr).write(f"{self.format(record)}\n")


def _is_handled_elsewhere(record: logging.LogRecord) -> bool:
    """Return whether one of the program's own handlers gets the record too."""
    concern: logging.Logger | None = logging.getLogger(record.name)
    while concern is not None:
        if not all(isinstance(handler, (logging.NullHandler, _File, _Stderr)) for handler in concern.handlers):
            return True
        concern = concern.parent if concern.propagate else None
    return False


class _File(logging.FileHandler):
    """Write to a `logger_file`, in addition to any other logging."""


def set_up_by_environment() -> None:
    """Set up logging for GRAVSCALE_LOG."""
    level = os.environ.get("GRAVSCALE_LOG", "").strip().lower()
    if level not in ("debug", "info"):
        if level:
            warnings.warn(f"GRAVSCALE_LOG: expected debug or info, got {level!r}", stacklevel=2)
        return
    handler = _Stderr()
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(levelname)s %(message)s"))
    _sdk.addHandler(handler)
    _sdk.setLevel(level.upper())


set_up_by_environment()


def logger(concern: str) -> logging.Logger:
    """Return the logger of a concern, such as `gravscale.rest`."""
    child = _sdk.getChild(concern)
    child.addFilter(_make_harmless)
    return child


def _make_harmless(record: logging.LogRecord) -> bool:
    """Remove control characters and e-mail addresses from a record's arguments, which may come from the service."""
    if isinstance(record.args, tuple):
        record.args = tuple(
            arg if arg is None or isinstance(arg, (int, float)) else _harmless(str(arg)) for arg in record.args
        )
    return True


def _harmless(text: str) -> str:
    return re.sub(_EMAIL, "***", excerpt(text, _MESSAGE_LENGTH))


class LogSettings:
    """Hold the log settings of a `Configuration`. All share the loggers, but none undoes another's settings."""

    def __init__(self) -> None:
        self._debug = False
        self._logger_file: str | None = None
        self._logger_format = "%(asctime)s %(levelname)s %(message)s"

    @property
    def debug(self) -> bool:
        """Whether to log every call to the logger `gravscale` at level DEBUG."""
        return self._debug

    @debug.setter
    def debug(self, value: bool) -> None:
        self._debug = value
        if value:
            # One that was not switched off may be gone, and have left its level behind.
            if not _debugging and not (_level_before and _sdk.level == logging.DEBUG):
                _level_before[:] = [_sdk.level]
            _debugging.add(self)
            _sdk.setLevel(logging.DEBUG)
            return
        was_debugging = self in _debugging
        _debugging.discard(self)
        if was_debugging and not _debugging and _level_before:
            level = _level_before.pop()
            # Any other level was set by the program meanwhile.
            if _sdk.level == logging.DEBUG:
                _sdk.setLevel(level)

    @property
    def logger_file(self) -> str | None:
        """A file to write the SDK's log records to, in addition to other logging."""
        return self._logger_file

    @logger_file.setter
    def logger_file(self, value: str | None) -> None:
        # Open the new file first. If that fails, the old one stays in use.
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
        """Apply the settings of a new copy."""
        if self._debug:
            self.debug = True
        if self._logger_file:
            _LogFile.of(self._logger_file).add(self)


_debugging: WeakSet[LogSettings] = WeakSet()
# The level before they changed it, if they did.
_level_before: list[int] = []


class _LogFile:
    """A log file. Each record is written once, even if several configurations name the file.

    Args:
        path: The path of the file.
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
