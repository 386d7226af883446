"""When editions are issued: every existing date once, across clock changes and skipped dates."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digests.editions.timetable import (
    DAYS,
    EVERY_DAY,
    WEEKDAYS,
    Timetable,
    parse_days,
    parse_time,
    parse_zone,
    usual_time,
)
from digests.errors import NotATimeError, NotDaysError, UnknownZoneError

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/Sao_Paulo",
    "America/St_Johns",
    "Africa/Cairo",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Chatham",
]


def table(zone: str, at: str = "09:00", days: frozenset[int] = EVERY_DAY) -> Timetable:
    return Timetable(time.fromisoformat(at), ZoneInfo(zone), days)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def issues(timetable: Timetable, start: datetime, end: datetime) -> Iterator[datetime]:
    """Yield the issue times after `start` and before `end`, each asked for with the one before."""
    moment = timetable.next_after(start)
    while moment < end:
        yield moment
        moment = timetable.next_after(moment)


def exists(day: date, zone: ZoneInfo) -> bool:
    start = datetime.combine(day, time(), UTC) - timedelta(hours=15)
    return any((start + n * timedelta(minutes=30)).astimezone(zone).date() == day for n in range(110))


def expected_issue(timetable: Timetable, day: date) -> datetime | None:
    """Find an issue time by looking at the zone's clock minute by minute."""
    if not exists(day, timetable.zone):
        return None
    moment = datetime.combine(day, timetable.issue_time, UTC) - timedelta(hours=15)
    while moment.astimezone(timetable.zone).replace(tzinfo=None) < datetime.combine(
        day, timetable.issue_time
    ):
        moment += MINUTE
    return moment


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(("year", "at"), [(2011, "00:00"), (2018, "00:30"), (2024, "02:15")])
def test_a_year_has_one_issue_for_each_of_its_dates(zone: str, year: int, at: str) -> None:
    timetable = table(zone, at)
    start, end = datetime(year, 1, 1, tzinfo=timetable.zone), datetime(year + 1, 1, 1, tzinfo=timetable.zone)
    found = list(issues(timetable, start - timedelta(seconds=1), end - timedelta(seconds=1)))
    dates = [date(year, 1, 1) + n * DAY for n in range(366) if (date(year, 1, 1) + n * DAY).year == year]
    skipped = {date(2011, 12, 30)} if zone == "Pacific/Apia" else set()
    assert [timetable.local_date(issue) for issue in found] == [day for day in dates if day not in skipped]
    assert found == sorted(set(found))


@pytest.mark.parametrize("zone", ZONES)
def test_the_last_issue_by_a_moment_is_the_one_that_came_before_it(zone: str) -> None:
    timetable = table(zone, "02:15")
    for issue in issues(timetable, utc("2024-03-01"), utc("2024-04-10")):
        following = timetable.next_after(issue)
        assert timetable.last_by(issue) == issue
        assert timetable.last_by(following - MINUTE) == issue
        assert timetable.next_after(following - MINUTE) == following


@pytest.mark.parametrize(
    ("zone", "at", "day", "issue"),
    [
        ("UTC", "09:00", "2024-02-29", "2024-02-29T09:00"),
        ("Asia/Kathmandu", "09:00", "2024-02-29", "2024-02-29T03:15"),
        ("Europe/Berlin", "09:00", "2024-07-01", "2024-07-01T07:00"),
        # Clocks go from 02:00 to 03:00, then back from 03:00 to 02:00.
        ("Europe/Berlin", "02:30", "2024-03-31", "2024-03-31T01:00"),
        ("Europe/Berlin", "03:00", "2024-03-31", "2024-03-31T01:00"),
        ("Europe/Berlin", "02:30", "2024-10-27", "2024-10-27T00:30"),
        ("America/New_York", "01:30", "2024-11-03", "2024-11-03T05:30"),
        # Lord Howe Island moves its clocks by half an hour.
        ("Australia/Lord_Howe", "02:15", "2024-10-06", "2024-10-05T15:30"),
        ("Australia/Lord_Howe", "01:45", "2024-04-07", "2024-04-06T14:45"),
        # São Paulo went from midnight to 01:00.
        ("America/Sao_Paulo", "00:00", "2018-11-04", "2018-11-04T03:00"),
        ("America/Sao_Paulo", "00:59", "2018-11-04", "2018-11-04T03:00"),
        ("America/Sao_Paulo", "01:00", "2018-11-04", "2018-11-04T03:00"),
        ("America/Sao_Paulo", "23:30", "2018-11-03", "2018-11-04T02:30"),
        # Samoa went from the end of the 29th to the beginning of the 31st.
        ("Pacific/Apia", "00:00", "2011-12-31", "2011-12-30T10:00"),
        ("Pacific/Apia", "23:59", "2011-12-29", "2011-12-30T09:59"),
        # Toronto once went from 23:30 to 00:30 of the next day.
        ("America/Toronto", "23:45", "1919-03-30", "1919-03-31T04:30"),
        ("America/Toronto", "00:15", "1919-03-31", "1919-03-31T04:30"),
    ],
)
def test_a_time_that_clocks_skip_or_show_twice_is_served_once(
    zone: str, at: str, day: str, issue: str
) -> None:
    timetable = table(zone, at)
    assert timetable.next_after(utc(issue) - MINUTE) == utc(issue)
    assert timetable.last_by(utc(issue)) == utc(issue)
    assert timetable.local_date(utc(issue)) == date.fromisoformat(day)


