"""Sessions renew tokens before they expire, and share them through a store."""

from __future__ import annotations

import logging
import threading
import time
from abc import ABC, abstractmethod
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Protocol

from gravscale.cached_token import CachedToken, supersedes
from gravscale.exceptions import ApiException, ApiTypeError, ApiValueError
from gravscale.operation_lookup import find_operation
from gravscale.support.logs import logger
from gravscale.support.text import format_number
from gravscale.support.type_guards import has_methods, type_name
from gravscale.token_refresh import RefreshChain, hold_lock, limit_early_refresh, refresh_single_flight
from gravscale.tracebacks import hide_sdk_frames, user_frames
from gravscale.transport.deadline import nested_calls_end

if TYPE_CHECKING:
    from typing_extensions import Self

    from gravscale.api_client import ApiClient
    from gravscale.api_response import ApiResponse
    from gravscale.models import AuthorizationSchema

log: logging.Logger = logger("auth")

# After an early renewal has failed, the pause doubles from one second up to this.
_LONGEST_PAUSE_SECONDS = 30.0


class TokenStore(Protocol):
    """Share tokens among processes. Credentials accept any object with these methods as `store`.

    A store must keep all fields of the `StoredAuthorization` that it gets. `PasswordCredentials` ignore an entry that
    lacks the password hash. `sign_out` also needs a method `delete(key)`.
    """

    def load(self, key: str) -> AuthorizationSchema | None:
        """Return the authorization last saved under the key, or None."""
        ...

    def save(self, key: str, authorization: AuthorizationSchema) -> None:
        """Save an authorization, so that all processes can load it."""
        ...

    def lock(self, key: str) -> AbstractContextManager[object]:
        """Return a context manager that keeps other processes from renewing the tokens of the key."""
        ...


class Session:
    """Hold the tokens for one host. They are never sent to another one."""

    def __init__(self, cached: CachedToken | None = None) -> None:
        self.cached = cached
        self.refreshes: RefreshChain = RefreshChain()
        # The pause after the last early renewal in seconds, if that failed.
        self.pause: float = 0.0


