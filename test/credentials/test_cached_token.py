"""A token in memory: when it may be used, and which of two is the newer one."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone, tzinfo
from email.utils import format_datetime
from types import SimpleNamespace

import pytest
from example_service import AuthorizationSchema
from misbehaving import AUTHORIZATION
from urllib3 import HTTPHeaderDict

import gravscale
from gravscale.cached_token import CachedToken, supersedes
from gravscale.transport.deadline import FOREVER

NOW = datetime(2026, 1, 1, tzinfo=timezone.utc)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is NOW, and the monotonic clock shows 1000."""

    class Fixed(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return NOW

    monkeypatch.setattr("gravscale.cached_token.datetime", Fixed)
    monkeypatch.setattr("gravscale.cached_token.time", SimpleNamespace(monotonic=lambda: 1000.0))


def authorization(expires_at: datetime = NOW + HOUR, obtained_at: datetime | None = None) -> AuthorizationSchema:
    # A store that keeps only the fields of the contract doesn't know when.
    kind = AuthorizationSchema if obtained_at is None else gravscale.StoredAuthorization
    made = kind.from_dict(AUTHORIZATION)
    assert made is not None
    known = {} if obtained_at is None else {"obtained_at": obtained_at}
    return made.model_copy(update={"expires_at": expires_at, **known})


def token(expires_at: datetime = NOW + HOUR, obtained_at: datetime | None = None) -> CachedToken:
    return CachedToken(authorization(expires_at), obtained_at, renew_at=1000.0, expires_at=4600.0)


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


def test_the_repr_shows_no_token() -> None:
    assert repr(token()) == "<CachedToken>"


def test_a_token_is_renewed_and_expires_at_the_very_moment() -> None:
    due = token()
    assert not due.is_fresh(None)
    assert due.is_valid(None)
    assert not due._replace(expires_at=1000.0).is_valid(None)
    postponed = due.postponed(5)
    assert (postponed.renew_at, postponed.is_fresh(None), postponed.is_fresh("access")) == (1005.0, True, False)
    assert due.postponed(5000).renew_at == due.expires_at


@pytest.mark.parametrize(
    ("obtained_at", "renewable", "renew_at"),
    [
        (NOW - seconds(100), True, 1020 - 60),
        # Its whole life is shorter than the leeway: it is used for 80 % of it.
        (NOW - seconds(10), True, 1020 - 6),
        (None, True, 1020 - 60),
        (None, False, 1020),
    ],
)
def test_a_token_from_elsewhere_is_renewed_its_leeway_before_it_expires(
    obtained_at: datetime | None, renewable: bool, renew_at: float
) -> None:
    found = CachedToken.from_earlier(authorization(NOW + seconds(20), obtained_at), 60, renewable=renewable)
    assert (found.obtained_at, found.renew_at, found.expires_at) == (obtained_at, pytest.approx(renew_at), 1020)


def answered(expires_at: datetime, date: datetime | None = None, access_token: str = "access") -> CachedToken:
    """The token of an answer that arrived a second after the request."""
    headers = None if date is None else HTTPHeaderDict({"Date": format_datetime(date, usegmt=True)})
    data = authorization(expires_at).model_copy(update={"access_token": access_token})
    response = gravscale.ApiResponse(status_code=200, headers=headers, data=data, raw_data=b"")
    return CachedToken.from_answer(response, 60, NOW - seconds(1), "a seal")


@pytest.mark.parametrize(
    ("lives", "ahead", "renew_at", "expires_at"),
    [
        (100, None, 1040, 1100),
        (60, None, 1048, 1060),
        (20, None, 1016, 1020),
        # It expired on arrival, so the clocks differ, but nobody knows by how much.
        (0, None, FOREVER, FOREVER),
        (-1, None, FOREVER, FOREVER),
        # A difference of up to the leeway does no harm, and the second that the call took is none.
        (200, 60, 1140, 1200),
        (200, 61, 1079, 1139),
        (200, -61, 1140, 1200),
        (200, -62, 1201, 1261),
        # By the service's clock, it lives 60 s, of which the last 12 s are the leeway.
        (100, 40, 1048, 1060),
    ],
)
def test_the_times_of_a_new_token_are_those_of_the_local_clock(
    lives: float, ahead: float | None, renew_at: float, expires_at: float
) -> None:
    found = answered(NOW + seconds(lives), None if ahead is None else NOW + seconds(ahead))
    assert (found.renew_at, found.expires_at) == (pytest.approx(renew_at), expires_at)
    assert (found.obtained_at, found.seal) == (NOW, "a seal")


def test_a_token_that_cannot_be_sent_is_an_error_of_the_answer() -> None:
    with pytest.raises(gravscale.ApiResponseError, match=r"^200 accessToken: not a bearer token$") as caught:
        answered(NOW + HOUR, access_token="two words")
    assert caught.value.status == 200


@pytest.mark.parametrize(
    ("stored", "own", "newer"),
    [
        (NOW - HOUR, NOW - 2 * HOUR, True),
        (NOW - HOUR, NOW - HOUR, True),
        (NOW - 2 * HOUR, NOW - HOUR, False),
        (NOW - HOUR, NOW, False),
        # The local clock was wrong.
        (NOW - HOUR, NOW + HOUR, True),
        (NOW + HOUR, NOW + 2 * HOUR, True),
        # The clock of the other process was wrong.
        (NOW + HOUR, NOW - HOUR, True),
    ],
)
def test_stored_tokens_are_used_unless_they_were_obtained_earlier(stored: datetime, own: datetime, newer: bool) -> None:
    # That they expire earlier does not make them older.
    assert supersedes(authorization(NOW, stored), token(obtained_at=own)) is newer


@pytest.mark.parametrize(
    ("stored", "own", "newer"),
    [(NOW + HOUR, NOW, True), (NOW, NOW, True), (NOW, NOW + HOUR, False)],
)
@pytest.mark.parametrize("known", ["stored", "own", "neither"])
def test_if_it_is_not_known_when_they_were_obtained_those_that_expire_later_are_used(
    stored: datetime, own: datetime, newer: bool, known: str
) -> None:
    held = token(own, NOW if known == "own" else None)
    assert supersedes(authorization(stored, NOW if known == "stored" else None), held) is newer