def test_a_date_that_the_calendar_skips_has_no_issue() -> None:
    timetable = table("Pacific/Apia", "09:00")
    found = [timetable.local_date(each) for each in issues(timetable, utc("2011-12-28"), utc("2012-01-01"))]
    assert found == [date(2011, 12, 28), date(2011, 12, 29), date(2011, 12, 31), date(2012, 1, 1)]


def test_a_weekly_edition_of_a_skipped_date_comes_a_week_later() -> None:
    fridays = table("Pacific/Apia", "09:00", frozenset({5}))
    found = [fridays.local_date(each) for each in issues(fridays, utc("2011-12-20"), utc("2012-01-10"))]
    assert found == [date(2011, 12, 23), date(2012, 1, 6)]


def test_the_next_issue_is_strictly_later() -> None:
    assert table("UTC").next_after(utc("2026-03-10T09:00")) == utc("2026-03-11T09:00")
    assert table("UTC").last_by(utc("2026-03-10T08:59:59")) == utc("2026-03-09T09:00")


@pytest.mark.parametrize("days", DAYS.values(), ids=DAYS)
def test_editions_come_on_the_chosen_weekdays_only(days: frozenset[int]) -> None:
    timetable = table("Europe/Berlin", days=days)
    found = [timetable.local_date(each) for each in issues(timetable, utc("2026-03-01"), utc("2026-03-29"))]
    assert {day.isoweekday() for day in found} == days
    assert len(found) == 4 * len(days)


TIMES = st.builds(time, st.integers(0, 23), st.integers(0, 59))
SOME_DAYS = st.frozensets(st.integers(1, 7), min_size=1)
CHANGES = [
    ("Pacific/Apia", date(2011, 12, 30)),
    ("America/Sao_Paulo", date(2018, 11, 4)),
    ("Australia/Lord_Howe", date(2024, 10, 6)),
    ("Africa/Cairo", date(2024, 4, 26)),
    ("America/St_Johns", date(2006, 4, 2)),
    ("Pacific/Chatham", date(2024, 4, 7)),
    ("America/Scoresbysund", date(2024, 3, 31)),
    ("Pacific/Kwajalein", date(1993, 8, 21)),
]


@given(st.sampled_from(ZONES), st.dates(date(1975, 1, 1), date(2036, 12, 1)), TIMES, SOME_DAYS)
@settings(deadline=None, max_examples=60)
def test_every_existing_date_has_exactly_one_issue(
    zone: str, day: date, at: time, days: frozenset[int]
) -> None:
    timetable = Timetable(at, ZoneInfo(zone), days)
    moment = datetime.combine(day, time(), UTC)
    found = [timetable.last_by(moment)]
    found += issues(timetable, moment, moment + 10 * DAY)
    dates = [timetable.local_date(issue) for issue in found]
    between = [dates[0] + n * DAY for n in range((dates[-1] - dates[0]).days + 1)]
    assert dates == [each for each in between if each.isoweekday() in days and exists(each, timetable.zone)]
    assert found == sorted(set(found))


@given(st.sampled_from(CHANGES), st.integers(-2, 2), TIMES)
@settings(deadline=None, max_examples=120)
def test_an_issue_is_the_first_minute_at_which_the_clock_has_reached_its_time(
    change: tuple[str, date], offset: int, at: time
) -> None:
    zone, day = change[0], change[1] + offset * DAY
    timetable = Timetable(at, ZoneInfo(zone))
    expected = expected_issue(timetable, day)
    around = issues(
        timetable, datetime.combine(day, at, UTC) - 3 * DAY, datetime.combine(day, at, UTC) + 3 * DAY
    )
    assert {timetable.local_date(issue): issue for issue in around}.get(day) == expected


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("9", "09:00"),
        ("09:00", "09:00"),
        ("9.30", "09:30"),
        ("21h15", "21:15"),
        (" 9 pm ", "21:00"),
        ("9:05PM", "21:05"),
        ("12 am", "00:00"),
        ("12 pm", "12:00"),
        ("0:00", "00:00"),
        ("23:59", "23:59"),
        ("９：００", "09:00"),
        ("٢١:٣٠", "21:30"),
    ],
)
def test_a_time_of_day_is_understood_as_people_write_it(text: str, at: str) -> None:
    assert parse_time(text) == time.fromisoformat(at)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "24:00",
        "9:60",
        "13 pm",
        "0 am",
        "9:5",
        "noon",
        "-1",
        "9:00:00",
        "123",
        "25:00",
        "9 pm pm",
        "9 am pm",
        "12h30m",
        "9 or 10",
        "9²",
        "½",
        "9::00",
        "9:00 UTC",
        "09:00\n10:00",
        "९९:००",
    ],
)
def test_what_is_no_time_of_day_is_refused(text: str) -> None:
    with pytest.raises(NotATimeError) as raised:
        parse_time(text)
    assert raised.value.text == text


