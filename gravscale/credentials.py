"""Credentials: where access tokens come from, and how they renew themselves."""

from __future__ import annotations

import copy
import logging
import threading
import time
from abc import ABC, abstractmethod
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeAlias

from gravscale.exceptions import ApiException, ApiTimeoutError, ApiTypeError, ApiValueError
from gravscale.schema.service import TokenSource
from gravscale.support.forks import register_after_fork
from gravscale.support.logs import logger
from gravscale.support.text import format_number
from gravscale.support.type_guards import has_methods, type_name
from gravscale.tracebacks import hide_sdk_frames
from gravscale.transport.deadline import FOREVER, nested_calls_end

if TYPE_CHECKING:
    from gravscale.api_client import ApiClient
    from gravscale.api_response import ApiResponse
    from gravscale.models import AuthorizationSchema

if TYPE_CHECKING:
    Credentials: TypeAlias = TokenSource[ApiClient]
    """What a Configuration takes as `credentials`."""
else:
    Credentials = TokenSource

log: logging.Logger = logger("auth")

LEEWAY_SECONDS = 60.0
# A token that lives shorter than the leeway is used for this share of its life.
_SHARE_OF_SHORT_LIFE = 0.8
# Date has whole seconds only.
_DATE_SECONDS = 1.0
# A call waiting for a renewal that timed out tries itself if its own time is longer than that one's was by so much.
_MUCH_LONGER_SECONDS = 1.0


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
    """A renewal under way, and what went wrong with it.

    Args:
        until: the time.monotonic() moment at which the call that does it is over.
    """

    def __init__(self, until: float) -> None:
        self.until = until
        self.over = threading.Event()
        self.error: Exception | None = None


class _Held(NamedTuple):
    """An authorization, and the time.monotonic() moment from which it is to be renewed."""

    authorization: AuthorizationSchema
    renew_at: float


class _Session:
    """The tokens for one host. They are of no use to another, and none of its business."""

    def __init__(self, held: _Held | None = None) -> None:
        self.held = held
        self.renewal: _Renewal | None = None


