"""A token in this process's memory: when to renew it and when it expires, by the local clock."""

from __future__ import annotations

import re
import time
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, NamedTuple

from gravscale.exceptions import ApiResponseError
from gravscale.transport.deadline import FOREVER

if TYPE_CHECKING:
    from gravscale.api_response import ApiResponse
    from gravscale.models import AuthorizationSchema

# Every character that a header may contain, except for spaces.
_TOKEN = re.compile(r"[\x21-\x7e]+")
# A token whose lifetime is shorter than the leeway is used for this share of it.
_SHARE_OF_SHORT_LIFE = 0.8
# The Date header has a resolution of one second.
_DATE_SECONDS = 1.0


class CachedToken(NamedTuple):
    """An authorization with its times.

    Attributes:
        authorization: The service's answer, with the expiry adjusted to the local clock.
        obtained_at: When it was obtained, by the local clock. None if unknown.
        renew_at: The time.monotonic() at which to renew the token.
        expires_at: The time.monotonic() at which the token expires.
        seal: The salted hash of the password that started the session, for a store.
    """

    authorization: AuthorizationSchema
    obtained_at: datetime | None
    renew_at: float
    expires_at: float
    seal: str | None = None

    @property
    def access_token(self) -> str:
        """The access token itself."""
        token: str = self.authorization.access_token
        return token

    @classmethod
    def from_earlier(cls, authorization: AuthorizationSchema, leeway: float, *, renewable: bool) -> CachedToken:
        """Return the token of an authorization from a store, a pickle or the user.

        If it is not renewable, it is used until it expires.
        """
        obtained_at: datetime | None = getattr(authorization, "obtained_at", None)
        left = _seconds_until(authorization.expires_at)
        life = FOREVER if obtained_at is None else left - _seconds_until(obtained_at)
        expires_at = time.monotonic() + left
        renew_at = expires_at - _leeway_within(life, leeway) if renewable else expires_at
        seal: str | None = getattr(authorization, "password_scrypt", None)
        return cls(authorization, obtained_at, renew_at, expires_at, seal)

    @classmethod
    def from_answer(
        cls,
        response: ApiResponse[AuthorizationSchema],
        leeway: float,
        before: datetime,
        seal: str | None,
        refresh_token: str | None = None,
    ) -> CachedToken:
        """Return the token from the service's answer to a request that was sent at the time `before`.

        If the service's clock, as its Date header shows it (RFC 9110, section 6.6.1), differs from the local one, the
        expiry is adjusted to the local clock. If the answer has no refresh token, the given one stays in use (RFC 6749,
        section 6). Raises ApiResponseError if the token can't be sent.
        """
        after, moment = datetime.now(timezone.utc), time.monotonic()
        authorization, date = response.data, _date(response)
        if not is_bearer_token(authorization.access_token):
            raise ApiResponseError(response.status_code, "accessToken: not a bearer token")
        expires_at = _aware(authorization.expires_at)
        if date is not None:
            # The duration of the call must not count as a difference between the clocks.
            skew = max(timedelta(), date - after) or min(timedelta(), date - before)
            tolerance = max(_DATE_SECONDS, _leeway_within((expires_at - date).total_seconds(), leeway))
            if abs(skew.total_seconds()) > tolerance:
                expires_at = _shifted(expires_at, -skew)
        left = (expires_at - after).total_seconds()
        kept = authorization.refresh_token or refresh_token
        adjusted = authorization.model_copy(update={"expires_at": expires_at, "refresh_token": kept})
        if left <= 0:
            # It seems to have expired on arrival: the clocks differ, so there is no telling when to renew it.
            return cls(adjusted, after, FOREVER, FOREVER, seal)
        return cls(adjusted, after, moment + left - _leeway_within(left, leeway), moment + left, seal)

    def __repr__(self) -> str:
        # A debugger or an error reporter may show the variables of a frame.
        return "<CachedToken>"

    def is_fresh(self, rejected: str | None) -> bool:
        """Return whether the token is not yet due for renewal, and is not the one that was rejected."""
        return self.authorization.access_token != rejected and time.monotonic() < self.renew_at

    def is_valid(self, rejected: str | None) -> bool:
        """Return whether the token is still valid, even if it is due for renewal, and is not the rejected one."""
        return self.authorization.access_token != rejected and time.monotonic() < self.expires_at

    def postponed(self, seconds: float) -> CachedToken:
        """Return the token with its renewal postponed, but not past its expiry."""
        return self._replace(renew_at=min(time.monotonic() + seconds, self.expires_at))


def is_bearer_token(text: str) -> bool:
    """Return whether a text can be sent as a token (RFC 6750, section 2.1), even if it has unusual characters."""
    return _TOKEN.fullmatch(text) is not None


def supersedes(stored: AuthorizationSchema, held: CachedToken | None) -> bool:
    """Return whether stored tokens replace those that this process holds.

    They do unless they are older. If this process obtained its own in the future, by a clock that was wrong, it can't
    tell.
    """
    if held is None:
        return True
    obtained_at: datetime | None = getattr(stored, "obtained_at", None)
    if obtained_at is None or held.obtained_at is None:
        return _aware(stored.expires_at) >= _aware(held.authorization.expires_at)
    own = _aware(held.obtained_at)
    return _aware(obtained_at) >= own or own > datetime.now(timezone.utc)


def _leeway_within(life: float, leeway: float) -> float:
    return leeway if life > leeway else life * (1 - _SHARE_OF_SHORT_LIFE)


def _date(response: ApiResponse[AuthorizationSchema]) -> datetime | None:
    value = response.headers.get("Date") if response.headers is not None else None
    if value is None:
        return None
    from email.utils import parsedate_to_datetime

    try:
        return _aware(parsedate_to_datetime(value))
    except (ValueError, TypeError, OverflowError):
        return None


def _aware(moment: datetime) -> datetime:
    return moment.replace(tzinfo=timezone.utc) if moment.tzinfo is None else moment


def _shifted(moment: datetime, by: timedelta) -> datetime:
    try:
        return moment + by
    except OverflowError:
        return moment


def _seconds_until(moment: datetime) -> float:
    return (_aware(moment) - datetime.now(timezone.utc)).total_seconds()
