"""Seeds reload by themselves when files change."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from digests.seeds.reload import Reloader
from digests.seeds.watch import watch
from storage.seeds import totals
from storage.engine import Database
from storage.sqlite.database import open_database
from storage.engine import Database
from tests.build import ROOT
from tests.databases import OpenNew

SEEDS = ROOT / "seeds"
NOW = datetime(2026, 1, 4, 8, tzinfo=UTC)


async def records(database: Database) -> int:
    """Return how many records are stored."""
    async with database.reading() as connection:
        return (await connection.run(totals)).records


def move(folder: Path, to: Path) -> None:
    """Rename a folder."""
    folder.rename(to)


async def test_a_new_file_is_stored_without_being_asked(tmp_path: Path, open_new: OpenNew) -> None:
    seeds = Path(shutil.copytree(SEEDS, tmp_path / "seeds"))
    stop = asyncio.Event()
    async with open_new(tmp_path / "broadsheet.db") as database:
        reloader = Reloader(database, lambda: NOW)
        before = (await reloader.reload(seeds)).records
        watching = asyncio.create_task(watch(reloader, seeds, stop, quiet_ms=50))
        source = next((seeds / "news").glob("*.md"))
        async with asyncio.timeout(30):
            copies = 0
            while await records(database) == before:  # the watch may not have begun at the first copy
                copies += 1
                shutil.copy(source, seeds / "news" / f"copy-{copies}.md")
                await asyncio.sleep(0.2)
        stop.set()
        await watching
        assert await records(database) > before


async def test_what_changes_while_another_reload_runs_is_reloaded_after_it(tmp_path: Path, open_new: OpenNew) -> None:
    seeds = Path(shutil.copytree(SEEDS, tmp_path / "seeds"))
    source = next((seeds / "news").glob("*.md"))
    stop = asyncio.Event()
    async with open_new(tmp_path / "broadsheet.db") as database:
        reloader = Reloader(database, lambda: NOW)
        before = (await reloader.reload(seeds)).records
        watching = asyncio.create_task(watch(reloader, seeds, stop, quiet_ms=50, look_again_ms=100))
        async with asyncio.timeout(30):
            async with database.only_reload():
                await asyncio.sleep(0.2)
                shutil.copy(source, seeds / "news" / "another.md")
                await asyncio.sleep(0.4)
                assert await records(database) == before
            while await records(database) == before:  # noqa: ASYNC110 - another process might do it
                await asyncio.sleep(0.05)
        stop.set()
        await watching


async def test_the_watch_goes_on_after_any_exception(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    seeds = Path(shutil.copytree(SEEDS, tmp_path / "seeds"))
    stop = asyncio.Event()
    async with open_database(tmp_path / "broadsheet.db") as database:
        reloader = Reloader(database, lambda: NOW)
        reload, source = reloader.reload, next((seeds / "news").glob("*.md"))

        async def fail(_: Path) -> None:
            raise ZeroDivisionError("odd")

        async def copy_until(is_done: Callable[[], Awaitable[bool]]) -> None:
            while not await is_done():  # the watch may not have begun at the first copy
                shutil.copy(source, seeds / "news" / f"copy-{len(list(seeds.rglob('*')))}.md")
                await asyncio.sleep(0.2)

        async def is_logged() -> bool:
            return "the changed seeds can't be loaded" in caplog.messages

        async def is_loaded() -> bool:
            return await records(database) > 0

        monkeypatch.setattr(reloader, "reload", fail)
        watching = asyncio.create_task(watch(reloader, seeds, stop, quiet_ms=50, look_again_ms=100))
        async with asyncio.timeout(30):
            await copy_until(is_logged)
            monkeypatch.setattr(reloader, "reload", reload)
            await copy_until(is_loaded)
        stop.set()
        await watching


async def test_a_folder_that_is_replaced_is_watched_under_the_same_path(tmp_path: Path, open_new: OpenNew) -> None:
    seeds = Path(shutil.copytree(SEEDS, tmp_path / "seeds"))
    other = Path(shutil.copytree(SEEDS, tmp_path / "other"))
    source = next((seeds / "news").glob("*.md"))
    shutil.copy(source, other / "news" / "another.md")
    stop = asyncio.Event()
    async with open_new(tmp_path / "broadsheet.db") as database:
        reloader = Reloader(database, lambda: NOW)
        before = (await reloader.reload(seeds)).records
        watching = asyncio.create_task(watch(reloader, seeds, stop, quiet_ms=50, look_again_ms=100))
        async with asyncio.timeout(30):
            await asyncio.sleep(0.2)
            move(seeds, tmp_path / "away")  # as when it is unmounted: nothing is lost
            await asyncio.sleep(0.3)
            assert await records(database) == before
            move(other, seeds)
            copies = 0
            while await records(database) < before + 2:  # what it holds, and what changes in it
                copies += 1
                shutil.copy(source, seeds / "news" / f"copy-{copies}.md")
                await asyncio.sleep(0.2)
        stop.set()
        await watching
