"""How fast reloads are, as ratios to one plain pass of PyYAML's C loader over the same files.

Run with `make bench`. Measured for the shared corpus, where it is there, and for a generated one.
"""

import asyncio
import os
import resource
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from time import perf_counter

import yaml
from rich.console import Console
from rich.table import Table

from bot.services import utc_now
from digests.lookup.stories import latest_stories
from digests.seeds.parser import SUFFIXES
from digests.seeds.reload import Reloader
from storage.models import Page
from storage.sqlite.database import open_database
from tests.bench.corpus import write_corpus

SHARED = Path(__file__).parents[3] / "shared" / "corpus"
SEED = 2026
TICK = 0.001


@dataclass(frozen=True, slots=True)
class Figures:
    """Seconds of each kind of reload and of the plain pass; pauses and lookups in seconds, memory in MB.

    `one` changed file is measured four times, for the median: it is over before a busy machine notices.
    """

    plain: float
    cold: float
    nothing: float
    one: float
    pause: float
    lookup: float
    memory: float
    database: float


def plain_pass(folder: Path, _: Path) -> tuple[float]:
    """Return how long one yaml.load() of every file's front matter takes."""
    started = perf_counter()
    for path in files(folder):
        text = path.read_text("utf-8")
        yaml.load(text[4 : text.find("\n---", 3) + 1], Loader=yaml.CSafeLoader)
    return (perf_counter() - started,)


def files(folder: Path) -> list[Path]:
    """Return the record files below a folder."""
    return sorted(path for path in folder.rglob("*") if path.suffix in SUFFIXES and "_data" not in path.parts)


Measurement = Callable[[Path, Path], tuple[float, ...]]


def in_a_process(function: Measurement, folder: Path, database: Path) -> tuple[float, ...]:
    """Run one measurement in a process of its own and return its figures, then its peak memory in MB."""
    with get_context("spawn").Pool(1) as pool:
        return pool.apply(_measured, (function, folder, database))


def _measured(function: Measurement, folder: Path, database: Path) -> tuple[float, ...]:
    figures = function(folder, database)
    return (*figures, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def reload(folder: Path, database: Path) -> tuple[float]:
    """Return how long a reload takes."""
    return (asyncio.run(_reload(folder, database)),)


async def _reload(folder: Path, path: Path) -> float:
    async with open_database(path) as database:
        started = perf_counter()
        await Reloader(database, utc_now).reload(folder)
        return perf_counter() - started


def reload_beside_lookups(folder: Path, database: Path) -> tuple[float, float]:
    """Return the event loop's longest pause while a reload runs, and the median time of a lookup."""
    return asyncio.run(_reload_beside_lookups(folder, database))


async def _reload_beside_lookups(folder: Path, path: Path) -> tuple[float, float]:
    async with open_database(path) as database:
        reloading = asyncio.create_task(Reloader(database, utc_now).reload(folder))
        pauses, lookups = [0.0], [0.0]

        async def look_up() -> None:
            while not reloading.done():
                started = perf_counter()
                async with database.reading() as connection:
                    await connection.run(latest_stories, None, Page(utc_now(), 5))
                lookups.append(perf_counter() - started)
                await asyncio.sleep(0.02)

        looking = asyncio.create_task(look_up())
        while not reloading.done():
            started = perf_counter()
            await asyncio.sleep(TICK)
            pauses.append(perf_counter() - started - TICK)
        await looking
        await reloading
        return max(pauses), median(lookups)


def measure(folder: Path, database: Path) -> Figures:
    """Measure every kind of reload of `folder`, whose files are changed and put back."""
    size = sum(path.stat().st_size for path in files(folder))
    plain, _ = in_a_process(plain_pass, folder, database)
    cold, memory = in_a_process(reload, folder, database)
    stored = database.stat().st_size
    nothing, _ = in_a_process(reload, folder, database)
    touched = next(path for path in files(folder) if b"\nrelated:" in path.read_bytes())
    content = touched.read_bytes()
    ones = []
    for text in (content.replace(b'title: "', b'title: "X ', 1), content) * 2:
        touched.write_bytes(text)
        ones.append(in_a_process(reload, folder, database)[0])
    for suffix in ("", "-wal", "-shm"):
        Path(f"{database}{suffix}").unlink(missing_ok=True)
    pause, lookup, _ = in_a_process(reload_beside_lookups, folder, database)
    return Figures(plain, cold, nothing, median(ones), pause, lookup, memory, stored / size)


def main() -> None:
    """Measure and print; a path given measures that folder too."""
    console = Console(width=110)
    table = Table(
        "measured on",
        "cold",
        "nothing changed",
        "one file",
        "peak MB",
        "database / seeds",
        "pause ms",
        "lookup ms",
    )
    with tempfile.TemporaryDirectory(prefix="broadsheet-bench-") as scratch:
        root = Path(scratch)
        corpora = {"generated, 6,000 files": root / "generated"}
        write_corpus(root / "generated", SEED)
        for source in (SHARED, *map(Path, sys.argv[1:])):
            if source.is_dir():
                corpora[f"{source.name}, {len(files(source)):,} files"] = root / source.name
                shutil.copytree(source, root / source.name, copy_function=shutil.copyfile)
            else:
                console.print(f"{source} is not there: not measured")
        for name, folder in corpora.items():
            os.sync()
            figures = measure(folder, root / "bench.db")
            for suffix in ("", "-wal", "-shm"):
                Path(f"{root / 'bench.db'}{suffix}").unlink(missing_ok=True)
            table.add_row(
                name,
                f"{figures.cold / figures.plain:.3f}",
                f"{figures.nothing / figures.plain:.3f}",
                f"{figures.one / figures.plain:.3f}",
                f"{figures.memory:.0f}",
                f"{figures.database:.3f}",
                f"{figures.pause * 1000:.0f}",
                f"{figures.lookup * 1000:.0f}",
            )
    console.print("Seconds as a ratio to one pass of yaml.load(…, CSafeLoader) over the same files:")
    console.print(table)


if __name__ == "__main__":
    main()
