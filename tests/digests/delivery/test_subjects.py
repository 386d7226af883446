"""What digests of several topics, and of a search, bring to a place, and what the place remembers of that."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from digests.delivery.owe import send_now
from digests.delivery.planner import Planner
from digests.editions.edition import Edition, Elsewhere
from digests.editions.preview import read_edition
from digests.editions.timetable import EVERY_DAY
from digests.errors import AlreadySubscribedError, NoWordsError, WordsTooLongError
from digests.lookup.topics import find_topics
from digests.seeds.reload import Reloader
from digests.subscriptions.edit import edit
from digests.subscriptions.limits import Limits
from digests.subscriptions.subjects import tidy_words
from digests.subscriptions.subscribe import NewSubscription, subscribe
from storage import outbox, subscriptions
from storage.engine import Database
from storage.models import DigestOptions, Subject, Subscription, TopicDescription
from storage.own_topics import describe
from tests.build import HOST, mention_text, seed_text, write_seed
from tests.databases import OpenNew
from tests.letterbox import Letterbox
from tests.subscribed import DAY, GUILD, NINE

EIGHT = "2026-03-10T08:00:00Z"
STORIES = {  # title: quality, topics
    "A robot wins at chess": (90, ("Robots",)),
    "A robot paints a bridge": (60, ("Robots", "Rivers")),
    "The old bridge is closed": (70, ("Rivers",)),
    "Two bridges open": (40, ("Roads",)),
    "A ferry sails": (30, ("Rivers",)),
}


@pytest.fixture
async def database(tmp_path: Path, open_new: OpenNew) -> AsyncIterator[Database]:
    for number, (title, (quality, topics)) in enumerate(STORIES.items()):
        text = seed_text(f"{HOST}/{number}", title=title, quality=quality, published=EIGHT, topics=topics)
        write_seed(tmp_path / "seeds", f"{number}.md", text)
    async with open_new(tmp_path / "broadsheet.db") as opened:
        await Reloader(opened, lambda: NINE - DAY / 24).reload(tmp_path / "seeds")
        yield opened


async def add(
    database: Database,
    channel: int,
    topics: str = "",
    words: str = "",
    days: frozenset[int] = EVERY_DAY,
    limit: int = 5,
) -> Subscription:
    async with database.transaction() as connection:
        found = await connection.run(find_topics, topics, NINE) if topics else ()
        new = NewSubscription(
            Subject(found, words), GUILD, channel, 5, DigestOptions("09:00", "UTC", days, limit)
        )
        return await subscribe(connection, new, NINE - timedelta(minutes=1), Limits(100, 100))


async def planned(database: Database) -> list[Edition]:
    """Plan what is due, and return every edition, by its subscription's number."""
    await Planner(database, Letterbox(), lambda: NINE).plan()
    async with database.reading() as connection:
        rows = await connection.execute_fetchall("SELECT id FROM delivery ORDER BY subscription_id")
        found = [await connection.run(outbox.get, row[0]) for row in rows]
        editions = [await connection.run(read_edition, each) for each in found if each]
    return [each for each in editions if each]


def held(edition: Edition) -> list[tuple[str, list[str]]]:
    return [(name, [each.coverage.pick.title for each in choices]) for name, choices in edition.sections]


async def test_a_digest_of_two_topics_has_each_story_once(database: Database) -> None:
    await add(database, 1, "Robots, Rivers")
    (edition,) = await planned(database)
    assert edition.topic == "Robots, Rivers"
    assert held(edition) == [
        ("Robots", ["A robot wins at chess", "A robot paints a bridge"]),
        ("Rivers", ["The old bridge is closed", "A ferry sails"]),
    ]


async def test_digests_of_the_same_topics_share_an_edition_and_those_of_others_do_not(
    database: Database,
) -> None:
    for channel, topics in enumerate(("Robots, Rivers", "Robots, Rivers", "Rivers, Robots", "Robots")):
        await add(database, channel + 1, topics)
    assert len(await planned(database)) == 4
    async with database.reading() as connection:
        rows = await connection.execute_fetchall("SELECT count(DISTINCT edition_id) FROM delivery")
    assert next(iter(rows))[0] == 3


async def test_a_digest_of_a_search_has_what_the_search_finds_in_any_form(database: Database) -> None:
    await add(database, 1, words="bridge")
    (edition,) = await planned(database)
    assert edition.topic == "“bridge”"
    assert held(edition) == [
        ("", ["The old bridge is closed", "A robot paints a bridge", "Two bridges open"]),
    ]


async def test_a_search_ends_with_a_whole_word_and_leaves_out_what_it_should(database: Database) -> None:
    await add(database, 1, words="brid")
    await add(database, 2, words="bridge -robot")
    first, second = await planned(database)
    assert held(first) == []
    assert held(second) == [("", ["The old bridge is closed", "Two bridges open"])]


async def test_a_story_that_a_search_found_yesterday_is_not_in_its_digest_today(database: Database) -> None:
    await add(database, 1, words="bridge", limit=1)
    assert [len(each.choices) for each in await planned(database)] == [1]
    assert await Planner(database, Letterbox(), lambda: NINE + DAY).plan() == 0


