"""Time zones by the names that people give them: IANA's, abbreviations, cities and countries."""

from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from importlib import resources

from storage.search.letters import fold

# Several zones share most abbreviations; these are the ones that CLDR's metazones, or else the most people,
# mean by them. They are those that zones of the IANA database show today, in the last lines those that it
# showed until 2017, and people still write. The generic names are CLDR's for North America.
MEANT = {
    "UTC": "utc z zulu",
    "America/New_York": "est edt et est5edt eastern",
    "America/Chicago": "cst cdt ct cst6cdt central",
    "America/Denver": "mst mdt mt mst7mdt mountain",
    "America/Los_Angeles": "pst pdt pt pst8pdt pacific",
    "America/Anchorage": "akst akdt akt",
    "Pacific/Honolulu": "hst",
    "America/Adak": "hdt",
    "America/Halifax": "ast adt atlantic",
    "America/St_Johns": "nst ndt newfoundland",
    "Europe/London": "gmt bst",
    "Europe/Lisbon": "wet west",
    "Europe/Berlin": "cet cest met mest",
    "Europe/Bucharest": "eet eest",
    "Europe/Moscow": "msk",
    "Africa/Lagos": "wat",
    "Africa/Maputo": "cat",
    "Africa/Nairobi": "eat",
    "Africa/Johannesburg": "sast",
    "Asia/Jerusalem": "idt",
    "Asia/Karachi": "pkt",
    "Asia/Kolkata": "ist",
    "Asia/Jakarta": "wib",
    "Asia/Makassar": "wita",
    "Asia/Jayapura": "wit",
    "Asia/Hong_Kong": "hkt",
    "Asia/Tokyo": "jst",
    "Asia/Seoul": "kst",
    "Australia/Perth": "awst",
    "Australia/Adelaide": "acst acdt",
    "Australia/Sydney": "aest aedt aet",
    "Pacific/Auckland": "nzst nzdt nzt",
    "Pacific/Guam": "chst",
    "Pacific/Pago_Pago": "sst",
    "America/Sao_Paulo": "brt",
    "America/Argentina/Buenos_Aires": "art",
    "Europe/Istanbul": "trt",
    "Asia/Dubai": "gst",
    "Asia/Bangkok": "ict",
    "Asia/Singapore": "sgt",
    "Asia/Kuala_Lumpur": "myt",
}
# What people call countries besides their names in iso3166.tab.
COUNTRIES = {
    "GB": ("uk", "gb", "united kingdom", "great britain", "england", "scotland", "wales", "northern ireland"),
    "US": ("us", "usa", "america"),
    "AE": ("uae",),
    "CI": ("ivory coast",),
    "CZ": ("czechia",),
    "MM": ("burma",),
    "NL": ("holland", "the netherlands"),
}
SUFFIXES = (" standard time", " daylight time", " summer time", " time")  # after Eastern, for example


@cache
def zone_names() -> dict[str, str]:
    """Return every IANA zone name by its lower-case form.

    They stand in one file of the package tzdata. To look for them in the tree of files that a system has
    takes up to half a second.
    """
    names = resources.files("tzdata").joinpath("zones").read_text("utf-8").split()
    return {name.casefold(): name for name in names}


def zones_called(text: str) -> tuple[str, ...]:
    """Return the names of the zones that `text` may mean: none where it isn't understood."""
    words, known = as_typed(text), zones_by_name()
    shorter = next((words.removesuffix(each) for each in SUFFIXES if words.endswith(each)), words)
    return known.get(words) or known.get(shorter, ())


def as_typed(text: str) -> str:
    """Return a name as zones_by_name() has it: lower case, without accents and underscores."""
    return " ".join(fold(text).replace("_", " ").replace("\u2019", "'").split())


@cache
def zones_by_name() -> dict[str, tuple[str, ...]]:
    """Return the zones with any name that people give them, several where a country keeps several times."""
    places = [(row[0], row[2]) for row in _table("zone.tab")]
    meant = {word: (zone,) for zone, words in MEANT.items() for word in words.split()}
    cities = {as_typed(zone.rpartition("/")[2]): (zone,) for _, zone in places}
    by_id = {as_typed(name): (name,) for name in zone_names().values()}
    return {**by_id, **_former_cities(places), **_countries(places), **cities, **meant}


def is_place(zone: str) -> bool:
    """Say whether a zone has a place's clock, and not one that stays the same where clocks change."""
    return zone == "UTC" or ("/" in zone and not zone.startswith("Etc/"))


def _former_cities(places: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    """Return zones by the cities whose names the database has had once, such as Calcutta."""
    # Not of Australia, whose other names are North, South and West.
    regions = {zone.partition("/")[0] for _, zone in places} - {"Australia"}
    names = [name for name in zone_names().values() if name.partition("/")[0] in regions]
    return {as_typed(name.rpartition("/")[2]): (name,) for name in names}


def _countries(places: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    zones: defaultdict[str, list[str]] = defaultdict(list)
    for code, zone in places:
        zones[code].append(zone)  # of a country the zone with the most people comes first
    found: defaultdict[str, list[str]] = defaultdict(list)
    for code, full_name in _table("iso3166.tab"):
        name, _, which = full_name.rstrip(")").partition(" (")
        names = {name, f"{which} {name}", name.replace("&", "and"), *COUNTRIES.get(code, ())}
        for each in set(map(as_typed, names)):
            found[each] += _that_differ(zones[code])
    return {name: tuple(zones) for name, zones in found.items() if zones}


def _that_differ(zones: list[str]) -> list[str]:
    """Return the first of zones that will go by the same rules from now on, else all of them."""
    return zones if len({_rules(zone) for zone in zones}) > 1 else zones[:1]


def _rules(zone: str) -> bytes:
    """Return the last line of a zone's file: how it goes on, as in the environment variable TZ."""
    content = resources.files("tzdata.zoneinfo").joinpath(*zone.split("/")).read_bytes()
    return content.rstrip(b"\n").rpartition(b"\n")[2]


def _table(name: str) -> list[list[str]]:
    """Return the rows of one of the database's tables."""
    text = resources.files("tzdata.zoneinfo").joinpath(name).read_text("utf-8")
    return [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]
