"""Parse times, as people and HTTP headers write them."""

from __future__ import annotations

import re
import time
from datetime import datetime, timezone, tzinfo

_WEEKDAYS = frozenset(("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"))
# Two times that differ in each part of the date. Both are at midnight, like a date without a time.
_FILLINGS = (datetime(2000, 1, 1), datetime(2001, 2, 2))
# dateutil guesses which part of 01/02/03 is the year, and which digits of 260131 are. The name of a month, or a year of
# four digits at the start, leaves nothing to guess.
_CERTAIN = r"(?is)[0-9]{4}[-/. ]|[0-9]{8}(T|$)|.*(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
# No valid time is longer, and dateutil is slow for longer texts.
_LONGEST_TIME = 100


def parse_time(text: str) -> datetime | None:
    """Parse a time. Return None if it is invalid, lacks a part of its date, is ambiguous, or has an unknown zone.

    A time without a zone stays naive.
    """
    if len(text) > _LONGEST_TIME or re.match(_CERTAIN, text.strip()) is None:
        return None
    try:
        from dateutil import parser, tz
    except OSError:
        # The process can't open any more files. Treat the text as invalid.
        return None

    def zone(name: str | None, offset: int | None) -> tzinfo | None:
        if offset is not None:
            return tz.tzoffset(None, offset) if offset else tz.UTC
        if name is None:
            return None
        # For an unknown zone, dateutil would warn and drop it, or take it for the local zone.
        raise ValueError

    try:
        # dateutil fills in missing parts from the default. If any is missing, the two results differ.
        moment, same = (parser.parse(text, default=filling, tzinfos=zone) for filling in _FILLINGS)
        # An offset of a day or more raises only when it is used.
        moment.utcoffset()
    except (ValueError, OverflowError):
        return None
    return moment if moment.date() == same.date() else None


def parse_retry_after(value: str | None) -> float | None:
    """Return the seconds from now in a Retry-After header, a number or an HTTP date (RFC 9110, section 10.2.3).

    Return None for anything else: a malformed header is ignored.
    """
    if value is None:
        return None
    value = value.strip()
    if value.isascii() and value.isdigit():
        return float(value)
    # All three formats of an HTTP date start with the weekday. dateutil also accepts texts that are not dates at all.
    if value[:3] not in _WEEKDAYS:
        return None
    moment = parse_time(value) if ":" in value else None
    if moment is None:
        return None
    # An HTTP date is always in GMT, even if it does not say so (RFC 9110, section 5.6.7).
    moment = moment.replace(tzinfo=timezone.utc) if moment.tzinfo is None else moment
    return max(0.0, moment.timestamp() - time.time())