@pytest.mark.parametrize("name", ["Europe/Berlin", "europe/berlin", " EUROPE/BERLIN "])
def test_a_zone_is_found_in_any_case(name: str) -> None:
    assert parse_zone(name).key == "Europe/Berlin"


def test_a_zone_is_found_with_spaces_for_underscores() -> None:
    assert parse_zone("america/new york").key == "America/New_York"


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Berlin, maybe",
        "UTC+1",
        "EST+1",
        "EST EDT",
        "time",
        "Berlin!",
        "Spain",
        "../../etc/passwd",
        "/etc/localtime",
        "a\x00b",
        "é",
    ],
)
def test_what_is_no_zone_is_refused(name: str) -> None:
    with pytest.raises(UnknownZoneError) as raised:
        parse_zone(name)
    assert raised.value.text == name


@given(st.text(max_size=20))
@settings(max_examples=80)
def test_any_text_gives_a_time_or_is_refused(text: str) -> None:
    try:
        at = parse_time(text)
    except NotATimeError:
        return
    assert at == at.replace(second=0, microsecond=0, tzinfo=None)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("daily", {1, 2, 3, 4, 5, 6, 7}),
        ("Weekdays", {1, 2, 3, 4, 5}),
        ("weekends", {6, 7}),
        ("weekdays and Sunday", {1, 2, 3, 4, 5, 7}),
        ("Monday", {1}),
        ("mo, we; FR", {1, 3, 5}),
        ("every Tuesday and on thursdays", {2, 4}),
        ("Mon-Fri", {1, 2, 3, 4, 5}),
        ("sat-mon", {6, 7, 1}),
        ("weekly", {1}),
        ("weekly on Friday", {5}),
        ("Mon \u2013 Fri", {1, 2, 3, 4, 5}),
        ("Mon to Wed", {1, 2, 3}),
        ("Mon. & Fri.", {1, 5}),
        ("tue/thu+sat", {2, 4, 6}),
    ],
)
def test_days_are_understood_as_people_write_them(text: str, days: set[int]) -> None:
    assert parse_days(text) == days


@pytest.mark.parametrize(
    "text",
    [
        "",
        " , ",
        "t",
        "someday",
        "mon-",
        "-",
        "monday-someday",
        "1",
        "x" * 6_000,
        "Monday banana",
        "weekly daily",
        "daily Monday",
        "weekly weekdays",
        "Monday 2",
        "2 Mondays",
        "Mon..Fri",
        "Mon~Fri",
        "Monday банан",
        "Mon-Fri-Sun",
        "not Monday",
        "ＭＯＮ",
        " " * 6_000,
        "every",
        "Mon-and-Fri",
    ],
)
def test_what_names_no_days_is_refused(text: str) -> None:
    with pytest.raises(NotDaysError) as raised:
        parse_days(text)
    assert raised.value.text == text


@given(st.sampled_from(["daily", "weekdays", "weekends"]) | st.frozensets(st.integers(1, 7), min_size=1))
def test_days_in_words_are_understood_again(days: str | frozenset[int]) -> None:
    if isinstance(days, str):
        assert parse_days(days) == DAYS[days]
    else:
        assert parse_days(", ".join(WEEKDAYS[day - 1] for day in days)) == days


@given(st.text(max_size=30))
def test_any_text_gives_days_or_is_refused(text: str) -> None:
    try:
        days = parse_days(text)
    except NotDaysError:
        return
    assert days
    assert days <= EVERY_DAY


def test_a_bot_with_several_shards_spreads_the_usual_time_evenly_over_half_an_hour_by_server() -> None:
    servers = [(number << 22) + 1 for number in range(1, 601)]
    assert Counter(usual_time(each, 2) for each in servers) == {f"09:{minute:02}": 20 for minute in range(30)}
    assert {usual_time(each, 1) for each in servers} == {"09:00"}
    assert usual_time(None, 2) == "09:00"
