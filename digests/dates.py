"""Dates and moments as people and scripts write them."""

import re
from datetime import UTC, date, datetime, time, timedelta

from digests.errors import InvalidInputError
from digests.wording import shorten

DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
JUST_BEFORE = timedelta(microseconds=1)
YEARS = range(1900, 9000)  # far enough from the calendar's ends to count days back and forth


def parse_when(text: str) -> date | datetime:
    """Return the date that `text` says, or the moment, in UTC: ISO 8601, a moment with its zone.

    Raises InvalidInputError.
    """
    when = _parse(text.strip())
    if when is not None and when.year in YEARS:
        return when
    raise InvalidInputError(
        "“{}” is no date: write 2026-01-31, or a moment with its zone, such as 2026-01-31T09:00+01:00.",
        shorten(text, 40),
    )


def _parse(text: str) -> date | datetime | None:
    try:
        if DATE.fullmatch(text):
            return date.fromisoformat(text)
        moment = datetime.fromisoformat(text)
        return None if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def start_of(when: date | datetime) -> datetime:
    """Return a moment, or the first one of a UTC day."""
    return when if isinstance(when, datetime) else datetime.combine(when, time(), UTC)


def end_of(when: date | datetime) -> datetime:
    """Return a moment, or the last one of a UTC day, which holds its own midnight and not the next."""
    return when if isinstance(when, datetime) else start_of(when) + timedelta(days=1) - JUST_BEFORE
