"""When feeds are checked: as often as they have something new, spread evenly."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.feeds.poll import LONGEST, SHORTEST, first_checks, interval, next_check, retry_interval

NOW = datetime(2026, 3, 10, 12, 0, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("recent", "wait"),
    [(0, LONGEST), (1, LONGEST), (14, timedelta(hours=6)), (84, timedelta(hours=1)), (5_000, SHORTEST)],
)
def test_a_feed_is_checked_as_often_as_it_has_something_new(recent: int, wait: timedelta) -> None:
    assert interval(recent) == wait


def test_a_failing_feed_is_tried_less_often_each_time_and_never_given_up() -> None:
    waits = [retry_interval(failures) for failures in range(1, 500)]
    assert waits == sorted(waits)
    assert (waits[0], waits[1], waits[-1]) == (timedelta(minutes=10), timedelta(minutes=20), LONGEST)


@given(
    st.integers(0, 2_000).map(interval),
    st.timedeltas(timedelta(), timedelta(days=2)),
    st.dictionaries(st.integers(29552400, 29554000), st.integers(0, 9)),
)
def test_a_check_comes_within_its_interval_and_not_before_it_may(
    wait: timedelta, at_least: timedelta, load: dict[int, int]
) -> None:
    at = next_check(NOW, wait, at_least, load)
    assert at >= NOW + max(at_least, SHORTEST)
    assert at <= NOW + max(wait, at_least) + SHORTEST + MINUTE


def test_no_minute_of_a_day_has_more_than_three_times_its_share_of_checks() -> None:
    load: Counter[int] = Counter()
    due = [(NOW, number) for number in range(1_000)]  # all at once, as after a list was imported
    checks: Counter[int] = Counter()
    recent = [0, 1, 3, 10, 30]
    end = NOW + timedelta(days=4)
    while due:
        now, number = due.pop(due.index(min(due)))
        at = next_check(now, interval(recent[number % 5]), timedelta(), load)
        minute = int(at.timestamp()) // 60
        if at < end:
            checks[minute] += 1
            due.append((at, number))
    days: Counter[int] = Counter()
    start = int(NOW.timestamp()) // 60
    for minute, count in checks.items():
        days[(minute - start) // 1_440] += count
    for minute, count in checks.items():
        assert count <= max(3 * days[(minute - start) // 1_440] / 1_440, 3), datetime.fromtimestamp(
            minute * 60, UTC
        )


def test_a_list_of_feeds_is_no_burst() -> None:
    dates = Counter(int(at.timestamp()) // 60 for at in first_checks(NOW, 500))
    assert max(dates.values()) <= 10
