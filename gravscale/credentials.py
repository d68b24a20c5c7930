"""Credentials get access tokens, and renew them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from gravscale.exceptions import ApiException, ApiTypeError, ApiValueError
from gravscale.operation_lookup import find_operation, require_operation
from gravscale.schema.service import TokenSource
from gravscale.session import RenewingCredentials, Session
from gravscale.session import TokenStore as TokenStore
from gravscale.support.text import LONE_SURROGATE, is_encodable
from gravscale.tracebacks import hide_sdk_frames

if TYPE_CHECKING:
    from gravscale.api_client import ApiClient
    from gravscale.api_response import ApiResponse
    from gravscale.models import AuthorizationSchema

LEEWAY_SECONDS = 60.0


if TYPE_CHECKING:
    Credentials: TypeAlias = TokenSource[ApiClient]
    """The type of `Configuration(credentials=…)`."""
else:
    Credentials = TokenSource


class PasswordCredentials(RenewingCredentials):
    """Sign in with an e-mail address and a password on the first call, and stay signed in.

    Args:
        email: The e-mail address of the account.
        password: The password of the account.
        leeway: How many seconds before its expiry a token is renewed.
        store: Where to share tokens with other processes: `FileTokenStore`, `RedisTokenStore` or your own. The store
            never gets the password itself, only a salted scrypt hash. A stored session works only with the password
            that started it.

    Raises:
        ApiTypeError: An argument has the wrong type.
        ApiValueError: An argument is empty, or you passed a store and this Python has no scrypt.
    """

    @hide_sdk_frames
    def __init__(
        self, email: str, password: str, *, leeway: float = LEEWAY_SECONDS, store: TokenStore | None = None
    ) -> None:
        require_operation("sign_in", "PasswordCredentials")
        for name, value in (("email", email), ("password", password)):
            if not isinstance(value, str):
                raise ApiTypeError(f"{name}: expected a str, got {type(value).__name__}")
            if not value:
                raise ApiValueError(f"{name}: expected a non-empty str, got an empty one")
            if not is_encodable(value):
                raise ApiValueError(f"{name}: {LONE_SURROGATE}")
        super().__init__(email, leeway, store)
        self._password = password
        # The last seal that was compared with the password, and whether they match. For speed: comparing takes 30 ms.
        self._compared: tuple[str, bool] | None = None
        if store is not None:
            from gravscale.token_store.entry import require_scrypt

            require_scrypt()

    def _opens(self, stored: AuthorizationSchema) -> bool:
        from gravscale.token_store.entry import opens

        seal: str | None = getattr(stored, "password_scrypt", None)
        if seal is None:
            return False
        if (compared := self._compared) is None or compared[0] != seal:
            compared = self._compared = seal, opens(seal, self._password)
        return compared[1]

    def _seal(self) -> str | None:
        if self.store is None:
            return None
        from gravscale.token_store.entry import seal_for

        if (compared := self._compared) is None or not compared[1]:
            compared = self._compared = seal_for(self._password), True
        return compared[0]

    def _sign_in(self, api_client: ApiClient, refused: ApiException | None) -> ApiResponse[AuthorizationSchema]:
        sign_in = find_operation(api_client, "sign_in", type(self).__name__, form="_with_http_info")
        from gravscale.models import LoginSchema

        answer: ApiResponse[AuthorizationSchema] = sign_in(LoginSchema(email=self.email, password=self._password))
        return answer


class RefreshTokenCredentials(RenewingCredentials):
    """Continue from an earlier sign-in, and renew its tokens for as long as the service allows.

    Args:
        authorization: The result of `sign_in`.
        email: The e-mail address of the account. Required with a store.
        leeway: How many seconds before its expiry a token is renewed.
        store: Where to share tokens with other processes.

    Raises:
        ApiTypeError: An argument has the wrong type.
        ApiValueError: You passed a store without an e-mail address.
    """

    _can_sign_in = False

    @hide_sdk_frames
    def __init__(
        self,
        authorization: AuthorizationSchema,
        *,
        email: str | None = None,
        leeway: float = LEEWAY_SECONDS,
        store: TokenStore | None = None,
    ) -> None:
        require_operation("refresh_token", "RefreshTokenCredentials")
        from gravscale.models import AuthorizationSchema

        if not isinstance(authorization, AuthorizationSchema):
            raise ApiTypeError(f"authorization: expected an AuthorizationSchema, got {type(authorization).__name__}")
        if store is not None and not email:
            raise ApiValueError("email: required with a store, which keeps one entry for each host and e-mail address")
        super().__init__(email or "", leeway, store)
        self._authorization = authorization
        self._bound: dict[str, str] = {}

    def _begin(self, host: str) -> Session:
        # `dict.setdefault` is atomic: if two threads start with different hosts, one of them gets the error.
        if (bound := self._bound.setdefault("host", host)) != host:
            raise ApiValueError(f"credentials: the authorization belongs to {bound} and is not sent to {host}")
        return Session(None if self._is_signed_out else self._as_cached(self._authorization))

    def _sign_in(self, api_client: ApiClient, refused: ApiException | None) -> ApiResponse[AuthorizationSchema]:
        if refused is not None:
            raise refused
        if self._is_signed_out:
            raise ApiValueError("credentials: signed out; sign in again and create new ones from the result")
        raise ApiValueError("authorization: the access token has expired and there is no refresh token")
