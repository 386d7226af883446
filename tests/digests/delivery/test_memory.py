"""What a place was shown doesn't return to it, whichever of its digests had it, and matters to no other."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from digests.delivery.outbox import Outbox
from digests.delivery.planner import Planner
from digests.editions.edition import Edition, Elsewhere
from digests.editions.issue import shown_by
from digests.editions.preview import read_edition
from digests.editions.timetable import EVERY_DAY
from digests.lookup.topics import find_topic
from digests.seeds.reload import Reloader
from digests.subscriptions.issues import edition_at
from digests.subscriptions.limits import Limits
from digests.subscriptions.subscribe import NewSubscription, subscribe
from storage import memory, outbox, subscriptions
from storage.engine import Database
from storage.models import DigestOptions, Subject
from tests.build import HOST, mention_text, seed_text, write_seed
from tests.databases import OpenNew
from tests.letterbox import Letterbox
from tests.subscribed import DAY, GUILD, NINE, store_stories, subscribe_all


@pytest.fixture
async def database(tmp_path: Path, open_new: OpenNew) -> AsyncIterator[Database]:
    async with open_new(tmp_path / "broadsheet.db") as opened:
        await store_stories(opened, tmp_path / "seeds", NINE, 1, 3)
        yield opened


async def titles(database: Database) -> list[list[str]]:
    """Return the titles that each delivery brings, in their order."""
    async with database.reading() as connection:
        rows = await connection.execute_fetchall("SELECT id FROM delivery ORDER BY issue_at, id")
        found = [await connection.run(outbox.get, row[0]) for row in rows]
        editions = [await connection.run(read_edition, delivery) for delivery in found if delivery]
    return [
        [choice.coverage.pick.title for choice in edition.choices] if edition else [] for edition in editions
    ]


async def test_subscriptions_that_remember_other_stories_get_other_editions(database: Database) -> None:
    first, second = await subscribe_all(database, (1, 2), NINE)
    async with database.transaction() as connection:
        held = shown_by(await connection.run(edition_at, first, NINE))
        ((delivery_id,),) = await connection.execute_fetchall(
            "INSERT INTO delivery (subscription_id, issue_date, issue_at, state, try_at)"
            " VALUES (?, '2026-03-09', 0, 'sent', 0) RETURNING id",
            (second.id,),
        )
        (showing, *_) = await memory.add(connection, held[:1], NINE)
        await memory.remember(
            connection, [memory.Memory(second.channel_id, showing, delivery_id, second.subject.topic_ids[0])]
        )
    assert await Planner(database, Letterbox(), lambda: NINE).plan() == 2
    _, whole, rest = await titles(database)
    assert whole[1:] == rest
    assert len(rest) == 2


async def test_a_story_that_merged_with_one_that_was_shown_does_not_return(
    database: Database, tmp_path: Path
) -> None:
    await subscribe_all(database, (1,), NINE)
    await Planner(database, Letterbox(), lambda: NINE).plan()
    tied = seed_text(
        f"{HOST}/new",
        quality=54,
        published="2026-03-10T12:00:00Z",
        related=[mention_text(f"{HOST}/0-0", published="2026-03-10T08:00:00Z")],
    )
    write_seed(tmp_path / "seeds", "new.md", tied)
    await Reloader(database, lambda: NINE + DAY / 2).reload(tmp_path / "seeds")
    assert await Planner(database, Letterbox(), lambda: NINE + DAY).plan() == 0
    assert [len(each) for each in await titles(database)] == [3, 0]


async def store_two_topics(database: Database, folder: Path) -> None:
    """Load stories of Robots and Rivers: one of both, the best, and one of Rivers alone."""
    for name, topics, quality in (("both", ("Robots", "Rivers"), 74), ("alone", ("Rivers",), 50)):
        url = f"{HOST}/{name}"
        text = seed_text(url, title=name, quality=quality, published="2026-03-10T08:00:00Z", topics=topics)
        write_seed(folder, f"{name}.md", text)
    await Reloader(database, lambda: NINE - DAY / 24).reload(folder)


async def subscribe_to(database: Database, channel: int, *named: str, at: datetime = NINE) -> None:
    """Subscribe a channel to topics, in this order."""
    options = DigestOptions(f"{at:%H:%M}", "UTC", EVERY_DAY, 5)
    async with database.transaction() as connection:
        for name in named:
            topic = await connection.run(find_topic, name, NINE)
            new = NewSubscription(Subject((topic,)), GUILD, channel, 5, options)
            await subscribe(connection, new, at - timedelta(minutes=1), Limits(10**6, 10**6))


async def edition_of(database: Database, channel: int, topic: str) -> Edition:
    """Return the last edition of a channel's digest."""
    async with database.reading() as connection:
        rows = await connection.execute_fetchall(
            "SELECT delivery.id FROM delivery JOIN subscription ON subscription.id = subscription_id"
            " JOIN subscription_topic USING (subscription_id, channel_id) JOIN topic ON topic.id = topic_id"
            " WHERE channel_id = ? AND topic.name = ?"
            " ORDER BY delivery.id DESC LIMIT 1",
            (channel, topic),
        )
        delivery = await connection.run(outbox.get, next(iter(rows))[0])
        assert delivery
        edition = await connection.run(read_edition, delivery)
    assert edition
    return edition


