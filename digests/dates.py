"""Dates and moments as people and scripts write them."""

import re
from datetime import UTC, date, datetime, time, timedelta

from digests.errors import NotADateError

DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
MOMENT = re.compile(r"[0-9W-]+[T ][0-9:.,+-]+Z?")  # Python takes any sign for the T
FIRST_CLOCK = datetime(2015, 1, 1, tzinfo=UTC)  # a clock that shows an earlier time was never set
JUST_BEFORE = timedelta(microseconds=1)
YEARS = range(1900, 9000)  # far enough from the calendar's ends to count days back and forth


def parse_when(text: str) -> date | datetime:
    """Return the date that `text` says, or the moment, in UTC: ISO 8601, a moment with its zone.

    Raises NotADateError.
    """
    when = _parse(text.strip())
    if when is not None and when.year in YEARS:
        return when
    raise NotADateError(text, past=False)


def _parse(text: str) -> date | datetime | None:
    try:
        if DATE.fullmatch(text):
            return date.fromisoformat(text)
        moment = datetime.fromisoformat(text) if MOMENT.fullmatch(text) else None
        return moment.astimezone(UTC) if moment and moment.tzinfo else None
    except (ValueError, OverflowError):
        return None


def start_of(when: date | datetime) -> datetime:
    """Return a moment, or the first one of a UTC day."""
    return when if isinstance(when, datetime) else datetime.combine(when, time(), UTC)


def end_of(when: date | datetime) -> datetime:
    """Return a moment, or the last one of a UTC day, which holds its own midnight and not the next."""
    return when if isinstance(when, datetime) else start_of(when) + timedelta(days=1) - JUST_BEFORE


UNITS = {"hour": 1 / 24, "day": 1, "week": 7, "month": 30, "year": 365}
AGO = re.compile(
    r"(?P<last>(?:the )?(?:last|past) )?(?:(?P<number>\d{1,4}) ?|(?:an?|one) )?"
    r"(?:(?P<unit>hour|day|week|month|year)s?|(?P<letter>[hdwmy]))(?P<ago> ago)?"
)
MAX_AGE = 100 * 365  # days
THIS = re.compile(r"this (week|month|year)")


def parse_past(text: str, now: datetime) -> date | datetime:
    """Return the date or moment that `text` says: as parse_when(), or how long before `now`.

    "3 days", "2 weeks ago", "last month" (30 days), "today", "yesterday" and "this week" (since Monday)
    are understood; days are UTC. Raises NotADateError.
    """
    said = " ".join(text.casefold().split())
    today = now.astimezone(UTC).date()
    if said in {"today", "yesterday"}:
        return today - timedelta(days=said == "yesterday")
    if match := THIS.fullmatch(said):
        starts = {"week": today - timedelta(days=today.weekday()), "month": today.replace(day=1)}
        return starts.get(match[1], today.replace(month=1, day=1))
    if match := AGO.fullmatch(said):
        unit = match["unit"] or next(name for name in UNITS if name.startswith(match["letter"]))
        days = UNITS[unit] * int(match["number"] or 1)
        is_plain = not (match["last"] and match["ago"]) and (match["unit"] or match["number"])
        if is_plain and 0 < days < MAX_AGE:
            return now - timedelta(days=days)
    try:
        return parse_when(text)
    except NotADateError:
        raise NotADateError(text, past=True) from None
