"""Times as people and HTTP headers write them."""

from __future__ import annotations

import time
from datetime import datetime, timezone, tzinfo

_WEEKDAYS = frozenset(("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"))
# Two moments that differ in each part.
_FILLINGS = (datetime(2000, 1, 1, tzinfo=timezone.utc), datetime(2001, 2, 2, 1, 1, 1, tzinfo=timezone.utc))


def parse_time(text: str, default: datetime | None = None) -> datetime | None:
    """A time as people write it, None for what is none or whose time zone is not known.

    Args:
        default: what is missing is taken from.
    """
    from dateutil import parser, tz

    def zone(name: str | None, offset: int | None) -> tzinfo | None:
        if offset is not None:
            return tz.tzoffset(None, offset) if offset else tz.UTC
        if name is None:
            return default.tzinfo if default else None
        # One that is not known dateutil warns of and leaves out, or takes for this machine's own.
        raise ValueError

    try:
        time_ = parser.parse(text, default=default, tzinfos=zone)
        # An offset of a day or more is refused no earlier than when it is used.
        time_.utcoffset()
    except (ValueError, OverflowError):
        return None
    return time_


def parse_retry_after(value: str | None) -> float | None:
    """Seconds from now in a Retry-After field, be it a number or an HTTP date (RFC 9110, section 10.2.3).

    None for anything else: a malformed field is as good as none.
    """
    if value is None:
        return None
    value = value.strip()
    if value.isascii() and value.isdigit():
        return float(value)
    # All three forms of an HTTP date begin with the day of the week; dateutil takes much that is no date at all.
    if value[:3] not in _WEEKDAYS:
        return None
    moment, same = (parse_time(value, filling) for filling in _FILLINGS)
    # They differ where a part of the date is missing.
    return max(0.0, moment.timestamp() - time.time()) if moment is not None and moment == same else None
