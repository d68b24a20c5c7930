"""The profile file, in which `gravscale login` saves the service and the account to use."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from gravscale.exceptions import ApiValueError
from gravscale.support.type_guards import is_dict

DEFAULT_NAME = "default"
NEEDS_EXTRA = "profiles need the extra: pip install 'gravscale[cli]'"


class Profile(NamedTuple):
    """A service and an account.

    Attributes:
        name: The profile's name.
        host: The service's base URL. None means the contract's server.
        email: The e-mail address of the stored session.
        client_id: The account that commands act for.
    """

    name: str
    host: str | None = None
    email: str | None = None
    client_id: int | None = None


class ProfileFile:
    """The file `config.toml` in the user's configuration directory. It holds no secrets.

        current = "work"

        [profile.work]
        host = "https://api.example.com"
        email = "me@example.com"
        client_id = 7

    Raises:
        ApiValueError: The extra `cli` is not installed.
    """

    def __init__(self) -> None:
        try:
            import platformdirs
        except ImportError:
            raise ApiValueError(NEEDS_EXTRA) from None
        self.path: Path = Path(platformdirs.user_config_dir("gravscale", appauthor=False)) / "config.toml"

    def profiles(self) -> dict[str, Profile]:
        """Return all profiles by name. Raises ApiValueError if the file is invalid."""
        tables = self._table(self._read(), "profile")
        return {name: self._profile(name, self._table(tables, name, "profile.")) for name in tables}

    def current(self) -> str:
        """Return the name of the profile in use. Raises ApiValueError if the file is invalid."""
        return self._value(self._read(), "current", str) or DEFAULT_NAME

    def get(self, name: str) -> Profile:
        """Return the profile with this name, or an empty one if it does not exist."""
        return self.profiles().get(name) or Profile(name)

    def in_use(self) -> str:
        """Return the name of the profile in use: GRAVSCALE_PROFILE if it is set, otherwise the current profile."""
        return os.environ.get("GRAVSCALE_PROFILE") or self.current()

    def find(self, name: str | None = None, argument: str = "profile", host: str | None = None) -> Profile | None:
        """Return a profile.

        Args:
            name: The profile's name. Default: the one in use.
            argument: What the error message calls the name.
            host: The service to use it with, for the error message.

        Returns:
            The profile. None if you pass no name and no profile is in use.

        Raises:
            ApiValueError: There is no such profile, or the file is invalid.
        """
        profiles = self.profiles()
        if name is not None and name not in profiles:
            known = f"expected one of {', '.join(sorted(profiles))}" if profiles else "there are no profiles yet"
            create = f"to create it, run: {self.login_command(name, host)}"
            raise ApiValueError(f"{argument}: no profile {name!r}; {known}; {create}")
        return profiles.get(self.current() if name is None else name)

    def login_command(self, name: str | None = None, host: str | None = None) -> str:
        """Return the command that logs in, quoted for a shell.

        The profile is the one in use unless you name one, and the host the profile's unless you pass one.
        """
        name = self.in_use() if name is None else name
        # The shell may have a different environment.
        options = [] if name == DEFAULT_NAME == self.in_use() == self.current() else ["--profile", name]
        if host not in (None, self.get(name).host):
            options += ["--host", str(host)]
        return shlex.join(["gravscale", "login", *options])

    def save(self, profile: Profile) -> None:
        """Add a profile, or replace it. The first one becomes the one in use. Raises ApiValueError if that fails."""
        fields = {name: value for name, value in profile._asdict().items() if name != "name" and value is not None}

        def add(content: dict[str, Any]) -> None:
            content.setdefault("current", profile.name)
            content.setdefault("profile", {})[profile.name] = fields

        self._update(add)

    def use(self, name: str) -> None:
        """Make a profile the one in use. Raises ApiValueError if it does not exist."""
        self.find(name)
        self._update(lambda content: content.update(current=name))

    def _update(self, change: Callable[[dict[str, Any]], object]) -> None:
        """Change the content under a lock, and replace the file atomically."""
        import tempfile

        try:
            import filelock
            import tomli_w
        except ImportError:
            raise ApiValueError(NEEDS_EXTRA) from None
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with filelock.FileLock(self.path.with_suffix(".lock"), mode=0o600):
                content = self._read()
                change(content)
                descriptor, saving = tempfile.mkstemp(dir=self.path.parent, prefix=".saving-")
                try:
                    with open(descriptor, "wb") as file:
                        tomli_w.dump(content, file)
                    os.replace(saving, self.path)
                except BaseException:
                    with suppress(OSError):
                        os.unlink(saving)
                    raise
        except OSError as error:
            raise ApiValueError(f"profile: can't be saved: {error}") from None

    def _read(self) -> dict[str, Any]:
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise ApiValueError(f"the profile file can't be read: {error}") from None
        return _parse(content, self.path)

    def _profile(self, name: str, table: dict[str, Any]) -> Profile:
        prefix = f"profile.{name}."
        host = self._value(table, "host", str, prefix)
        if host is not None:
            # Imported here because it loads urllib3, which the help texts of commands don't need.
            from gravscale.transport.urls import check_host

            host = check_host(host, f"{self.path}: {prefix}host").rstrip("/")
        email, client_id = self._value(table, "email", str, prefix), self._value(table, "client_id", int, prefix)
        return Profile(name, host, email, client_id)

    def _table(self, content: dict[str, Any], key: str, prefix: str = "") -> dict[str, Any]:
        found = content.get(key, {})
        if not is_dict(found):
            raise ApiValueError(f"{self.path}: expected {prefix}{key} to be a table, got {type(found).__name__}")
        return found

    def _value(self, table: dict[str, Any], key: str, kind: type[Any], prefix: str = "") -> Any:
        found = table.get(key)
        if found is not None and (isinstance(found, bool) or not isinstance(found, kind)):
            got = type(found).__name__
            raise ApiValueError(f"{self.path}: expected {prefix}{key} to be of type {kind.__name__}, got {got}")
        return found


def _parse(content: bytes, path: Path) -> dict[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        try:
            import tomli as tomllib
        except ImportError:
            raise ApiValueError(NEEDS_EXTRA) from None
    try:
        return tomllib.loads(content.decode("utf-8"))
    except ValueError as error:
        raise ApiValueError(
            f"{path}: not a valid profile file: {error}; fix it, or delete it and log in again"
        ) from None
