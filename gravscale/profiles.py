"""Settings from outside of the program: from the environment, and from what `gravscale login` left."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

from gravscale.contract import SERVERS
from gravscale.credentials import LEEWAY_SECONDS, PasswordCredentials
from gravscale.exceptions import ApiException, ApiValueError, UnauthorizedException
from gravscale.profile_file import DEFAULT_NAME, NEEDS_EXTRA, Profile, ProfileFile
from gravscale.session import RenewingCredentials, TokenStore
from gravscale.token_store import FileTokenStore
from gravscale.transport.urls import check_host

if TYPE_CHECKING:
    from typing_extensions import Never

    from gravscale.api_client import ApiClient
    from gravscale.models import AuthorizationSchema
    from gravscale.schema.service import TokenSource

T_co = TypeVar("T_co", covariant=True)

_NOTHING_SET = (
    "GRAVSCALE_HOST: not set, and there is no profile; set GRAVSCALE_HOST, and GRAVSCALE_EMAIL with GRAVSCALE_PASSWORD "
    "or GRAVSCALE_ACCESS_TOKEN; or run: gravscale login"
)


class _Configuration(Protocol[T_co]):
    """The class of configurations, which lies below and hands itself in."""

    def __call__(
        self,
        host: str | None = None,
        *,
        access_token: str | None = None,
        credentials: TokenSource[Never] | None = None,
    ) -> T_co: ...


class ProfileCredentials(RenewingCredentials):
    """Go on with the session that `gravscale login` left in the store, renewing it for as long as the service lets.

    Args:
        email: whose session.
        profile: the profile's name, for the message that asks to log in again.
        store: where the session is; the FileTokenStore if left out.
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


class _NewSessions(FileTokenStore):
    """The FileTokenStore for someone who signs in: what it holds already doesn't count."""

    def load(self, key: str) -> AuthorizationSchema | None:
        return None


def begin_session(api_client: ApiClient, email: str, password: str) -> None:
    """Sign in, and leave the session in the FileTokenStore for the profiles of that host and e-mail.

    Args:
        api_client: the client to sign in with.
        email: the account's e-mail address.
        password: the account's password.

    Raises:
        UnauthorizedException: the service knows no such account, or the password is wrong.
        ApiException: the service refused for another reason, or did not answer.
    """
    PasswordCredentials(email, password, store=_NewSessions()).access_token(api_client)


def default_host() -> str | None:
    """Return the contract's server if secrets may be sent there without anyone having chosen it, else None."""
    url = SERVERS[0]["url"]
    return url if url.startswith("https://") else None


def env_host() -> str | None:
    """Return the base URL that GRAVSCALE_HOST gives. Raises ApiValueError if it is none."""
    host = os.environ.get("GRAVSCALE_HOST") or None
    # The same service, for which a session is kept without the slash.
    return None if host is None else check_host(host, "GRAVSCALE_HOST").rstrip("/")


class Settings(NamedTuple):
    """Where the service is and who calls.

    Attributes:
        host: the service's base URL; the contract's server if it is None.
        access_token: a token of the environment.
        credentials: of the environment's account, or of the profile's.
        client_id: the account to act for, where the profile has one and is the one in use.
        profile: the profile that was looked at, None if there is none or it was not needed.
    """

    host: str | None = None
    access_token: str | None = None
    credentials: PasswordCredentials | ProfileCredentials | None = None
    client_id: int | None = None
    profile: Profile | None = None

    @property
    def is_anonymous(self) -> bool:
        """Whether there is nobody to call as."""
        return self.access_token is None and self.credentials is None


def resolve_settings(profile_name: str | None = None, host: str | None = None) -> Settings:
    """Return the settings to call with: an argument wins over the environment, and that over the profile.

    Args:
        profile_name: a profile to use instead of what the environment says.
        host: a base URL to use instead of any other.

    Returns:
        The settings.

    Raises:
        ApiValueError: there is no such profile, both a token and an account, half an account, or nowhere to send them.
    """
    if profile_name is not None:
        return _with_profile(Settings(host), ProfileFile().find(profile_name, host=host))
    token, email, password, env_profile = (
        os.environ.get(f"GRAVSCALE_{name}") or None for name in ("ACCESS_TOKEN", "EMAIL", "PASSWORD", "PROFILE")
    )
    host = env_host() if host is None else host
    if token is not None and token != token.strip():
        raise ApiValueError("GRAVSCALE_ACCESS_TOKEN: expected a token, got one that has white space around it")
    if (email is None) != (password is None):
        missing, given = ("PASSWORD", "EMAIL") if password is None else ("EMAIL", "PASSWORD")
        raise ApiValueError(f"GRAVSCALE_{missing}: not set, while GRAVSCALE_{given} is; set both or none")
    if email is not None and token is not None:
        raise ApiValueError("GRAVSCALE_ACCESS_TOKEN: can't be used together with GRAVSCALE_EMAIL")
    credentials = PasswordCredentials(email, password) if email is not None and password is not None else None
    settings = Settings(host, token, credentials)
    if host is not None and not settings.is_anonymous:
        return settings
    return _with_profile(settings, _find_profile(env_profile))


def configuration_from_env(make: _Configuration[T_co]) -> T_co:
    """Return a configuration from the environment. See `Configuration.from_env`."""
    settings = resolve_settings()
    if settings.host is None and settings.is_anonymous:
        raise ApiValueError(_NOTHING_SET)
    return make(settings.host, access_token=settings.access_token, credentials=settings.credentials)


def configuration_from_profile(make: _Configuration[T_co], name: str | None) -> T_co:
    """Return a configuration from a profile. See `Configuration.from_profile`."""
    file = ProfileFile()
    profile = file.find(name or os.environ.get("GRAVSCALE_PROFILE") or None, "name" if name else "GRAVSCALE_PROFILE")
    if profile is None or profile.email is None:
        command = file.login_command(profile.name if profile else None)
        raise ApiValueError(f"name: there is no profile to use; run: {command}")
    settings = _with_profile(Settings(), profile)
    return make(settings.host, credentials=settings.credentials)


def _find_profile(name: str | None) -> Profile | None:
    """Return the profile that the environment names, else the one in use if there is any."""
    try:
        return ProfileFile().find(name, "GRAVSCALE_PROFILE")
    except ApiValueError as error:
        if name is None and str(error) == NEEDS_EXTRA:
            return None
        raise


def _with_profile(settings: Settings, profile: Profile | None) -> Settings:
    """Fill in what is missing from a profile. Raises ApiValueError if a secret would go to a host that nobody chose."""
    settings = settings._replace(profile=profile)
    if profile is not None:
        is_its_host = settings.host in (None, profile.host)
        settings = settings._replace(host=settings.host or profile.host)
        if settings.is_anonymous and profile.email is not None:
            credentials = ProfileCredentials(profile.email, profile.name)
            client_id = profile.client_id if is_its_host else None
            settings = settings._replace(credentials=credentials, client_id=client_id)
    if settings.host is None and not settings.is_anonymous and default_host() is None:
        where = "GRAVSCALE_HOST" if profile is None else f"GRAVSCALE_HOST, or the host of the profile {profile.name!r}"
        raise ApiValueError(f"{where}: needed, since no secret is sent to the contract's server over plain http")
    return settings
