"""The bundled samples, which only the sandbox shows: what an earlier version loaded of them is removed."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from digests.seeds.folder import FoundFile, walk
from digests.seeds.limits import MAX_SEED_BYTES
from digests.seeds.reader import ScanResult
from digests.stories.ingest import store, tidy
from storage import seeds
from storage.engine import Database


async def remove_samples(database: Database, folder: Path, clock: Callable[[], datetime]) -> int:
    """Remove what a database holds of the samples in a folder, and return how many records that were."""
    async with database.reading() as connection:
        seen = await connection.run(seeds.seen_files)
    if not seen:
        return 0
    samples = await asyncio.to_thread(_digests, folder)
    gone = [file for path, file in seen.items() if (path, file.digest) in samples]
    if gone:
        async with database.transaction() as connection:
            paths = [file.path for file in gone]
            await store(connection, (), {}, paths, clock())
            await seeds.forget_files(connection, paths)
        await tidy(database)
    return sum(file.kind == "record" for file in gone)


def _digests(folder: Path) -> set[tuple[str, bytes]]:
    """Return the path and digest of each sample."""
    reading = ScanResult()
    files = [found for found in walk(folder, MAX_SEED_BYTES) if isinstance(found, FoundFile)]
    reading.look_at(folder, files, {}, force=True)
    return {(file.path, file.digest) for file in reading.seen}
