"""A database of any earlier version is upgraded as a whole or not at all, and a copy of it is kept."""

import hashlib
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from digests.lookup.search import search_stories
from digests.seeds.parser import stored_yaml
from digests.seeds.reload import Reloader
from digests.stories.reindex import reindex
from storage import memory, seeds, subscriptions
from storage.errors import IncompleteError, UpgradeFullError
from storage.models import Page, Shown, SubscriptionState
from storage.search.index import Filters
from storage.sqlite import schema
from storage.sqlite.database import open_database
from storage.sqlite.inspection import inspect
from storage.sqlite.migrate import upgrade
from storage.sqlite.schema import NEWEST, Migration, fingerprint, newest_version
from tests.build import ROOT
from tests.conftest import MORNING
from tests.databases import make_database
from tests.storage.sqlite.earlier import KEPT, SCHEMAS, put
from tests.storage.sqlite.keep import SAMPLES

LANDED = Path(__file__).with_name("landed.sha256")
MIGRATIONS = ROOT / "storage" / "sqlite" / "migrations"
FREE_AFTER = 18  # migrations up to this one landed before they had to name their columns
ARTICLES = (
    "SELECT article.id, article.story_id, article.published_at, article.quality, removed, known_at, pick_id,"
    " title, url FROM article JOIN story ON story.id = story_id JOIN mention ON mention.id = mention_id"
    " ORDER BY article.id"
)
KNOWN = "SELECT id, story_id, published_at, quality, removed, known_at FROM article ORDER BY id"
RECORDS = [sample for sample in SAMPLES if sample.startswith("news/")]


def rows(path: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
        return connection.execute(sql).fetchall()


def content(path: Path) -> list[str]:
    """Return all that a database holds, as statements."""
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
        return [*connection.iterdump(), str(connection.execute("PRAGMA user_version").fetchone())]


def beside(path: Path) -> set[str]:
    return {each.name for each in path.parent.glob(f"{path.name}.before-*")}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "b.db"


@pytest.mark.parametrize("name", KEPT)
async def test_a_database_of_every_earlier_version_goes_on_as_it_was(name: str, path: Path) -> None:
    put(name, path)
    known = rows(path, KNOWN)
    async with open_database(path) as database, database.reading() as connection:
        (found,) = await connection.run(subscriptions.of_guild, 2)
        shown = await connection.run(memory.recall, [3], [row[0] for row in known])
        texts = [await connection.run(stored_yaml, record) for record in RECORDS]
        (fault,) = await connection.run(seeds.faults)
        totals = await connection.run(seeds.totals)
    assert (found.subject.name, found.channel_id, found.state) == ("Space", 3, SubscriptionState.ACTIVE)
    (pick,) = (row[0] for row in known if row[3] == 83)
    assert shown == {3: {Shown(frozenset({pick}), pick, 83, "Space")}}
    assert [f"---\n{text}---" for text in texts] == [
        (ROOT / "seeds" / record).read_text("utf-8").strip() for record in RECORDS
    ]
    assert (fault.path, fault.field) == ("news/broken.md", "publishedDateTime")
    assert (totals.records, totals.stories, totals.articles) == (3, 2, 5)
    assert rows(path, KNOWN) == known
    assert inspect(path).faults == ()
    assert rows(path, "PRAGMA user_version") == [(newest_version(),)]


@pytest.mark.parametrize("name", KEPT)
async def test_what_an_earlier_version_stored_is_found_and_reloaded_with_the_same_ids(
    name: str, path: Path, tmp_path: Path
) -> None:
    put(name, path)
    for sample in SAMPLES:
        (tmp_path / "seeds" / sample).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / "seeds" / sample, tmp_path / "seeds" / sample)
    async with open_database(path) as database:
        before = rows(path, ARTICLES)
        await reindex(database)
        report = await Reloader(database, lambda: MORNING).reload(tmp_path / "seeds")
        assert (report.records, report.failed) == (3, [])
        assert rows(path, ARTICLES) == before
        async with database.reading() as connection:
            found = await connection.run(search_stories, "pellam", Filters(), Page(MORNING, 10))
    assert len(found.stories) == 1
    assert inspect(path).faults == ()


