"""Whatever is changed of a digest, no local date gets two editions, and none is lost for good."""

import asyncio
import tempfile
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digests.delivery.planner import Planner
from digests.editions.timetable import EVERY_DAY
from digests.errors import InvalidInputError
from digests.subscriptions.edit import edit
from storage import subscriptions
from storage.engine import Database
from tests.databases import MakeNew, OpenNew
from tests.digests.editions.test_timetable import ZONES
from tests.letterbox import Letterbox
from tests.subscribed import store_stories, subscribe_all

START = datetime(2026, 3, 10, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
CHANGES = st.fixed_dictionaries(
    {
        "issue_time": st.builds("{:02d}:{:02d}".format, st.integers(0, 23), st.sampled_from([0, 30])),
        "zone": st.sampled_from(ZONES),
    },
    optional={"days": st.sampled_from([EVERY_DAY, frozenset({1, 3, 5})])},
)


@pytest.fixture(scope="module")
def open_due(tmp_path_factory: pytest.TempPathFactory, make_new: MakeNew) -> OpenNew:
    """Return what opens a new database with a story and a digest that is due."""
    folder = tmp_path_factory.mktemp("due")

    async def fill(database: Database) -> None:
        await store_stories(database, folder / "seeds", START, 1, 1)
        await subscribe_all(database, [1], START)

    return make_new(fill)


async def issue_dates(open_due: OpenNew, edits: dict[int, dict[str, Any]]) -> list[str]:
    """Return the dates of all editions of six days, with edits at some of their hours."""
    with tempfile.TemporaryDirectory() as folder:
        async with open_due(Path(folder) / "broadsheet.db") as database:
            now = START
            planner = Planner(database, Letterbox(), lambda: now)
            for hour in range(6 * 24):
                now = START + hour * HOUR
                await planner.plan()
                if hour in edits:
                    async with database.transaction() as connection:
                        found = await connection.run(subscriptions.get, 1)
                        assert found
                        try:
                            changed = await edit(connection, found, edits[hour], now)
                        except InvalidInputError:
                            continue
                        assert changed.next_at > now
            async with database.reading() as connection:
                rows = await connection.execute_fetchall("SELECT issue_date FROM delivery")
            return [row[0] for row in rows]


@given(st.dictionaries(st.integers(0, 140), CHANGES, max_size=5))
@settings(deadline=None, max_examples=50)
def test_no_edit_gives_two_editions_for_one_local_date(
    open_due: OpenNew, edits: dict[int, dict[str, Any]]
) -> None:
    dates = asyncio.run(issue_dates(open_due, edits))
    assert max(Counter(dates).values(), default=1) == 1
    assert dates == sorted(dates)
