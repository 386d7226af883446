"""A first load may take long: what waits for it answers late, and never fails."""

import asyncio
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.settings import BUNDLED_SEEDS
from digests.seeds.reload import Reloader
from storage import seeds
from storage.engine import Connection
from storage.sqlite.database import open_database
from storage.sqlite.lock import only_reload
from tests.build import write_seed
from tests.conftest import World, text_of

TURNS = 200  # of the event loop: enough for everything to come to where it waits


async def test_commands_and_deliveries_wait_for_a_load_and_are_done_after_it(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.moderator.slash(world.channel, "digest subscribe", topic="ai", timezone="UTC")
    posted = len(world.channel.history())
    is_held, may_end = asyncio.Event(), asyncio.Event()
    note_reload = seeds.note_reload

    async def late(connection: Connection, *args: Any) -> None:
        is_held.set()
        await may_end.wait()
        await note_reload(connection, *args)

    monkeypatch.setattr("digests.seeds.reload.seeds.note_reload", late)
    folder = Path(shutil.copytree(BUNDLED_SEEDS, tmp_path / "seeds"))
    write_seed(folder, "a.md")
    reloader = Reloader(world.app.services.database, world.clock)
    load = asyncio.create_task(reloader.reload(folder))
    await is_held.wait()
    command = asyncio.create_task(world.moderator.slash(world.channel, "digest subscribe", topic="space"))
    delivery = asyncio.create_task(world.tick(world.clock.now + timedelta(hours=1)))
    for _ in range(TURNS):
        await asyncio.sleep(0)
    assert not any(task.done() for task in (load, command, delivery))
    may_end.set()
    await asyncio.gather(load, delivery)
    assert "Something went wrong" not in text_of(await command)
    assert posted < len(world.channel.history())


async def test_a_transaction_waits_for_another_processs_reload_however_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.sqlite.database.BUSY_MS", 1)
    path = tmp_path / "broadsheet.db"
    async with open_database(path) as one, open_database(path) as other:
        is_held, may_end = asyncio.Event(), asyncio.Event()

        async def load() -> None:
            with only_reload(path):
                async with other.transaction():
                    is_held.set()
                    await may_end.wait()

        loading = asyncio.create_task(load())
        await is_held.wait()
        writing = asyncio.create_task(one.probe())
        for _ in range(TURNS):
            await asyncio.sleep(0)
        assert not writing.done()
        may_end.set()
        await asyncio.gather(loading, writing)
