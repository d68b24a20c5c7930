"""Settings from outside the program: from environment variables, and from the profiles of `gravscale login`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple

from gravscale.contract import SERVERS
from gravscale.credentials import LEEWAY_SECONDS, PasswordCredentials
from gravscale.exceptions import ApiException, ApiValueError, UnauthorizedException
from gravscale.profile_file import DEFAULT_NAME, NEEDS_EXTRA, Profile, ProfileFile
from gravscale.session import RenewingCredentials, TokenStore
from gravscale.support.text import is_encodable
from gravscale.token_store import FileTokenStore
from gravscale.transport.urls import check_host

if TYPE_CHECKING:
    from typing_extensions import Never

    from gravscale.api_client import ApiClient
    from gravscale.models import AuthorizationSchema

_NOTHING_SET = (
    "GRAVSCALE_HOST: not set, and there is no profile; set GRAVSCALE_HOST, and GRAVSCALE_EMAIL with GRAVSCALE_PASSWORD "
    "or GRAVSCALE_ACCESS_TOKEN; or run: gravscale login"
)

HOST_REQUIRED = "required, because the SDK sends no secret to the contract's plain-http server"


class ProfileCredentials(RenewingCredentials):
    """Continue the session that `gravscale login` stored, and renew it for as long as the service allows.

    Once the service refuses, an error asks the user to log in to the profile again.
    """

    _can_sign_in = False

    def __init__(self, email: str, profile: str = DEFAULT_NAME, *, store: TokenStore | None = None) -> None:
        super().__init__(email, LEEWAY_SECONDS, FileTokenStore() if store is None else store)
        self.profile = profile

    def _sign_in(self, api_client: ApiClient, refused: ApiException | None) -> Never:
        host = api_client.configuration.host
        what = f"not signed in to {host} as" if refused is None else f"the session at {host} has expired for"
        command = ProfileFile().login_command(self.profile, host)
        raise UnauthorizedException(401, f"{what} {self.email}; run: {command}") from refused


class _ReplacedSessions(FileTokenStore):
    """A FileTokenStore for signing in and out. It ignores stored sessions and raises ApiException on failure."""

    def load(self, key: str) -> AuthorizationSchema | None:
        return None

    def save(self, key: str, authorization: AuthorizationSchema) -> None:
        super().save(key, authorization)
        stored = super().load(key)
        if stored is None or stored.access_token != authorization.access_token:
            raise ApiException(reason=f"the session can't be saved in {self.path}; make it writable")

    def delete(self, key: str) -> None:
        try:
            self._file(key, ".json").unlink(missing_ok=True)
        except OSError as error:
            raise ApiException(reason=f"the session can't be deleted, so it is still signed in: {error}") from None


def begin_session(api_client: ApiClient, email: str, password: str) -> None:
    """Sign in, and save the session in the FileTokenStore for all profiles with this host and e-mail address.

    Raises ApiException if the service refuses or does not answer, or if the session can't be saved.
    """
    PasswordCredentials(email, password, store=_ReplacedSessions()).access_token(api_client)


def end_session(api_client: ApiClient, email: str) -> None:
    """Delete the stored session with the client's host and an e-mail address. Raises ApiException if that fails."""
    ProfileCredentials(email, store=_ReplacedSessions()).sign_out(api_client)


def default_host() -> str | None:
    """Return the contract's server, or None if it is plain http: secrets go there only if the user chooses it."""
    url = SERVERS[0]["url"]
    return url if url.startswith("https://") else None


def env_host() -> str | None:
    """Return the base URL from GRAVSCALE_HOST, or None if it is not set. Raises ApiValueError if it is invalid."""
    host = _variable("HOST")
    # The stored session's key has no trailing slash.
    return None if host is None else check_host(host, "GRAVSCALE_HOST").rstrip("/")


def _variable(name: str) -> str | None:
    """Return an environment variable, or None if it is empty or not set. Raises ApiValueError if it is not text."""
    value = os.environ.get(f"GRAVSCALE_{name}") or None
    if value is not None and not is_encodable(value):
        raise ApiValueError(f"GRAVSCALE_{name}: expected text, got bytes that are not UTF-8")
    return value


