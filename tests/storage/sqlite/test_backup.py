"""Backups: whole and of one moment while others write; put back only where nobody is disturbed."""

import asyncio
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from storage.errors import (
    BackupExistsError,
    BeingRestoredError,
    CopyFailedError,
    DamagedError,
    FileMissingError,
    ForeignDatabaseError,
    InUseError,
    NewerSchemaError,
    NotADatabaseError,
    NotAFileError,
    NothingToBackUpError,
    SameFileError,
    StorageError,
)
from storage.sqlite.backup import PAGES_A_STEP, back_up, restore
from storage.sqlite.database import open_database
from storage.sqlite.inspection import inspect
from storage.sqlite.lock import in_use
from storage.sqlite.migrate import newest_version
from tests.build import ROOT

NOW = datetime(2026, 1, 4, 8, tzinfo=UTC)
# Each transaction adds one row to two tables; a copy of one moment has as many of both.
WRITER = """
import asyncio, sys
from pathlib import Path
from storage.sqlite.database import open_database

async def main():
    async with open_database(Path(sys.argv[1])) as database:
        number = 0
        while True:
            number += 1
            async with database.transaction() as connection:
                await connection.execute("INSERT INTO edition (content) VALUES (?)", ("x" * 20_000,))
                await connection.execute("INSERT INTO topic (slug, name) VALUES (?, 'T')", (str(number),))
            if number == 200:
                print("ready", flush=True)

asyncio.run(main())
"""


def show(_: int, __: int) -> None:
    """Take a report of progress."""


def make(path: Path, slug: str = "ai") -> None:
    async def add() -> None:
        async with open_database(path) as database, database.transaction() as connection:
            await connection.execute("INSERT INTO topic (slug, name) VALUES (?, 'T')", (slug,))

    asyncio.run(add())


