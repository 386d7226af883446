"""Discord shows commands in its readers' languages, within its limits; names are the same everywhere."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from discord import Locale

from bot.app import open_app
from bot.locale.catalogs import ENGLISH, language_of
from bot.locale.translator import CatalogTranslator
from bot.settings import Settings

LOCALES = {str(locale) for locale in Locale if language_of(locale) != ENGLISH}
LONGEST = 100  # characters of a description, and of a choice's name
WHOLE = 8_000  # characters of a command; of localized texts only the longest counts


@pytest.fixture
async def commands(settings: Settings) -> AsyncIterator[list[dict[str, Any]]]:
    """Return all commands as they are sent to Discord."""
    async with open_app(settings) as app:
        tree, translator = app.client.tree, CatalogTranslator()
        yield [await each.get_translated_payload(tree, translator) for each in tree.get_commands()]


def parts(command: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a command, and its options and choices on all levels."""
    yield command
    for each in [*command.get("options", ()), *command.get("choices", ())]:
        yield from parts(each)


async def test_descriptions_are_in_every_language(commands: list[dict[str, Any]]) -> None:
    described = [part for command in commands for part in parts(command) if "description" in part]
    assert len(described) > 100
    assert [part["name"] for part in described if part["description_localizations"].keys() != LOCALES] == []


async def test_commands_and_options_are_called_the_same_everywhere(commands: list[dict[str, Any]]) -> None:
    named = [part for command in commands for part in parts(command) if "description" in part]
    assert [part["name"] for part in named if part.get("name_localizations")] == []


async def test_every_text_fits_discords_limits(commands: list[dict[str, Any]]) -> None:
    for command in commands:
        for part in parts(command):
            kind = "description" if "description" in part else "name"
            for said in [part[kind], *(part.get(f"{kind}_localizations") or {}).values()]:
                assert 1 <= len(said) <= LONGEST, said
        assert sum(map(size, parts(command))) <= WHOLE


def size(part: dict[str, Any]) -> int:
    """Return how many characters of a command Discord counts."""
    counted = len(str(part.get("value", "")))
    for kind in ("name", "description"):
        said = [part.get(kind, ""), *(part.get(f"{kind}_localizations") or {}).values()]
        counted += max(map(len, said))
    return counted
