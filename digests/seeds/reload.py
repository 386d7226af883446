"""Reload: bring the database in line with a seeds folder, all of it or not at all, and report."""

import asyncio
import gc
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, sleep
from typing import Any

from digests.errors import FolderError, ReloadBusyError, ReloadRefusedError, refusal_to_json
from digests.seeds.folder import FoundFile, walk
from digests.seeds.limits import MAX_SEED_BYTES
from digests.seeds.reader import ScanResult, is_as_before
from digests.stories.ingest import store, tidy
from storage import judging, seeds, topics
from storage.engine import Connection, Database
from storage.errors import ReloadRunningError, StorageError
from storage.models import Fault
from storage.search import languages, vocabulary
from storage.seeds import SeenFile
from storage.sqlite.database import open_database

log = logging.getLogger(__name__)

CHUNK = 200  # files read between two reports of progress
NAP = 0.0005  # seconds of each pause before a file while lookups run
NAPS = 10  # and how often, so that a busy bot reloads all the same


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
class ReloadProgress:
    """How far a reload is: files looked at, of how many."""

    done: int
    files: int


class Reloader:
    """Reloads a database from seeds folders, one reload at a time."""

    def __init__(
        self,
        database: Database,
        clock: Callable[[], datetime],
        max_bytes: int = MAX_SEED_BYTES,
        *,
        on_finish: Callable[[Report | None], None] = lambda _: None,
    ) -> None:
        """`on_finish` hears of each reload: its report, or None if it failed."""
        self._database = database
        self._clock = clock
        self._max_bytes = max_bytes
        self._on_finish = on_finish
        self.progress: ReloadProgress | None = None

    async def reload(
        self, root: Path, *, force: bool = False, on_progress: Callable[[ReloadProgress], None] | None = None
    ) -> Report:
        """Make the database hold what the seeds under `root` say.

        Files whose size and time are as before are not read, files with the same content not
        parsed, unless `force` is set. A record whose file broke stays as it was. Raises
        ReloadError where the folder can't be read or another reload runs, in any process, and
        ReloadRefusedError where more than half of the records would go and `force` isn't set;
        nothing is changed then.
        """
        report = None
        try:
            report = await self._reload_alone(root, force, on_progress)
        except ReloadRunningError as error:
            raise ReloadBusyError(error.done, error.files) from error
        finally:
            self._on_finish(report)
        return report

    async def _reload_alone(
        self, root: Path, force: bool, on_progress: Callable[[ReloadProgress], None] | None
    ) -> Report:
        """Reload while no other reload runs, and note why if it is refused."""
        async with self._database.only_reload() as note:

            def show(progress: ReloadProgress) -> None:
                self.progress = progress
                note(progress.done, progress.files)
                if on_progress:
                    on_progress(progress)

            try:
                with _few_collections():
                    return await self._reload(root, force, show)
            except (FolderError, ReloadRefusedError) as error:
                async with self._database.transaction() as connection:
                    await seeds.note_refusal(connection, self._clock(), refusal_to_json(error))
                raise
            finally:
                self.progress = None

    async def _reload(self, root: Path, force: bool, show: Callable[[ReloadProgress], None]) -> Report:
        started = perf_counter()
        found = await asyncio.to_thread(lambda: list(walk(root, self._max_bytes)))
        async with self._database.reading() as connection:
            seen = await connection.run(seeds.seen_files)
            stored = await connection.run(seeds.record_paths)
            known_faults = set(await connection.run(seeds.faults))
            searchable = await connection.run(vocabulary.is_filled)
        files = [entry for entry in found if isinstance(entry, FoundFile)]
        changed = files if force else [file for file in files if not is_as_before(file, seen)]
        as_before = len(files) - len(changed)
        if as_before:
            show(ReloadProgress(as_before, len(files)))
        reading = ScanResult()
        for fault in (entry for entry in found if isinstance(entry, Fault) and entry not in known_faults):
            reading.note_fault(fault)
        for start in range(0, len(changed), CHUNK):
            chunk = changed[start : start + CHUNK]
            await asyncio.to_thread(reading.look_at, root, self._giving_way(chunk), seen, force=force)
            show(ReloadProgress(as_before + start + len(chunk), len(files)))

        gone = (seen.keys() | stored) - {entry.path for entry in found}
        gone -= _below_faults(gone, [entry for entry in found if isinstance(entry, Fault)])
        no_records = {file.path for file in reading.seen if file.kind in {"skipped", "topic"}}
        removed = stored & (gone | no_records)
        lost = len(removed) - _moved(removed, seen, reading)
        if lost * 2 > len(stored) and not force:
            raise ReloadRefusedError(root, lost, len(stored))
        async with self._database.reading() as connection:
            read = {record.key for record in reading.records}
            carried = await connection.run(topics.carried, gone | removed | read)
        report = await asyncio.to_thread(_report, reading, seen, stored, gone, removed, known_faults)
        news = bool(gone or reading.seen or reading.touched or not searchable)
        async with self._database.transaction() as connection:
            if news:
                spoken = await connection.run(languages.spoken)
                await _note_files(connection, reading)
                await languages.describe_outlets(connection, reading.outlets)
                await store(connection, reading.records, reading.topics, gone | removed, self._clock())
                await topics.note_heirs(connection, carried)
                await seeds.forget_files(connection, gone)
                if gone or reading.seen:  # the levels of outlets are learned from seeds
                    await judging.judge_all(connection)
                if await connection.run(languages.spoken) != spoken:
                    await languages.relearn(connection)
            totals = asdict(await connection.run(seeds.totals))
            report = replace(report, **totals, seconds=round(perf_counter() - started, 3))
            await seeds.note_reload(connection, self._clock(), report.to_json())
        if news:
            try:
                await tidy(self._database)
                await self._database.shrink()
            except StorageError as error:  # the next reload does it
                log.warning("the database isn't tidied until the next reload: %r", error)
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
    """Run the garbage collector rarely during the block, and only on what is new.

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
    max_bytes: int = MAX_SEED_BYTES,
    on_progress: Callable[[ReloadProgress], None] | None = None,
) -> Report:
    """Return what a reload of an empty database would report; nothing is kept."""
    with TemporaryDirectory(prefix="broadsheet-") as folder:
        async with open_database(Path(folder) / "check.db") as database:
            return await Reloader(database, clock, max_bytes).reload(root, on_progress=on_progress)


def _below_faults(paths: set[str], faults: list[Fault]) -> set[str]:
    """Return the paths below folders that can't be listed: nobody knows whether their files are gone."""
    folders = tuple(f"{fault.path}/" for fault in faults)
    return {path for path in paths if path.startswith(folders)}