def ask(path: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
        return connection.execute(sql).fetchall()


def slugs(path: Path) -> list[object]:
    return [row[0] for row in ask(path, "SELECT slug FROM topic")]


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Keep another process writing to the database, as fast as it can."""
    arguments = [sys.executable, "-c", WRITER, str(path)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            assert process.stdout
            assert process.stdout.readline() == "ready\n"
            yield
            assert process.poll() is None
        finally:
            process.kill()


def test_a_backup_under_write_load_is_whole_and_of_one_moment(tmp_path: Path) -> None:
    database, copy = tmp_path / "b.db", tmp_path / "copy.db"
    steps: list[tuple[int, int]] = []
    with writing(database):
        before = len(slugs(database))
        size = back_up(database, copy, force=False, on_progress=lambda *step: steps.append(step))
        after = len(slugs(database))
    held = len(slugs(copy))
    assert before <= held <= after
    assert ask(copy, "SELECT count(*), min(length(content)) FROM edition") == [(held, 20_000)]
    # What it holds is what the database held then, row by row.
    for table in ("topic", "edition"):
        sql = f"SELECT * FROM {table} ORDER BY id LIMIT {held}"
        assert ask(copy, sql) == ask(database, sql)
    assert inspect(copy).faults == ()
    assert size == copy.stat().st_size
    assert steps[-1][0] == steps[-1][1]
    assert len(steps) == -(-steps[-1][1] // PAGES_A_STEP)
    assert sorted(path.name for path in tmp_path.iterdir() if "copy" in path.name) == ["copy.db"]


def test_a_backup_is_overwritten_only_when_told_to(tmp_path: Path) -> None:
    database, copy = tmp_path / "b.db", tmp_path / "copy.db"
    make(database)
    copy.write_text("precious")
    with pytest.raises(BackupExistsError) as raised:
        back_up(database, copy, force=False, on_progress=show)
    assert raised.value.path == copy
    assert copy.read_text() == "precious"
    back_up(database, copy, force=True, on_progress=show)
    assert slugs(copy) == ["ai"]


def test_a_backup_that_cannot_be_made_says_why_and_leaves_nothing(tmp_path: Path) -> None:
    database = tmp_path / "b.db"
    with pytest.raises(NothingToBackUpError) as raised:
        back_up(database, tmp_path / "copy.db", force=False, on_progress=show)
    assert raised.value.path == database
    make(database)
    with pytest.raises(SameFileError):
        back_up(database, database, force=True, on_progress=show)
    with pytest.raises(CopyFailedError):
        back_up(database, database / "copy.db", force=False, on_progress=show)
    with pytest.raises(NotAFileError):
        back_up(database, tmp_path, force=True, on_progress=show)
    assert {path.name for path in tmp_path.iterdir()} == {"b.db", "b.db-lock"}


def test_restore_brings_the_backup_back_and_keeps_what_it_replaces(tmp_path: Path) -> None:
    database, copy = tmp_path / "b.db", tmp_path / "copy.db"
    make(database)
    database.chmod(0o640)
    back_up(database, copy, force=False, on_progress=show)
    make(database, "later")
    restored = restore(copy, database, NOW, on_progress=show)
    assert restored.version == newest_version()
    assert slugs(database) == ["ai"]
    assert database.stat().st_mode & 0o777 == 0o640
    assert restored.kept == tmp_path / "b.db.replaced-20260104T080000Z"
    assert slugs(restored.kept) == ["ai", "later"]
    make(database, "goes-on")
    assert slugs(database) == ["ai", "goes-on"]
    assert slugs(copy) == ["ai"]


def test_two_restores_within_one_second_keep_what_each_replaces(tmp_path: Path) -> None:
    database, copy = tmp_path / "b.db", tmp_path / "copy.db"
    make(database)
    back_up(database, copy, force=False, on_progress=show)
    kept = []
    for slug in ("first", "second"):
        make(database, slug)
        kept.append(restore(copy, database, NOW, on_progress=show).kept)
    assert [slugs(path) for path in kept if path] == [["ai", "first"], ["ai", "second"]]


def test_restore_where_there_was_no_database(tmp_path: Path) -> None:
    database, copy = tmp_path / "new" / "b.db", tmp_path / "copy.db"
    make(copy)
    assert restore(copy, database, NOW, on_progress=show).kept is None
    assert slugs(database) == ["ai"]


def test_restore_is_refused_while_anything_uses_the_database(tmp_path: Path) -> None:
    database, copy = tmp_path / "b.db", tmp_path / "copy.db"
    make(database)
    back_up(database, copy, force=False, on_progress=show)
    with writing(database), pytest.raises(InUseError):
        restore(copy, database, NOW, on_progress=show)
    assert len(slugs(database)) > 1
    # The lock goes with its process, also when that was killed.
    restore(copy, database, NOW, on_progress=show)
    assert slugs(database) == ["ai"]


def test_nobody_opens_the_database_before_the_backup_is_in_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, copy = tmp_path / "b.db", tmp_path / "copy.db"
    make(database)
    back_up(database, copy, force=False, on_progress=show)
    replace = Path.replace
    tried: list[str] = []

    def replaced(part: Path, target: Path) -> Path:
        with pytest.raises(BeingRestoredError), in_use(database):
            pass
        tried.append(target.name)
        return replace(part, target)

    monkeypatch.setattr(Path, "replace", replaced)
    restore(copy, database, NOW, on_progress=show)
    assert tried == ["b.db"]


def test_a_folder_in_the_place_of_the_database_is_left_alone(tmp_path: Path) -> None:
    copy, folder = tmp_path / "copy.db", tmp_path / "folder"
    make(copy)
    make(folder / "precious.db")
    with pytest.raises(NotAFileError):
        restore(copy, folder, NOW, on_progress=show)
    assert slugs(folder / "precious.db") == ["ai"]


def test_a_backup_of_what_is_no_database_blames_that(tmp_path: Path) -> None:
    database, copy = tmp_path / "b.db", tmp_path / "copy.db"
    database.write_text("words " * 1_000)
    with pytest.raises(NotADatabaseError) as other:
        back_up(database, copy, force=False, on_progress=show)
    assert other.value.path == database
    database.unlink()
    make(database)
    content = bytearray(database.read_bytes())
    content[40_000:60_000] = b"\xff" * 20_000
    database.write_bytes(content)
    with pytest.raises((DamagedError, NotADatabaseError)) as damaged:
        back_up(database, copy, force=False, on_progress=show)
    assert damaged.value.args[0] == database
    assert not copy.exists()


def test_restore_refuses_what_is_no_backup_and_changes_nothing(tmp_path: Path) -> None:
    database, copy = tmp_path / "b.db", tmp_path / "copy.db"
    make(database)
    files: dict[str, tuple[type[StorageError], ...]] = {
        "nothing": (FileMissingError,),
        "text": (NotADatabaseError,),
        "other": (ForeignDatabaseError,),
        "damaged": (DamagedError, NotADatabaseError),
        "newer": (NewerSchemaError,),
    }
    (tmp_path / "text").write_text("not a database at all, though long enough to look at" * 20)
    with closing(sqlite3.connect(tmp_path / "other")) as connection:
        connection.execute("CREATE TABLE thing (id)")
    back_up(database, copy, force=False, on_progress=show)
    shutil.copy(copy, tmp_path / "newer")
    with closing(sqlite3.connect(tmp_path / "newer")) as connection:
        connection.execute(f"PRAGMA user_version = {newest_version() + 1}")
    content = bytearray(copy.read_bytes())
    content[40_000:60_000] = b"\xff" * 20_000
    (tmp_path / "damaged").write_bytes(content)
    for name, kinds in files.items():
        with pytest.raises(kinds) as raised:
            restore(tmp_path / name, database, NOW, on_progress=show)
        assert raised.value.args[0] == tmp_path / name
    with pytest.raises(SameFileError):
        restore(database, database, NOW, on_progress=show)
    assert slugs(database) == ["ai"]
    assert not list(tmp_path.glob("*replaced*"))
