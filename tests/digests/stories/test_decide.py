"""What a person decides of stories is kept, and can be undone."""

from pathlib import Path

import pytest

from digests.errors import (
    DecisionFollowedError,
    NothingToUndoError,
    NotInStoryError,
    SameStoryError,
    StoryChangedError,
    StoryNotFoundError,
    WholeStoryError,
)
from digests.lookup.reasons import Reason, Tie, reasons
from digests.seeds.reload import Reloader
from digests.stories import decide
from digests.stories.events import Events
from storage import stories
from storage.engine import Database
from tests.build import ISSUE_TIME, mention_text, seed_text, write_seed
from tests.digests.reloading import articles, partition, resolve
from tests.digests.stories.test_events import FIRE, FIVE, STORIES, put, record, urls
from tests.digests.stories.test_incremental import dump, group_everything


async def story_at(database: Database, url: str) -> int:
    return (await articles(database))[f"https://{url}"].story_id


async def split(database: Database, story: int, *names: str) -> decide.Decided:
    async with database.transaction() as connection:
        return await decide.split(
            connection, story, [f"http://www.{name}?utm_source=x" for name in names], ISSUE_TIME
        )


async def join(database: Database, one: int, other: int) -> decide.Decided:
    async with database.transaction() as connection:
        return await decide.join(connection, one, other, ISSUE_TIME)


async def undo(database: Database, decided: decide.Decided) -> None:
    async with database.transaction() as connection:
        await decide.undo(connection, decided.id, ISSUE_TIME)


async def test_a_split_is_kept_over_later_rounds_and_a_regrouping(database: Database) -> None:
    events = Events()
    await put(database, events, *FIVE)
    story = await story_at(database, "one.example/1")
    decided = await split(database, story, "three.example/1")
    apart = await story_at(database, "three.example/1")
    assert decided.stories[0] == apart != story == await story_at(database, "five.example/1")
    await put(database, Events(), record("six", 1, FIRE[1], 5), record("seven", 1, FIRE[2], 6))
    stored = await dump(database)
    await group_everything(database)
    assert await dump(database) == stored
    found = await partition(database)
    assert urls("three.example/1", "six.example/1") in found  # it goes with the one it is most like
    assert urls("one.example/1", "five.example/1", "seven.example/1") in found


async def test_undoing_a_split_brings_the_story_back_with_what_came_since(database: Database) -> None:
    events = Events()
    await put(database, events, *FIVE)
    before = await articles(database)
    decided = await split(database, await story_at(database, "one.example/1"), "three.example/1")
    apart = decided.stories[0]
    await undo(database, decided)
    assert await articles(database) == before
    assert await resolve(database, apart) == await story_at(database, "one.example/1")
    with pytest.raises(NothingToUndoError):
        await undo(database, decided)


async def test_a_join_is_kept_and_undone_and_the_old_id_leads_to_the_story(database: Database) -> None:
    events = Events()
    await put(database, events, *FIVE)
    one, other = await story_at(database, "one.example/1"), await story_at(database, "two.example/1")
    before = await articles(database)
    decided = await join(database, other, one)
    assert decided.stories == (one,)
    assert await resolve(database, other) == one
    await put(database, Events(), record("six", 1, FIRE[1], 5))
    stored = await dump(database)
    await group_everything(database)
    assert await dump(database) == stored
    assert {len(story) for story in await partition(database)} == {6}
    await undo(database, decided)
    after = await articles(database)
    assert {url: after[url] for url in before} == before


async def test_what_was_joined_can_be_split_and_what_was_split_joined(database: Database) -> None:
    await put(database, Events(), *FIVE)
    one, other = await story_at(database, "one.example/1"), await story_at(database, "two.example/1")
    await join(database, one, other)
    decided = await split(database, one, "five.example/1", "two.example/1")
    assert urls("five.example/1", "two.example/1") in await partition(database)
    again = await join(database, one, decided.stories[0])
    assert {len(story) for story in await partition(database)} == {5}
    await undo(database, again)
    assert urls("five.example/1", "two.example/1") in await partition(database)


async def test_a_decision_that_a_later_one_changed_is_undone_only_after_that(database: Database) -> None:
    await put(database, Events(), *FIVE)
    before = await articles(database)
    one, other = await story_at(database, "one.example/1"), await story_at(database, "two.example/1")
    first = await split(database, one, "three.example/1")
    then = await join(database, first.stories[0], other)
    after = await articles(database)
    with pytest.raises(DecisionFollowedError):
        await undo(database, first)
    assert await articles(database) == after
    await undo(database, then)
    await undo(database, first)
    assert await articles(database) == before


async def test_articles_that_are_chosen_by_their_ids_are_parted_while_they_are_in_the_story(
    database: Database,
) -> None:
    await put(database, Events(), *FIVE)
    one = await story_at(database, "one.example/1")
    chosen = [(await articles(database))["https://three.example/1"].id]
    async with database.transaction() as connection:
        await decide.split_articles(connection, one, chosen, ISSUE_TIME)
    assert urls("three.example/1") in await partition(database)
    async with database.transaction() as connection:
        with pytest.raises(StoryChangedError):
            await decide.split_articles(connection, one, chosen, ISSUE_TIME)


async def test_stories_that_seeds_tie_are_parted_and_stay_so_over_reloads(
    database: Database, reloader: Reloader, folder: Path
) -> None:
    related = [mention_text(f"https://seed.example/{number}") for number in (2, 3)]
    write_seed(folder, "a.md", seed_text("https://seed.example/1", related=related))
    await reloader.reload(folder)
    await split(database, await story_at(database, "seed.example/1"), "seed.example/3")
    related.append(mention_text("https://seed.example/4"))
    write_seed(folder, "a.md", seed_text("https://seed.example/1", related=related))
    write_seed(
        folder, "b.md", seed_text("https://seed.example/3", related=[mention_text("https://seed.example/5")])
    )
    await reloader.reload(folder)
    assert await partition(database) == {
        urls("seed.example/1", "seed.example/2", "seed.example/4"),
        urls("seed.example/3", "seed.example/5"),
    }


async def test_what_cannot_be_decided_is_refused(database: Database) -> None:
    await put(database, Events(), *FIVE)
    one = await story_at(database, "one.example/1")
    with pytest.raises(WholeStoryError):
        await split(database, one, "one.example/1", "three.example/1", "five.example/1")
    for name in ("two.example/1", "no.example/9"):
        with pytest.raises(NotInStoryError):
            await split(database, one, name)
    with pytest.raises(SameStoryError):
        await join(database, one, one)
    with pytest.raises(StoryNotFoundError):
        await join(database, one, 999)
    assert await partition(database) == STORIES


async def test_each_article_says_why_it_is_in_its_story(database: Database) -> None:
    copy = record("six", 1, FIRE[0], 5)
    await put(database, Events(), *FIVE, copy)
    await join(
        database,
        await story_at(database, "two.example/1"),
        (await split(database, await story_at(database, "two.example/1"), "four.example/1")).stories[0],
    )
    async with database.reading() as connection:
        found: dict[str, Reason] = {}
        for story in await connection.run(stories.stories, range(1, 20)):
            why = await connection.run(reasons, story)
            found |= {each.url: why[each.id] for each in story.articles}
    assert found["https://one.example/1"].tie is Tie.FIRST
    similar = found["https://three.example/1"]
    assert (similar.tie, similar.like and similar.like.url) == (Tie.SIMILAR, "https://one.example/1")
    assert similar.likeness
    assert similar.likeness > 0.1
    assert found["https://six.example/1"].tie is Tie.COPY
    assert found["https://two.example/1"].tie is Tie.PERSON
