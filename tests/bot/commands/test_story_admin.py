"""Owners part a story, join two, undo that, and see why each article is in its story; others can't."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from digests.stories.events import Events
from tests.build import ISSUE_TIME, mention_text, seed_text, write_seed
from tests.conftest import (
    Clock,
    OpenWorld,
    World,
    buttons_of,
    choose_forged,
    menus_of,
    press_forged,
    text_of,
)
from tests.digests.reloading import articles, partition
from tests.digests.stories.test_events import FIRE, FIVE, put, record, urls

LATER = ISSUE_TIME + timedelta(hours=12)
MANY = 13


@pytest.fixture
async def town(open_world: OpenWorld) -> AsyncIterator[World]:
    """Return a server whose bot has a story of a fire, with a copy, and one of a market, all of feeds."""
    async with open_world(Clock(LATER), seeds_path=None) as world:
        await put(world.app.services.database, Events(), *FIVE, record("six", 1, FIRE[0], 5))
        yield world


def channel_of(world: World) -> Any:
    return world.app.client.get_channel(world.channel.id)


async def say(world: World, command: str, **options: object) -> Any:
    return await world.owner.slash(world.channel, f"admin story {command}", **options)


async def known(world: World, outlet: str) -> Any:
    """Return the article of an outlet."""
    return (await articles(world.app.services.database))[f"https://{outlet}.example/1"]


async def show_of(world: World, outlet: str) -> str:
    return f"#{(await known(world, outlet)).story_id}"


async def told(world: World) -> set[frozenset[str]]:
    """Return which articles are a story."""
    return await partition(world.app.services.database)


async def choose(world: World, shown: Any, *outlets: str) -> Any:
    """Choose articles in the select of a page."""
    values = [str((await known(world, outlet)).id) for outlet in outlets]
    (menu,) = menus_of(shown)
    return await world.owner.select(shown.response, values, custom_id=menu["custom_id"])


async def test_an_owner_sees_why_each_article_is_in_a_story_and_parts_some(town: World) -> None:
    before = await told(town)
    shown = await say(town, "split", story=await show_of(town, "one"))
    assert shown.ephemeral
    said = text_of(shown)
    assert "4 articles" in said
    assert "why: the first on this event" in said
    assert "to “Court fines Harbour Line 40 million over ferry fire”" in said
    assert "why: a copy of “Court fines" in said
    (menu,) = menus_of(shown)
    assert (len(menu["options"]), menu["max_values"]) == (4, 3)
    parted = await choose(town, shown, "three", "five")
    assert "2 articles are a story of their own now" in text_of(parted)
    assert text_of(parted).count("2 articles from 2 outlets") == 2
    assert urls("three.example/1", "five.example/1") in await told(town)
    again = await say(town, "split", story=await show_of(town, "three"))
    assert "put here by a person" in text_of(again)
    undone = await town.owner.click(parted.response, label="Undo")
    assert "4 articles from 4 outlets" in text_of(undone)
    assert buttons_of(undone) == {}
    assert await told(town) == before


async def test_an_owner_joins_two_stories_and_undoes_that_after_a_restart(town: World) -> None:
    before = await told(town)
    one, other = await show_of(town, "one"), await show_of(town, "two")
    joined = await say(town, "join", story=one, other=other)
    assert joined.ephemeral
    assert "6 articles from 6 outlets" in text_of(joined)
    assert {len(story) for story in await told(town)} == {6}
    assert "one story already" in text_of(await say(town, "join", story=one, other=other))
    async with town.restarted():
        undone = await town.owner.click(joined.response, label="Undo")
        assert text_of(undone).count("Story") == 2
        assert await told(town) == before


async def test_stories_are_offered_while_typing(town: World) -> None:
    for command, option in (("split", "story"), ("join", "story"), ("join", "other")):
        found = await town.owner.autocomplete(town.channel, f"admin story {command}", option, "market")
        assert [choice["value"] for choice in found] == [await show_of(town, "two")]


async def test_what_was_changed_since_is_left_and_said_in_a_sentence(town: World) -> None:
    story = await known(town, "one")
    shown = await say(town, "split", story=f"#{story.story_id}")
    parted = await choose(town, shown, "three")
    (undo,) = buttons_of(parted)
    await say(town, "join", story=await show_of(town, "three"), other=await show_of(town, "two"))
    before = await told(town)
    assert "changed again since" in text_of(await press_forged(town.owner, channel_of(town), undo))
    three = str((await known(town, "three")).id)
    again = await choose_forged(town.owner, channel_of(town), f"story-split:{story.story_id}", three)
    assert "has changed since" in text_of(again)
    assert await told(town) == before


async def test_what_was_undone_can_not_be_undone_again(town: World) -> None:
    joined = await say(town, "join", story=await show_of(town, "one"), other=await show_of(town, "two"))
    (undo,) = buttons_of(joined)
    await town.owner.click(joined.response, label="Undo")
    assert "nothing to undo" in text_of(await press_forged(town.owner, channel_of(town), undo))


async def test_others_can_neither_part_nor_join_nor_undo(town: World) -> None:
    story, channel = await known(town, "one"), channel_of(town)
    await say(town, "join", story=f"#{story.story_id}", other=await show_of(town, "two"))
    before = await told(town)
    town.app.client.owner_ids.discard(town.owner.id)
    answers = [
        await say(town, "split", story=f"#{story.story_id}"),
        await say(town, "join", story=f"#{story.story_id}", other="#1"),
        await press_forged(town.moderator, channel, "story-undo:1"),
        await press_forged(town.moderator, channel, f"story-articles:{story.story_id}:0"),
        await choose_forged(town.moderator, channel, f"story-split:{story.story_id}", str(story.id)),
    ]
    for answer in answers:
        assert answer.ephemeral
        assert "Only my owners" in text_of(answer)
    assert await told(town) == before


@pytest.mark.parametrize("value", ["x", "-1", "9" * 40])
async def test_an_article_that_was_never_offered_is_refused(town: World, value: str) -> None:
    before = await told(town)
    answer = await choose_forged(town.owner, channel_of(town), "story-split:1", value)
    assert "I don't know what this button is for" in text_of(answer)
    assert await told(town) == before


async def test_a_story_of_one_article_has_nothing_to_part(town: World) -> None:
    shown = await say(town, "split", story=await show_of(town, "one"))
    await choose(town, shown, "three")
    alone = await say(town, "split", story=await show_of(town, "three"))
    assert "a single article" in text_of(alone)
    assert menus_of(alone) == []
    three = await known(town, "three")
    forged = await choose_forged(town.owner, channel_of(town), f"story-split:{three.story_id}", str(three.id))
    assert "leave at least one" in text_of(forged)


async def test_a_long_story_has_pages_of_which_each_can_be_chosen_from(
    open_world: OpenWorld, tmp_path: Path
) -> None:
    related = [mention_text(f"https://o{n}.example/1") for n in range(1, MANY)]
    write_seed(tmp_path, "a.md", seed_text("https://o0.example/1", related=related))
    async with open_world(Clock(LATER), seeds_path=tmp_path) as world:
        first = await say(world, "split", story="#1")
        assert "13 articles · page 1 of 2" in text_of(first)
        second = await world.owner.click(first.response, label="Next")
        (menu,) = menus_of(second)
        assert (len(menu["options"]), menu["max_values"]) == (5, 5)
        chosen = [option["value"] for option in menu["options"]]
        await world.owner.select(second.response, chosen, custom_id=menu["custom_id"])
        assert sorted(map(len, await told(world))) == [5, 8]


async def test_why_articles_are_in_a_story_is_shown_to_owners_in_private_alone(town: World) -> None:
    story = await show_of(town, "one")

    async def shown(person: Any, *, private: bool) -> Any:
        return await person.slash(town.channel, "stories show", story=story, share=not private)

    assert "why:" in text_of(await shown(town.owner, private=True))
    assert "a copy of" in text_of(await shown(town.owner, private=True))
    public = await shown(town.owner, private=False)
    assert not public.ephemeral
    assert "why:" not in text_of(public)
    assert "why:" not in text_of(await shown(town.member, private=True))
    latest = await town.member.slash(town.channel, "stories latest", share=True)
    coverage = next(iter(buttons_of(latest)))
    assert "why:" in text_of(await town.owner.click(latest.response, custom_id=coverage))
    assert "why:" not in text_of(await town.member.click(latest.response, custom_id=coverage))


async def test_turned_pages_tell_owners_why_only_where_nobody_else_reads_them(
    open_world: OpenWorld, tmp_path: Path
) -> None:
    related = [mention_text(f"https://o{n}.example/1") for n in range(1, MANY)]
    write_seed(tmp_path, "a.md", seed_text("https://o0.example/1", related=related))
    async with open_world(Clock(LATER), seeds_path=tmp_path) as world:
        for private in (True, False):
            first = await world.owner.slash(world.channel, "stories show", story="#1", share=not private)
            second = await world.owner.click(first.response, label="Next")
            assert "page 2 of 2" in text_of(second)
            assert ("named by a seed" in text_of(second)) is private
