"""A token held by this process: how long it is good, by which clock, and when to renew it."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, NamedTuple

from gravscale.transport.deadline import FOREVER

if TYPE_CHECKING:
    from gravscale.api_response import ApiResponse
    from gravscale.models import AuthorizationSchema

# A token that lives shorter than the leeway is used for this share of its life.
_SHARE_OF_SHORT_LIFE = 0.8
# The Date header field has whole seconds only.
_DATE_SECONDS = 1.0


class CachedToken(NamedTuple):
    """An authorization with its times.

    Attributes:
        authorization: what the service gave, its expiry in terms of the local clock.
        obtained_at: when that was, by the local clock; None if not known.
        renew_at: the time.monotonic() moment from which the token is to be renewed.
        expires_at: the time.monotonic() moment from which the token is of no use.
        seal: the salted hash of the password that began the session, for a store.
    """

    authorization: AuthorizationSchema
    obtained_at: datetime | None
    renew_at: float
    expires_at: float
    seal: str | None = None

    @classmethod
    def from_earlier(cls, authorization: AuthorizationSchema, leeway: float, *, renewable: bool = True) -> CachedToken:
        """Return the token of an authorization that was not obtained just now.

        Args:
            authorization: from a store, a pickle or the user.
            leeway: seconds before its expiry from which to renew it.
            renewable: False if there is nothing to renew it with, so that it is used until it expires.

        Returns:
            The token.
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
        cls, response: ApiResponse[AuthorizationSchema], leeway: float, before: datetime, seal: str | None
    ) -> CachedToken:
        """Return the token that the service has just given.

        The service's clock, told by the Date header field (RFC 9110, section 6.6.1), may differ from the local one;
        then the expiry is put into terms of the latter.

        Args:
            response: to a sign-in or a refresh.
            leeway: seconds before its expiry from which to renew it.
            before: when the request was made.
            seal: see the attribute.

        Returns:
            The token.
        """
        after, moment = datetime.now(timezone.utc), time.monotonic()
        authorization, date = response.data, _date(response)
        expires_at = _utc(authorization.expires_at)
        if date is not None:
            # The time that the answer took is no difference between the clocks.
            skew = max(timedelta(), date - after) or min(timedelta(), date - before)
            bearable = max(_DATE_SECONDS, _leeway_within((expires_at - date).total_seconds(), leeway))
            if abs(skew.total_seconds()) > bearable:
                expires_at = _shifted(expires_at, -skew)
        left = (expires_at - after).total_seconds()
        own = authorization.model_copy(update={"expires_at": expires_at})
        if left <= 0:
            # It seems to have expired before it came: the clocks differ, and nobody knows when to renew it.
            return cls(own, after, FOREVER, FOREVER, seal)
        return cls(own, after, moment + left - _leeway_within(left, leeway), moment + left, seal)

    def __repr__(self) -> str:
        # It may be a variable of a frame that is shown.
        return "<CachedToken>"

    def is_usable(self, rejected: str | None) -> bool:
        """Return whether the token can be used without renewing it, and is not the one that was rejected."""
        return self.authorization.access_token != rejected and time.monotonic() < self.renew_at

    def is_good(self, rejected: str | None) -> bool:
        """Return whether the token has not expired, though it may be due for renewal."""
        return self.authorization.access_token != rejected and time.monotonic() < self.expires_at

    def postponed(self, seconds: float) -> CachedToken:
        """Return the token with its renewal put off, though not past its expiry."""
        return self._replace(renew_at=min(time.monotonic() + seconds, self.expires_at))


def supersedes(stored: AuthorizationSchema, held: CachedToken | None) -> bool:
    """Return whether stored tokens take the place of those that this process holds.

    They do unless they are older. That is a matter of clocks, which may have been set back: a moment in the future
    was noted by a clock that was wrong, and says nothing about which tokens are older.
    """
    if held is None:
        return True
    obtained_at: datetime | None = getattr(stored, "obtained_at", None)
    if obtained_at is None or held.obtained_at is None:
        return _utc(stored.expires_at) >= _utc(held.authorization.expires_at)
    theirs, own = _utc(obtained_at), _utc(held.obtained_at)
    now = datetime.now(timezone.utc)
    return theirs >= own or own > now or theirs > now


def _leeway_within(life: float, leeway: float) -> float:
    return leeway if life > leeway else life * (1 - _SHARE_OF_SHORT_LIFE)


def _date(response: ApiResponse[AuthorizationSchema]) -> datetime | None:
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
