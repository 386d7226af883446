"""Reload: bring the database in line with a seeds folder, all of it or not at all, and report."""

import asyncio
import gc
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, sleep
from typing import Any

from digests.errors import FolderError, ReloadRefusedError, refusal_to_json
from digests.seeds.folder import MAX_BYTES, FoundFile, walk
from digests.seeds.reader import Reading, is_as_before
from digests.seeds.reload_lock import only_reload
from digests.stories.coverage import HEAT_PER_ARTICLE, HEAT_PERIOD
from digests.stories.grouping import tie
from digests.text import as_words, slugify
from storage import grouping, seeds, topics
from storage.errors import StorageError
from storage.models import Fault, Mention
from storage.search import index, vocabulary
from storage.seeds import SeenFile
from storage.sqlite.database import Connection, Database, open_database

log = logging.getLogger(__name__)

CHUNK = 200  # files read between two reports of progress
NAP = 0.0005  # seconds that a file waits for lookups, again and again
NAPS = 10  # and how often, so that a busy bot reloads all the same
MANY = 500  # so many records at once leave the search index in parts worth merging


@dataclass(frozen=True, slots=True)
class Report:
    """What a reload did; the fields are those of `broadsheet reload --json`."""

    added: int
    changed: int
    removed: int
    unchanged: int
    skipped: int
    failed: list[Fault]
    records: int
    stories: int
    articles: int
    seconds: float

    def to_json(self) -> dict[str, Any]:
        """Return the report as a JSON document."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a reload is: files looked at, of how many."""

    done: int
    files: int


class Reloader:
    """Reloads a database from seeds folders, one reload at a time."""

    def __init__(self, database: Database, clock: Callable[[], datetime], max_bytes: int = MAX_BYTES) -> None:
        self._database = database
        self._clock = clock
        self._max_bytes = max_bytes
        self.progress: Progress | None = None

    async def reload(
        self, root: Path, *, force: bool = False, on_progress: Callable[[Progress], None] | None = None
    ) -> Report:
        """Make the database hold what the seeds under `root` say.

        Files whose size and time are as before are not read, files with the same content not
        parsed, unless `force` is set. A record whose file broke stays as it was. Raises
        ReloadError where the folder can't be read or another reload runs, in any process, and
        ReloadRefusedError where more than half of the records would go and `force` isn't set;
        nothing is changed then.
        """
        with only_reload(self._database.path) as note, _few_collections():

            def show(progress: Progress) -> None:
                self.progress = progress
                note(progress.done, progress.files)
                if on_progress:
                    on_progress(progress)

            try:
                return await self._reload(root, force, show)
            except (FolderError, ReloadRefusedError) as error:
                async with self._database.transaction() as connection:
                    await seeds.note_refusal(connection, self._clock(), refusal_to_json(error))
                raise
            finally:
                self.progress = None

    async def _reload(self, root: Path, force: bool, show: Callable[[Progress], None]) -> Report:
        started = perf_counter()
        found = await asyncio.to_thread(lambda: list(walk(root, self._max_bytes)))
        async with self._database.reading() as connection:
            seen = await seeds.seen_files(connection)
            stored = await seeds.record_paths(connection)
            known_faults = set(await seeds.faults(connection))
            searchable = await vocabulary.is_filled(connection)
        files = [entry for entry in found if isinstance(entry, FoundFile)]
        changed = files if force else [file for file in files if not is_as_before(file, seen)]
        as_before = len(files) - len(changed)
        if as_before:
            show(Progress(as_before, len(files)))
        reading = Reading()
        for fault in (entry for entry in found if isinstance(entry, Fault) and entry not in known_faults):
            reading.note_fault(fault)
        for start in range(0, len(changed), CHUNK):
            chunk = changed[start : start + CHUNK]
            await asyncio.to_thread(reading.look_at, root, self._giving_way(chunk), seen, force=force)
            show(Progress(as_before + start + len(chunk), len(files)))

        gone = (seen.keys() | stored) - {entry.path for entry in found}
        gone -= _below_faults(gone, [entry for entry in found if isinstance(entry, Fault)])
        no_records = {file.path for file in reading.seen if file.kind in {"skipped", "topic"}}
        removed = stored & (gone | no_records)
        lost = len(removed) - _moved(removed, seen, reading)
        if lost * 2 > len(stored) and not force:
            raise ReloadRefusedError(root, lost, len(stored))
        news = bool(gone or reading.seen or reading.touched or not searchable)
        async with self._database.transaction() as connection:
            if news:
                await _store(connection, reading, gone | removed, self._clock())
            report = await _report(connection, reading, seen, stored, removed, started)
            await seeds.note_reload(connection, self._clock(), report.to_json())
        if news:
            try:
                await self._database.shrink()
            except StorageError as error:  # the next reload gives the space back
                log.warning("free space stays in the database until the next reload: %r", error)
        return report

    def _giving_way(self, files: Iterable[FoundFile]) -> Iterator[FoundFile]:
        """Yield files, in a thread, each when no lookup runs or has been waited for long enough.

        Python runs one thread at a time: beside one that parses, a lookup takes several times as long.
        """
        for file in files:
            for _ in range(NAPS):
                if not self._database.is_read:
                    break
                sleep(NAP)
            yield file