async def test_of_a_place_the_search_and_the_topics_share_stories(database: Database) -> None:
    await add(database, 1, "Robots, Rivers")
    await add(database, 1, words="bridge")
    topics, search = await planned(database)
    assert held(search) == [
        ("", ["The old bridge is closed", "A robot paints a bridge", "Two bridges open"]),
    ]
    assert search.elsewhere == ()
    assert held(topics) == [("Robots", ["A robot wins at chess"]), ("Rivers", ["A ferry sails"])]
    assert topics.elsewhere == (Elsewhere("“bridge”", 2),)


async def test_what_a_search_has_shown_is_remembered_by_its_words(database: Database) -> None:
    search = await add(database, 1, words="bridge")
    await send_now(database, search, NINE)
    later = await add(database, 1, "Rivers")
    async with database.transaction() as connection:
        await subscriptions.remove(connection, later.id)
    await add(database, 1, "Rivers, Roads")
    async with database.transaction() as connection:
        await connection.execute("UPDATE delivery SET state = 'sent', parts_sent = 1")
        await subscriptions.remove(connection, search.id)
    (edition,) = await planned(database)
    assert edition.elsewhere == (Elsewhere("“bridge”", 3),)
    assert held(edition) == [("Rivers", ["A ferry sails"])]


async def test_a_place_gets_each_topic_and_each_search_in_one_digest(database: Database) -> None:
    first = await add(database, 1, "Robots, Rivers")
    search = await add(database, 1, words="old bridge")
    for topics, words, number, shared in (
        ("Roads, Rivers", "", first.id, "Rivers"),
        ("", "Bridge  Old", search.id, "“Bridge  Old”"),
    ):
        with pytest.raises(AlreadySubscribedError) as caught:
            await add(database, 1, topics, words)
        assert (caught.value.number, caught.value.topic) == (number, shared)
    await add(database, 2, "Roads, Rivers")
    other = await add(database, 1, "Roads")
    async with database.transaction() as connection:
        with pytest.raises(AlreadySubscribedError):
            await edit(connection, other, {}, NINE, first.subject)


async def test_the_topics_of_a_digest_change_and_its_memory_stays(database: Database) -> None:
    one = await add(database, 1, "Robots, Rivers")
    await send_now(database, one, NINE - DAY / 48)
    async with database.transaction() as connection:
        roads = Subject(await connection.run(find_topics, "Roads, Rivers", NINE))
        changed = await edit(connection, one, {}, NINE, roads)
        assert await connection.run(subscriptions.get, one.id) == changed
        searching = await edit(connection, changed, {}, NINE, Subject(words="bridge"))
        assert await connection.run(subscriptions.get, one.id) == searching
    async with database.reading() as connection:
        found = await connection.run(subscriptions.all_in_channel, 1)
    assert [(each.id, each.subject) for each in found] == [(one.id, Subject(words="bridge"))]


async def test_who_may_not_see_a_topic_sees_the_digest_without_it(database: Database) -> None:
    await add(database, 1, "Robots, Rivers")
    await add(database, 2, "Rivers")
    async with database.transaction() as connection:
        rivers = TopicDescription("rivers", "Rivers", None, ())
        await describe(connection, rivers)
        await connection.execute("UPDATE own_topic SET servers = '[77]'")
    for viewer, names in ((GUILD, ["Robots"]), (77, ["Robots, Rivers", "Rivers"])):
        async with database.reading(viewer) as connection:
            found = await connection.run(subscriptions.present)
        assert [each.subject.name for each in found] == names


async def test_a_chapter_without_the_words_is_not_in_the_digest_of_a_search(
    tmp_path: Path, open_new: OpenNew
) -> None:
    """A saga speaks of the bridge on Saturday, and four days later of something else."""
    related = mention_text(f"{HOST}/then", title="The bridge", published="2026-03-06T09:30:00Z")
    text = seed_text(f"{HOST}/now", title="Ferries sail", published=EIGHT, related=[related])
    write_seed(tmp_path / "seeds", "saga.md", text)
    async with open_new(tmp_path / "saga.db") as database:
        await Reloader(database, lambda: NINE - DAY / 24).reload(tmp_path / "seeds")
        await add(database, 1, words="bridge", days=frozenset({NINE.isoweekday()}))
        await add(database, 2, words="ferries")
        bridge, ferries = await planned(database)
    assert held(bridge) == [("", ["The bridge"])]
    assert held(ferries) == [("", ["Ferries sail"])]


async def test_a_weekly_digest_has_the_week_and_what_was_missed(database: Database) -> None:
    weekly = await add(database, 1, "Rivers", days=frozenset({NINE.isoweekday()}), limit=2)
    await send_now(database, weekly, NINE - DAY / 48)
    first, second = await planned(database)
    assert (first.weekly, second.weekly) == (True, True)
    assert held(first) == [("", ["The old bridge is closed", "A robot paints a bridge"])]
    assert held(second) == [("", ["A ferry sails"])]  # it was below the cut


def test_words_are_stored_tidy_and_must_name_something() -> None:
    assert tidy_words("  Old\n\tBridge ") == "Old Bridge"
    for nothing in ("-robot", "…", "https://one.example/1"):
        with pytest.raises(NoWordsError):
            tidy_words(nothing)
    with pytest.raises(WordsTooLongError):
        tidy_words("a" * 101)
