"""Storing a change leaves what grouping everything anew would leave, and meets only what it has to."""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from digests.seeds.reload import Reloader
from digests.stories.grouping import group
from storage import grouping
from storage.engine import Database
from storage.reach import reach
from tests.build import ISSUE_TIME, mention_text, seed_text, write_seed
from tests.conftest import Clock
from tests.databases import OpenNew
from tests.digests.reloading import all_stories, tied, url

NAMES = "abcdef"
TABLES = {
    "article": "id, story_id, origin_id, mention_id, address, quality, removed",
    "story": "*",
    "story_alias": "*",
    "story_topic": "*",
    "address": "*",
    "total": "*",
    "mention": "id, article_id, former",
}
COUNTED = (
    "SELECT (SELECT count(*) FROM record), count(DISTINCT story_id), count(*)"
    " FROM article WHERE mention_id IS NOT NULL"
)


class Write(NamedTuple):
    """What one file says: its own article, another address of it, related ones; or that it goes."""

    file: int
    own: str
    amp: str | None
    related: tuple[str, ...]
    title: str | None
    removed: bool
    gone: bool


WRITES = st.builds(
    Write,
    st.integers(0, 4),
    st.sampled_from(NAMES),
    st.none() | st.sampled_from(NAMES),
    st.lists(st.sampled_from(NAMES), max_size=2, unique=True).map(tuple),
    st.none() | st.just("The same"),
    st.booleans(),
    st.sampled_from([False, False, True]),
)
STEPS = st.lists(st.lists(WRITES, min_size=1, max_size=3), min_size=1, max_size=6)


def text_of(write: Write) -> str:
    extra = f'ampWebUrl: "{url(write.amp)}"' if write.amp else ""
    related = [mention_text(url(name), title=write.title) for name in write.related]
    text = seed_text(url(write.own), title=write.title, related=related, extra=extra)
    return text.replace("heat: -1", "heat: -1\nremoved: true") if write.removed else text


async def dump(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """Return all that follows from records."""
    async with database.reading() as connection:
        return {
            table: [
                tuple(row)
                for row in await connection.execute_fetchall(f"SELECT {columns} FROM {table} ORDER BY 1, 2")
            ]
            for table, columns in TABLES.items()
        }


async def group_everything(database: Database) -> None:
    async with database.transaction() as connection:
        rows = await connection.execute_fetchall("SELECT id FROM mention")
        await grouping.begin(connection)
        await group(connection, [row[0] for row in rows], (), {}, ISSUE_TIME)


async def play(open_new: OpenNew, steps: list[list[Write]]) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name) / "seeds"
        folder.mkdir()
        async with open_new(Path(name) / "broadsheet.db") as database:
            reloader = Reloader(database, Clock(ISSUE_TIME))
            for step in steps:
                for write in step:
                    if write.gone:
                        (folder / f"{write.file}.md").unlink(missing_ok=True)
                    else:
                        write_seed(folder, f"{write.file}.md", text_of(write))
                await reloader.reload(folder, force=True)
                stored = await dump(database)
                await group_everything(database)
                assert await dump(database) == stored
                async with database.reading() as connection:
                    (counted,) = await connection.execute_fetchall(COUNTED)
                assert stored["total"] == [tuple(counted)]


CORRECTED = [
    [Write(3, "f", "f", (), "The same", removed=True, gone=False)],
    [
        Write(3, "a", None, ("a",), "The same", removed=False, gone=False),
        Write(1, "f", "d", ("e",), None, removed=False, gone=False),
    ],
    [Write(1, "a", "d", (), "The same", removed=False, gone=False)],
]


@given(STEPS)
@example(CORRECTED)
@settings(deadline=None, max_examples=40, phases=[Phase.explicit, Phase.reuse, Phase.generate])
def test_after_any_changes_grouping_everything_anew_changes_nothing(
    open_new: OpenNew, steps: list[list[Write]]
) -> None:
    asyncio.run(play(open_new, steps))


async def test_a_change_meets_its_own_story_and_no_other(
    folder: Path, reloader: Reloader, database: Database
) -> None:
    for name in NAMES:
        write_seed(folder, f"{name}.md", tied(name, f"{name}2"))
    await reloader.reload(folder)
    ((one, *others),) = [
        [sorted(each.id for each in story.articles) for story in await all_stories(database)]
    ]
    async with database.reading() as connection:
        rows = await connection.execute_fetchall("SELECT id FROM mention WHERE article_id = ?", (one[0],))
        found = await connection.run(reach, [row[0] for row in rows], ())
    assert sorted(found.articles) == one
    assert len(others) == len(NAMES) - 1
    assert len(found.records) == 1