class RenewingCredentials(ABC):
    """Renew tokens shortly before they expire. One thread renews a token while the others wait.

    Args:
        email: The e-mail address of the account.
        leeway: How many seconds before its expiry a token is renewed.
        store: Where to share tokens with other processes.
    """

    # Whether these credentials can get tokens without a refresh token.
    _can_sign_in = True

    def __init__(self, email: str, leeway: float, store: TokenStore | None) -> None:
        if isinstance(leeway, bool) or not isinstance(leeway, (int, float)):
            raise ApiTypeError(f"leeway: expected seconds as a number, got {type(leeway).__name__}")
        if not 0 <= leeway <= threading.TIMEOUT_MAX:
            raise ApiValueError(f"leeway: expected seconds, 0 or more, got {format_number(leeway)}")
        if store is not None and not has_methods(store, "load", "save", "lock"):
            raise ApiTypeError(f"store: expected a store such as FileTokenStore(), got {type_name(store)}")
        self.email = email
        self.leeway: float = float(leeway)
        self.store = store
        # No lock guards the sessions: each change to them is one atomic operation.
        self._sessions: dict[str, Session] = {}
        self._is_signed_out = False

    def access_token(self, api_client: ApiClient) -> str:
        """Return a valid access token. Sign in or renew the session if necessary.

        Args:
            api_client: The client to sign in with.

        Returns:
            The token.

        Raises:
            ApiException: No token could be obtained.
        """
        session = self._sessions.get(_host(api_client))
        # For speed: nearly every call returns here.
        if session is not None and (cached := session.cached) is not None and time.monotonic() < cached.renew_at:
            return cached.access_token
        return self.renew(api_client, None)

    @hide_sdk_frames
    def renew(self, api_client: ApiClient, rejected: str | None) -> str:
        """Return a new token after the service rejected one.

        Args:
            api_client: The client to renew with.
            rejected: The token that was rejected. None returns the present token if it is still usable.

        Returns:
            The new token.

        Raises:
            ApiException: No token could be obtained.
        """
        session = self._session(api_client)

        def ready(in_flight: bool) -> str | None:
            cached = session.cached
            if cached is None:
                return None
            # While another thread renews the token early, the old one can still be used.
            can_be_used = cached.is_valid(rejected) if in_flight else cached.is_fresh(rejected)
            return cached.access_token if can_be_used else None

        def refresh() -> str:
            return self._refreshed(api_client, session, rejected)

        return refresh_single_flight(session.refreshes, ready, refresh, nested_calls_end())

    @hide_sdk_frames
    def sign_out(self, api_client: ApiClient) -> None:
        """Delete the session in this process and in the store.

        The service has no operation to revoke tokens, so the tokens stay valid until they expire. On the next call,
        `PasswordCredentials` sign in again. `RefreshTokenCredentials` can't be used any more.

        Args:
            api_client: The client whose host to sign out from.

        Raises:
            ApiTypeError: The store has no `delete`, so the session was deleted only in this process.
            ApiTimeoutError: Another thread or process kept renewing the session for the whole timeout.
        """
        store = self.store
        session, key = self._session(api_client), self._key(api_client)
        delete = getattr(store, "delete", None)

        def forget() -> bool:
            session.cached = None
            self._is_signed_out = True
            if store is not None and delete is not None:
                with hold_lock(store.lock, key):
                    delete(key)
            return True

        refresh_single_flight(session.refreshes, lambda _: None, forget, nested_calls_end(), shares_errors=False)
        if store is not None and not callable(delete):
            raise ApiTypeError(
                f"store: {type_name(store)} has no delete(key), so the session was deleted here but not in the store"
            )

    def _session(self, api_client: ApiClient) -> Session:
        host = _host(api_client)
        # `dict.setdefault` is atomic.
        return self._sessions.setdefault(host, self._begin(host))

    def _key(self, api_client: ApiClient) -> str:
        return f"{_host(api_client)} {self.email}"

    def _begin(self, host: str) -> Session:
        """Return a new session for a host."""
        return Session()

    def _refreshed(self, api_client: ApiClient, session: Session, rejected: str | None) -> str:
        """Renew the token. If that fails while the old one is still good, keep using it and try again later."""
        old = session.cached
        if old is None or not old.is_valid(rejected):
            return self._through_store(api_client, session, rejected)
        try:
            with limit_early_refresh():
                return self._through_store(api_client, session, rejected)
        except Exception as error:
            cached = session.cached
            if cached is None or not cached.is_valid(rejected) or user_frames(error) is not None:
                raise
            session.pause = min(max(1.0, 2 * session.pause), _LONGEST_PAUSE_SECONDS)
            session.cached = cached.postponed(session.pause)
            host, kind = api_client.configuration.host, type(error).__name__
            log.warning("%s: could not renew the access token, which is still valid: %s", host, kind)
            return cached.access_token

    def _through_store(self, api_client: ApiClient, session: Session, rejected: str | None) -> str:
        store, key = self.store, self._key(api_client)
        with nullcontext() if store is None else hold_lock(store.lock, key):
            if store is not None:
                cached = self._take_stored(store, key, session)
                if cached is not None and cached.is_fresh(rejected):
                    log.debug("%s: using the access token from the store", api_client.configuration.host)
                    return cached.access_token
            # Set this before storing it, which may fail: the old refresh token is used up.
            cached = self._refreshed_or_signed_in(api_client, session, rejected)
            is_new, session.cached, session.pause = cached is not session.cached, cached, 0.0
            if store is not None and is_new:
                store.save(key, _entry(cached))
            return cached.access_token
        raise ApiTypeError("store: the context manager of lock(key) must not suppress exceptions")

    def _take_stored(self, store: TokenStore, key: str, session: Session) -> CachedToken | None:
        """Use the tokens that another process stored. Return None if there are none, or none that replace our own."""
        from gravscale.models import AuthorizationSchema

        stored: object = store.load(key)
        if not (stored is None or isinstance(stored, AuthorizationSchema)):
            got = type(stored).__name__
            raise ApiTypeError(f"store: expected load() to return an AuthorizationSchema or None, got {got}")
        if stored is None or not supersedes(stored, session.cached) or not self._opens(stored):
            return None
        session.cached = cached = self._as_cached(stored)
        return cached

    def _as_cached(self, authorization: AuthorizationSchema) -> CachedToken:
        renewable = self._can_sign_in or authorization.refresh_token is not None
        return CachedToken.from_earlier(authorization, self.leeway, renewable=renewable)

    def _refreshed_or_signed_in(self, api_client: ApiClient, session: Session, rejected: str | None) -> CachedToken:
        """Get an authorization from the service with the refresh token. If it is refused, sign in again."""
        host, before = api_client.configuration.host, datetime.now(timezone.utc)
        refused: ApiException | None = None
        last = session.cached
        while last is not None and (token := last.authorization.refresh_token):
            refresh = find_operation(api_client, "refresh_token", type(self).__name__, form="_with_http_info")
            try:
                renewed: ApiResponse[AuthorizationSchema] = refresh(token)
            except ApiException as error:
                # An error raised by an event hook does not come from the service.
                if error.status not in (400, 401, 403, 404, 422) or user_frames(error) is not None:
                    raise
                log.warning("%s: refused the refresh token with status %d", host, error.status)
                refused = error
            else:
                log.info("%s: renewed the access token, valid until %s", host, renewed.data.expires_at)
                return CachedToken.from_answer(renewed, self.leeway, before, last.seal, token)
            # If the store's lock failed, another process may have used the refresh token and stored new tokens.
            last = None if self.store is None else self._take_stored(self.store, self._key(api_client), session)
            if last is not None and last.authorization.refresh_token == token:
                break
            if last is not None and last.is_fresh(rejected):
                return last
        before = datetime.now(timezone.utc)
        signed_in = self._sign_in(api_client, refused)
        log.info("%s: signed in, valid until %s", host, signed_in.data.expires_at)
        return CachedToken.from_answer(signed_in, self.leeway, before, self._seal())

    @abstractmethod
    def _sign_in(self, api_client: ApiClient, refused: ApiException | None) -> ApiResponse[AuthorizationSchema]:
        """Get an authorization without a refresh token. `refused` is the error if the service refused the old one."""

    def _opens(self, stored: AuthorizationSchema) -> bool:
        """Return whether these credentials may use a stored session."""
        return True

    def _seal(self) -> str | None:
        """Return the password hash to store with a new session, so that it works only with the same password."""
        return None

    def __getstate__(self) -> dict[str, object]:
        state = {name: value for name, value in self.__dict__.items() if name != "_sessions"}
        # Monotonic times mean nothing in another process, so only the authorizations are kept.
        kept = {host: _entry(session.cached) for host, session in list(self._sessions.items()) if session.cached}
        return {**state, "authorizations": kept}

    def __setstate__(self, state: dict[str, Any]) -> None:
        kept: dict[str, AuthorizationSchema] = state.pop("authorizations")
        vars(self).update(state)
        self._sessions = {host: Session(self._as_cached(authorization)) for host, authorization in kept.items()}

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        # The store is meant to be shared, and everything else is immutable.
        copied = type(self).__new__(type(self))
        copied.__setstate__(self.__getstate__())
        return copied

    def __repr__(self) -> str:
        # An error reporter may show an object whose __init__ failed.
        return f"{type(self).__name__}({vars(self).get('email')!r})"


def _host(api_client: ApiClient) -> str:
    """Return the host that a session belongs to. A slash at its end does not make it another one."""
    return api_client.configuration.host.rstrip("/")


def _entry(cached: CachedToken) -> AuthorizationSchema:
    """Return the entry that a store keeps for a token."""
    from gravscale.token_store.entry import StoredAuthorization

    fields = dict(cached.authorization)
    return StoredAuthorization.model_validate(
        {**fields, "obtained_at": cached.obtained_at, "password_scrypt": cached.seal}
    )
