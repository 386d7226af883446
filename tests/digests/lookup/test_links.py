"""A link that somebody pastes finds its story."""

import pytest

from digests.errors import NoStoryMatchesError
from digests.lookup.stories import find_story
from tests.build import mention_text, seed_text
from tests.digests.lookup.conftest import NOW, Library

OWN = "https://two.example/news/comet"
AMP = "https://amp.two.example/news/comet"
OTHER = "https://three.example/p?id=7&part=2"


@pytest.fixture
async def linked(library: Library) -> Library:
    """Return a library of a story at several addresses, and of another one."""
    related = mention_text(OTHER, title="A light in the sky", quality=10)
    await library.load_texts(
        seed_text(OWN, title="Comet seen", extra=f"ampWebUrl: {AMP}", related=[related]),
        seed_text("https://two.example/news/pears", title="Pears fall"),
    )
    return library


async def shown(library: Library, text: str) -> int:
    async with library.database.reading() as connection:
        return await connection.run(find_story, text, NOW)


@pytest.mark.parametrize(
    "link",
    [
        OWN,
        f" <{OWN}>  ",
        "HTTP://TWO.example:80/news/comet/?utm_source=chat#top",
        "two.example/news/comet",
        AMP,
        OTHER,
        "https://three.example/p?part=2&id=7",
    ],
)
async def test_every_address_of_an_article_finds_its_story_in_whatever_spelling(
    linked: Library, link: str
) -> None:
    results = await linked.search(link)
    assert [each.coverage.pick.title for each in results.stories] == ["Comet seen"]
    assert (results.total, results.corrections) == (1, ())
    assert await linked.offered(link) == ["Comet seen"]
    assert await shown(linked, link) == results.stories[0].coverage.story_id


@pytest.mark.parametrize("link", ["https://two.example/news/none", "https://two.example/", "http://[::1"])
async def test_a_link_to_nothing_known_finds_nothing(linked: Library, link: str) -> None:
    assert (await linked.search(link)).total == 0
    with pytest.raises(NoStoryMatchesError):
        await shown(linked, link)


async def test_words_with_a_slash_are_words(linked: Library) -> None:
    await linked.load(tcp="How TCP/IP works")
    assert await linked.titles("tcp/ip") == ["How TCP/IP works"]


async def test_a_link_to_a_withdrawn_story_finds_nothing(library: Library) -> None:
    await library.load_texts(seed_text(OWN, title="Comet", extra="removed: true"))
    assert (await library.search(OWN)).total == 0
    with pytest.raises(NoStoryMatchesError):
        await shown(library, OWN)
