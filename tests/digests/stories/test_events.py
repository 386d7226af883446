"""Articles of feeds become stories by event as they are stored, and seeds' stories stay as they are."""

import random
from collections.abc import Iterable, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from digests.feeds.entries import Entry
from digests.feeds.records import record_of
from digests.seeds.reload import Reloader
from digests.stories.events import Events
from digests.stories.ingest import store
from storage.engine import Database
from storage.models import Provider, Record
from tests.build import ISSUE_TIME, mention_text, seed_text, write_seed
from tests.digests.reloading import articles, partition, resolve
from tests.digests.stories.test_incremental import dump, group_everything

FIRE = (
    (
        "Court fines Harbour Line 40 million over ferry fire",
        "Judges found that Harbour Line ignored warnings.",
    ),
    ("Harbour Line must pay 40 million for the ferry fire", "The verdict ends a trial of three years."),
    ("Ferry fire: relatives welcome Harbour Line verdict", "They waited three years for the court's fine."),
)
MARKET = (
    ("Night market returns to the quay with forty stalls", "Forty stalls open on the quay from June."),
    ("Forty stalls for the quay's night market", "The night market is back on the quay in June."),
)


def record(outlet: str, number: int, text: tuple[str, str], hours: float = 0) -> Record:
    """Return the record of an entry; each outlet is one feed."""
    entry = Entry("", f"https://{outlet}.example/{number}", *text)
    at = ISSUE_TIME + timedelta(hours=hours)
    return record_of(
        f"/{outlet}/{number}", entry, Provider(outlet.title(), f"{outlet}.example"), at, ("Ports",), 50
    )


async def put(database: Database, events: Events, *records: Record, gone: Sequence[str] = ()) -> None:
    async with database.transaction() as connection:
        await store(connection, records, {}, gone, ISSUE_TIME, events)


async def fail_to_put(database: Database, events: Events, *records: Record) -> None:
    async with database.transaction() as connection:
        await store(connection, records, {}, (), ISSUE_TIME, events)
        raise ZeroDivisionError


def urls(*names: str) -> frozenset[str]:
    return frozenset(f"https://{name}" for name in names)


FIVE = (
    record("one", 1, FIRE[0]),
    record("two", 1, MARKET[0], 1),
    record("three", 1, FIRE[1], 2),
    record("four", 1, MARKET[1], 3),
    record("five", 1, FIRE[2], 4),
)
STORIES = {
    urls("one.example/1", "three.example/1", "five.example/1"),
    urls("two.example/1", "four.example/1"),
}


async def test_articles_of_feeds_about_one_event_are_one_story(database: Database) -> None:
    await put(database, Events(), *FIVE)
    assert await partition(database) == STORIES


@pytest.mark.parametrize("seed", range(5))
async def test_the_stories_are_the_same_in_any_order_of_rounds_with_restarts_between(
    database: Database, seed: int
) -> None:
    for each in random.Random(seed).sample(FIVE, len(FIVE)):
        await put(database, Events(), each)
    assert await partition(database) == STORIES


async def test_a_story_keeps_its_id_as_it_grows(database: Database) -> None:
    events = Events()
    await put(database, events, FIVE[0])
    ((first, story),) = [(each.id, each.story_id) for each in (await articles(database)).values()]
    await put(database, events, *FIVE[1:])
    (now,) = [each.story_id for each in (await articles(database)).values() if each.id == first]
    assert now == story


async def test_grouping_everything_anew_changes_nothing(database: Database) -> None:
    await put(database, Events(), *FIVE)
    stored = await dump(database)
    await group_everything(database)
    assert await dump(database) == stored


async def test_a_round_that_was_rolled_back_leaves_nothing_behind(database: Database) -> None:
    events = Events()
    await put(database, events, FIVE[1])
    with pytest.raises(ZeroDivisionError):
        await fail_to_put(database, events, FIVE[0], FIVE[4])
    await put(database, events, FIVE[3], FIVE[2])
    await put(database, events, FIVE[0], FIVE[4])
    assert await partition(database) == STORIES


