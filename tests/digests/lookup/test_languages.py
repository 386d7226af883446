"""Words are found by their other forms in the language that their text is known to be written in."""

import pytest

from tests.build import HOST, seed_text, write_seed
from tests.digests.lookup.conftest import Library

OUTLET = "---\nname: One\ndomain: one.example\nlanguage: {}\n---\n"


async def speak(library: Library, language: str, *titles: str) -> None:
    """Load titles of an outlet that writes in a language."""
    write_seed(library.folder, "_data/organizations/one.md", OUTLET.format(language))
    await library.load(**{f"s{number}": title for number, title in enumerate(titles)})


async def titles_of_forms(library: Library, text: str) -> list[str]:
    """Return what a search finds that takes nothing for mistyped."""
    results = await library.search(text)
    return [] if results.corrections else [each.coverage.pick.title for each in results.stories]


@pytest.mark.parametrize("language", ["de", "de-AT", "DE_ch"])
async def test_forms_are_those_of_the_language_of_the_outlet(library: Library, language: str) -> None:
    await speak(library, language, "Häuser werden teurer", "Quiet lamps")
    assert await titles_of_forms(library, "Hauses ") == ["Häuser werden teurer"]


async def test_a_text_of_an_unknown_language_has_no_forms_but_those_of_english(library: Library) -> None:
    await library.load(a="Новости порта", b="Drills stop")
    assert await titles_of_forms(library, "новостью ") == []
    assert await titles_of_forms(library, "drill ") == ["Drills stop"]


async def test_a_topic_says_what_articles_are_written_in_if_their_outlet_does_not(library: Library) -> None:
    write_seed(library.folder, "_data/topics/haus.yaml", "name: Bauen\nlanguage: de\n")
    await library.load_texts(
        seed_text(f"{HOST}/1", title="Häuser werden teurer", topics=("Bauen",)),
        seed_text(f"{HOST}/2", title="Mäuse tanzen", topics=("Tiere",)),
    )
    assert await titles_of_forms(library, "haus ") == ["Häuser werden teurer"]
    assert await titles_of_forms(library, "hauses ") == ["Häuser werden teurer"]
    assert await titles_of_forms(library, "tanz ") == []


async def test_the_exact_word_goes_before_its_forms_and_a_name_is_not_lost(library: Library) -> None:
    await speak(library, "de", "Merken Sie das", "Merk eröffnet", "Merks Rede")
    assert (await library.titles("Merk "))[0] == "Merk eröffnet"
    assert await library.titles('"merk"') == ["Merk eröffnet"]


async def test_what_an_outlet_is_said_to_write_in_counts_for_what_is_stored_already(library: Library) -> None:
    await library.load(a="Häuser werden teurer")
    assert await titles_of_forms(library, "hauses ") == []
    await speak(library, "de")
    assert await titles_of_forms(library, "hauses ") == ["Häuser werden teurer"]
    (library.folder / "_data/organizations/one.md").unlink()
    await library.reload()
    assert await titles_of_forms(library, "hauses ") == []


async def test_a_language_that_is_none_is_a_fault_and_the_rest_is_loaded(library: Library) -> None:
    await speak(library, "[de]", "Quiet lamps")
    assert await titles_of_forms(library, "lamps ") == ["Quiet lamps"]
