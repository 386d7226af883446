"""Whatever is offered is found by any word that it shows."""

import pytest

from digests.lookup.choices import best
from digests.lookup.providers import complete_providers, find_provider
from digests.lookup.topics import complete_topics, find_topic
from storage.models import Topic
from tests.build import HOST, seed_text, write_seed
from tests.digests.lookup.conftest import NOW, Library


def offered(typed: str, *names: str) -> list[str]:
    return best(typed, names, lambda name: [name])


def test_accents_and_case_do_not_matter() -> None:
    assert offered("eco", "Économie", "Sport") == ["Économie"]
    assert offered("ÉCO", "economie") == ["economie"]


@pytest.mark.parametrize(
    "typed", ["team-29", "team 29", "29", "#team-2", "team29", "daily 09:00", "robots team"]
)
def test_any_word_that_a_choice_shows_finds_it(typed: str) -> None:
    label = "Robots in #team-29 · daily at 09:00"
    assert offered(typed, label, "Space in #news · weekly at 10:00") == [label]


def test_what_begins_with_it_goes_before_what_holds_it() -> None:
    assert offered("sp", "Wasps", "Fast space", "Space") == ["Space", "Fast space", "Wasps"]
    assert offered("space", "Spaceflight", "Space") == ["Space", "Spaceflight"]


def test_names_in_any_script_and_with_signs_are_offered() -> None:
    names = ("経済ニュース", "ข่าวเศรษฐกิจ", "C++", "C#", ".NET", "Net profits")
    for typed, name in (("ニュース", 0), ("ニ", 0), ("เศรษฐกิจ", 1), ("c++", 2), ("c#", 3), (".net", 4)):
        assert offered(typed, *names) == [names[name]]
    assert offered("", *names) == list(names)


async def topics_of(library: Library, *names: str) -> None:
    await library.load_texts(
        *(seed_text(f"{HOST}/{number}", topics=(name,)) for number, name in enumerate(names))
    )


async def found(library: Library, text: str) -> Topic:
    async with library.database.reading() as connection:
        return await connection.run(find_topic, text, NOW)


async def test_topics_are_found_however_their_names_are_written(library: Library) -> None:
    await topics_of(library, "Économie", "Wi-Fi", "C", "C++", ".NET", "Net", "हिन्दी", "हनद", "AI")
    for text, name in (
        ("economie", "Économie"),
        ("wifi", "Wi-Fi"),
        ("c", "C"),
        ("c++", "C++"),
        (".net", ".NET"),
        ("net", "Net"),
        ("हिन्दी", "हिन्दी"),
        ("A.I.", "AI"),
    ):
        assert (await found(library, text)).name == name
    async with library.database.reading() as connection:
        assert [each.name for each in await connection.run(complete_topics, "eco", NOW, 5)] == ["Économie"]


async def test_a_keyword_of_a_topic_finds_it_however_it_is_written(library: Library) -> None:
    await topics_of(library, "AI")
    write_seed(library.folder, "_data/topics/ai.yaml", "name: AI\nkeywords:\n  - GPT-4\n  - 人工知能\n")
    await library.reload()
    for text in ("gpt4", "gpt 4", "人工知能"):
        assert (await found(library, text)).name == "AI"


async def test_outlets_are_found_by_any_word_of_name_and_domain_without_accents(library: Library) -> None:
    await library.load_texts(
        seed_text("https://one.example/1").replace("name: One", 'name: "L\'Économie du Nord"'),
        seed_text("https://economist.example/1"),
    )
    async with library.database.reading() as connection:
        assert len(await connection.run(complete_providers, "eco", 5)) == 2
        (north,) = await connection.run(complete_providers, "nord eco", 5)
        (same,) = await connection.run(complete_providers, "one.ex", 5)
        assert north.domain == same.domain == "one.example"
        assert (await connection.run(find_provider, "l'economie DU nord")).domain == "one.example"


async def test_stories_are_offered_by_their_outlets_too(library: Library) -> None:
    await library.load_texts(
        seed_text("https://harbour.example/1", title="Pears fall"), seed_text(f"{HOST}/2", title="Pears rise")
    )
    assert await library.offered("pears harb") == ["Pears fall"]
    assert await library.offered("ha") == ["Pears fall"]
