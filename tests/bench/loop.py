"""How long the event loop pauses at most: in a tour of all commands and buttons, a reload and a delivery.

Run with `make bench`, or alone: `python -m tests.bench.loop`. It takes about two minutes.
"""

import asyncio
import shutil
import tempfile
from collections import defaultdict
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

from bot.garbage import keep_for_good
from bot.settings import BUNDLED_SEEDS, Settings
from tests.bench.corpus import write_corpus
from tests.conftest import Clock
from tests.pulse import Pulse, pulse
from tests.subscribed import subscribe_all
from tests.tour import GUILD, ISSUE, connected, everything, take_tour

RUNS = 5
CHANNELS = range(1_000, 1_200)
SEED = 2026


async def measure(seeds: Path, database: Path) -> dict[str, Pulse]:
    """Return the loop's pulse while a new bot does one thing after another."""
    taken, clock = {}, Clock()
    settings = Settings(database_path=database, seeds_path=seeds)
    async with connected(settings, clock) as (app, standin):
        keep_for_good()
        async with pulse() as taken["a first load of 6,000 files"]:
            await app.services.reloader.reload(seeds)
        asked = await everything(app)
        async with pulse() as taken["every command and button, one after another"]:
            await take_tour(standin, asked)
        await subscribe_all(app.services.database, CHANNELS, ISSUE, guild=GUILD)
        clock.now = ISSUE
        async with pulse() as taken[f"a delivery to {len(CHANNELS)} channels"]:
            assert await app.scheduler.tick() >= len(CHANNELS)
    return taken


def main() -> None:
    """Measure and print."""
    console = Console(width=110)
    taken: defaultdict[str, list[Pulse]] = defaultdict(list)
    with tempfile.TemporaryDirectory(prefix="broadsheet-bench-") as scratch:
        seeds = Path(scratch) / "seeds"
        shutil.copytree(BUNDLED_SEEDS, seeds)
        write_corpus(seeds / "corpus", SEED)
        for run in range(RUNS):
            for doing, found in asyncio.run(measure(seeds, Path(scratch) / f"{run}.db")).items():
                taken[doing].append(found)
    table = Table("longest pause of the event loop, ms", "median", "computing", "most", "wanted")
    for doing, pulses in taken.items():
        whole = [each.longest() * 1000 for each in pulses]
        own = [each.longest_own() * 1000 for each in pulses]
        table.add_row(doing, f"{median(whole):.0f}", f"{median(own):.0f}", f"{max(own):.0f}", "less than 50")
    console.print(table)
    console.print(f"Of {RUNS} runs; “computing” is what other processes on this machine had no share in.")


if __name__ == "__main__":
    main()
