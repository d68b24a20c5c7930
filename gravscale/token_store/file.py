"""Share tokens among the processes of a user, in files."""

from __future__ import annotations

import os
import stat
import tempfile
import time
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from gravscale.exceptions import ApiTimeoutError, ApiTypeError, ApiValueError
from gravscale.token_store.entry import key_digest, read_entry, warn_of_store
from gravscale.transport.deadline import nested_calls_remaining

if TYPE_CHECKING:
    from collections.abc import Generator

    from gravscale.models import AuthorizationSchema

_MAX_BYTES = 1024 * 1024
_SAVING = ".saving-"
# Saving a file takes a moment. A temporary file older than this was left behind by a killed process.
_LEFT_OVER_SECONDS = 60.0
# Not every platform has these flags.
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
_NO_WAITING = getattr(os, "O_NONBLOCK", 0)


class FileTokenStore:
    """Keep tokens in files that only their owner can read. Needs the extra `store`.

    There is one file for each host and e-mail address. Files are replaced atomically, so a reader sees either the old
    tokens or the new ones. A file that can't be read, or a symbolic link in its place, is ignored with a
    `TokenStoreWarning`. Passwords are never stored.

    Args:
        path: The directory. Default: the platform's directory for application state. It is created with mode 0700. If
            you name an existing directory, its mode stays unchanged.

    Raises:
        ApiTypeError: `path` is not a path.
        ApiValueError: The user has no home directory, or the extra is not installed.
    """

    def __init__(self, path: str | os.PathLike[str] | None = None) -> None:
        try:
            import filelock as filelock
            import platformdirs
        except ImportError:
            raise ApiValueError("FileTokenStore needs the extra: pip install 'gravscale[store]'") from None
        place = os.fspath(path) if isinstance(path, os.PathLike) else path
        if place is not None and not isinstance(place, str):
            raise ApiTypeError(f"path: expected a directory's path, got {type(place).__name__}")
        if place is not None and (not place or "\0" in place):
            raise ApiValueError("path: expected a directory's path, got an empty one or one with a null character")
        expanded: Path | None = None
        # HOME may be missing, and the system may not know the user.
        with suppress(RuntimeError, KeyError, OSError):
            directory = platformdirs.user_state_dir("gravscale", appauthor=False) if place is None else place
            expanded = Path(directory).expanduser()
        if expanded is None or (place is None and not expanded.is_absolute()):
            raise ApiValueError(
                "path: there is no home directory to keep tokens in; set HOME or XDG_STATE_HOME to an absolute path, "
                "or name a directory, as in FileTokenStore('/var/lib/app/tokens')"
            )
        try:
            # The program may change its working directory later.
            self.path: Path = expanded.absolute()
        except OSError:
            raise ApiValueError("path: expected an absolute path, since the working directory is gone") from None
        self._is_own = path is None

    def load(self, key: str) -> AuthorizationSchema | None:
        """Return the tokens last saved under the key, or None."""
        file = self._file(key, ".json")
        try:
            return read_entry(_read(file))
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            # pydantic's message names fields, but quotes no values.
            warn_of_store(f"stored tokens can't be used, signing in again: {file}: {error}")
            return None

    def save(self, key: str, authorization: AuthorizationSchema) -> None:
        """Save tokens for all processes. If that fails, issue a warning."""
        try:
            self._make_directory()
            # In the same directory, so that replacing is atomic. mkstemp creates it with mode 0600.
            descriptor, name = tempfile.mkstemp(dir=self.path, prefix=f"{_SAVING}{key_digest(key)}-")
            try:
                with open(descriptor, "wb") as file:
                    file.write(authorization.to_json().encode())
                    file.flush()
                    os.fsync(file.fileno())
                os.replace(name, self._file(key, ".json"))
            except BaseException:
                with suppress(OSError):
                    os.unlink(name)
                raise
        except OSError as error:
            warn_of_store(f"tokens can't be stored: {error}")

    def delete(self, key: str) -> None:
        """Delete the tokens of the key. If that fails, issue a warning."""
        try:
            self._file(key, ".json").unlink(missing_ok=True)
        except OSError as error:
            warn_of_store(f"stored tokens can't be deleted: {error}")

    @contextmanager
    def lock(self, key: str) -> Generator[None]:
        """Keep other processes from renewing the tokens of the key. The system frees the lock if its holder dies.

        Args:
            key: The host and e-mail address.

        Returns:
            A context manager.

        Raises:
            ApiTimeoutError: The call timed out before the lock was free.
        """
        import filelock

        remaining = nested_calls_remaining()
        left = -1 if remaining is None else remaining
        with ExitStack() as held:
            try:
                self._make_directory()
                file = self._file(key, ".lock")
                _refuse_other_than_files(file)
                held.enter_context(filelock.FileLock(file, timeout=left, mode=0o600))
                self._remove_left_overs(key)
            except filelock.Timeout:
                waited = f"{left:.1f} s while waiting for another process to renew the token"
                raise ApiTimeoutError(reason=f"timed out after {waited}") from None
            except (OSError, NotImplementedError) as error:
                # NotImplementedError means that the file system has no locks.
                warn_of_store(f"tokens can't be shared: {error}")
            yield

    def _make_directory(self) -> None:
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not self._is_own or os.name != "posix":
            # A directory that the user chose may serve other purposes too, so its mode stays.
            return
        try:
            descriptor = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY | _NO_FOLLOW)
        except OSError:
            # A symbolic link is the user's choice as well.
            return
        try:
            if os.fstat(descriptor).st_mode & 0o077:
                # It may come from a backup, for example. Not every file system has modes.
                with suppress(OSError):
                    os.fchmod(descriptor, 0o700)
        finally:
            os.close(descriptor)

    def _remove_left_overs(self, key: str) -> None:
        """Remove the temporary files of killed processes. The key is locked, so any file for it is a left-over."""
        own, now = f"{_SAVING}{key_digest(key)}-", time.time()
        with os.scandir(self.path) as entries:
            for entry in entries:
                if not entry.name.startswith(_SAVING):
                    continue
                with suppress(OSError):
                    if entry.name.startswith(own) or now - entry.stat().st_mtime > _LEFT_OVER_SECONDS:
                        os.unlink(entry.path)

    def _file(self, key: str, suffix: str) -> Path:
        return self.path / (key_digest(key) + suffix)

    def __repr__(self) -> str:
        # An error reporter may show an object whose __init__ failed.
        return f"FileTokenStore({str(vars(self).get('path'))!r})"


def _refuse_other_than_files(file: Path) -> None:
    """Raise OSError if this is not a regular file: some versions of filelock would write through a link."""
    with suppress(FileNotFoundError):
        if not stat.S_ISREG(file.lstat().st_mode):
            raise OSError(f"not a regular file: {file}")


def _read(file: Path) -> bytes:
    """Return the content of a file. Raises OSError if it can't be read or belongs to another user."""
    # Opening a pipe in the file's place must not wait for a writer.
    descriptor = os.open(file, os.O_RDONLY | _NO_WAITING | _NO_FOLLOW)
    with open(descriptor, "rb") as opened:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_size > _MAX_BYTES or status.st_nlink > 1:
            # A file with a second hard link may belong somewhere else.
            raise OSError("not a token file")
        if hasattr(os, "geteuid") and status.st_uid != os.geteuid():
            # Tokens that someone else put here would make this user's calls act for another account.
            raise OSError("it belongs to another user")
        if hasattr(os, "fchmod") and status.st_mode & 0o077:
            # It may come from a backup, for example. Not every file system has modes.
            with suppress(OSError):
                os.fchmod(descriptor, 0o600)
        return opened.read()