def _moved(removed: set[str], seen: Mapping[str, SeenFile], reading: ScanResult) -> int:
    """Return how many of the removed records stand in other files now, word for word."""
    old = Counter(seen[path].digest for path in removed if path in seen)
    new = Counter(file.digest for file in reading.seen if old and file.path not in seen)
    return (new & old).total()


async def _note_files(connection: Connection, reading: ScanResult) -> None:
    """Note which files were seen, and what is wrong with them."""
    await seeds.note_files(connection, reading.seen)
    await seeds.touch_files(connection, reading.touched)
    await seeds.note_faults(connection, reading.faults)


def _report(
    reading: ScanResult,
    seen: Mapping[str, SeenFile],
    stored: set[str],
    gone: set[str],
    removed: set[str],
    known_faults: set[Fault],
) -> Report:
    """Return what becomes of the records that are `stored`; how much there is then isn't known yet."""
    digests = {file.path: file.digest for file in reading.seen}
    kinds = {file.path: file.kind for file in (*seen.values(), *reading.seen)}
    failed = {fault.path: fault for fault in known_faults if fault.path not in digests}
    failed |= {fault.path: fault for fault in reading.faults}
    read = {record.key for record in reading.records}
    changed = {path for path in read & stored if path not in seen or seen[path].digest != digests[path]}
    return Report(
        added=len(read - stored),
        changed=len(changed),
        removed=len(removed),
        unchanged=len(stored - removed - changed - failed.keys()),
        skipped=sum(kind == "skipped" and path not in gone for path, kind in kinds.items()),
        failed=[failed[path] for path in sorted(failed.keys() - gone)],
        records=0,
        stories=0,
        articles=0,
        seconds=0.0,
    )
