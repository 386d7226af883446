"""Everything that people see is in their language, and fits Discord's limits in each."""

import logging
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from bot.locale.catalogs import ENGLISH, LANGUAGES
from bot.settings import BUNDLED_SEEDS, Settings
from tests.bot.locale.pseudo import FOREIGN, LOCALE, Longest, Pseudo, english_in, replace_catalog
from tests.conftest import Clock
from tests.databases import copy_database
from tests.subscribed import subscribe_all
from tests.tour import GUILD, ISSUE, connected, everything, take_tour

SHOWN = ("content", "label", "placeholder", "title", "description", "name")
# Discord's own: https://discord.com/developers/docs/components/reference
LIMITS = {
    ("button", "label"): 80,
    ("option", "label"): 100,
    ("option", "description"): 100,
    ("select", "placeholder"): 150,
    ("label", "label"): 45,
    ("label", "description"): 100,
    ("modal", "title"): 45,
    ("choice", "name"): 100,
}
SELECTS = {3, 5, 6, 7, 8}


async def walked(settings: Settings, bundled: Path) -> list[tuple[str, Any]]:
    """Return what people were shown, with what they had typed or pressed, and the digests that arrived."""
    copy_database(bundled, settings.database_path)
    clock, places = Clock(), range(1_000, 1_010)
    async with connected(settings, clock, LOCALE) as (app, standin):
        asked = await everything(app)
        await take_tour(standin, asked, LOCALE)
        await subscribe_all(app.services.database, places, ISSUE, guild=GUILD)
        clock.now = ISSUE
        assert await app.scheduler.tick() >= 10
        shown = [(ask.name, standin.answers[f"token-{number}"]) for number, ask in enumerate(asked)]
        return [*shown, *((f"posted in {there}", standin.messages[there]) for there in places)]


def texts(part: Any, kind: str = "") -> Iterator[tuple[tuple[str, str], str]]:
    """Yield the texts of an answer, with the kind of what they are on, and of its field."""
    if isinstance(part, Mapping):
        kind = kind_of(part, kind)
        for key, value in part.items():
            if key in SHOWN and isinstance(value, str):
                yield (kind, key), value
            yield from texts(value, f"{kind}.{key}")
    elif isinstance(part, list | tuple):
        for each in part:
            yield from texts(each, kind)


def kind_of(part: Mapping[str, Any], outer: str) -> str:
    """Return what a part of an answer is."""
    if outer.endswith(".choices"):
        return "choice"
    if outer.endswith(".options"):
        return "option"
    if "components" in part and "title" in part:
        return "modal"
    number = part.get("type")
    return {2: "button", 18: "label"}.get(number, "select" if number in SELECTS else outer)  # type: ignore[arg-type]


def known_words() -> str:
    """Return the words of the bundled seeds, which nobody translates, in a row."""
    seeds = [file.read_text("utf-8") for file in BUNDLED_SEEDS.rglob("*") if file.is_file()]
    return " ".join([*seeds, "Harbour Town", *LANGUAGES.values()])


def simple(text: str) -> str:
    """Return the letters of a text."""
    return " ".join(re.findall(r"[A-Za-z]+", text)).casefold()


async def test_everything_is_in_the_language_of_whoever_reads_it(
    settings: Settings, bundled: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    replace_catalog(monkeypatch, Pseudo())
    shown = await walked(settings, bundled)
    known = f" {simple(known_words())} "
    found = [(name, kind, said) for name, answers in shown for kind, said in texts(answers)]
    assert sum(bool(FOREIGN.search(said)) for _name, _kind, said in found) > 300
    english = {
        (name, words)
        for name, _kind, said in found
        for words in english_in(said)
        if f" {simple(words)} " not in known
    }
    assert english == set()
    assert FOREIGN.search(caplog.text) is None, "the log is in English"


async def test_every_text_fits_discords_limits_in_its_longest_translation(
    settings: Settings, bundled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace_catalog(monkeypatch, Longest())
    shown = await walked(settings, bundled)
    found = [(kind, said) for _name, answers in shown for kind, said in texts(answers)]
    assert LIMITS.keys() <= {kind for kind, _said in found}
    assert [(kind, said) for kind, said in found if len(said) > LIMITS.get(kind, 4_000)] == []


def test_there_are_languages_besides_english() -> None:
    assert LANGUAGES.keys() >= {ENGLISH, "de", "fr", "es", "pt_BR", "it", "pl", "ja", "zh_CN"}