class _RenewingCredentials(ABC):
    """Tokens that are renewed a little before they expire, by one thread while the others wait.

    Args:
        email: whose tokens they are.
        leeway: seconds before its expiry from which a token is renewed.
        store: where tokens are shared with other processes.
    """

    # Whether new tokens can be had without a refresh token.
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
        # Guards the sessions. Held for moments only, never while the service is called.
        self._lock = threading.Lock()
        self._sessions: dict[str, _Session] = {}
        register_after_fork(self)

    def access_token(self, api_client: ApiClient) -> str:
        """A token that is good now. Raises ApiException where none is to be had."""
        session = self._sessions.get(api_client.configuration.host)
        if session is not None and (held := session.held) is not None and time.monotonic() < held.renew_at:
            return held.authorization.access_token
        return self._by_one_thread(api_client, None)

    def renew(self, api_client: ApiClient, rejected: str) -> str | None:
        """A token in place of a rejected one. Raises ApiException where none is to be had."""
        return self._by_one_thread(api_client, rejected)

    def _by_one_thread(self, api_client: ApiClient, rejected: str | None) -> str:
        host = api_client.configuration.host
        until, started = nested_calls_end(), time.monotonic()
        while True:
            with self._lock:
                session = self._sessions.get(host)
                if session is None:
                    session = self._sessions[host] = self._begin()
                if (held := session.held) is not None and _is_usable(held, rejected):
                    return held.authorization.access_token
                renewal = session.renewal
                if renewal is None:
                    mine = session.renewal = _Renewal(until)
                    break
            if not renewal.over.wait(None if until == FOREVER else max(0.0, until - time.monotonic())):
                waited = time.monotonic() - started
                raise ApiTimeoutError(reason=f"timed out after {waited:.1f} s while waiting for a renewed token")
            if renewal.error is not None:
                if isinstance(renewal.error, ApiTimeoutError) and until > renewal.until + _MUCH_LONGER_SECONDS:
                    # It was the other call whose time was over; this one has more.
                    continue
                raise _copy(renewal.error)
        try:
            return self._through_store(api_client, session, rejected)
        except Exception as error:
            mine.error = error
            raise
        finally:
            with self._lock:
                session.renewal = None
            mine.over.set()

    def _begin(self) -> _Session:
        """The session with a host that these credentials were not used with before."""
        return _Session()

    def _through_store(self, api_client: ApiClient, session: _Session, rejected: str | None) -> str:
        key = f"{api_client.configuration.host} {self.email}"
        with nullcontext() if self.store is None else self.store.lock(key):
            stored = None if self.store is None else _loaded(self.store, key)
            if stored is not None and _is_newer(stored, session.held):
                session.held = held = self._as_held(stored)
                if _is_usable(held, rejected):
                    log.debug("%s: took the access token from the store", api_client.configuration.host)
                    return stored.access_token
            # Before it is stored, which may fail: the refresh token that there was is used up.
            session.held = held = self._by_local_clock(api_client, session.held)
            if self.store is not None:
                self.store.save(key, held.authorization)
        return held.authorization.access_token

    def _as_held(self, authorization: AuthorizationSchema) -> _Held:
        """What to make of an authorization that was not obtained just now."""
        obtained_at: datetime | None = getattr(authorization, "obtained_at", None)
        left = _seconds_until(authorization.expires_at)
        life = FOREVER if obtained_at is None else left - _seconds_until(obtained_at)
        if authorization.refresh_token is None and not self._can_sign_in:
            # There is nothing to renew it with, so that all of its life is of use.
            return _Held(authorization, time.monotonic() + left)
        return _Held(authorization, time.monotonic() + left - self._leeway_of(life))

    def _leeway_of(self, life: float) -> float:
        return self.leeway if life > self.leeway else life * (1 - _SHARE_OF_SHORT_LIFE)

    def _by_local_clock(self, api_client: ApiClient, last: _Held | None) -> _Held:
        """Get an authorization from the service, its expiry put into the terms of the local clock."""
        from gravscale.stored_authorization import StoredAuthorization

        before = datetime.now(timezone.utc)
        response = self._refreshed_or_signed_in(api_client, last.authorization if last else None)
        after = datetime.now(timezone.utc)
        authorization, date = response.data, _date(response)
        expires_at, moment = _utc(authorization.expires_at), time.monotonic()
        if date is not None:
            # The time that the answer took is no difference of the clocks.
            skew = max(timedelta(), date - after) or min(timedelta(), date - before)
            bearable = max(_DATE_SECONDS, self._leeway_of((expires_at - date).total_seconds()))
            if abs(skew.total_seconds()) > bearable:
                expires_at = _shifted(expires_at, -skew)
        left = (expires_at - after).total_seconds()
        stored = StoredAuthorization.model_validate(
            {**dict(authorization), "expires_at": expires_at, "obtained_at": after}
        )
        # One that seems to have expired before it came tells that the clocks differ, and nothing of when to renew it.
        return _Held(stored, moment + left - self._leeway_of(left) if left > 0 else FOREVER)

    def _refreshed_or_signed_in(
        self, api_client: ApiClient, last: AuthorizationSchema | None
    ) -> ApiResponse[AuthorizationSchema]:
        """Get an authorization from the service: by the refresh token, or afresh where that is refused."""
        from gravscale.api import AuthenticationApi

        host = api_client.configuration.host
        refused: ApiException | None = None
        if last is not None and last.refresh_token:
            try:
                renewed = AuthenticationApi(api_client).refresh_token_with_http_info(last.refresh_token)
            except ApiException as error:
                if error.status not in (400, 401, 403, 404, 422):
                    raise
                log.warning("%s: refused the refresh token with status %d", host, error.status)
                refused = error
            else:
                log.info("%s: renewed the access token, good until %s", host, renewed.data.expires_at)
                return renewed
        signed_in = self._sign_in(api_client, refused)
        log.info("%s: signed in, good until %s", host, signed_in.data.expires_at)
        return signed_in

    @abstractmethod
    def _sign_in(self, api_client: ApiClient, refused: ApiException | None) -> ApiResponse[AuthorizationSchema]:
        """Get an authorization without a refresh token; `refused` is how the service refused the one there was."""

    def after_fork(self) -> None:
        """In a child process: start with locks of its own."""
        # Another thread of the parent may have held the lock, or have been renewing.
        self._lock = threading.Lock()
        for session in list(self._sessions.values()):
            session.renewal = None

    def __getstate__(self) -> dict[str, object]:
        state = {name: value for name, value in self.__dict__.items() if name not in ("_lock", "_sessions")}
        # A moment of this process's monotonic clock means nothing in another.
        kept = {host: session.held.authorization for host, session in list(self._sessions.items()) if session.held}
        return {**state, "authorizations": kept}

    def __setstate__(self, state: dict[str, Any]) -> None:
        kept: dict[str, AuthorizationSchema] = state.pop("authorizations")
        for name, value in state.items():
            setattr(self, name, value)
        self._lock = threading.Lock()
        self._sessions = {host: _Session(self._as_held(authorization)) for host, authorization in kept.items()}
        register_after_fork(self)

    def __repr__(self) -> str:
        # One whose making failed may be shown by what reports the error.
        return f"{type(self).__name__}({vars(self).get('email')!r})"


