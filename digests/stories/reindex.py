"""A new form of the search index: filled in the background, in steps between which others write."""

import asyncio
import logging
from time import perf_counter

from digests.text import slugify
from storage import topics
from storage.engine import Connection, Database
from storage.search import rebuild, vocabulary

# Seconds that a step should hold the write lock; one in which the index merges its parts takes longer.
STEP = 0.05
FIRST, FEWEST, MOST = 100, 20, 4_000  # articles of a step
WORDS = 5_000  # learnt at a time
CLEARED = 250  # rows of the old index that are taken away at a time

log = logging.getLogger(__name__)


async def reindex(database: Database) -> None:
    """Fill the new search index if there is one, let searches use it, and clear the old one away.

    It can be broken off at any moment, and goes on from there the next time. Raises StorageError.
    """
    async with database.reading() as connection:
        filling = await connection.run(rebuild.is_filling)
    if filling:
        log.info("a new search index is being filled; searches use the old one until then")
        await _fill(database)
        await _learn_words(database)
        while not await _switch(database):
            await _fill(database)
        log.info("searches use the new index")
    if await _clear(database):
        await database.shrink()


async def renew_slugs(connection: Connection) -> None:
    """Give topics the slugs of now, as long as an index is filled: earlier versions left out their marks."""
    if await connection.run(rebuild.is_filling):
        known = await connection.run(topics.slugs)
        old = {slugify(name): slug for slug, name in known.items()}
        await topics.rename_slugs(connection, {old[slug]: slug for slug in old.keys() - known.keys()})


async def _fill(database: Database) -> None:
    """Put every article into the new index, as many at a time as fit into a step."""
    most = filled = FIRST
    while filled:
        async with database.transaction() as connection:
            started = perf_counter()
            filled = await rebuild.fill(connection, most)
        took = perf_counter() - started
        most = max(FEWEST, min(MOST, int(most * STEP / took)))
        await asyncio.sleep(took)  # others have their turn


async def _learn_words(database: Database) -> None:
    """Add the words of the new index to the vocabulary: it has some that the old one hasn't."""
    last = ""
    while True:
        async with database.reading() as connection:
            if not await connection.run(rebuild.is_filling):
                return
            words = await connection.run(rebuild.new_words, last, WORDS)
        if not words:
            return
        async with database.transaction() as connection:
            await vocabulary.extend(connection, words)
        last = words[-1]


async def _switch(database: Database) -> bool:
    """Switch searches to the new index if it has every article; return whether they use it now."""
    async with database.transaction() as connection:
        if not await connection.run(rebuild.is_filling):
            return True  # another process did it
        if await rebuild.fill(connection, FEWEST):
            return False
        await renew_slugs(connection)
        await rebuild.switch(connection)
        return True


async def _clear(database: Database) -> bool:
    """Take the old index away in steps; says whether there was one."""
    cleared = False
    while True:
        async with database.reading() as connection:
            if not await connection.run(rebuild.is_clearing):
                return cleared
        async with database.transaction() as connection:
            await rebuild.clear(connection, CLEARED)
        cleared = True
