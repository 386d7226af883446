"""From the XML of the bundled feeds to the digest that people read."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.sandbox.feeds import FEED_HOST, bundled_feeds, pictures_of, served
from bot.settings import BUNDLED_SEEDS
from digests.feeds.hosts import allowed_hosts
from digests.seeds.folder import walk
from tests.conftest import OpenWorld, World, text_of


@pytest.fixture
async def digest(open_world: OpenWorld, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    """The text of a digest made of all bundled feeds."""
    monkeypatch.setattr("digests.feeds.pace.random.uniform", lambda *_: 0.0)
    async with (
        open_world(private_sources=allowed_hosts([FEED_HOST])) as world,
        served(bundled_feeds(), timedelta()) as addresses,
    ):
        yield await _digest_of(world, addresses)


async def _digest_of(world: World, addresses: list[str]) -> str:
    for address in addresses:
        await world.owner.slash(world.channel, "admin source add", address=address, topic="Ports")
    await world.app.collecting.collect()
    await world.moderator.slash(world.channel, "digest subscribe", topic="Ports", stories=10)
    await world.moderator.slash(world.channel, "digest send", topic="Ports")
    return "\n".join(map(text_of, world.channel.history()))


def _story(digest: str, headline: str) -> str:
    """Return what the digest says of the story with this headline."""
    (block,) = [each for each in digest.split("\n### ") if each.startswith(f"[{headline}")]
    return block


async def test_an_event_that_several_outlets_tell_of_is_one_story_that_names_them(digest: str) -> None:
    story = _story(digest, "Gullhaven swing bridge jams open")
    assert "**The Lantern**" in story
    more = story.partition("More: ")[2]
    assert "[Saltmarsh Gazette]" in more
    assert "[Tidewater Post]" in more
    assert "Sheared pin" not in digest


async def test_a_copy_of_a_text_is_folded_into_it(digest: str) -> None:
    assert digest.count("### [Spring tide floods the fish market") == 1
    story = _story(digest, "Spring tide floods the fish market")
    assert "**Saltmarsh Gazette**" in story
    assert "[Northmole Radio]" in story
    assert "[Tidewater Post]" not in story


async def test_a_follow_up_names_what_it_follows(digest: str) -> None:
    story = _story(digest, "Kittiwake lightship, adrift")
    assert "Follow-up: Kittiwake lightship breaks her moorings" in story


async def test_another_event_in_the_same_words_stays_a_story_of_its_own(digest: str) -> None:
    story = _story(digest, "Pellmouth paints its swing bridge")
    assert "**Tidewater Post**" in story
    assert "More:" not in story


async def test_times_of_the_feeds_move_with_the_sandbox(open_world: OpenWorld) -> None:
    async with (
        open_world(private_sources=allowed_hosts([FEED_HOST])) as world,
        served(bundled_feeds(), timedelta(days=-1)) as addresses,
    ):
        said = text_of(await world.owner.slash(world.channel, "admin source test", address=addresses[0]))
        assert "<t:1767422400:R>" in said  # 06:40 of 3 January instead of 4 January


def test_the_feeds_are_no_seeds_and_their_outlets_are_made_up() -> None:
    assert len(bundled_feeds()) == 4
    assert all(
        url.partition("/images.")[2].partition("/")[0].endswith(".example")
        for url in pictures_of(bundled_feeds())
    )
    assert not any(found.path.startswith("feeds/") for found in walk(BUNDLED_SEEDS))
