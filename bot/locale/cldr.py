"""Lists, dates and days as a language writes them, by the Unicode Common Locale Data Repository (CLDR).

English is that of Great Britain there: "4 January 2026", "A, B and C".
"""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Literal

from bot.locale import spoken
from bot.locale.catalogs import ENGLISH

if TYPE_CHECKING:
    from babel import Locale


def load_cldr() -> None:
    """Load Babel and its data for English, which takes 50 ms; each other language takes less than 10."""
    weekdays()
    listed([written_date(date.min)])


def listed(names: Sequence[str]) -> str:
    """Return all of something as a list: "A, B and C"."""
    from babel.lists import format_list

    return format_list(names, "standard", _locale())


def either(names: Sequence[str]) -> str:
    """Return alternatives: "A, B or C"."""
    from babel.lists import format_list

    return format_list(names, "or", _locale())


def enumerated(names: Sequence[str]) -> str:
    """Return names with what stands between those of a list, for one that goes on after them: "A, B, C"."""
    between: str = _locale().list_patterns["standard"]["middle"].format("", "")
    return between.join(names)


def written_date(day: date) -> str:
    """Return a date: "4 January 2026"."""
    from babel.dates import format_date

    return format_date(day, "long", _locale())


def weekdays() -> list[str]:
    """Return the names of the days of the week as they stand in a sentence, Monday first."""
    return _day_names("wide")


def short_weekdays() -> list[str]:
    """Return short names of the days of the week, without a full stop, Monday first."""
    return [name.rstrip(".") for name in _day_names("abbreviated")]


def _day_names(width: Literal["abbreviated", "wide"]) -> list[str]:
    from babel.dates import get_day_names

    named = get_day_names(width, "stand-alone", _locale())
    return [named[day] for day in range(7)]


def _locale() -> "Locale":
    from babel import Locale

    language = spoken()
    return Locale.parse("en_GB" if language == ENGLISH else language)
