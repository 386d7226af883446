"""A database is copied from one engine to another one, and nothing of it is lost, changed or given twice."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path

import psycopg
import pytest

from digests.lookup.search import search_stories
from storage.bulk import UNFINISHED
from storage.copying import Copied, copy_database
from storage.engine import scalar
from storage.errors import (
    CopiedToItselfError,
    NotADatabaseError,
    NothingToCopyError,
    Place,
    SourceInUseError,
    TargetInUseError,
    TargetSubscribedError,
    UnfinishedCopyError,
)
from storage.models import Page
from storage.opening import bulk_of, open_database
from storage.search import vocabulary
from storage.search.index import Filters
from storage.sqlite.inspection import inspect
from tests.build import ROOT
from tests.cluster import Cluster
from tests.conftest import MORNING
from tests.databases import copy_database as put

NewPlace = Callable[[], Place]
SUBSCRIPTION = (
    "INSERT INTO subscription (channel_id, created_by, created_at, issue_time, zone, days, stories,"
    " min_quality, covered_to, next_at) VALUES (?, 1, 1, '09:00', 'UTC', '1234567', 5, 0, 1, 1) RETURNING id"
)


@pytest.fixture(params=["sqlite", "postgres"])
def new_place(request: pytest.FixtureRequest, tmp_path: Path) -> NewPlace:
    """Return what names a new database of an engine."""
    if request.param == "postgres":
        cluster: Cluster = request.getfixturevalue("cluster")
        return lambda: cluster.url(cluster.add())
    numbers = count()
    return lambda: tmp_path / f"new{next(numbers)}.db"


@pytest.fixture
def source(tmp_path: Path, bundled: Path) -> Path:
    """Return a database that has loaded the bundled seeds."""
    path = tmp_path / "source.db"
    put(bundled, path)
    return path


async def copy(source: Place, target: Place, *, force: bool = False, live: bool = False) -> Copied:
    """Copy a database, of which every table has to be the same in the end."""
    copied = await copy_database(source, target, force=force, live=live)
    assert [table.name for table in copied.tables if not table.is_same] == []
    return copied


async def write(place: Place, *statements: tuple[object, ...]) -> list[int]:
    """Run statements on a database, and return the ids that they return."""
    async with open_database(place) as database, database.transaction() as connection:
        rows = [await connection.execute_fetchall(str(sql), values) for sql, *values in statements]
    return [row[0] for found in rows for row in found]


async def read(place: Place, sql: str) -> object:
    """Return the one value that a statement selects."""
    async with open_database(place) as database, database.reading() as connection:
        return await connection.run(scalar, sql)


async def test_a_copy_of_a_copy_has_every_table_as_it_was(
    source: Path, tmp_path: Path, new_place: NewPlace
) -> None:
    there, back = new_place(), tmp_path / "back.db"
    first, second = await copy(source, there), await copy(there, back)
    assert {table.name: table.source for table in first.tables} == {
        table.name: table.target for table in second.tables
    }
    assert {"article", "mention", "subscription", "shown", "feed", "seed_file"} <= {
        table.name for table in first.tables
    }
    assert inspect(back).faults == ()


async def test_every_table_is_copied_but_those_that_are_made_anew(source: Path, new_place: NewPlace) -> None:
    there = new_place()
    copied = {table.name for table in (await copy(source, there)).tables}
    for place in (source, there):
        async with open_database(place) as database, database.reading() as connection:
            every = {table.name for table in await bulk_of(place).tables(connection)}
        left = {name for name in every - copied if not name.startswith(("article_search", "search_term"))}
        assert left == {"vocabulary", "new_word"}


async def test_searches_find_the_same_in_a_copy(source: Path, new_place: NewPlace) -> None:
    there = new_place()
    await copy(source, there)

    async def found(place: Place) -> list[object]:
        async with open_database(place) as database, database.reading() as connection:
            words = await connection.run(vocabulary.words)
            asked = [
                await connection.run(search_stories, text, Filters(), Page(MORNING, 10))
                for text in ("ai", "harbour", "robots", "harbuor")
            ]
        return [asked, [each.words for each in words]]

    assert await found(there) == await found(source)


async def test_no_id_is_given_twice_after_a_copy(source: Path, tmp_path: Path, new_place: NewPlace) -> None:
    place, back = new_place(), tmp_path / "back.db"
    *_, gone = await write(source, (SUBSCRIPTION, 1), (SUBSCRIPTION, 2))
    await write(source, ("DELETE FROM subscription WHERE id = ?", gone))
    await copy(source, place)
    await copy(place, back)
    for copied in (place, back):
        assert await write(copied, (SUBSCRIPTION, 3)) == [gone + 1]


async def test_what_only_one_engine_can_keep_makes_no_difference(source: Path, new_place: NewPlace) -> None:
    topic = "INSERT INTO topic (id, slug, name, heir_id) VALUES (?, ?, ?, ?)"
    await write(
        source,
        (topic, 901, "one", "a NUL \0, quotes ' \" \\ and\ttabs\n", None),
        (topic, 900, "two", "Überlänge 🗞", 901),
        ("INSERT INTO suggestion (guild_id, made_at) VALUES (?, ?)", 2**63 - 1, -(2**63)),
        ("INSERT INTO suggestion (guild_id, made_at) VALUES (?, ?)", 2**63 - 1, -(2**63)),
    )
    await copy(source, place := new_place())
    assert await read(place, "SELECT count(*) FROM suggestion") == 2
    assert await read(place, "SELECT name FROM topic WHERE heir_id = 901") == "Überlänge 🗞"


async def test_a_target_with_subscriptions_is_left_alone_unless_forced(
    source: Path, new_place: NewPlace
) -> None:
    place = new_place()
    await write(place, (SUBSCRIPTION, 1))
    with pytest.raises(TargetSubscribedError):
        await copy(source, place)
    assert await read(place, "SELECT count(*) FROM subscription") == 1
    assert await read(place, "SELECT count(*) FROM article") == 0
    await copy(source, place, force=True)
    assert await read(place, "SELECT count(*) FROM subscription") == 0


async def test_what_was_in_the_target_is_gone(source: Path, new_place: NewPlace) -> None:
    place, empty = new_place(), new_place()
    await copy(source, place)
    async with open_database(empty):
        pass
    await copy(empty, place)
    assert await read(place, "SELECT count(*) FROM article") == 0
    await copy(source, place)


async def test_a_source_in_use_is_copied_only_if_it_may_be(source: Path, new_place: NewPlace) -> None:
    there = new_place()
    await copy(source, there)
    async with open_database(there), open_database(source):
        for used in (there, source):
            with pytest.raises(SourceInUseError):
                await copy(used, new_place())
            await copy(used, new_place(), live=True)


async def test_a_live_copy_is_of_one_moment(source: Path, new_place: NewPlace) -> None:
    place = new_place()
    before = await read(source, "SELECT count(*) FROM topic")
    async with open_database(source) as database:
        writing: list[asyncio.Task[None]] = []

        async def add() -> None:
            async with database.transaction() as connection:
                await connection.execute("INSERT INTO topic (slug, name) VALUES ('late', 'Late')")

        def begin(_: int, __: int) -> None:
            if not writing:
                writing.append(asyncio.ensure_future(add()))

        copied = await copy_database(source, place, force=False, live=True, on_progress=begin)
        await writing[0]
    assert all(table.is_same for table in copied.tables)
    assert await read(place, "SELECT count(*) FROM topic") == before


async def test_a_target_in_use_is_left_alone(source: Path, new_place: NewPlace) -> None:
    place = new_place()
    async with open_database(place):
        with pytest.raises(TargetInUseError):
            await copy(source, place, force=True, live=True)


async def test_a_database_is_not_copied_to_itself(source: Path, new_place: NewPlace) -> None:
    place = new_place()
    await copy(source, place)
    with pytest.raises(CopiedToItselfError):
        await copy(place, place, force=True, live=True)
    if isinstance(place, Path):
        (alias := source.with_name("alias.db")).symlink_to(place)
        with pytest.raises(CopiedToItselfError):
            await copy(place, alias, force=True, live=True)
    else:
        with pytest.raises(TargetInUseError):
            await copy(place, place.replace("host=/", "host=//"), force=True, live=True)
    assert await read(place, "SELECT count(*) > 0 FROM article")


async def test_what_is_no_database_is_no_source_and_no_target(
    tmp_path: Path, source: Path, new_place: NewPlace
) -> None:
    text = tmp_path / "text.db"
    text.write_text("no database " * 500)
    with pytest.raises(NothingToCopyError):
        await copy(tmp_path / "none.db", new_place())
    assert not (tmp_path / "none.db").exists()
    with pytest.raises(NotADatabaseError):
        await copy(text, new_place())
    with pytest.raises(NotADatabaseError):
        await copy(source, text)
    assert text.read_text().startswith("no database")


async def test_a_new_database_of_a_server_is_no_source_and_stays_new(
    cluster: Cluster, tmp_path: Path
) -> None:
    url = cluster.url(cluster.add())
    with pytest.raises(NothingToCopyError):
        await copy(url, tmp_path / "new.db")
    assert bulk_of(url).state_of(url).version == 0


def killed_midway(source: Place, target: Place) -> None:
    """Run a copy in a process that is killed when all rows are copied but nothing is committed."""
    program = (
        "import asyncio, os, signal, sys; from pathlib import Path; from storage import copying;"
        "copying._index = lambda _: os.kill(os.getpid(), signal.SIGKILL);"
        "places = [each if '://' in each else Path(each) for each in sys.argv[1:]];"
        "asyncio.run(copying.copy_database(*places, force=True, live=False))"
    )
    ended = subprocess.run([sys.executable, "-c", program, str(source), str(target)], check=False, cwd=ROOT)
    assert ended.returncode == -signal.SIGKILL


async def test_what_a_killed_copy_leaves_is_refused_until_it_is_copied_again(
    source: Path, new_place: NewPlace
) -> None:
    there, place = new_place(), new_place()
    await copy(source, there)
    for whole in (source, there):
        before = await copy(whole, new_place())
        await asyncio.to_thread(killed_midway, whole, place)
        with pytest.raises(UnfinishedCopyError):
            await open_database(place).__aenter__()
        with pytest.raises(UnfinishedCopyError):
            await copy(place, new_place())
        assert (await copy(whole, place)).tables == before.tables
        assert await read(place, "SELECT count(*) > 0 FROM article")


async def test_an_earlier_program_refuses_an_unfinished_copy_as_well(
    source: Path, new_place: NewPlace
) -> None:
    place = new_place()
    await asyncio.to_thread(killed_midway, source, place)
    assert bulk_of(place).state_of(place).version > UNFINISHED  # and so newer than all that it knows


async def test_an_unfinished_copy_is_neither_backed_up_nor_healthy(source: Path, tmp_path: Path) -> None:
    place = tmp_path / "copy.db"
    await asyncio.to_thread(killed_midway, source, place)
    with pytest.raises(UnfinishedCopyError):
        inspect(place)


async def test_a_copy_that_differs_stays_unfinished(source: Path, cluster: Cluster) -> None:
    url = cluster.url(cluster.add())
    async with open_database(url):
        pass
    with psycopg.connect(url, autocommit=True) as session:
        session.execute(
            "CREATE FUNCTION change() RETURNS trigger LANGUAGE plpgsql"
            " AS $$ BEGIN NEW.name = 'x'; RETURN NEW; END $$"
        )
        session.execute("CREATE TRIGGER change BEFORE INSERT ON topic FOR EACH ROW EXECUTE FUNCTION change()")
    copied = await copy_database(source, url, force=False, live=False)
    assert [table.name for table in copied.tables if not table.is_same] == ["topic"]
    with pytest.raises(UnfinishedCopyError):
        await open_database(url).__aenter__()
