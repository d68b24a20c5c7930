"""The settings that identify the caller: API keys, HTTP basic authentication, access tokens, credentials."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from gravscale.contract import SECURITY_SCHEMES
from gravscale.exceptions import ApiTypeError, ApiValueError
from gravscale.support.frames import caller_level
from gravscale.support.type_guards import has_methods, is_async, type_name
from gravscale.transport.fields import basic_auth

if TYPE_CHECKING:
    from typing_extensions import Never, Self

    from gravscale.schema.service import AuthSetting, TokenSource


class AuthSettings:
    """Hold the settings of a `Configuration` that identify the caller."""

    def __init__(
        self,
        *,
        api_key: dict[str, str] | None,
        api_key_prefix: dict[str, str] | None,
        username: str | None,
        password: str | None,
        access_token: str | Callable[[], str] | None,
        credentials: TokenSource[Never] | None,
    ) -> None:
        for name, value in (("api_key", api_key), ("api_key_prefix", api_key_prefix), ("username", username)):
            if has_methods(value, "access_token", "renew"):
                raise ApiTypeError(
                    f"{name}: got {type_name(value)}; write Configuration(host, credentials={type_name(value)}(…))"
                )
        if credentials is not None and access_token is not None:
            raise ApiValueError("credentials: can't be used together with access_token")
        if credentials is not None and not has_methods(credentials, "access_token", "renew"):
            raise ApiTypeError(
                f"credentials: expected PasswordCredentials(email, password) or similar, got {type_name(credentials)}"
            )
        if not (access_token is None or isinstance(access_token, str) or callable(access_token)):
            raise ApiTypeError(
                f"access_token: expected a str or a callable that returns one, got {type_name(access_token)}"
            )
        if is_async(access_token):
            raise ApiTypeError("access_token: expected a str or a callable that returns one, got an async function")
        self.api_key: dict[str, str] = {} if api_key is None else api_key
        self.api_key_prefix: dict[str, str] = {} if api_key_prefix is None else api_key_prefix
        self.refresh_api_key_hook: Callable[[Self], None] | None = None
        self.username = username
        self.password = password
        self.access_token = access_token
        self.credentials = credentials

    def get_api_key_with_prefix(self, identifier: str, alias: str | None = None) -> str | None:
        """Return the API key of a security scheme with its prefix, or None if there is no key."""
        # The attribute is typed with Self, so that a hook may expect the user's own subclass.
        hook: Callable[[AuthSettings], None] | None = cast("Any", self.refresh_api_key_hook)
        if hook is not None:
            hook(self)
        key = self.api_key.get(identifier) or (self.api_key.get(alias) if alias else None)
        prefix = self.api_key_prefix.get(identifier) or (self.api_key_prefix.get(alias) if alias else None)
        return f"{prefix} {key}" if key and prefix else key

    def get_basic_auth_token(self) -> str:
        """Return the Authorization header for HTTP basic authentication (RFC 7617, section 2)."""
        return basic_auth(self.username or "", self.password or "")

    def auth_settings(self) -> dict[str, AuthSetting]:
        """Return what each security scheme of the contract would send now, by its name."""
        settings = {name: self.auth_setting(name) for name in SECURITY_SCHEMES}
        return {name: setting for name, setting in settings.items() if setting is not None}

    def auth_setting(self, name: str) -> AuthSetting | None:
        """Return what a security scheme of the contract would send now, or None if it would send nothing."""
        scheme = SECURITY_SCHEMES[name]
        if scheme["type"] == "api_key":
            value = self.get_api_key_with_prefix(name)
        elif scheme["type"] == "basic":
            value = None if self.username is None or self.password is None else self.get_basic_auth_token()
        else:
            token = self.access_token() if callable(self.access_token) else self.access_token
            if token is not None and not isinstance(token, str):
                got = type(token).__name__
                raise ApiTypeError(f"access_token: expected a str or a callable that returns one, got {got}")
            value = None if token is None else f"Bearer {token}"
        return None if value is None else {**scheme, "value": value}


def warn_of_unused_account() -> None:
    """Warn about a user name and a password that no operation would send."""
    if all(scheme["type"] != "basic" for scheme in SECURITY_SCHEMES.values()):
        warnings.warn(
            "username and password are not used: no operation of the service takes HTTP basic authentication; "
            "pass credentials=PasswordCredentials(email, password), or access_token=…",
            stacklevel=caller_level(),
        )
