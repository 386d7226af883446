"""A reload that is killed leaves the old state, whole; one that ended leaves the new."""

import asyncio
import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from digests.seeds.reload import Reloader
from storage.sqlite.database import open_database
from tests.bench.corpus import write_corpus
from tests.build import ROOT

NOW = datetime(2026, 1, 4, 8, tzinfo=UTC)
KILLS = 12
RELOAD = """
import asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from digests.seeds.reload import Reloader
from storage.sqlite.database import open_database

async def main():
    async with open_database(Path(sys.argv[1])) as database:
        print("ready", flush=True)
        await Reloader(database, lambda: datetime(2026, 1, 4, 8, tzinfo=UTC)).reload(Path(sys.argv[2]))

asyncio.run(main())
"""


async def state(path: Path) -> str:
    """Return a digest of everything stored, the last report apart; fails where the file is damaged."""
    async with open_database(path) as database, database.reading() as connection:
        assert [tuple(row) for row in await connection.execute_fetchall("PRAGMA integrity_check")] == [
            ("ok",)
        ]
        tables = await connection.execute_fetchall(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'reload' ORDER BY name"
        )
        digest = hashlib.sha256()
        for (name,) in tables:
            for row in await connection.execute_fetchall(f"SELECT * FROM {name} ORDER BY 1, 2"):
                digest.update(repr(tuple(row)).encode())
        return digest.hexdigest()


async def reload(path: Path, seeds: Path) -> None:
    """Reload undisturbed."""
    async with open_database(path) as database:
        await Reloader(database, lambda: NOW).reload(seeds)


@contextmanager
def reloading(path: Path, seeds: Path) -> Iterator[subprocess.Popen[str]]:
    """Start a reload in a process of its own, at the point where the reload itself begins."""
    arguments = [sys.executable, "-c", RELOAD, str(path), str(seeds)]
    root = ROOT
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, cwd=root) as process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        yield process


def copy_database(source: Path, target: Path) -> None:
    """Put a closed database in the place of another."""
    for suffix in ("-wal", "-shm"):
        Path(f"{target}{suffix}").unlink(missing_ok=True)
    shutil.copy(source, target)


@pytest.mark.no_cover
async def test_a_reload_killed_at_any_moment_leaves_the_old_state_or_the_new(tmp_path: Path) -> None:
    seeds, first, path = tmp_path / "seeds", tmp_path / "first.db", tmp_path / "broadsheet.db"
    write_corpus(seeds, seed=1, scale=0.02)
    await reload(first, seeds)
    files = sorted(seeds.rglob("*.md"))
    for number, file in enumerate(files):  # every other record changes, some go, some come
        if number % 5 == 0:
            file.unlink()
        elif number % 2:
            file.write_text(file.read_text("utf-8").replace("quality: ", "quality: 1", 1), "utf-8")
    write_corpus(seeds / "more", seed=2, scale=0.01)
    copy_database(first, path)
    await reload(path, seeds)
    old, new = await state(first), await state(path)
    assert old != new

    copy_database(first, path)
    started = asyncio.get_running_loop().time()
    with reloading(path, seeds) as process:
        process.wait()
    whole = asyncio.get_running_loop().time() - started

    choice = random.Random(3)
    outcomes = []
    for _ in range(KILLS):
        copy_database(first, path)
        with reloading(path, seeds) as process:
            try:
                process.wait(choice.uniform(0, whole / 2))
            except subprocess.TimeoutExpired:
                os.kill(process.pid, signal.SIGKILL)
        outcomes.append(await state(path))
    assert set(outcomes) <= {old, new}
    assert old in outcomes
    await reload(path, seeds)
    assert await state(path) == new
