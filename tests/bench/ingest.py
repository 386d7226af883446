"""What it costs to store new and changed seeds in databases of several sizes, against an empty one.

Run with `make bench`. A seed has 24 kB and ten related articles. What is compared is how long the write lock
is held, and how long the reload takes in all; each case is measured in a process of its own.
"""

import asyncio
import random
import resource
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import NamedTuple, ParamSpec, TypeVar

from rich.console import Console
from rich.table import Table

from bot.services import utc_now
from digests.seeds.reload import Reloader
from storage.sqlite.database import open_database
from tests.bench.corpus import make_text
from tests.bench.library import write_library
from tests.build import mention_text, seed_text, write_seed

SEED = 2026
SIZES = (5_500, 55_000, 550_000)  # articles
ARTICLES_PER_STORY = 4
SEEDS = (1, 10, 100)
RELATED = 10
FILLER = 1_900  # bytes of each article's text that say nothing
ROUNDS = 15  # of which the medians are: a busy machine makes single ones several times as long
TEXT = make_text(random.Random(SEED))
Given = ParamSpec("Given")
Result = TypeVar("Result")


class Took(NamedTuple):
    """Seconds that the write lock was held, and that the reload took; what memory the process had, in MB."""

    lock: float
    wall: float
    memory: float = 0.0


class Costs(NamedTuple):
    """Medians for seeds that are new, and for the same ones after a change."""

    new: Took
    changed: Took


def seed(number: int, version: int) -> str:
    """Return a seed with a story of its own, as that version words it."""
    choice = random.Random(number)
    filler = f"note: {'x' * FILLER}"
    own, *others = (f"https://outlet{n}.example/bench/{number}/{n}" for n in range(RELATED + 1))
    related = [mention_text(url, title=TEXT.some(choice, 10), extra=filler) for url in others]
    title = f"{TEXT.some(choice, 10)} {version}"
    return seed_text(own, title=title, quality=50 + version, related=related, extra=filler)


def measure(path: Path | None, seeds: int) -> Costs:
    """Return what so many seeds cost in a copy of a closed database, or each time in a new one."""
    new: list[Took] = []
    changed: list[Took] = []
    with tempfile.TemporaryDirectory(prefix="broadsheet-bench-") as scratch:
        for number in range(ROUNDS):
            home = Path(scratch) / ("same" if path else str(number))
            home.mkdir(exist_ok=True)
            database = home / "bench.db"
            if path and not database.exists():
                shutil.copyfile(path, database)
            seed_numbers = range(number * seeds, (number + 1) * seeds)
            asyncio.run(_change(database, home / "seeds", seed_numbers, new, changed))
    return Costs(_median(new), _median(changed))


async def _change(
    path: Path, folder: Path, numbers: Iterable[int], new: list[Took], changed: list[Took]
) -> None:
    """Store seeds, then others in their place, and note how long both took."""
    held: list[float] = []
    async with open_database(path, held.append) as database:
        reloader = Reloader(database, utc_now)
        for version, took in enumerate((new, changed)):
            for number in numbers:
                write_seed(folder, f"{number}.md", seed(number, version))
            held.clear()
            started = perf_counter()
            await reloader.reload(folder)
            took.append(Took(max(held), perf_counter() - started))


def _median(took: list[Took]) -> Took:
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Took(median(each.lock for each in took), median(each.wall for each in took), memory)


def in_a_process(function: Callable[Given, Result], *args: Given.args, **kwargs: Given.kwargs) -> Result:
    """Call a function in a process of its own, so that memory is only what it needs itself."""
    with get_context("spawn").Pool(1) as pool:
        return pool.apply(function, args, kwargs)


def main() -> None:
    """Measure and print; numbers given are sizes of databases, in articles."""
    console = Console(width=110)
    sizes = tuple(map(int, sys.argv[1:])) or SIZES
    table = Table(
        "articles", "seeds", "new: lock", "changed: lock", "changed: lock ms", "changed: wall ms", "peak MB"
    )
    with tempfile.TemporaryDirectory(prefix="broadsheet-bench-") as scratch:
        empty = {seeds: in_a_process(measure, None, seeds) for seeds in SEEDS}
        for articles in sizes:
            path = Path(scratch) / f"{articles}.db"
            in_a_process(write_library, path, SEED, articles // ARTICLES_PER_STORY, articles)
            for seeds in SEEDS:
                costs, base = in_a_process(measure, path, seeds), empty[seeds].new
                table.add_row(
                    f"{articles:,}",
                    str(seeds),
                    f"{costs.new.lock / base.lock:.2f}",
                    f"{costs.changed.lock / base.lock:.2f}",
                    f"{costs.changed.lock * 1000:.1f}",
                    f"{costs.changed.wall * 1000:.0f}",
                    f"{costs.changed.memory:.0f}",
                )
            path.unlink()
    base_ms = ", ".join(
        f"{seeds}: {each.new.lock * 1000:.1f} ms, {each.new.memory:.0f} MB" for seeds, each in empty.items()
    )
    console.print(f"The write lock's seconds, as a ratio to an empty database ({base_ms}):")
    console.print(table)


if __name__ == "__main__":
    main()
