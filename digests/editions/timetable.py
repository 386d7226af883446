"""When editions are issued: a time of day in a zone, on chosen weekdays, across clock changes. Pure."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from digests.editions.zones import zones_called
from digests.errors import NotATimeError, NotDaysError, UnknownZoneError
from digests.ownership import SHIFT

EVERY_DAY = frozenset(range(1, 8))
DAYS: dict[str, frozenset[int]] = {
    "daily": EVERY_DAY,
    "weekdays": frozenset(range(1, 6)),
    "weekends": frozenset({6, 7}),
}
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
RANGE = re.compile(r" ?(?:[-\u2010-\u2015]|\bto\b|\bthrough\b) ?")
SEPARATORS = re.compile(r"[ ,;/&+]+")
# From the day before: a fortnight holds every weekday even where a zone has skipped a date.
HORIZON = 16
MINUTES = 30  # over which the usual time of many servers is spread


@dataclass(frozen=True, slots=True)
class Timetable:
    """`issue_time` on the clock of `zone` on `days`, ISO weekdays from 1 for Monday."""

    issue_time: time
    zone: ZoneInfo
    days: frozenset[int] = EVERY_DAY

    def next_after(self, moment: datetime) -> datetime:
        """Return the first issue time after `moment`, in UTC."""
        today = moment.astimezone(self.zone).date()
        return next(at for at in self._from(today - timedelta(days=1), 1) if at > moment)

    def last_by(self, moment: datetime) -> datetime:
        """Return the last issue time up to and including `moment`, in UTC."""
        today = moment.astimezone(self.zone).date()
        return next(at for at in self._from(today + timedelta(days=1), -1) if at <= moment)

    def previous(self, moment: datetime) -> datetime:
        """Return the issue time before the last one up to `moment`, in UTC."""
        return self.last_by(self.last_by(moment) - timedelta(seconds=1))

    def local_date(self, issue_at: datetime) -> date:
        """Return the date of the edition issued at `issue_at`, which the timetable gave."""
        local = issue_at.astimezone(self.zone).date()
        # A gap in the clock around midnight moves an edition into the next day; its date stays.
        return next(
            day
            for day in (local - timedelta(days=1), local)
            if day.isoweekday() in self.days and self._issue_on(day) == issue_at
        )

    def _from(self, day: date, step: int) -> Iterator[datetime]:
        for offset in range(HORIZON):
            found = day + timedelta(days=offset * step)
            if found.isoweekday() in self.days and (issue := self._issue_on(found)):
                yield issue

    def _issue_on(self, day: date) -> datetime | None:
        """Return the issue time of a local date, None where the zone's calendar skips that date.

        A time that clocks skip is served at the first moment after the gap, a time that they show
        twice at the first.
        """
        local = datetime.combine(day, self.issue_time, self.zone)
        at = local.astimezone(UTC)
        if at.astimezone(self.zone).replace(tzinfo=None) == local.replace(tzinfo=None):
            return at
        end = self._end_of_gap(at)
        skipped = datetime.combine(day, time(), self.zone).astimezone(UTC)
        whole_day = self._end_of_gap(skipped) == end and end.astimezone(self.zone).date() > day
        starts_before = (end - timedelta(seconds=1)).astimezone(self.zone).date() < day
        return None if whole_day and starts_before else end

    def _end_of_gap(self, inside: datetime) -> datetime:
        """Return the moment at which the clocks jumped, given one up to a day after it."""
        low, high = int(inside.timestamp()) - 2 * 86_400, int(inside.timestamp())
        after = self._offset(high)
        while high - low > 1:
            middle = (low + high) // 2
            if self._offset(middle) == after:
                high = middle
            else:
                low = middle
        return datetime.fromtimestamp(high, UTC)

    def _offset(self, epoch: int) -> timedelta | None:
        return datetime.fromtimestamp(epoch, self.zone).utcoffset()


def is_weekly(days: Collection[int]) -> bool:
    """Say whether a digest of these weekdays comes once a week."""
    return len(days) == 1


def usual_time(guild_id: int | None, shards: int) -> str:
    """Return the time of day of a digest for which nobody chose one: 09:00.

    If the bot has several shards, digests of all its servers at one minute would wait for each other.
    There it is one of 30 minutes from then, by the server's id. DMs are spread when they are sent.
    """
    minute = (guild_id >> SHIFT) % MINUTES if guild_id and shards > 1 else 0
    return f"09:{minute:02}"


def parse_time(text: str) -> time:
    """Return the time of day that `text` says: 9, 9:00, 09:00, 21.30, 9 pm, in digits of any script.

    Raises NotATimeError.
    """
    match = re.fullmatch(r"\s*(\d{1,2})(?:[:.h\uff1a](\d{2}))?\s*(am|pm)?\s*", text, re.IGNORECASE)
    if match:
        hour, minute, half = int(match[1]), int(match[2] or 0), (match[3] or "").lower()
        if half and 1 <= hour <= 12:
            hour = hour % 12 + (12 if half == "pm" else 0)
        elif half:
            hour = 24
        if hour < 24 and minute < 60:
            return time(hour, minute)
    raise NotATimeError(text)


def parse_clock(text: str) -> tuple[time, ZoneInfo | None]:
    """Return the time of day that `text` says, and the zone that may follow it: "9 pm Berlin".

    Raises NotATimeError or UnknownZoneError.
    """
    words = text.split()
    for length in (2, 1):  # the time may have a word after it: pm
        try:
            at = parse_time(" ".join(words[:length]))
        except NotATimeError:
            continue
        rest = " ".join(words[length:])
        return at, parse_zone(rest) if rest else None
    raise NotATimeError(text)


def parse_days(text: str) -> frozenset[int]:
    """Return the ISO weekdays that `text` names: daily, weekdays, Mon-Fri, "Monday and Friday", weekly.

    Weekly is on Mondays where no day is named. Raises NotDaysError, also where it says more than days, or
    how often twice.
    """
    days: set[int] = set()
    joined = RANGE.sub("-", " ".join(text.casefold().split()))
    words = [word for word in SEPARATORS.split(joined) if word not in {"", "and", "on", "every"}]
    named = [word for word in words if word != "weekly"]
    if ("daily" in words or words.count("weekly") > 1) and len(words) > 1:
        raise NotDaysError(text)
    if named != words and DAYS.keys() & named:
        raise NotDaysError(text)
    for word in named or (["monday"] if words else []):
        first, _, last = word.partition("-")
        if word in DAYS:
            days |= DAYS[word]
        elif last:
            start, end = _weekday(first, text), _weekday(last, text)
            days |= {(start - 1 + step) % 7 + 1 for step in range((end - start) % 7 + 1)}
        else:
            days.add(_weekday(word, text))
    if not days:
        raise NotDaysError(text)
    return frozenset(days)


def _weekday(word: str, text: str) -> int:
    """Return the ISO weekday of a name or its beginning, of two letters or more."""
    word = word.removesuffix(".")
    found = [number for number, name in enumerate(WEEKDAYS, 1) if f"{name.casefold()}s".startswith(word)]
    if len(word) < 2 or not found:
        raise NotDaysError(text)
    return found[0]


def parse_zone(name: str) -> ZoneInfo:
    """Return the zone that `name` means: an IANA name, an abbreviation, a city or a country.

    Raises UnknownZoneError, also where a country has several.
    """
    found = zones_called(name)
    if len(found) != 1:
        raise UnknownZoneError(name)
    return ZoneInfo(found[0])
