"""Real seeds, loaded for a benchmark into a database that is gone afterwards."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.services import utc_now
from digests.seeds.reload import Reloader
from storage.engine import Connection
from storage.models import Story
from storage.sqlite.database import open_database
from storage.stories import stories

SHARED_CORPUS = Path(__file__).parents[3] / "shared" / "corpus"


@asynccontextmanager
async def seeded(folder: Path) -> AsyncIterator[Connection]:
    """Load the seeds in a folder, and read what came of it."""
    with tempfile.TemporaryDirectory(prefix="broadsheet-bench-") as scratch:
        async with open_database(Path(scratch) / "bench.db") as database:
            await Reloader(database, utc_now).reload(folder)
            async with database.reading() as connection:
                yield connection


async def all_stories(connection: Connection) -> list[Story]:
    """Return every story there is."""
    rows = await connection.execute_fetchall("SELECT id FROM story ORDER BY id")
    return await connection.run(stories, [row[0] for row in rows])