@contextmanager
def _few_collections() -> Iterator[None]:
    """Keep the garbage collector from looking again and again at what stays, and from looking at everything.

    A full collection would stop the event loop for 50 to 80 ms each time (measured on 6,000 files).
    """
    young, middle, old = gc.get_threshold()
    gc.set_threshold(10_000, middle, 1_000_000)
    try:
        yield
    finally:
        gc.set_threshold(young, middle, old)


async def check(
    root: Path,
    clock: Callable[[], datetime],
    *,
    max_bytes: int = MAX_BYTES,
    on_progress: Callable[[Progress], None] | None = None,
) -> Report:
    """Return what a reload of an empty database would report; nothing is kept."""
    with TemporaryDirectory(prefix="broadsheet-") as folder:
        async with open_database(Path(folder) / "check.db") as database:
            return await Reloader(database, clock, max_bytes).reload(root, on_progress=on_progress)


def _below_faults(paths: set[str], faults: list[Fault]) -> set[str]:
    """Return the paths below folders that can't be listed: nobody knows whether their files are gone."""
    folders = tuple(f"{fault.path}/" for fault in faults)
    return {path for path in paths if path.startswith(folders)}


def _moved(removed: set[str], seen: Mapping[str, SeenFile], reading: Reading) -> int:
    """Return how many of the removed records stand in other files now, word for word."""
    old = Counter(seen[path].digest for path in removed if path in seen)
    new = Counter(file.digest for file in reading.seen if old and file.path not in seen)
    return (new & old).total()


async def _store(connection: Connection, reading: Reading, gone: set[str], now: datetime) -> None:
    """Write everything that `reading` found, and what follows from it, in the open transaction."""
    records = reading.records
    await grouping.begin(connection)
    await grouping.touch_stories_of(connection, [*gone, *(record.path for record in records)])
    await seeds.forget_files(connection, gone)
    await seeds.note_files(connection, reading.seen)
    await seeds.touch_files(connection, reading.touched)
    await seeds.note_faults(connection, reading.faults)
    new = await seeds.store_records(connection, records)
    slugs = {name: slugify(name) for name in {name for record in records for name in record.topics}}
    tags = {(record.path, slugs[name]): name for record in records for name in record.topics}
    await topics.store_topics(connection, {slug: name for (_, slug), name in reversed(tags.items())})
    await topics.tag_records(connection, tags)
    await topics.respell_topics(connection, Counter((slug, name) for (_, slug), name in tags.items()))
    await topics.describe_topics(connection, reading.topics)
    await tie(connection, now)
    await grouping.mark_withdrawn(connection)
    await grouping.summarize_stories(connection, HEAT_PER_ARTICLE, HEAT_PERIOD)
    if len(records) < MANY and await vocabulary.is_filled(connection):
        await vocabulary.extend(connection, _words_of(new))
    else:
        await vocabulary.refresh(connection)
    if len(records) >= MANY:
        await index.tidy(connection)


async def _report(
    connection: Connection,
    reading: Reading,
    seen: Mapping[str, SeenFile],
    stored: set[str],
    removed: set[str],
    started: float,
) -> Report:
    """Return what became of the records that were `stored` before, and what there is now."""
    digests = {file.path: file.digest for file in reading.seen}
    read = {record.path for record in reading.records}
    changed = {path for path in read & stored if path not in seen or seen[path].digest != digests[path]}
    failed = await seeds.faults(connection)
    totals = await seeds.totals(connection)
    return Report(
        added=len(read - stored),
        changed=len(changed),
        removed=len(removed),
        unchanged=len(stored - removed - changed - {fault.path for fault in failed}),
        skipped=await seeds.count_skipped(connection),
        failed=failed,
        records=totals.records,
        stories=totals.stories,
        articles=totals.articles,
        seconds=round(perf_counter() - started, 3),
    )


def _words_of(mentions: list[Mention]) -> set[str]:
    """Return the words by which searches find what mentions say."""
    texts = {text for each in mentions for text in (each.title, each.excerpt, each.provider.name)}
    return {word for text in texts for word in as_words(text).split()}
