"""Tokens shared among the processes of a user."""

from __future__ import annotations

import hashlib
import os
import re
import stat
import tempfile
import time
import warnings
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from gravscale.exceptions import ApiTimeoutError, ApiTypeError, ApiValueError
from gravscale.transport.deadline import FOREVER, nested_calls_end

if TYPE_CHECKING:
    from collections.abc import Generator

    from gravscale.models import AuthorizationSchema


# RFC 6750, section 2.1, and whatever else can stand in a header field.
_TOKEN = re.compile(r"[\x21-\x7e]+")
_MAX_BYTES = 1024 * 1024


class FileTokenStore:
    """Keeps tokens in files that only their user can read: one for each host and e-mail. Needs the extra `store`.

    A file is replaced whole, so that a reader finds the old tokens or the new ones and nothing in between. One that
    can't be read or understood counts as none, with a warning. Passwords are never stored.

    Args:
        path: the directory; the platform's place for a user's state if left out. It is made with mode 0700; one of
            yours that is there already keeps its mode.

    Raises:
        ApiTypeError, ApiValueError: `path` is none, or the extra is not installed.
    """

    def __init__(self, path: str | os.PathLike[str] | None = None) -> None:
        try:
            import filelock as filelock
            import platformdirs
        except ImportError:
            raise ApiValueError("FileTokenStore needs the extra: pip install 'gravscale[store]'") from None
        given = platformdirs.user_state_dir("gravscale", appauthor=False) if path is None else path
        place = os.fspath(given) if isinstance(given, os.PathLike) else given
        if not isinstance(place, str):
            raise ApiTypeError(f"path: expected a directory's path, got {type(place).__name__}")
        if not place or "\0" in place:
            raise ApiValueError("path: expected a directory's path, got an empty one or one with a null character")
        self.path: Path = Path(place)
        self._is_own = path is None

    def load(self, key: str) -> AuthorizationSchema | None:
        """The tokens last saved under the key, None if there are none to be had."""
        from gravscale.stored_authorization import StoredAuthorization

        file = self._file(key, ".json")
        try:
            authorization = StoredAuthorization.from_json(_read(file))
            if authorization is None or not _TOKEN.fullmatch(authorization.access_token):
                raise ValueError("accessToken: not a bearer token")
            return authorization
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            # What pydantic says of the content names fields, not values.
            warnings.warn(f"stored tokens can't be used, signing in again: {file}: {error}", stacklevel=2)
            return None

    def save(self, key: str, authorization: AuthorizationSchema) -> None:
        """Keep tokens for all processes. Where that fails there is a warning, and this process goes on with them."""
        try:
            self._make_directory()
            # Made with mode 0600, in the same directory, so that replacing is atomic.
            descriptor, name = tempfile.mkstemp(dir=self.path, prefix=".saving-")
            try:
                with open(descriptor, "w", encoding="utf-8") as file:
                    file.write(authorization.to_json())
                    file.flush()
                    os.fsync(file.fileno())
                os.replace(name, self._file(key, ".json"))
            except BaseException:
                os.unlink(name)
                raise
        except OSError as error:
            warnings.warn(f"tokens can't be stored: {error}", stacklevel=2)

    @contextmanager
    def lock(self, key: str) -> Generator[None]:
        """Keeps other processes from renewing the tokens of the key meanwhile. The system frees it with its holder.

        Raises ApiTimeoutError when the time of the call is over before the lock is free.
        """
        import filelock

        left = -1 if nested_calls_end() == FOREVER else max(0.0, nested_calls_end() - time.monotonic())
        with ExitStack() as held:
            try:
                self._make_directory()
                held.enter_context(filelock.FileLock(self._file(key, ".lock"), timeout=left, mode=0o600))
            except filelock.Timeout:
                waited = f"{left:.1f} s while waiting for another process to renew the token"
                raise ApiTimeoutError(reason=f"timed out after {waited}") from None
            except (OSError, NotImplementedError) as error:
                # The latter where the file system has no locks.
                warnings.warn(f"tokens can't be shared: {error}", stacklevel=3)
            yield

    def _make_directory(self) -> None:
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._is_own and os.name == "posix" and self.path.stat().st_mode & 0o077:
            # It came from elsewhere, such as a backup. A directory of the user's choice may be there for more.
            with suppress(OSError):
                self.path.chmod(0o700)

    def _file(self, key: str, suffix: str) -> Path:
        # A key holds an e-mail and a URL, which are no file names, and which a listing need not show.
        return self.path / (hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:32] + suffix)

    def __repr__(self) -> str:
        # One whose making failed may be shown by what reports the error.
        return f"FileTokenStore({str(vars(self).get('path'))!r})"


def _read(file: Path) -> bytes:
    """The content of a file of this user's. Raises OSError where there is none to be had."""
    # O_NONBLOCK: a pipe in the file's place would be waited for without end.
    descriptor = os.open(file, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
    with open(descriptor, "rb") as opened:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_size > _MAX_BYTES:
            raise OSError("not a file of tokens")
        if hasattr(os, "geteuid") and status.st_uid != os.geteuid():
            # Whoever can put tokens here would have this user's calls act for another account.
            raise OSError("it belongs to another user")
        if hasattr(os, "fchmod") and status.st_mode & 0o077:
            # It came from elsewhere, such as a backup. Not every file system has modes.
            with suppress(OSError):
                os.fchmod(descriptor, 0o600)
        return opened.read()
