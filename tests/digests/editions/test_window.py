"""What an edition looks back to: short gaps are caught up, long ones are one interval, none is a month."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.editions.issue import window_at
from digests.editions.timetable import EVERY_DAY, Timetable
from digests.editions.window import Window
from storage.models import DigestOptions, Subject, Subscription, Topic
from tests.digests.editions.test_timetable import SOME_DAYS, TIMES, ZONES
from tests.subscribed import DAY, NINE  # a Tuesday

HOUR = timedelta(hours=1)
TUESDAYS = frozenset({2})


def since(covered_to: datetime, issue_at: datetime, days: frozenset[int] = EVERY_DAY) -> datetime:
    """Return where a window begins after an edition whose window ended at `covered_to`."""
    options = DigestOptions("09:00", "UTC", days, 5)
    subject = Subject((Topic(1, "ai", "AI"),))
    digest = Subscription(
        id=1, subject=subject, guild_id=1, channel_id=2, created_by=3, created_at=NINE, options=options,
        covered_to=covered_to, next_at=issue_at,
    )  # fmt: skip
    window = window_at(digest, issue_at)
    assert window.until == issue_at
    return window.since


MONDAYS = frozenset({1})


def test_a_weekly_digest_is_about_the_whole_week_though_one_was_sent_by_hand_within_it() -> None:
    monday = NINE + (8 - NINE.isoweekday()) * DAY
    assert since(monday - 2 * DAY, monday, MONDAYS) == monday - 7 * DAY
    assert since(monday - 2 * DAY, monday) == monday - 2 * DAY


def test_a_weekly_digest_that_could_not_be_posted_makes_up_for_it() -> None:
    monday = NINE + (8 - NINE.isoweekday()) * DAY
    assert since(monday - 14 * DAY, monday, MONDAYS) == monday - 14 * DAY
    assert since(monday - 15 * DAY, monday, MONDAYS) == monday - 7 * DAY


@pytest.mark.parametrize("days", [1, 2, 5, 8])
def test_a_gap_of_up_to_a_week_is_caught_up(days: int) -> None:
    assert since(NINE - days * DAY, NINE) == NINE - days * DAY


@pytest.mark.parametrize("days", [9, 31, 180, 20_000])
def test_after_a_longer_gap_the_window_is_one_interval(days: int) -> None:
    assert since(NINE - days * DAY, NINE) == NINE - DAY


def test_a_weekly_digest_catches_up_one_edition() -> None:
    assert since(NINE - 7 * DAY, NINE, TUESDAYS) == NINE - 7 * DAY
    assert since(NINE - 14 * DAY, NINE, TUESDAYS) == NINE - 14 * DAY
    assert since(NINE - 21 * DAY, NINE, TUESDAYS) == NINE - 7 * DAY


def test_after_a_weekend_the_interval_has_its_days() -> None:
    weekdays = frozenset(range(1, 6))
    monday = NINE - DAY
    assert since(monday - 180 * DAY, monday, weekdays) == monday - 3 * DAY


@pytest.mark.parametrize("days", [EVERY_DAY, TUESDAYS])
def test_a_last_edition_in_the_future_is_forgotten(days: frozenset[int]) -> None:
    assert since(NINE + 73 * 365 * DAY, NINE, days) == NINE - (DAY if days == EVERY_DAY else 7 * DAY)


def test_an_edition_by_hand_has_what_is_new_since_the_last_one_and_never_less_than_an_interval() -> None:
    assert since(NINE, NINE + 5 * HOUR) == NINE
    assert since(NINE - 180 * DAY, NINE + 5 * HOUR) == NINE - DAY
    assert since(NINE - 180 * DAY, NINE + 3 * DAY, TUESDAYS) == NINE - 4 * DAY  # seven days


@given(
    st.sampled_from(ZONES),
    TIMES,
    SOME_DAYS,
    st.integers(1_262_304_000, 2_082_758_400).map(lambda epoch: datetime.fromtimestamp(epoch, UTC)),
    st.integers(-40_000, 40_000),
)
def test_no_window_is_longer_than_31_days(
    zone: str, at: time, days: frozenset[int], moment: datetime, hours: int
) -> None:
    timetable = Timetable(at, ZoneInfo(zone), days)
    for issue_at in (timetable.last_by(moment), moment):
        window = Window.following(moment + hours * HOUR, timetable.previous(issue_at), issue_at)
        assert timedelta(0) <= window.until - window.since <= 31 * DAY
