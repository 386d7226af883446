"""Dates as people in a terminal read them: in UTC, which whoever prints them says."""

from datetime import UTC, datetime


def day(moment: datetime) -> str:
    """Return a date in UTC: "8 Jan 2026"."""
    there = moment.astimezone(UTC)
    return f"{there.day} {there:%b %Y}"


def day_and_time(moment: datetime) -> str:
    """Return a date and time in UTC: "8 Jan 2026, 09:00"."""
    return f"{day(moment)}, {moment.astimezone(UTC):%H:%M}"
