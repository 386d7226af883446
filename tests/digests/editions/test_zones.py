"""Time zones by the names that people give them; what may mean several is refused, and offered."""

import time
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.commands.options import complete_zones
from digests.editions import zones
from digests.editions.issue import timetable_of
from digests.editions.timetable import EVERY_DAY, parse_zone
from digests.editions.zones import MEANT, is_place, zone_names, zones_by_name
from digests.errors import LostZoneError, UnknownZoneError
from storage.models import DigestOptions

SEASONS = [datetime(2026, month, 1, tzinfo=UTC) for month in (1, 7)]
FIXED = [
    "EST",
    "MST",
    "HST",
    "EST5EDT",
    "CST6CDT",
    "MST7MDT",
    "PST8PDT",
    "CET",
    "MET",
    "EET",
    "WET",
    "GMT",
    "GMT0",
]


@pytest.mark.parametrize(
    ("typed", "zone"),
    [
        *((name, "America/New_York") for name in ("EST", "edt", "ET", "Eastern", "Eastern Time", "EST5EDT")),
        *((name, "America/Chicago") for name in ("CST", "CDT", "CT", "Central", "central standard time")),
        *((name, "America/Denver") for name in ("MST", "MT", "Mountain")),
        *((name, "America/Los_Angeles") for name in ("PST", "PDT", "PT", "Pacific Time")),
        ("new york", "America/New_York"),
        ("AEST", "Australia/Sydney"),
        ("IST", "Asia/Kolkata"),
        ("India", "Asia/Kolkata"),
        ("CET", "Europe/Berlin"),
        ("CEST", "Europe/Berlin"),
        ("GMT", "Europe/London"),
        ("BST", "Europe/London"),
        ("UK", "Europe/London"),
        ("JST", "Asia/Tokyo"),
        ("Japan", "Asia/Tokyo"),
        ("Germany", "Europe/Berlin"),
        ("Berlin", "Europe/Berlin"),
        (" são  paulo ", "America/Sao_Paulo"),
        ("South Korea", "Asia/Seoul"),
        ("Côte d’Ivoire", "Africa/Abidjan"),
        ("Trinidad and Tobago", "America/Port_of_Spain"),
        ("Singapore", "Asia/Singapore"),
        ("Calcutta", "Asia/Calcutta"),
        ("US/Eastern", "US/Eastern"),
        ("UTC", "UTC"),
        ("Etc/GMT+2", "Etc/GMT+2"),
    ],
)  # fmt: skip
def test_a_zone_is_found_by_what_people_call_it(typed: str, zone: str) -> None:
    assert parse_zone(typed).key == zone
    if is_place(zone):
        assert complete_zones(typed)[0] == zone


@pytest.mark.parametrize(
    "typed", ["USA", "Australia", "Russia", "Spain", "Korea", "Mars", "Eastern Europe Time", "GMT+2"]
)
def test_what_means_several_zones_or_none_is_refused(typed: str) -> None:
    with pytest.raises(UnknownZoneError):
        parse_zone(typed)


def test_a_country_with_several_times_offers_them() -> None:
    assert complete_zones("Spain")[:3] == ["Europe/Madrid", "Africa/Ceuta", "Atlantic/Canary"]
    assert complete_zones("USA")[0] == "America/New_York"


def test_every_abbreviation_that_a_zone_shows_is_understood_as_a_zone_that_shows_it() -> None:
    shown: dict[str, set[str]] = {}
    for name in filter(is_place, zone_names().values()):
        for moment in SEASONS:
            shown.setdefault(f"{moment.astimezone(ZoneInfo(name)):%Z}", set()).add(name)
    for abbreviation, names in shown.items():
        if abbreviation.isalpha():
            assert parse_zone(abbreviation).key in names, abbreviation


def test_what_people_mean_are_zones_of_places() -> None:
    assert all(is_place(zone) and zone in zone_names().values() for zone in MEANT)


@given(st.sampled_from([*FIXED, "e", "es", "g", "gmt+", "etc", "utc", "u", "m", ""]) | st.text(max_size=4))
@settings(deadline=None)  # the first look reads the tables
def test_no_clock_that_stays_the_same_where_others_change_is_offered(typed: str) -> None:
    offered = complete_zones(typed)
    assert all(map(is_place, offered))
    assert not set(offered) & set(FIXED)


@pytest.mark.parametrize("zone", [*FIXED, "Etc/GMT+5", "Europe/Berlin", "Asia/Calcutta"])
def test_a_digest_that_has_such_a_zone_goes_on(zone: str) -> None:
    assert timetable_of(DigestOptions("09:00", zone, EVERY_DAY, 5)).zone.key == zone


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "America", "../etc/passwd", "a\x00b"])
def test_a_zone_that_this_machine_does_not_know_is_lost(zone: str) -> None:
    with pytest.raises(LostZoneError):
        timetable_of(DigestOptions("09:00", zone, EVERY_DAY, 5))


def test_once_the_names_are_read_a_look_is_quick() -> None:
    zones_by_name()
    start = time.perf_counter()
    for typed in ("EST", "Germany", "x" * 6_000, "new", "São Paulo"):
        complete_zones(typed)
    assert time.perf_counter() - start < 0.25  # for five: 50 ms each


@given(st.text(max_size=20))
@settings(deadline=None)
def test_any_text_is_a_zone_or_refused(text: str) -> None:
    try:
        found = parse_zone(text)
    except UnknownZoneError:
        return
    assert zones.zones_called(text) == (found.key,)
