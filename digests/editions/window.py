"""The time that an edition is about. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from digests.dates import JUST_BEFORE, end_of

LATE_NEWS = timedelta(days=3)  # so much older than a window may be what becomes eligible only within it
WEEK = timedelta(days=7)
CATCH_UP = timedelta(days=7)  # what a digest that couldn't be posted, or was paused, makes up for
LONGEST = timedelta(days=31)  # no window is longer


@dataclass(frozen=True, slots=True)
class Window:
    """The time an edition is about: after `since`, up to and including `until`, the issue time."""

    since: datetime
    until: datetime

    @classmethod
    def ending(cls, when: date | datetime, days: int = 1) -> "Window":
        """Return the window of `days` whole UTC days up to a date, or times 24 hours up to a moment."""
        until = end_of(when)
        return cls(until - timedelta(days=days), until)

    @classmethod
    def following(
        cls, covered_to: datetime, previous: datetime, until: datetime, *, weekly: bool = False
    ) -> "Window":
        """Return the window of a digest's edition at `until`, whose scheduled issue before was at `previous`.

        It begins at `covered_to`, where the last edition's window ended. If that is more than CATCH_UP
        before `previous`, or in the future because a clock was wrong, the window is one interval: the time
        since `previous`, at most CATCH_UP. So no window is longer than 31 days. A weekly digest is about the
        whole week, also where an edition was sent by hand within it.
        """
        is_recent = previous - CATCH_UP <= covered_to <= until
        since = covered_to if is_recent else max(previous, until - CATCH_UP)
        return cls(min(since, until - WEEK) if weekly else since, until)

    def by(self, now: datetime) -> "Window":
        """Return the window without what lies after `now`."""
        return self if self.until <= now else Window(min(self.since, now), now)

    @property
    def whole_days(self) -> tuple[date, date] | None:
        """The first and the last day of a window of whole UTC days, None for another.

        Of the last one only a part may have passed.
        """
        first = self.since + JUST_BEFORE  # as `ending` makes them
        return (first.date(), self.until.date()) if first.time() == time() else None

    def holds(self, moment: datetime) -> bool:
        """Say whether `moment` lies in the window."""
        return self.since < moment <= self.until