class Settings(NamedTuple):
    """The service to call, and the account to call it with.

    Attributes:
        host: The service's base URL. None means the contract's server.
        access_token: The token from the environment.
        credentials: The credentials of the environment's account, or of the profile's.
        client_id: The profile's account to act for, if the credentials come from that profile.
    """

    host: str | None = None
    access_token: str | None = None
    credentials: PasswordCredentials | ProfileCredentials | None = None
    client_id: int | None = None

    def __repr__(self) -> str:
        # An error reporter may show the variables of a frame.
        return f"Settings({self.host!r})"

    @property
    def is_anonymous(self) -> bool:
        """Whether there are neither a token nor credentials."""
        return self.access_token is None and self.credentials is None

    @property
    def arguments(self) -> dict[str, Any]:
        """The arguments of the `Configuration` with these settings."""
        return {"host": self.host, "access_token": self.access_token, "credentials": self.credentials}


def resolve_settings(profile_name: str | None = None, host: str | None = None) -> Settings:
    """Return the settings to call with. Arguments override the environment, which overrides the profile.

    Args:
        profile_name: A profile to use instead of the environment's settings.
        host: A base URL to use instead of any other.

    Returns:
        The settings.

    Raises:
        ApiValueError: There is no such profile, a variable is missing, or two variables can't be combined.
    """
    if profile_name is not None:
        return _with_profile(Settings(host), ProfileFile().find(profile_name, host=host))
    token, email, password, env_profile = map(_variable, ("ACCESS_TOKEN", "EMAIL", "PASSWORD", "PROFILE"))
    host = env_host() if host is None else host
    if token is not None and token != token.strip():
        raise ApiValueError("GRAVSCALE_ACCESS_TOKEN: expected a token, got one with white space around it")
    if (email is None) != (password is None):
        missing, present = ("PASSWORD", "EMAIL") if password is None else ("EMAIL", "PASSWORD")
        raise ApiValueError(f"GRAVSCALE_{missing}: not set, while GRAVSCALE_{present} is; set both or neither")
    if email is not None and token is not None:
        raise ApiValueError("GRAVSCALE_ACCESS_TOKEN: can't be used together with GRAVSCALE_EMAIL")
    credentials = PasswordCredentials(email, password) if email is not None and password is not None else None
    settings = Settings(host, token, credentials)
    if host is not None and not settings.is_anonymous:
        return settings
    return _with_profile(settings, _find_profile(env_profile))


def settings_from_env() -> Settings:
    """Return the settings of `Configuration.from_env`. Raises ApiValueError if there are none."""
    settings = resolve_settings()
    if settings.host is None and settings.is_anonymous:
        raise ApiValueError(_NOTHING_SET)
    return settings


def settings_from_profile(name: str | None) -> Settings:
    """Return the settings of `Configuration.from_profile`. Raises ApiValueError if there is no such profile."""
    file = ProfileFile()
    profile = file.find(name or os.environ.get("GRAVSCALE_PROFILE") or None, "name" if name else "GRAVSCALE_PROFILE")
    if profile is None or profile.email is None:
        command = file.login_command(profile.name if profile else None)
        missing = f"the profile {profile.name!r} has no account" if profile else "there is no profile to use"
        raise ApiValueError(f"name: {missing}; run: {command}")
    return _with_profile(Settings(), profile)


def _find_profile(name: str | None) -> Profile | None:
    """Return the profile with this name, or without a name the one in use, if any."""
    try:
        return ProfileFile().find(name, "GRAVSCALE_PROFILE")
    except ApiValueError as error:
        if name is None and str(error) == NEEDS_EXTRA:
            return None
        raise


def _with_profile(settings: Settings, profile: Profile | None) -> Settings:
    """Fill in missing settings from a profile. Raises ApiValueError if a secret would go to a host nobody chose."""
    if profile is not None:
        is_its_host = settings.host in (None, profile.host)
        settings = settings._replace(host=settings.host or profile.host)
        if settings.is_anonymous and profile.email is not None:
            settings = settings._replace(
                credentials=ProfileCredentials(profile.email, profile.name),
                client_id=profile.client_id if is_its_host else None,
            )
    if settings.host is None and not settings.is_anonymous and default_host() is None:
        where = "GRAVSCALE_HOST" if profile is None else f"GRAVSCALE_HOST, or the host of the profile {profile.name!r}"
        raise ApiValueError(f"{where}: {HOST_REQUIRED}")
    return settings
