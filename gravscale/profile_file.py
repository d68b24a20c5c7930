"""The file of profiles: where `gravscale login` keeps which service and which account to use."""

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
        name: the profile's name.
        host: the service's base URL; the contract's server if it is None.
        email: whose stored session to use.
        client_id: the account that commands act for.
    """

    name: str
    host: str | None = None
    email: str | None = None
    client_id: int | None = None


class ProfileFile:
    """`config.toml` below the user's configuration directory. It holds no secrets.

        current = "work"

        [profile.work]
        host = "https://api.example.com"
        email = "me@example.com"
        client_id = 7

    Raises:
        ApiValueError: the extra `cli` is missing.
    """

    def __init__(self) -> None:
        try:
            import platformdirs
        except ImportError:
            raise ApiValueError(NEEDS_EXTRA) from None
        self.path: Path = Path(platformdirs.user_config_dir("gravscale", appauthor=False)) / "config.toml"

    def profiles(self) -> dict[str, Profile]:
        """Return every profile by its name. Raises ApiValueError if the file can't be understood."""
        tables = self._table(self._read(), "profile")
        return {name: self._profile(name, self._table(tables, name, "profile.")) for name in tables}

    def current(self) -> str:
        """Return the name of the profile in use. Raises ApiValueError if the file can't be understood."""
        return self._value(self._read(), "current", str) or DEFAULT_NAME

    def get(self, name: str) -> Profile:
        """Return a profile, an empty one if there is none of that name."""
        return self.profiles().get(name) or Profile(name)

    def in_use(self) -> str:
        """Return the name of the profile in use: that of GRAVSCALE_PROFILE, or else the current one."""
        return os.environ.get("GRAVSCALE_PROFILE") or self.current()

    def find(self, name: str | None = None, argument: str = "profile", host: str | None = None) -> Profile | None:
        """Return a profile.

        Args:
            name: which; the current one if left out, of which there may be none.
            argument: what the error calls the name.
            host: where it is to be used, for the error, which says how to log in there.

        Returns:
            The profile, None if no name is given and none is in use.

        Raises:
            ApiValueError: there is no profile of that name, or the file can't be understood.
        """
        profiles = self.profiles()
        if name is not None and name not in profiles:
            known = f"there are {', '.join(sorted(profiles))}" if profiles else "there are none yet"
            raise ApiValueError(f"{argument}: no profile {name!r}, {known}; run: {self.login_command(name, host)}")
        return profiles.get(self.current() if name is None else name)

    def login_command(self, name: str | None = None, host: str | None = None) -> str:
        """Return what to type into a shell to log in.

        Args:
            name: the profile; the one in use if left out.
            host: the base URL of the service; that of the profile if left out.
        """
        name = name or self.in_use()
        # Who reads this may be in another environment.
        options = [] if name == DEFAULT_NAME == self.in_use() == self.current() else ["--profile", name]
        if host not in (None, self.get(name).host):
            options += ["--host", str(host)]
        return shlex.join(["gravscale", "login", *options])

    def save(self, profile: Profile) -> None:
        """Add a profile, or replace it. The first one becomes the one in use. Raises ApiValueError if that fails."""
        fields = {name: value for name, value in profile._asdict().items() if name != "name" and value is not None}
        self._update(lambda content: content.setdefault("profile", {}).update({profile.name: fields}), profile.name)

    def use(self, name: str) -> None:
        """Make a profile the one in use. Raises ApiValueError if there is none of that name."""
        self.find(name)
        self._update(lambda content: content.update(current=name), name)

    def _update(self, change: Callable[[dict[str, Any]], object], name: str) -> None:
        """Change the content while no other process does, and replace the file whole."""
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
                content.setdefault("current", name)
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
            raise ApiValueError(f"the file of profiles can't be read: {error}") from None
        return _parse(content, self.path)

    def _profile(self, name: str, table: dict[str, Any]) -> Profile:
        prefix = f"profile.{name}."
        host = self._value(table, "host", str, prefix)
        if host is not None:
            # Here, as it loads urllib3, which the help of commands does not need.
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
            f"{path}: not a file of profiles: {error}; mend it, or delete it and log in again"
        ) from None
