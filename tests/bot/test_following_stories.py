"""People follow stories: what is new of one comes with their next digest by DM, and nothing twice."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.news import load_seeds
from tests.build import HOST, mention_text, seed_text, write_seed
from tests.conftest import Clock, OpenWorld, World, buttons_of, menus_of, text_of

START = datetime(2026, 3, 10, 8, tzinfo=UTC)
DAY, HALF_HOUR = timedelta(days=1), timedelta(minutes=30)


def write(folder: Path, chapters: Sequence[tuple[str, datetime, int]]) -> None:
    """Write a story of rivers: each article with its title, time and quality."""
    (title, first, quality), *others = chapters
    related = [
        mention_text(f"https://paper{number}.example/r", title=each, published=stamp(at), quality=good)
        for number, (each, at, good) in enumerate(others)
    ]
    text = seed_text(
        f"{HOST}/river",
        title=title,
        published=stamp(first),
        quality=quality,
        topics=["Rivers"],
        related=related,
    )
    write_seed(folder, "river.md", text)


def stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


FLOOD = ("Flood gates open", START - timedelta(hours=20), 60)


@pytest.fixture
async def rivers(open_world: OpenWorld, tmp_path: Path) -> AsyncIterator[World]:
    """Yield a world with a story of rivers, and a topic that never has news."""
    folder = tmp_path / "seeds"
    write(folder, [FLOOD])
    write_seed(
        folder,
        "b.md",
        seed_text(f"{HOST}/b", title="Bridge", published="2026-01-01T00:00:00Z", topics=["Bridges"]),
    )
    async with open_world(Clock(START), seeds_path=folder) as world:
        yield world


async def reload(world: World, chapters: Sequence[tuple[str, datetime, int]]) -> None:
    folder = world.app.services.settings.seeds_path
    assert folder
    write(folder, chapters)
    await load_seeds(world.app.services)


async def follow(world: World, story: str = "Flood") -> Any:
    card = await world.member.slash(world.channel, "stories show", story=story)
    return await world.member.click(card.response, label="Follow")


async def morning(world: World, days: int = 1) -> int:
    """Let the digests of a morning come, and return how many arrived."""
    at = START.replace(hour=9) + days * DAY
    return await world.tick(at) + await world.tick(at + HALF_HOUR)


def last_dm(world: World) -> str:
    return text_of(world.member.user.dm_channel.last_message)


async def test_a_new_chapter_comes_with_a_digest_of_something_else_and_only_once(rivers: World) -> None:
    await rivers.member.slash(rivers.channel, "follow", topic="bridges", timezone="UTC")
    said = await follow(rivers)
    assert "You follow “Flood gates open” now" in text_of(said)
    assert await morning(rivers, 1) == 0  # nothing is new
    again = ("The river rises once more", START + timedelta(days=5), 50)
    rivers.clock.now = START + 6 * DAY
    await reload(rivers, [FLOOD, again])
    assert await morning(rivers, 6) == 1
    assert "## Stories you follow" in last_dm(rivers)
    assert "The river rises once more" in last_dm(rivers)
    assert await morning(rivers, 7) == 0


async def test_a_much_better_article_comes_and_a_little_better_one_does_not(rivers: World) -> None:
    await rivers.member.slash(rivers.channel, "follow", topic="bridges", timezone="UTC")
    await follow(rivers)
    rivers.clock.now = START + timedelta(hours=2)
    await reload(rivers, [FLOOD, ("A little better", START + timedelta(hours=1), 69)])
    assert await morning(rivers, 1) == 0
    await reload(rivers, [FLOOD, ("Much better", START + timedelta(hours=1), 70)])
    assert await morning(rivers, 2) == 1
    assert "Update:" in last_dm(rivers)
    assert "Much better" in last_dm(rivers)


async def test_what_the_digest_has_itself_is_told_once_under_the_stories_one_follows(rivers: World) -> None:
    await rivers.member.slash(rivers.channel, "follow", topic="rivers", timezone="UTC")
    await follow(rivers)
    rivers.clock.now = START + 6 * DAY
    await reload(rivers, [FLOOD, ("The river rises once more", START + timedelta(days=5), 50)])
    assert await morning(rivers, 6) == 1
    assert last_dm(rivers).count("[The river rises once more]") == 1
    assert "other digests" not in last_dm(rivers)
    reasons = await rivers.member.user.click(rivers.member.user.dm_channel.last_message, label="Why these?")
    assert "**in the digest**" in text_of(reasons)


async def test_of_several_digests_one_tells_it(rivers: World) -> None:
    await rivers.member.slash(rivers.channel, "follow", topic="bridges", timezone="UTC")
    await rivers.member.slash(rivers.channel, "follow", topic="rivers", timezone="UTC")
    await follow(rivers)
    rivers.clock.now = START + 6 * DAY
    await reload(rivers, [FLOOD, ("The river rises once more", START + timedelta(days=5), 50)])
    await morning(rivers, 6)
    dms = [text_of(each) for each in rivers.member.user.dm_channel.history()]
    assert sum("The river rises once more" in each for each in dms) == 1


async def test_what_never_arrived_comes_with_the_next_digest(rivers: World) -> None:
    await rivers.member.slash(rivers.channel, "follow", topic="bridges", timezone="UTC")
    await follow(rivers)
    rivers.clock.now = START + 6 * DAY
    await reload(rivers, [FLOOD, ("The river rises once more", START + timedelta(days=5), 50)])
    rivers.env.inject_error("POST", "/channels/*/messages", status=403, code=50007)
    assert await morning(rivers, 6) == 0
    assert await morning(rivers, 7) == 1
    assert "The river rises once more" in last_dm(rivers)


async def test_thirty_days_after_its_last_article_a_story_is_followed_no_longer(rivers: World) -> None:
    await follow(rivers)
    rivers.clock.now = START + 29 * DAY
    await rivers.app.scheduler.tidy()
    assert "Flood gates open" in text_of(await rivers.member.slash(rivers.channel, "following"))
    rivers.clock.now = START + 31 * DAY
    listed = await rivers.member.slash(rivers.channel, "following")
    assert "Flood gates open" not in text_of(listed)
    await rivers.app.scheduler.tidy()
    async with rivers.app.services.database.reading() as connection:
        assert not list(await connection.execute_fetchall("SELECT * FROM followed"))


async def test_who_has_no_digest_by_dm_is_offered_one(rivers: World) -> None:
    said = await follow(rivers)
    assert "You have no digest by DM yet. Want the one on Rivers?" in text_of(said)
    got = await rivers.member.click(said.response, label="Send it to my DMs")
    assert "New digest: Rivers in your DMs" in text_of(got)
    await rivers.member.click(said.response, label="Stop following")
    assert "no digest by DM" not in text_of(await follow(rivers))


async def test_stories_are_listed_opened_and_no_longer_followed(rivers: World) -> None:
    await follow(rivers)
    listed = await rivers.member.slash(rivers.channel, "following")
    assert "**Stories** · 1 of up to 50" in text_of(listed)
    assert "Flood gates open" in text_of(listed)
    (menu,) = menus_of(listed)
    async with rivers.restarted():
        card = await rivers.member.select(listed.response, [menu["options"][0]["value"]])
        assert "Stop following" in buttons_of(card).values()
        done = await rivers.member.click(card.response, label="Stop following")
        assert "no longer follow this story" in text_of(done)
        assert "**Stories**" not in text_of(await rivers.member.slash(rivers.channel, "following"))
        await rivers.member.click(done.response, label="Follow")
        assert "**Stories**" in text_of(await rivers.member.slash(rivers.channel, "following"))


async def test_nobody_follows_more_than_fifty_stories(open_world: OpenWorld, tmp_path: Path) -> None:
    folder = tmp_path / "seeds"
    for number in range(51):
        write_seed(
            folder,
            f"{number}.md",
            seed_text(f"{HOST}/{number}", title=f"Lock {number}x", published=stamp(START - DAY)),
        )
    async with open_world(Clock(START), seeds_path=folder) as world:
        for number in range(1, 51):
            assert "You follow" in text_of(await follow(world, f"#{number}"))
        assert "You follow 50 stories, and that's the limit" in text_of(await follow(world, "#51"))
        assert "You follow" in text_of(await follow_again(world))
        listed = await world.member.slash(world.channel, "following")
        assert "50 of up to 50" in text_of(listed)
        assert "page 1 of 5" in text_of(listed)


async def follow_again(world: World) -> Any:
    card = await world.moderator.slash(world.channel, "stories show", story="#1", share=True)
    return await world.member.click(card.response, label="Follow")


async def test_followed_stories_are_shown_and_deleted_with_what_is_stored(rivers: World) -> None:
    await follow(rivers)
    answer = await rivers.member.slash(rivers.channel, "privacy")
    assert "1 story that you follow" in text_of(answer)
    await rivers.member.click(answer.response, label="Delete this")
    assert "Nothing" in text_of(await rivers.member.slash(rivers.channel, "privacy"))
