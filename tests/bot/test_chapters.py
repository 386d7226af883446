"""What people see of chapters, of a place's memory, and of one text in several stories."""

from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.bot.commands.test_digest import subscribe
from tests.bot.test_delivery import NINE
from tests.build import mention_text, seed_text, write_seed
from tests.conftest import Clock, OpenWorld, World, buttons_of, text_of

EVENING = datetime(2026, 1, 4, 18, tzinfo=UTC)
COPIED = "Bridge inspectors send drones below the deck of the old viaduct"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a story of three chapters, the last one new and less good than the first."""
    others = [
        mention_text(
            "https://two.example/1", title="Bridge opens", published="2025-12-01T10:00:00Z", quality=90
        ),
        mention_text(
            "https://two.example/2", title="Bridge closes", published="2025-12-20T10:00:00Z", quality=20
        ),
        mention_text("https://six.example/3", title="Again", published="2026-01-04T08:00:00Z", quality=40),
    ]
    new = seed_text(
        "https://one.example/3",
        title="Bridge opens again",
        published="2026-01-04T09:00:00Z",
        quality=50,
        related=others,
    )
    write_seed(tmp_path / "seeds", "bridge.md", new)
    return tmp_path / "seeds"


@pytest.fixture
def opened(open_world: OpenWorld, folder: Path) -> AbstractAsyncContextManager[World]:
    """Return a world that has loaded the folder's seeds in the evening."""
    return open_world(Clock(EVENING), seeds_path=folder)


async def test_a_digest_names_what_a_follow_up_goes_on_from(
    opened: AbstractAsyncContextManager[World],
) -> None:
    async with opened as world:
        await subscribe(world)
        await world.tick(NINE)
        post = text_of(world.channel.history()[-1])
        assert "[Bridge opens again]" in post
        assert (
            f"Follow-up: Bridge opens, <t:{int(datetime(2025, 12, 1, 10, tzinfo=UTC).timestamp())}:D>" in post
        )
        assert "from 2 articles by 2 outlets" in post


async def test_a_storys_coverage_is_in_chapters_the_newest_first(
    opened: AbstractAsyncContextManager[World],
) -> None:
    async with opened as world:
        card = text_of(await world.member.slash(world.channel, "stories show", story="bridge"))
        places = [
            card.index(title)
            for title in ("1. [Bridge opens again]", "2. [Again]", "3. [Bridge closes]", "4. [")
        ]
        assert places == sorted(places)
        assert "newest first" in card
        assert "4 articles from 3 outlets" in card


async def test_the_button_of_a_chapter_opens_its_page_of_the_coverage(
    opened: AbstractAsyncContextManager[World], folder: Path
) -> None:
    later = [
        mention_text(
            f"https://o{n}.example/{n}", title=f"Part {n}", published="2026-01-04T10:00:00Z", quality=n
        )
        for n in range(10)
    ]
    write_seed(
        folder, "more.md", seed_text("https://one.example/3", published="2026-01-04T09:00:00Z", related=later)
    )
    async with opened as world:
        found = await world.member.slash(world.channel, "stories search", words='"bridge closes"')
        ((custom_id, label),) = [each for each in buttons_of(found).items() if "coverage" in each[0]]
        assert label == "Full coverage"
        assert custom_id.count(":") == 2
        assert found.response
        card = text_of(await world.member.click(found.response, custom_id=custom_id))
        assert "page 2 of 2" in card
        assert "[Bridge closes]" in card


async def test_lists_go_by_the_newest_chapter(opened: AbstractAsyncContextManager[World]) -> None:
    async with opened as world:
        for command in ("stories latest", "stories top"):
            listed = text_of(await world.member.slash(world.channel, command))
            assert "1. [Bridge opens again]" in listed
            assert "Follow-up: Bridge opens," in listed


async def test_a_search_shows_the_chapter_that_holds_the_match(
    opened: AbstractAsyncContextManager[World],
) -> None:
    async with opened as world:
        listed = text_of(await world.member.slash(world.channel, "stories search", words="closes"))
        assert "1. [Bridge closes]" in listed
        assert "also" not in listed


async def test_two_digests_of_a_channel_post_a_story_once_and_say_where_it_was(
    open_world: OpenWorld, tmp_path: Path
) -> None:
    text = seed_text(
        "https://one.example/1", title="Weeds", published="2026-01-04T09:00:00Z", topics=("Robots", "Rivers")
    )
    write_seed(tmp_path / "seeds", "both.md", text)
    async with open_world(Clock(EVENING), seeds_path=tmp_path / "seeds") as world:
        await subscribe(world, topic="robots")
        await subscribe(world, topic="rivers")
        await world.tick(NINE)
        robots, rivers = [text_of(message) for message in world.channel.history()[-2:]]
        assert "[Weeds]" in robots
        assert "[Weeds]" not in rivers
        assert "1 story was in *Robots* today" in rivers
        why = text_of(await world.moderator.slash(world.channel, "digest why", topic="rivers"))
        assert "**already in Robots** · Weeds" in why
        await world.tick(NINE + timedelta(days=1))
        assert len(world.channel.history()) == 2


async def test_one_text_in_two_stories_is_listed_once(open_world: OpenWorld, tmp_path: Path) -> None:
    for outlet in ("north", "south"):
        text = seed_text(f"https://{outlet}.example/1", title=COPIED, published="2026-01-04T09:00:00Z")
        write_seed(tmp_path / "seeds", f"{outlet}.md", text)
    async with open_world(Clock(EVENING), seeds_path=tmp_path / "seeds") as world:
        await subscribe(world)
        await world.tick(NINE)
        listed = text_of(await world.member.slash(world.channel, "stories latest"))
        for text in (listed, text_of(world.channel.history()[-1])):
            assert text.count("[Bridge inspectors") == 1
        assert "same text also at" in listed