async def test_two_collectors_one_after_the_other_know_of_each_others_articles(database: Database) -> None:
    here, there = Events(), Events()
    for events, each in zip((here, there, here, there, here), FIVE, strict=True):
        await put(database, events, each)
    assert await partition(database) == STORIES


async def test_an_article_that_is_corrected_stays_in_its_story(database: Database) -> None:
    events = Events()
    await put(database, events, *FIVE)
    await put(database, events, record("five", 1, MARKET[0], 4))
    assert await partition(database) == STORIES


async def test_seeds_stories_are_untouched(database: Database, reloader: Reloader, folder: Path) -> None:
    """Even one whose articles no feed would tell apart from what comes."""
    related = [mention_text("https://one.example/1", title=FIRE[0][0])]
    write_seed(folder, "a.md", seed_text("https://seed.example/1", title=FIRE[0][0], related=related))
    write_seed(folder, "b.md", seed_text("https://seed.example/2", title=FIRE[0][0]))
    await reloader.reload(folder)
    await put(database, Events(), *FIVE)
    assert await partition(database) == {
        urls("seed.example/1", "one.example/1"),
        urls("seed.example/2"),
        urls("three.example/1", "five.example/1"),
        urls("two.example/1", "four.example/1"),
    }


async def test_what_a_seed_ties_comes_back_to_its_event_when_the_seed_goes(
    database: Database, reloader: Reloader, folder: Path
) -> None:
    await put(database, Events(), *FIVE)
    before = {url: each.story_id for url, each in (await articles(database)).items()}
    path = write_seed(
        folder, "a.md", seed_text("https://seed.example/1", related=[mention_text("https://three.example/1")])
    )
    await reloader.reload(folder)
    assert urls("seed.example/1", "three.example/1") in await partition(database)
    assert urls("one.example/1", "five.example/1") in await partition(database)
    path.unlink()
    await reloader.reload(folder, force=True)
    assert {url: each.story_id for url, each in (await articles(database)).items()} == before


async def test_one_article_of_two_feeds_is_of_one_event(database: Database) -> None:
    """Each feed words it in its own way, and both could be of another event."""
    events = Events()
    await put(database, events, *FIVE)
    one = record("six", 1, FIRE[1], 5)
    other = record("six", 1, MARKET[1], 5)._replace(key="/other/1")
    await put(database, events, one, other)
    assert {len(story) for story in await partition(database)} in ({3}, {4, 2})


async def test_an_old_id_still_leads_to_the_story_that_took_it_in(
    database: Database, reloader: Reloader, folder: Path
) -> None:
    await put(database, Events(), *FIVE)
    stories = sorted({each.story_id for each in (await articles(database)).values()})
    write_seed(
        folder, "a.md", seed_text("https://one.example/1", related=[mention_text("https://two.example/1")])
    )
    write_seed(
        folder, "b.md", seed_text("https://four.example/1", related=[mention_text("https://two.example/1")])
    )
    for name in ("three", "five"):
        write_seed(
            folder,
            f"{name}.md",
            seed_text(f"https://{name}.example/1", related=[mention_text("https://two.example/1")]),
        )
    await reloader.reload(folder)
    assert [await resolve(database, story) for story in stories] == [stories[0]] * 2


def keys(records: Iterable[Record]) -> list[str]:
    return [each.key for each in records]


async def test_a_feed_that_goes_takes_its_articles_out_of_their_stories(database: Database) -> None:
    events = Events()
    await put(database, events, *FIVE)
    await put(database, events, gone=keys(FIVE[:1]))
    await put(database, events, record("six", 1, FIRE[0], 6))
    assert urls("three.example/1", "five.example/1", "six.example/1") in await partition(database)
    await put(database, events, FIVE[0])
    assert urls("one.example/1", "three.example/1", "five.example/1", "six.example/1") in await partition(
        database
    )
