"""An invocation of the command line: the options that every command takes, and the client built from them.

Modules that `gravscale --help` does not need are imported late.
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
    """There are no credentials to sign in with.

    Args:
        command: The command that signs in.
    """

    def __init__(self, command: str) -> None:
        super().__init__(f"not signed in; run: {command}")


class Invocation:
    """The common options of a command, and the objects built from them.

    Attributes:
        output, columns, client_id, profile, host, timeout, limit, quiet, debug: The options with these names.
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
        """The profile named by the option or the environment."""
        return self.profile or os.environ.get("GRAVSCALE_PROFILE") or None

    def command(self, *words: str) -> str:
        """Return a command for a message, with the account, profile and host that this command was given."""
        given = {"--client-id": self.client_id, "--profile": self.profile, "--host": self.host}
        options = [word for name, value in given.items() if value is not None for word in (name, str(value))]
        return shlex.join(["gravscale", *words, *options])

    @property
    def login_command(self) -> str:
        """The command that signs in to the service that this command is for."""
        return self.profile_file.login_command(self.profile_name, self.host)

    def host_for(self, profile: Profile) -> str | None:
        """Return the host for a profile. Options override the environment, which overrides the saved profile."""
        from gravscale.profiles import env_host

        return self.host or (profile.host if self.profile else None) or env_host() or profile.host

    @cached_property
    def profile_file(self) -> ProfileFile:
        """The user's profiles."""
        from gravscale.profile_file import ProfileFile

        return ProfileFile()

    @cached_property
    def settings(self) -> Settings:
        """The service to call, and the account to call it with."""
        from gravscale.profiles import resolve_settings

        return resolve_settings(self.profile, self.host)

    @property
    def uses_environment_token(self) -> bool:
        """Whether the client is signed in by GRAVSCALE_ACCESS_TOKEN."""
        return "api_client" in vars(self) and self.settings.access_token is not None

    @cached_property
    def api_client(self) -> gravscale.ApiClient:
        """A client that is signed in. Raises NotSignedIn if there are no credentials."""
        if self.settings.is_anonymous:
            raise NotSignedIn(self.login_command)
        return self.open_client(**self.settings.arguments)

    @cached_property
    def anonymous_client(self) -> gravscale.ApiClient:
        """A client that is not signed in, for signing up. Raises click.UsageError if there is no host."""
        from gravscale.profiles import HOST_REQUIRED, default_host

        if self.settings.host is None and default_host() is None:
            raise click.UsageError(f"--host: {HOST_REQUIRED}")
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
        """Send the SDK's log to stderr, and return True."""
        import logging

        log, handler = logging.getLogger("gravscale"), logging.StreamHandler()
        log.addHandler(handler)
        click.get_current_context().call_on_close(lambda: log.removeHandler(handler))
        return True

    @cached_property
    def acting_for(self) -> int:
        """The account to act for: from the option or the profile, or the only one.

        Raises click.UsageError, which lists the accounts, if there are several.
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
        reason = f"you have more than one account: {listed}" if accounts else "the service lists no account for you"
        raise click.UsageError(f"--client-id: required, because {reason}")

    def show_list(self, items: Iterable[object], *columns: str) -> None:
        """Write a list in the chosen format."""
        from gravscale.cli.output import show_list

        show_list(islice(items, self.limit), self.output or "table", columns, self.columns)

    def show_one(self, item: object, *columns: str) -> None:
        """Write a single item in the chosen format."""
        from gravscale.cli.output import show_one

        show_one(item, self.output or "table", columns, self.columns)

    def show_page(self, page: object, items: Iterable[object]) -> None:
        """Write a page: as one document in JSON, as the list of its items in other formats."""
        from gravscale.cli.output import show_page

        if self.output == "json":
            show_page(page, islice(items, self.limit), self.columns)
        else:
            self.show_list(items)

    def say(self, text: str) -> None:
        """Write a message for the user to stderr, unless --quiet is set."""
        if not self.quiet:
            note(text)
