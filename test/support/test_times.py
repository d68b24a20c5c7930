"""Times as people and HTTP headers write them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from gravscale.support.times import parse_retry_after, parse_time

UTC = timezone.utc


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-05-04 09:30:00+0000", datetime(2026, 5, 4, 9, 30, tzinfo=UTC)),
        ("2026-05-04 09:30:00 +02:00", datetime(2026, 5, 4, 9, 30, tzinfo=timezone(timedelta(hours=2)))),
        ("Mon, 04 May 2026 09:30:00 GMT", datetime(2026, 5, 4, 9, 30, tzinfo=UTC)),
        ("2026-05-04", datetime(2026, 5, 4)),
        ("4 May 2026", datetime(2026, 5, 4)),
        ("20260504", datetime(2026, 5, 4)),
        ("20260504T093000Z", datetime(2026, 5, 4, 9, 30, tzinfo=UTC)),
        ("2026-05-04 09:30 -03:30", datetime(2026, 5, 4, 9, 30, tzinfo=timezone(-timedelta(hours=3, minutes=30)))),
        ("1 Jan 2026 00:00", datetime(2026, 1, 1)),
        (" " * 84 + "2026-05-04 09:30", datetime(2026, 5, 4, 9, 30)),
    ],
)
def test_a_time_with_year_month_and_day_is_read(text: str, expected: datetime) -> None:
    time = parse_time(text)
    assert time == expected
    assert time is not None
    assert time.utcoffset() == expected.utcoffset()
    # An offset has no name, except for UTC.
    assert time.tzname() == (None if expected.utcoffset() else expected.tzname())


@pytest.mark.parametrize("text", ["Mon", "May", "12:30", "2026", "May 2026", "4 May", "10am", "12:30 UTC", ""])
def test_an_incomplete_date_is_none(text: str) -> None:
    assert parse_time(text) is None


@pytest.mark.parametrize("text", ["01/02/2026", "26-05-04", "01-02-03", "10.11.2026", "260504", "202605040930"])
def test_a_date_that_leaves_its_year_or_its_day_to_guess_is_none(text: str) -> None:
    assert parse_time(text) is None


@pytest.mark.parametrize(
    "text", ["2026-05-04 09:30 +99:99", "2026-05-04 09:30 -24:00", "2026-02-30", "2026-05-04 25:00"]
)
def test_an_impossible_time_is_none(text: str) -> None:
    assert parse_time(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "1" * 1_000_000,
        "2026-05-04 " + " " * 1_000_000 + "09:30",
        " " * 85 + "2026-05-04 09:30",
        "2026-05-04 10:00 CEST",
    ],
)
def test_a_time_too_long_or_in_an_unknown_zone_is_none(text: str) -> None:
    assert parse_time(text) is None


@pytest.mark.parametrize("value", ["Mon", "Mon, 04 May 2026", "May", "soon", "-5", "0.5", "inf", "1, 1", None])
def test_a_malformed_retry_after_is_none(value: str | None) -> None:
    assert parse_retry_after(value) is None


def test_a_retry_after_in_the_past_is_zero() -> None:
    assert parse_retry_after("Mon, 04 May 2020 09:30:00 GMT") == 0


def test_a_retry_after_with_another_offset_than_gmt_is_read_with_it() -> None:
    moment = datetime.now(timezone(timedelta(hours=2))) + timedelta(hours=3)
    seconds = parse_retry_after(f"{moment:%a, %d %b %Y %H:%M:%S %z}")
    assert seconds is not None
    assert 3 * 3600 - 10 < seconds <= 3 * 3600
