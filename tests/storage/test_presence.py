"""Who says which servers the bot is in speaks for its own shards alone."""

from datetime import UTC, datetime
from pathlib import Path

from digests.ownership import Shards
from storage import subscriptions
from storage.engine import Database
from tests.databases import OpenNew
from tests.subscribed import store_stories, subscribe_all

NOW = datetime(2026, 1, 4, 9, tzinfo=UTC)
COUNT = 4
SERVERS = [number << 22 for number in range(1, 13)]


async def set_present(database: Database, here: list[int], shards: Shards) -> None:
    async with database.transaction() as connection:
        await subscriptions.set_present(connection, here, NOW, shards)


async def served(database: Database) -> set[int | None]:
    async with database.reading() as connection:
        return {each.guild_id for each in await connection.run(subscriptions.present)}


async def test_servers_of_other_shards_are_neither_suspended_nor_restored(
    open_new: OpenNew, tmp_path: Path
) -> None:
    mine, theirs = Shards(COUNT, frozenset({0, 1})), Shards(COUNT, frozenset({2, 3}))
    of_mine = {each for each in SERVERS if mine.owns(each)}
    async with open_new(tmp_path / "broadsheet.db") as database:
        await store_stories(database, tmp_path / "seeds", NOW, 1, 1)
        for number, guild_id in enumerate(SERVERS):
            await subscribe_all(database, [1_000 + number], NOW, guild=guild_id)
        await set_present(database, [], mine)
        assert await served(database) == {*SERVERS} - of_mine
        await set_present(database, [each for each in SERVERS if theirs.owns(each)], theirs)
        assert await served(database) == {*SERVERS} - of_mine
        await set_present(database, [SERVERS[0], SERVERS[3]], mine)
        assert await served(database) == ({*SERVERS} - of_mine) | {SERVERS[0], SERVERS[3]}
        await set_present(database, [], Shards.every(COUNT))
        assert await served(database) == set()
