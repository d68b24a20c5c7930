"""Credentials: where access tokens come from, and how they renew themselves."""

from __future__ import annotations

import copy
import os
import threading
import time
import weakref
from abc import ABC, abstractmethod
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Protocol

from gravscale.deadline import FOREVER, call_ends
from gravscale.exceptions import ApiException, ApiTimeoutError, ApiTypeError, ApiValueError

if TYPE_CHECKING:
    from gravscale.api_client import ApiClient
    from gravscale.api_response import ApiResponse
    from gravscale.models import AuthorizationSchema

LEEWAY_SECONDS = 60.0
# A token that lives shorter than the leeway is used for this share of its life.
_SHARE_OF_SHORT_LIFE = 0.8


class Credentials(Protocol):
    """What a Configuration takes as `credentials`. Both methods may be called from several threads at once."""

    def access_token(self, api_client: ApiClient) -> str:
        """A token that is good now; gets one where there is none."""
        ...

    def renew(self, api_client: ApiClient, rejected: str) -> str | None:
        """A token in place of one that the service rejected, None if there is no other."""
        ...


class TokenStore(Protocol):
    """What credentials take as `store`: shares tokens among processes."""

    def load(self, key: str) -> AuthorizationSchema | None:
        """The authorization last saved under the key, None if there is none to be had."""
        ...

    def save(self, key: str, authorization: AuthorizationSchema) -> None:
        """Keep an authorization for all processes."""
        ...

    def lock(self, key: str) -> AbstractContextManager[object]:
        """Keeps other processes from renewing the tokens of the key meanwhile."""
        ...


class _Renewal:
    """A renewal under way, and what came of it."""

    def __init__(self) -> None:
        self.over = threading.Event()
        self.token: str | None = None
        self.error: ApiException | None = None


class _RenewingCredentials(ABC):
    """Tokens that are renewed a little before they expire, by one thread while the others wait.

    Args:
        email: whose tokens they are.
        leeway: seconds before its expiry from which a token is renewed.
        store: where tokens are shared with other processes.
    """

    def __init__(self, email: str, leeway: float, store: TokenStore | None) -> None:
        if isinstance(leeway, bool) or not isinstance(leeway, (int, float)):
            raise ApiTypeError(f"leeway: expected seconds as a number, got {type(leeway).__name__}")
        if not 0 <= leeway < FOREVER:
            raise ApiValueError(f"leeway: expected seconds, 0 or more, got {leeway}")
        self.email = email
        self.leeway = float(leeway)
        self.store = store
        # Guards the three below. Held for moments only, never while the service is called.
        self._lock = threading.Lock()
        self._authorization: AuthorizationSchema | None = None
        self._renew_at = 0.0
        self._renewal: _Renewal | None = None
        _instances.add(self)

    def access_token(self, api_client: ApiClient) -> str:
        """A token that is good now. Raises ApiException where none is to be had."""
        authorization = self._authorization
        if authorization is not None and time.monotonic() < self._renew_at:
            return authorization.access_token
        return self._renewed(api_client, None)

    def renew(self, api_client: ApiClient, rejected: str) -> str | None:
        """A token in place of a rejected one. Raises ApiException where none is to be had."""
        return self._renewed(api_client, rejected)

    def _renewed(self, api_client: ApiClient, rejected: str | None) -> str:
        while True:
            with self._lock:
                authorization = self._authorization
                if (
                    authorization is not None
                    and authorization.access_token != rejected
                    and time.monotonic() < self._renew_at
                ):
                    return authorization.access_token
                renewal = self._renewal
                if renewal is None:
                    mine = self._renewal = _Renewal()
                    break
            if not renewal.over.wait(None if call_ends() == FOREVER else max(0.0, call_ends() - time.monotonic())):
                raise ApiTimeoutError(reason="timed out while waiting for a renewed token")
            if renewal.token is not None:
                return renewal.token
            if renewal.error is not None:
                # Each thread raises an error of its own: tracebacks grow on them.
                raise copy.copy(renewal.error)
        try:
            mine.token = self._obtain(api_client, rejected)
        except ApiTimeoutError:
            # The time of this call is over; that of the waiting ones is not.
            raise
        except ApiException as error:
            mine.error = error
            raise
        finally:
            with self._lock:
                self._renewal = None
            mine.over.set()
        return mine.token

    def _obtain(self, api_client: ApiClient, rejected: str | None) -> str:
        key = f"{api_client.configuration.host} {self.email}"
        with nullcontext() if self.store is None else self.store.lock(key):
            stored = None if self.store is None else self.store.load(key)
            if stored is not None and self._is_newer(stored) and self._accept(stored, rejected):
                return stored.access_token
            response = self._ask(api_client, self._authorization)
            authorization = _in_local_time(response, self.leeway)
            if self.store is not None:
                self.store.save(key, authorization)
        self._accept(authorization, None, fresh=True)
        return authorization.access_token

    def _is_newer(self, stored: AuthorizationSchema) -> bool:
        own = self._authorization
        return own is None or _utc(stored.expires_at) >= _utc(own.expires_at)

    def _accept(self, authorization: AuthorizationSchema, rejected: str | None, *, fresh: bool = False) -> bool:
        """Take over an authorization, and tell whether its token can be used."""
        life = (_utc(authorization.expires_at) - datetime.now(timezone.utc)).total_seconds()
        leeway = min(self.leeway, life * (1 - _SHARE_OF_SHORT_LIFE)) if fresh else self.leeway
        with self._lock:
            self._authorization = authorization
            self._renew_at = time.monotonic() + life - leeway
            return authorization.access_token != rejected and time.monotonic() < self._renew_at

    def _ask(self, api_client: ApiClient, last: AuthorizationSchema | None) -> ApiResponse[AuthorizationSchema]:
        """Get an authorization from the service: by the refresh token, or afresh where that is refused."""
        from gravscale.api import AuthenticationApi

        if last is not None and last.refresh_token:
            try:
                return AuthenticationApi(api_client).refresh_token_with_http_info(last.refresh_token)
            except ApiException as error:
                if error.status not in (400, 401, 403, 404, 422):
                    raise
                refused = error
        else:
            refused = None
        return self._sign_in(api_client, refused)

    @abstractmethod
    def _sign_in(self, api_client: ApiClient, refused: ApiException | None) -> ApiResponse[AuthorizationSchema]:
        """Get an authorization without a refresh token; `refused` is how the service refused the one there was."""

    def after_fork(self) -> None:
        """In a child process: start with locks of its own."""
        # Another thread of the parent may have held the lock, or have been renewing.
        self._lock = threading.Lock()
        self._renewal = None

    def __getstate__(self) -> dict[str, object]:
        return {name: value for name, value in self.__dict__.items() if name not in ("_lock", "_renewal", "_renew_at")}

    def __setstate__(self, state: dict[str, object]) -> None:
        for name, value in state.items():
            setattr(self, name, value)
        self.after_fork()
        # A moment of this process's monotonic clock means nothing in another.
        self._renew_at = 0.0
        if self._authorization is not None:
            self._accept(self._authorization, None)
        _instances.add(self)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.email!r})"


