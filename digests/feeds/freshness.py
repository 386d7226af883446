"""How long a server wants to be left alone, as its headers say."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

MAX_WAIT = timedelta(days=2)  # that a server may ask for
MAX_FRESH = timedelta(days=1)


def fresh_for(headers: Mapping[str, str], now: datetime) -> timedelta:
    """Return for how long a document needn't be asked for again, as Cache-Control or Expires say."""
    said = [part.strip() for part in headers.get("Cache-Control", "").lower().split(",")]
    ages = [part.partition("=")[2].strip('" ') for part in said if part.startswith("max-age=")]
    if {"no-cache", "no-store"} & set(said):
        return timedelta()
    if ages:
        seconds = max((int(age[:9]) for age in ages if age.isdecimal()), default=0)
        age = headers.get("Age", "")
        seconds -= int(age[:9]) if age.isdecimal() else 0
        return _between(timedelta(seconds=seconds), MAX_FRESH)
    expires = _http_date(headers.get("Expires", ""))
    if expires is None:
        return timedelta()
    return _between(expires - (_http_date(headers.get("Date", "")) or now), MAX_FRESH)


def retry_after(text: str, now: datetime) -> timedelta | None:
    """Return how long a server says to wait, at most two days; None where it says nothing."""
    text = text.strip()
    if text.isdecimal():
        return _between(timedelta(seconds=int(text[:9])), MAX_WAIT)
    until = _http_date(text)
    return _between(until - now, MAX_WAIT) if until else None


def _between(wait: timedelta, most: timedelta) -> timedelta:
    return min(max(wait, timedelta()), most)


def _http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
        return moment.replace(tzinfo=moment.tzinfo or UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
