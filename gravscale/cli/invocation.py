"""An invocation of the command line: the options that every command takes, and the client that they give.

What `gravscale --help` does not need is imported where it is needed.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any

import click

import gravscale
from gravscale.cli.terminal import note

if TYPE_CHECKING:
    from gravscale.profile_file import Profile, ProfileFile
    from gravscale.profiles import Settings

_LISTED_MAX = 20


class NotSignedIn(click.ClickException):
    """There is nobody to call as.

    Args:
        command: what to run to sign in.
    """

    def __init__(self, command: str) -> None:
        super().__init__(f"not signed in; run: {command}")


class Invocation:
    """What a command was told, and what it works with.

    Attributes:
        output, columns, client_id, profile, host, timeout, limit, quiet, debug: the options of those names.
    """

    def __init__(self) -> None:
        self.output: str | None = None
        self.columns: tuple[str, ...] = ()
        self.client_id: int | None = None
        self.profile: str | None = None
        self.host: str | None = None
        self.timeout: float | None = None
        self.limit: int | None = None
        self.quiet = False
        self.debug = False

    @property
    def profile_name(self) -> str | None:
        """The profile that the option or the environment names."""
        return self.profile or os.environ.get("GRAVSCALE_PROFILE") or None

    def command(self, *words: str) -> str:
        """Return a command to tell the user, with the options of this one that say where and for whom it is."""
        given = {"--client-id": self.client_id, "--profile": self.profile, "--host": self.host}
        options = [word for name, value in given.items() if value is not None for word in (name, str(value))]
        return shlex.join(["gravscale", *words, *options])

    @property
    def login_command(self) -> str:
        """The command that signs in where this one wanted to be."""
        return self.profile_file.login_command(self.profile_name, self.host)

    def host_for(self, profile: Profile) -> str | None:
        """Return where a profile is to be used: an option wins over the environment, and that over the profile."""
        from gravscale.profiles import env_host

        return self.host or (profile.host if self.profile else None) or env_host() or profile.host

    @cached_property
    def profile_file(self) -> ProfileFile:
        """The user's profiles."""
        from gravscale.profile_file import ProfileFile

        return ProfileFile()

    @cached_property
    def settings(self) -> Settings:
        """Where the service is and who calls."""
        from gravscale.profiles import resolve_settings

        return resolve_settings(self.profile, self.host)

    @cached_property
    def api_client(self) -> gravscale.ApiClient:
        """A client that is signed in. Raises NotSignedIn if there is nobody to call as."""
        if self.settings.is_anonymous:
            raise NotSignedIn(self.login_command)
        return self.open_client(
            self.settings.host, access_token=self.settings.access_token, credentials=self.settings.credentials
        )

    @cached_property
    def anonymous_client(self) -> gravscale.ApiClient:
        """A client that is not signed in, as signing up needs it. Raises click.UsageError if there is no host."""
        from gravscale.profiles import default_host

        if self.settings.host is None and default_host() is None:
            raise click.UsageError("--host: needed, since no secret is sent to the contract's server over plain http")
        return self.open_client(self.settings.host)

    def open_client(self, host: str | None, **account: Any) -> gravscale.ApiClient:
        """Return a client that is closed when the command ends."""
        if self.timeout is not None:
            account["timeout"] = self.timeout
        if self.debug:
            account["debug"] = self._is_logged
        client = gravscale.ApiClient(gravscale.Configuration(host, **account))
        return click.get_current_context().with_resource(client)

    @cached_property
    def _is_logged(self) -> bool:
        """True, once what the SDK logs goes to stderr."""
        import logging

        log, handler = logging.getLogger("gravscale"), logging.StreamHandler()
        log.addHandler(handler)
        click.get_current_context().call_on_close(lambda: log.removeHandler(handler))
        return True

    @cached_property
    def acting_for(self) -> int:
        """The account to act for: that of the option, of the profile, or the only one.

        Raises click.UsageError, which lists them, if there are several.
        """
        if self.client_id is not None:
            return self.client_id
        client = self.api_client
        if self.settings.client_id is not None:
            return self.settings.client_id
        accounts = list(islice(gravscale.paginate(gravscale.AccountApi(client).list_accounts), _LISTED_MAX))
        if len(accounts) == 1:
            client_id: int = accounts[0].client_id
            return client_id
        listed = ", ".join(f"{account.client_id} ({account.client_status})" for account in accounts)
        raise click.UsageError(f"--client-id: needed, since there is more than one account: {listed or 'none'}")

    def show_list(self, items: Iterable[object], *columns: str) -> None:
        """Write a list in the format that was asked for."""
        from gravscale.cli.output import limited, show_list

        show_list(limited(items, self.limit), self.output or "table", columns, self.columns)

    def show_one(self, item: object, *columns: str) -> None:
        """Write a single item in the format that was asked for."""
        from gravscale.cli.output import show_one

        show_one(item, self.output or "table", columns, self.columns)

    def show_page(self, page: object, items: Iterable[object]) -> None:
        """Write a page: a document in JSON, and a list of its items in any other format."""
        from gravscale.cli.output import limited, show_page

        if self.output == "json":
            show_page(page, limited(items, self.limit), self.columns)
        else:
            self.show_list(items)

    def say(self, text: str) -> None:
        """Tell the user, on stderr, unless the command is to be quiet."""
        if not self.quiet:
            note(text)