def test_before_an_upgrade_a_copy_is_kept_and_of_older_ones_the_last(path: Path) -> None:
    path.with_name("b.db.before-1").touch()
    os.utime(path.with_name("b.db.before-1"), (1, 1))
    path.with_name("b.db.before-2").touch()
    put("0009-e96ed96", path)
    path.chmod(0o640)
    before = content(path)
    make_database(path)
    assert beside(path) == {"b.db.before-2", "b.db.before-9"}
    copy = path.with_name("b.db.before-9")
    assert content(copy) == before
    assert copy.stat().st_mode & 0o777 == 0o600
    make_database(path)  # nothing is left to do
    assert beside(path) == {"b.db.before-2", "b.db.before-9"}


def test_a_new_database_has_no_copy(path: Path) -> None:
    make_database(path)
    assert beside(path) == set()


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Add a migration that fails at its second statement."""
    usual = schema.migrations()
    last = Migration(newest_version() + 1, ("CREATE TABLE half (id)", "INSERT INTO nowhere VALUES (1)"))
    for module in ("schema", "migrate"):
        monkeypatch.setattr(f"storage.sqlite.{module}.migrations", lambda: (*usual, last))


@pytest.mark.usefixtures("failing")
@pytest.mark.parametrize("name", ["0001-d4038b2", "0009-e96ed96", "0015-43dd74d"])
async def test_an_upgrade_that_fails_changes_nothing(name: str, path: Path) -> None:
    put(name, path)
    before = content(path)
    with pytest.raises(IncompleteError, match="nowhere"):
        async with open_database(path):
            pass
    assert content(path) == before
    assert beside(path) == set()


KILLED = """
import os, sqlite3, sys
from pathlib import Path
from storage.sqlite import migrate
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA cache_size = 10")  # so that much is written before the end
connection.execute("PRAGMA journal_mode = WAL")
migrate.require_whole = lambda *_: os.kill(os.getpid(), 9)
migrate.upgrade(connection, Path(sys.argv[1]))
"""


def test_an_upgrade_that_is_killed_is_done_again_from_the_start(path: Path) -> None:
    put("0001-d4038b2", path)
    before = content(path)
    ended = subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False, cwd=ROOT)
    assert ended.returncode == -9
    with closing(sqlite3.connect(path)):
        assert content(path) == before
    make_database(path)
    assert rows(path, "PRAGMA user_version") == [(newest_version(),)]
    assert content(path.with_name("b.db.before-1")) == before


def test_a_disk_that_fills_up_during_an_upgrade_is_said_and_changes_nothing(path: Path) -> None:
    put("0009-e96ed96", path)
    before = content(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages + 5}")
        with pytest.raises(UpgradeFullError) as raised:
            upgrade(connection, path)
    assert (raised.value.path, raised.value.size) == (path, path.stat().st_size)
    assert content(path) == before
    assert beside(path) == set()


UNSHARE = shutil.which("unshare")
SMALL_DISK = """
set -e
mount -t tmpfs -o size={kilobytes}k tmpfs "$1"
xz -dc "$2" > "$1/b.db"
set +e
DATABASE_PATH="$1/b.db" "$3" -m bot topics
echo "exit $?"
ls -A "$1"
"""


def on_small_disk(folder: Path, name: str, kilobytes: int) -> list[str]:
    """Open a kept database on a disk of this size, and return what was said and which files there are."""
    script = SMALL_DISK.format(kilobytes=kilobytes)
    ended = subprocess.run(
        [
            str(UNSHARE),
            "-rm",
            "/bin/sh",
            "-c",
            script,
            "sh",
            folder,
            SCHEMAS / f"{name}.db.xz",
            sys.executable,
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    if "mount" in ended.stderr or "unshare" in ended.stderr:
        pytest.skip("no disk can be mounted here")
    return [*ended.stderr.splitlines(), *ended.stdout.splitlines()]


@pytest.mark.skipif(
    not shutil.which("unshare") or not shutil.which("xz"), reason="no disk can be mounted here"
)
@pytest.mark.parametrize("kilobytes", [300, 500, 600, 700])  # some have space for the copy
def test_on_a_full_disk_an_upgrade_is_one_sentence(tmp_path: Path, kilobytes: int) -> None:
    said, ended, *files = on_small_disk(tmp_path, "0009-e96ed96", kilobytes)
    assert re.fullmatch(r"There isn't enough space to upgrade the database .*/b\.db, so .*", said)
    assert ended == "exit 1"
    assert set(files) <= {"b.db", "b.db-lock", "b.db-shm", "b.db-wal"}


# What an operator might give by mistake.


def make_three_names(path: Path, version: int) -> None:
    """Make a database that has nothing but tables with the names that every one of ours has."""
    with closing(sqlite3.connect(path)) as connection:
        for table in ("record", "subscription", "delivery"):
            connection.execute(f"CREATE TABLE {table} (id INTEGER PRIMARY KEY)")
        connection.execute(f"PRAGMA user_version = {version:d}")


@pytest.mark.parametrize("version", [1, 9, newest_version()])
async def test_a_database_that_only_looks_like_one_is_refused_and_stays_as_it_is(
    path: Path, version: int
) -> None:
    make_three_names(path, version)
    before = content(path)
    with pytest.raises(IncompleteError) as raised:
        async with open_database(path):
            pass
    assert raised.value.path == path
    assert content(path) == before


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("DROP TABLE listing", "there's no table listing"),
        ("DROP INDEX delivery_open", "there's no index delivery_open"),
        ("ALTER TABLE story DROP COLUMN followed_id", "there's no column story.followed_id"),
        ("DROP VIEW article_text", "there's no view article_text"),
    ],
)
async def test_a_database_that_lacks_a_part_is_refused_with_its_name(
    path: Path, statement: str, fault: str
) -> None:
    async with open_database(path):
        pass
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(statement)
    with pytest.raises(IncompleteError) as opened:
        async with open_database(path):
            pass
    with pytest.raises(IncompleteError) as looked_at:
        inspect(path)
    assert opened.value.fault == looked_at.value.fault == fault


async def test_an_index_that_somebody_added_does_no_harm(path: Path) -> None:
    async with open_database(path):
        pass
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE INDEX mine ON article (quality)")
    async with open_database(path):
        pass


# The files.


def test_a_migration_that_has_landed_never_changes() -> None:
    landed = {name: sha256 for sha256, name in map(str.split, LANDED.read_text("utf-8").splitlines())}
    there = {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(MIGRATIONS.glob("*.sql"))
    }
    new = there.keys() - landed.keys()
    assert not new, f"add to {LANDED.name}: " + ", ".join(f"{there[name]}  {name}" for name in sorted(new))
    assert there == landed


def test_migrations_are_numbered_without_a_gap() -> None:
    assert [each.number for each in schema.migrations()] == list(range(1, newest_version() + 1))


def test_migrations_name_the_columns_that_they_copy() -> None:
    for file in MIGRATIONS.glob("*.sql"):
        if int(file.name[:4]) > FREE_AFTER:
            sql = re.sub(r"--.*", "", file.read_text("utf-8"))
            assert not re.search(r"SELECT\s+\*|INSERT INTO \w+\s+(SELECT|VALUES|WITH)", sql), file.name


async def test_a_new_database_is_known_to_be_whole_at_a_glance(tmp_path: Path) -> None:
    async with open_database(tmp_path / "new.db"):
        pass
    with closing(sqlite3.connect(tmp_path / "new.db")) as connection:
        assert fingerprint(connection) == NEWEST
