"""How fast the command line starts: CPU of whole commands, as ratios to importing typer and rich.

Run with `make bench`, or alone: `python -m tests.bench.start`. It takes about half a minute.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

from bot.services import utc_now
from bot.settings import BUNDLED_SEEDS
from digests.seeds.reload import Reloader
from storage.sqlite.database import open_database

ROUNDS = 15
PLAIN = ("-c", "import typer, rich")
COMMANDS = {  # a command's arguments, and how many times the CPU of the plain imports it may take
    ("--version",): 2,
    ("--help",): 2,
    ("topics",): 4,
    ("topics", "--json"): 4,
    ("search", "lantern moon ice"): 4,
    ("search", "lantrn", "--topic", "Space"): 4,
    ("preview", "Space"): 4,
}


def cpu_of(arguments: Sequence[str], environment: Mapping[str, str], folder: Path) -> float:
    """Return the seconds of CPU that Python takes with these arguments, from start to end."""
    process = subprocess.Popen(
        [sys.executable, *arguments], env=environment, cwd=folder, stdout=subprocess.DEVNULL
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{arguments} ended with {process.returncode}")
    return used.ru_utime + used.ru_stime


def measure(folder: Path) -> dict[tuple[str, ...], float]:
    """Return each command's CPU as a ratio to that of the plain imports: the median of many rounds."""
    environment = os.environ | {
        "DATABASE_PATH": str(folder / "broadsheet.db"),
        "PYTHONPATH": str(BUNDLED_SEEDS.parent),
    }
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    for arguments in (PLAIN, *(("-m", "bot", *each) for each in COMMANDS)):
        cpu_of(arguments, environment, folder)  # compiles what has changed
    taken: defaultdict[tuple[str, ...], list[float]] = defaultdict(list)
    for _ in range(ROUNDS):
        plain = cpu_of(PLAIN, environment, folder)
        for arguments in COMMANDS:
            taken[arguments].append(cpu_of(("-m", "bot", *arguments), environment, folder) / plain)
    return {arguments: median(ratios) for arguments, ratios in taken.items()}


async def load(path: Path) -> None:
    """Store the bundled seeds."""
    async with open_database(path) as database:
        await Reloader(database, utc_now).reload(BUNDLED_SEEDS)


def main() -> None:
    """Measure and print."""
    console = Console(width=110)
    table = Table("command", "CPU / import typer, rich", "wanted")
    with tempfile.TemporaryDirectory(prefix="broadsheet-bench-") as scratch:
        asyncio.run(load(Path(scratch) / "broadsheet.db"))
        for arguments, ratio in measure(Path(scratch)).items():
            table.add_row(
                f"broadsheet {' '.join(arguments)}", f"{ratio:.2f}", f"at most {COMMANDS[arguments]}"
            )
    console.print(table)


if __name__ == "__main__":
    main()
