"""A token in memory: when it may be used, and which of two is the newer one."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone

import pytest
from example_service import AuthorizationSchema
from misbehaving import AUTHORIZATION

import gravscale
from gravscale.cached_token import CachedToken, supersedes

NOW = datetime.now(timezone.utc)
HOUR = timedelta(hours=1)


def authorization(expires_at: datetime = NOW + HOUR, obtained_at: datetime | None = None) -> AuthorizationSchema:
    made = gravscale.StoredAuthorization.from_dict(AUTHORIZATION)
    assert made is not None
    return made.model_copy(update={"expires_at": expires_at, "obtained_at": obtained_at})


def token(expires_at: datetime = NOW + HOUR, obtained_at: datetime | None = None) -> CachedToken:
    return CachedToken(authorization(expires_at), obtained_at, time.monotonic() + 60, time.monotonic() + 3600)


def test_the_repr_shows_no_token() -> None:
    assert repr(token()) == "<CachedToken>"


@pytest.mark.parametrize(
    ("stored", "own", "newer"),
    [
        (NOW - HOUR, NOW - 2 * HOUR, True),
        (NOW - HOUR, NOW - HOUR, True),
        (NOW - 2 * HOUR, NOW - HOUR, False),
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
