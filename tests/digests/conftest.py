"""A clock, a database, a folder and a reloader for the tests of what digests/ does."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from digests.seeds.reload import Reloader
from storage.engine import Database
from tests.build import ISSUE_TIME
from tests.conftest import Clock
from tests.databases import OpenNew


@pytest.fixture
def clock() -> Clock:
    return Clock(ISSUE_TIME)


@pytest.fixture
async def database(tmp_path: Path, open_new: OpenNew) -> AsyncIterator[Database]:
    async with open_new(tmp_path / "data" / "broadsheet.db") as opened:
        yield opened


@pytest.fixture
def reloader(database: Database, clock: Clock) -> Reloader:
    return Reloader(database, clock)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "seeds"
    path.mkdir()
    return path
