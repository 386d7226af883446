"""When a feed is checked next: a pure decision."""

from collections.abc import MutableMapping
from datetime import datetime, timedelta

from storage.models import from_epoch, to_epoch

SHORTEST = timedelta(minutes=5)
LONGEST = timedelta(days=1)
PERIOD = timedelta(days=7)  # whose entries tell how often there are new ones
CHECKS_AN_ENTRY = 2
SPREAD = 0.5  # of the interval, by which a check may come sooner, to a minute with fewer others
FIRST_RETRY = timedelta(minutes=10)
IMPORTED_A_MINUTE = 10  # feeds of a list that are checked for the first time
MINUTE = 60


def interval(recent: int) -> timedelta:
    """Return how long to wait between two checks of a feed that had so many entries in the last 7 days."""
    return min(max(PERIOD / (CHECKS_AN_ENTRY * max(recent, 1)), SHORTEST), LONGEST)


def retry_interval(failures: int) -> timedelta:
    """Return how long to wait after so many failures in a row: longer each time, up to a day."""
    return min(FIRST_RETRY * (1 << min(failures - 1, 10)), LONGEST)


def next_check(
    now: datetime, wait: timedelta, at_least: timedelta, load: MutableMapping[int, int]
) -> datetime:
    """Return when to check next: after `wait` or sooner, in the minute with the fewest checks, and count it.

    Never before `at_least` is over. `load` has how many checks are due in each minute since the epoch.
    """
    soonest = max(at_least, min(wait, max(wait * (1 - SPREAD), SHORTEST)))
    latest = max(wait, soonest + (SHORTEST if soonest < LONGEST else timedelta()))
    first = to_epoch(now + soonest) // MINUTE + 1
    last = max(to_epoch(now + latest) // MINUTE, first)
    minute = min(range(first, last + 1), key=lambda each: (load.get(each, 0), -each))
    load[minute] = load.get(minute, 0) + 1
    return from_epoch(minute * MINUTE)


def first_checks(now: datetime, count: int) -> list[datetime]:
    """Return when to check the feeds of a list for the first time, so many a minute."""
    return [now + timedelta(minutes=place / IMPORTED_A_MINUTE) for place in range(count)]
