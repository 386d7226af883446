"""Texts are looked up by their English wording, in the language of whoever reads them."""

import asyncio
import gettext
from datetime import date
from pathlib import Path

import pytest

from bot.locale import _, catalogs, in_language, n_, speak, spoken
from bot.locale.catalogs import ENGLISH, LANGUAGES, catalog, language_of
from bot.locale.cldr import either, enumerated, listed, weekdays, written_date


def test_a_text_has_its_places_filled() -> None:
    assert _("{topic} in {place}", topic="AI", place="#news") == "AI in #news"


def test_a_text_has_the_form_that_goes_with_its_number() -> None:
    assert [n_("{number:,} story", "{number:,} stories", number) for number in (1, 0, 2_000)] == [
        "1 story",
        "0 stories",
        "2,000 stories",
    ]


def test_polish_has_three_forms() -> None:
    with in_language("pl"):
        said = [n_("{number:,} story", "{number:,} stories", number) for number in (1, 2, 5)]
    assert len({each.lstrip("125 ") for each in said}) == 3


@pytest.mark.parametrize(
    ("locale", "language"),
    [
        ("de", "de"),
        ("pt-BR", "pt_BR"),
        ("es-ES", "es"),
        ("es-419", "es"),
        ("en-US", "en"),
        ("en-GB", "en"),
        ("zh-CN", "zh_CN"),
        ("zh-TW", "en"),
        ("tlh", "en"),
        ("", "en"),
    ],
)
def test_each_locale_of_discord_reads_the_nearest_language(locale: str, language: str) -> None:
    assert language_of(locale) == language


def test_a_text_that_is_not_translated_reads_as_it_is_in_english() -> None:
    for language in LANGUAGES:
        with in_language(language):
            assert _("Not a text of the bot's: {number:.0%}", number=0.5) == "Not a text of the bot's: 50%"
            assert n_("{number} odd one", "{number} odd ones", 5) == "5 odd ones"


def test_every_language_but_english_has_a_compiled_catalog() -> None:
    compiled = [language for language in LANGUAGES if isinstance(catalog(language), gettext.GNUTranslations)]
    assert compiled == [language for language in LANGUAGES if language != ENGLISH]


@pytest.mark.parametrize("length", [0, 10, 5_000])
def test_a_damaged_catalog_reads_in_english_and_is_logged(
    length: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    whole = (catalogs.FOLDER / "de" / "LC_MESSAGES" / f"{catalogs.DOMAIN}.mo").read_bytes()
    damaged = tmp_path / "de" / "LC_MESSAGES" / f"{catalogs.DOMAIN}.mo"
    damaged.parent.mkdir(parents=True)
    damaged.write_bytes(whole[:length])
    monkeypatch.setattr(catalogs, "FOLDER", tmp_path)
    catalog.cache_clear()
    try:
        with in_language("de"):
            assert _("Undone.") == "Undone."
            assert n_("{number:,} story", "{number:,} stories", 2_000) == "2.000 stories"
    finally:
        catalog.cache_clear()
    assert caplog.text.count("the texts in de can't be read") == 1


def test_a_block_has_its_language_and_what_follows_has_its_own() -> None:
    with in_language("de"):
        with in_language("ja"):
            assert spoken() == "ja"
        assert spoken() == "de"
    assert spoken() == ENGLISH


async def test_what_one_task_speaks_another_does_not() -> None:
    async def said() -> str:
        speak("ja")
        await asyncio.sleep(0)
        return spoken()

    assert await asyncio.create_task(said()) == "ja"
    assert spoken() == ENGLISH


@pytest.mark.parametrize(
    ("language", "number", "decimal", "lists", "day", "monday"),
    [
        ("en", "2,000", "0.50", ["A, B and C", "A, B or C", "A, B, C"], "4 January 2026", "Monday"),
        ("de", "2.000", "0,50", ["A, B und C", "A, B oder C", "A, B, C"], "4. Januar 2026", "Montag"),
        ("ja", "2,000", "0.50", ["A、B、C", "A、B、またはC", "A、B、C"], "2026年1月4日", "月曜日"),
    ],
)
def test_numbers_lists_and_dates_are_as_the_language_writes_them(
    language: str, number: str, decimal: str, lists: list[str], day: str, monday: str
) -> None:
    names = ["A", "B", "C"]
    with in_language(language):
        assert _("{number:,}", number=2_000) == number
        assert _("{number:.2f}", number=0.5) == decimal
        assert [listed(names), either(names), enumerated(names)] == lists
        assert written_date(date(2026, 1, 4)) == day
        assert weekdays()[0] == monday
