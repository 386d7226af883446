"""Dates and moments as people write them."""

import contextlib
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.dates import end_of, parse_past, parse_when, start_of
from digests.editions.window import Window
from digests.errors import NotADateError


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("2026-03-10", date(2026, 3, 10)),
        (" 2024-02-29 ", date(2024, 2, 29)),
        ("2026-03-10T12:00Z", datetime(2026, 3, 10, 12, tzinfo=UTC)),
        ("2026-03-10 13:00+01:00", datetime(2026, 3, 10, 12, tzinfo=UTC)),
        ("2026-03-10T00:30:15+05:45", datetime(2026, 3, 9, 18, 45, 15, tzinfo=UTC)),
    ],
)
def test_a_date_or_a_moment_with_its_zone_is_understood(text: str, when: date | datetime) -> None:
    assert parse_when(text) == when
    assert isinstance(parse_when(text), datetime) == isinstance(when, datetime)


@pytest.mark.parametrize(
    "text",
    ["", "today", "2026-02-30", "2026-13-01", "10.3.2026", "2026-03-10T12:00", "12:00Z", "2026-03-10T25:00Z"],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(NotADateError) as raised:
        parse_when(text)
    assert (raised.value.text, raised.value.past) == (text, False)


@pytest.mark.parametrize(
    "text", ["0001-01-01", "9999-12-31", "9999-12-31T23:59:59-12:00", "0001-01-01T00:00+12:00"]
)
def test_a_date_at_the_end_of_time_is_refused(text: str) -> None:
    with pytest.raises(NotADateError):
        parse_when(text)


@given(st.one_of(st.text(max_size=40), st.dates().map(str), st.datetimes(timezones=st.just(UTC)).map(str)))
def test_any_text_gives_a_window_or_is_refused(text: str) -> None:
    try:
        when = parse_when(text)
    except NotADateError:
        return
    assert Window.ending(when, 3660).since < end_of(when)


def test_a_day_begins_at_its_midnight_and_ends_just_before_the_next() -> None:
    day = date(2026, 3, 10)
    assert start_of(day) == datetime(2026, 3, 10, tzinfo=UTC)
    assert timedelta(0) < datetime(2026, 3, 11, tzinfo=UTC) - end_of(day) < timedelta(seconds=1)


def test_a_moment_begins_and_ends_with_itself() -> None:
    moment = datetime(2026, 3, 10, 9, tzinfo=UTC)
    assert start_of(moment) == end_of(moment) == moment


NOON = datetime(2026, 3, 11, 12, tzinfo=UTC)  # a Wednesday


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("3 days", datetime(2026, 3, 8, 12, tzinfo=UTC)),
        ("Last  Week", datetime(2026, 3, 4, 12, tzinfo=UTC)),
        ("2 weeks ago", datetime(2026, 2, 25, 12, tzinfo=UTC)),
        ("the past month", datetime(2026, 2, 9, 12, tzinfo=UTC)),
        ("an hour ago", datetime(2026, 3, 11, 11, tzinfo=UTC)),
        ("36h", datetime(2026, 3, 10, 0, tzinfo=UTC)),
        ("３ days", datetime(2026, 3, 8, 12, tzinfo=UTC)),
        ("٣ days ago", datetime(2026, 3, 8, 12, tzinfo=UTC)),
        ("today", date(2026, 3, 11)),
        ("yesterday", date(2026, 3, 10)),
        ("this week", date(2026, 3, 9)),
        ("this month", date(2026, 3, 1)),
        ("this year", date(2026, 1, 1)),
        ("2026-03-01", date(2026, 3, 1)),
    ],
)
def test_times_in_words_count_back_from_now(text: str, when: date | datetime) -> None:
    assert parse_past(text, NOON) == when


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "3",
        "9999 years",
        "-3 days",
        "3 fortnights",
        "next week",
        "may",
        "last fortnight",
        "0 days",
        "0h",
        "aday",
        "3 ds",
        "last week ago",
        "m",
        "last m",
        "3 days 2 hours",
        "2026-13-40",
        "3½ days",
        "２０２６-13-40",
        "2026-03-10x12:00Z",
        "2026-03-01 2026-03-02",
    ],
)
def test_other_words_are_refused(text: str) -> None:
    with pytest.raises(NotADateError) as raised:
        parse_past(text, NOON)
    assert (raised.value.text, raised.value.past) == (text, True)


@given(st.text(max_size=30))
def test_any_text_is_a_time_or_refused(text: str) -> None:
    with contextlib.suppress(NotADateError):
        parse_past(text, NOON)