class PasswordCredentials(_RenewingCredentials):
    """Sign in with e-mail and password on first need, and stay signed in.

    Args:
        email, password: of the account.
        leeway: seconds before its expiry from which a token is renewed.
        store: where tokens, never the password, are shared with other processes.
    """

    def __init__(
        self, email: str, password: str, *, leeway: float = LEEWAY_SECONDS, store: TokenStore | None = None
    ) -> None:
        for name, value in (("email", email), ("password", password)):
            if not isinstance(value, str):
                raise ApiTypeError(f"{name}: expected a str, got {type(value).__name__}")
            if not value:
                raise ApiValueError(f"{name}: expected one, got an empty str")
        super().__init__(email, leeway, store)
        self._password = password

    def _sign_in(self, api_client: ApiClient, refused: ApiException | None) -> ApiResponse[AuthorizationSchema]:
        from gravscale.api import AuthenticationApi
        from gravscale.models import LoginSchema

        login = LoginSchema(email=self.email, password=self._password)
        return AuthenticationApi(api_client).sign_in_with_http_info(login)


class RefreshTokenCredentials(_RenewingCredentials):
    """Go on from an authorization, renewing it by its refresh token for as long as the service lets.

    Args:
        authorization: what `sign_in` gave.
        email: whose it is; needed with a store.
        leeway: seconds before its expiry from which a token is renewed.
        store: where tokens are shared with other processes.
    """

    def __init__(
        self,
        authorization: AuthorizationSchema,
        *,
        email: str | None = None,
        leeway: float = LEEWAY_SECONDS,
        store: TokenStore | None = None,
    ) -> None:
        from gravscale.models import AuthorizationSchema

        if not isinstance(authorization, AuthorizationSchema):
            raise ApiTypeError(f"authorization: expected an AuthorizationSchema, got {type(authorization).__name__}")
        if store is not None and not email:
            raise ApiValueError("email: needed with a store, which keeps one entry for each host and e-mail")
        super().__init__(email or "", leeway, store)
        self._accept(authorization, None)

    def _sign_in(self, api_client: ApiClient, refused: ApiException | None) -> ApiResponse[AuthorizationSchema]:
        if refused is not None:
            raise refused
        raise ApiValueError("authorization: the access token has expired and there is no refresh token")


def _in_local_time(response: ApiResponse[AuthorizationSchema], leeway: float) -> AuthorizationSchema:
    """The authorization, its expiry by the local clock where the service's goes differently by more than the leeway."""
    authorization = response.data
    date = response.headers.get("Date") if response.headers is not None else None
    if date is None:
        return authorization
    from dateutil import parser

    try:
        skew = _utc(parser.parse(date)) - datetime.now(timezone.utc)
    except (ValueError, OverflowError):
        return authorization
    if abs(skew) <= timedelta(seconds=leeway):
        return authorization
    return authorization.model_copy(update={"expires_at": _utc(authorization.expires_at) - skew})


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=timezone.utc) if moment.tzinfo is None else moment.astimezone(timezone.utc)


_instances: weakref.WeakSet[_RenewingCredentials] = weakref.WeakSet()


def _after_fork() -> None:
    for credentials in list(_instances):
        credentials.after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