class PasswordCredentials(_RenewingCredentials):
    """Sign in with e-mail and password on first need, and stay signed in.

    Args:
        email, password: of the account.
        leeway: seconds before its expiry from which a token is renewed.
        store: where tokens, never the password, are shared with other processes.
    """

    @hide_sdk_frames
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
        from gravscale.models import AuthorizationSchema

        if not isinstance(authorization, AuthorizationSchema):
            raise ApiTypeError(f"authorization: expected an AuthorizationSchema, got {type(authorization).__name__}")
        if store is not None and not email:
            raise ApiValueError("email: needed with a store, which keeps one entry for each host and e-mail")
        super().__init__(email or "", leeway, store)
        self._authorization = authorization

    def _begin(self) -> _Session:
        if self._sessions:
            raise ApiValueError(
                f"credentials: the authorization is that of {next(iter(self._sessions))}, no other service gets it"
            )
        return _Session(self._as_held(self._authorization))

    def _sign_in(self, api_client: ApiClient, refused: ApiException | None) -> ApiResponse[AuthorizationSchema]:
        if refused is not None:
            raise refused
        raise ApiValueError("authorization: the access token has expired and there is no refresh token")


def _loaded(store: TokenStore, key: str) -> AuthorizationSchema | None:
    from gravscale.models import AuthorizationSchema

    stored: object = store.load(key)
    if stored is None or isinstance(stored, AuthorizationSchema):
        return stored
    raise ApiTypeError(f"store: expected load() to give an AuthorizationSchema or None, got {type(stored).__name__}")


def _is_usable(held: _Held, rejected: str | None) -> bool:
    return held.authorization.access_token != rejected and time.monotonic() < held.renew_at


def _is_newer(stored: AuthorizationSchema, held: _Held | None) -> bool:
    """Whether stored tokens take the place of those that this process has."""
    if held is None:
        return True
    own = held.authorization
    pairs = ((getattr(one, "obtained_at", None), one.expires_at) for one in (stored, own))
    (stored_obtained, stored_expires), (own_obtained, own_expires) = pairs
    if stored_obtained is not None and own_obtained is not None:
        return _utc(stored_obtained) >= _utc(own_obtained)
    return _utc(stored_expires) >= _utc(own_expires)


def _copy(error: Exception) -> Exception:
    """An error for each thread: tracebacks grow on them."""
    try:
        return copy.copy(error)
    except Exception:
        # One of a user's own store or callable, that can't be made of its arguments.
        return error


def _date(response: ApiResponse[AuthorizationSchema]) -> datetime | None:
    """The service's clock, as it stood when it answered (RFC 9110, section 6.6.1)."""
    value = response.headers.get("Date") if response.headers is not None else None
    if value is None:
        return None
    from email.utils import parsedate_to_datetime

    try:
        return _utc(parsedate_to_datetime(value))
    except (ValueError, TypeError, OverflowError):
        return None


def _utc(moment: datetime) -> datetime:
    try:
        return moment.replace(tzinfo=timezone.utc) if moment.tzinfo is None else moment.astimezone(timezone.utc)
    except OverflowError:
        # At the very ends of the calendar, where some hours make no difference.
        return moment.replace(tzinfo=timezone.utc)


def _shifted(moment: datetime, by: timedelta) -> datetime:
    try:
        return moment + by
    except OverflowError:
        return moment


def _seconds_until(moment: datetime) -> float:
    return (_utc(moment) - datetime.now(timezone.utc)).total_seconds()
