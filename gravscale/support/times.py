"""Times as people and HTTP headers write them."""

from __future__ import annotations

import time
from datetime import datetime, timezone, tzinfo

_WEEKDAYS = frozenset(("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"))
# Two moments that differ in each part but for the time of day, which a date alone has at its beginning.
_FILLINGS = (datetime(2000, 1, 1), datetime(2001, 2, 2))
# No way to write a time is longer; dateutil takes long for what is.
_LONGEST_TIME = 100


def parse_time(text: str) -> datetime | None:
    """Return a time as people write it; None for what is none, lacks a part of its date, or has an unknown zone.

    A time without a zone stays without one.
    """
    if len(text) > _LONGEST_TIME:
        return None
    try:
        from dateutil import parser, tz
    except OSError:
        # No file can be opened any more. As a pause or a time it is as good as none.
        return None

    def zone(name: str | None, offset: int | None) -> tzinfo | None:
        if offset is not None:
            return tz.tzoffset(None, offset) if offset else tz.UTC
        if name is None:
            return None
        # One that is not known dateutil warns of and leaves out, or takes for this machine's own.
        raise ValueError

    try:
        # dateutil takes what is missing from a default: the two differ then.
        moment, same = (parser.parse(text, default=filling, tzinfos=zone) for filling in _FILLINGS)
        # An offset of a day or more is refused no earlier than when it is used.
        moment.utcoffset()
    except (ValueError, OverflowError):
        return None
    return moment if moment.date() == same.date() else None


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
    moment = parse_time(value) if ":" in value else None
    if moment is None:
        return None
    # An HTTP date is one of GMT, also where it does not say so (RFC 9110, section 5.6.7).
    moment = moment.replace(tzinfo=timezone.utc) if moment.tzinfo is None else moment
    return max(0.0, moment.timestamp() - time.time())