def held(edition: Edition) -> list[str]:
    return [choice.coverage.pick.title for choice in edition.choices]


@pytest.mark.parametrize("order", [("Robots", "Rivers"), ("Rivers", "Robots")])
async def test_two_digests_of_a_place_at_the_same_minute_post_a_story_once(
    tmp_path: Path, open_new: OpenNew, order: tuple[str, str]
) -> None:
    async with open_new(tmp_path / "two.db") as database:
        await store_two_topics(database, tmp_path / "two")
        await subscribe_to(database, 1, *order)
        await subscribe_to(database, 2, "Rivers")
        assert await Planner(database, Letterbox(), lambda: NINE).plan() == 3
        first, second = [await edition_of(database, 1, name) for name in order]
        assert "both" in held(first)
        assert "both" not in held(second)
        assert second.elsewhere == (Elsewhere(order[0], 1),)
        assert held(await edition_of(database, 2, "Rivers")) == ["both", "alone"]


async def test_a_digest_of_a_later_time_knows_what_the_place_was_shown(
    tmp_path: Path, open_new: OpenNew
) -> None:
    later = NINE + timedelta(hours=1)
    async with open_new(tmp_path / "two.db") as database:
        await store_two_topics(database, tmp_path / "two")
        await subscribe_to(database, 1, "Rivers", at=later)
        await subscribe_to(database, 1, "Robots")
        assert await Planner(database, Letterbox(), lambda: later).plan() == 2  # both are overdue
        rivers = await edition_of(database, 1, "Rivers")
        assert held(rivers) == ["alone"]
        assert rivers.elsewhere == (Elsewhere("Robots", 1),)


async def test_a_place_remembers_what_a_digest_showed_that_was_ended_since(
    tmp_path: Path, open_new: OpenNew
) -> None:
    async with open_new(tmp_path / "two.db") as database:
        await store_two_topics(database, tmp_path / "two")
        await subscribe_to(database, 1, "Robots")
        await Planner(database, Letterbox(), lambda: NINE).plan()
        async with database.transaction() as connection:
            await connection.execute("UPDATE delivery SET state = 'sent', parts_sent = 1")
            await subscriptions.remove(connection, 1)
        await subscribe_to(database, 1, "Rivers", at=NINE + timedelta(hours=1))
        await Planner(database, Letterbox(), lambda: NINE + timedelta(hours=1)).plan()
        assert held(await edition_of(database, 1, "Rivers")) == ["alone"]


async def test_what_an_ended_digest_did_not_post_is_not_remembered(tmp_path: Path, open_new: OpenNew) -> None:
    async with open_new(tmp_path / "two.db") as database:
        await store_two_topics(database, tmp_path / "two")
        await subscribe_to(database, 1, "Robots")
        await Planner(database, Letterbox(), lambda: NINE).plan()
        async with database.transaction() as connection:
            await subscriptions.remove(connection, 1)
        await subscribe_to(database, 1, "Rivers", at=NINE + timedelta(hours=1))
        await Planner(database, Letterbox(), lambda: NINE + timedelta(hours=1)).plan()
        assert held(await edition_of(database, 1, "Rivers")) == ["both", "alone"]


async def test_that_a_story_was_elsewhere_is_said_though_there_is_nothing_else(
    tmp_path: Path, open_new: OpenNew
) -> None:
    letterbox = Letterbox()
    async with open_new(tmp_path / "two.db") as database:
        write_seed(
            tmp_path / "two",
            "both.md",
            seed_text(f"{HOST}/both", published="2026-03-10T08:00:00Z", topics=("Robots", "Rivers")),
        )
        await Reloader(database, lambda: NINE - DAY / 24).reload(tmp_path / "two")
        await subscribe_to(database, 1, "Robots", "Rivers")
        assert await Planner(database, letterbox, lambda: NINE).plan() == 2
        assert await Outbox(database, letterbox, lambda: NINE).deliver_due() == 2
        assert [len((await edition_of(database, 1, name)).choices) for name in ("Robots", "Rivers")] == [1, 0]
