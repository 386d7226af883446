"""Backups: whole and of one moment while others write; put back only where nobody is disturbed."""

import asyncio
import hashlib
import os
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
    ChangedBackupError,
    CopyFailedError,
    DamagedError,
    FileMissingError,
    ForeignDatabaseError,
    IncompleteError,
    InUseError,
    NewerSchemaError,
    NotADatabaseError,
    NotAFileError,
    NothingToBackUpError,
    ReservedNameError,
    SameFileError,
    StorageError,
)
from storage.sqlite.backup import back_up, restore
from storage.sqlite.copying import PAGES_A_STEP, written
from storage.sqlite.database import open_database
from storage.sqlite.inspection import inspect
from storage.sqlite.lock import in_use
from storage.sqlite.schema import newest_version
from tests.build import ROOT
from tests.storage.sqlite.earlier import KEPT, put

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
        made = back_up(database, copy, force=False, on_progress=lambda *step: steps.append(step))
        after = len(slugs(database))
    held = len(slugs(copy))
    assert before <= held <= after
    assert ask(copy, "SELECT count(*), min(length(content)) FROM edition") == [(held, 20_000)]
    # What it holds is what the database held then, row by row.
    for table in ("topic", "edition"):
        sql = f"SELECT * FROM {table} ORDER BY id LIMIT {held}"
        assert ask(copy, sql) == ask(database, sql)
    assert inspect(copy).faults == ()
    assert made.size == copy.stat().st_size
    assert steps[-1][0] == steps[-1][1]
    assert len(steps) == -(-steps[-1][1] // PAGES_A_STEP)
    assert sorted(path.name for path in tmp_path.iterdir() if "copy" in path.name) == [
        "copy.db",
        "copy.db.sha256",
    ]


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


@pytest.mark.parametrize(
    "name", ["-wal", "-shm", "-journal", "-lock", "-reload", ".before-9", ".replaced-20260104T080000Z"]
)
def test_a_backup_takes_no_name_of_the_databases_own_files(tmp_path: Path, name: str) -> None:
    database = tmp_path / "data" / "b.db"
    make(database)
    (tmp_path / "link").symlink_to(tmp_path / "data")
    for folder in ("data", "link"):
        with pytest.raises(ReservedNameError):
            back_up(database, tmp_path / folder / f"b.db{name}", force=True, on_progress=show)
    back_up(database, tmp_path / f"b.db{name}", force=False, on_progress=show)  # elsewhere it's a name
    assert slugs(database) == ["ai"]


KILLED = """
import os, sys
from pathlib import Path
from storage.sqlite import backup
backup.require_usable = lambda *_, **__: os.kill(os.getpid(), 9)
backup.back_up(Path(sys.argv[1]), Path(sys.argv[2]), force=False, on_progress=lambda *_: None)
"""


def test_what_a_killed_backup_left_goes_with_the_next_one(tmp_path: Path) -> None:
    database, folder = tmp_path / "b.db", tmp_path / "backups"
    make(database)
    ended = subprocess.run(
        [sys.executable, "-c", KILLED, str(database), str(folder / "1.db")], check=False, cwd=ROOT
    )
    assert ended.returncode == -9
    assert len(list(folder.iterdir())) == 1
    with written(folder / "0.db") as part:  # what somebody writes just now stays
        back_up(database, folder / "2.db", force=False, on_progress=show)
        assert part.exists()
    assert {path.name for path in folder.iterdir()} == {"0.db", "2.db", "2.db.sha256"}


READ_ONLY = """
set -e
mount -t tmpfs tmpfs "$1"
"$2" -c "$3" "$1/b.db" "$4" || true
[ "$4" = gone ] && rm "$1/b.db-lock"
mount -o remount,ro "$1"
DATABASE_PATH="$1/b.db" "$2" -m bot backup "$1.copy" --json
"""
WRITTEN = """
import asyncio, os, sys
from pathlib import Path
from storage.sqlite.database import open_database
async def main():
    async with open_database(Path(sys.argv[1])) as database:
        for slug in ("ai", "space"):
            async with database.transaction() as connection:
                await connection.execute("INSERT INTO topic (slug, name) VALUES (?, 'T')", (slug,))
        if sys.argv[2] == "killed":
            os.kill(os.getpid(), 9)
asyncio.run(main())
"""


@pytest.mark.skipif(not shutil.which("unshare"), reason="no disk can be mounted here")
@pytest.mark.parametrize("end", ["killed", "closed", "gone"])  # of the bot: with a log, without, without lock
def test_a_backup_of_a_disk_that_became_read_only_is_whole(tmp_path: Path, end: str) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    ended = subprocess.run(
        [
            *[str(shutil.which("unshare")), "-rm", "/bin/sh", "-c", READ_ONLY, "sh"],
            *[str(disk), sys.executable, WRITTEN, end],
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    if "mount:" in ended.stderr or "unshare:" in ended.stderr:
        pytest.skip("no disk can be mounted here")
    copy = tmp_path / "disk.copy"
    assert (ended.returncode, ended.stderr.replace("Killed\n", "")) == (0, "")
    assert slugs(copy) == ["ai", "space"]
    assert inspect(copy).faults == ()


def test_a_backup_has_its_checksum_beside_it_as_sha256sum_reads_it(tmp_path: Path) -> None:
    database, copy = tmp_path / "b.db", tmp_path / "a copy.db"
    make(database)
    made = back_up(database, copy, force=False, on_progress=show)
    beside = tmp_path / "a copy.db.sha256"
    assert made.sha256 == hashlib.sha256(copy.read_bytes()).hexdigest()
    assert beside.read_text() == f"{made.sha256}  a copy.db\n"
    assert [path.stat().st_mode & 0o777 for path in (copy, beside)] == [0o600, 0o600]
    make(database, "later")
    again = back_up(database, copy, force=True, on_progress=show)
    assert beside.read_text() == f"{again.sha256}  a copy.db\n"
    assert again.sha256 != made.sha256


def test_a_backup_that_was_changed_since_is_not_restored(tmp_path: Path) -> None:
    database, copy, other = tmp_path / "b.db", tmp_path / "copy.db", tmp_path / "other.db"
    make(database)
    back_up(database, copy, force=False, on_progress=show)
    make(database, "later")
    back_up(database, other, force=False, on_progress=show)
    shutil.copyfile(other, copy)
    with pytest.raises(ChangedBackupError) as raised:
        restore(copy, database, NOW, on_progress=show)
    assert (raised.value.path, raised.value.checksum) == (copy, tmp_path / "copy.db.sha256")
    assert slugs(database) == ["ai", "later"]
    (tmp_path / "copy.db.sha256").unlink()
    restore(copy, database, NOW, on_progress=show)


def test_older_backups_go_and_nothing_else_does(tmp_path: Path) -> None:
    database, folder = tmp_path / "b.db", tmp_path / "backups"
    make(database)
    folder.mkdir()
    others = {"disk.iso": b"x" * 5_000, "notes.txt": b"words"}
    for name, content in others.items():
        (folder / name).write_bytes(content)
        (folder / f"{name}.sha256").write_text(f"{hashlib.sha256(content).hexdigest()}  {name}\n")
    shutil.copyfile(database, folder / "by-hand.db")
    for path in folder.iterdir():
        os.utime(path, (1, 1))
    made = []
    for day in (1, 2, 3, 4):
        target = folder / f"{day}.db"
        made.append(back_up(database, target, force=False, keep=2, on_progress=show).deleted)
        os.utime(target, (100 + day, 100 + day))
    assert made == [(), (), (folder / "1.db",), (folder / "2.db",)]
    left = {path.name for path in folder.iterdir() if not path.name.endswith(".sha256")}
    assert left == {"3.db", "4.db", "by-hand.db", *others}
    back_up(database, folder / "4.db", force=True, keep=2, on_progress=show)  # itself is no older one
    assert (folder / "3.db").exists()


@pytest.mark.parametrize("name", KEPT)
def test_a_backup_of_every_earlier_version_can_be_restored(tmp_path: Path, name: str) -> None:
    backup, database = put(name, tmp_path / "old.db"), tmp_path / "b.db"
    before = backup.read_bytes()
    assert restore(backup, database, NOW, on_progress=show).version == int(name[:4])
    assert set(slugs(database)) == {"ai", "space"}
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".") or "before" in path.name]
    assert backup.read_bytes() == before
    make(database, "later")


def test_restore_refuses_what_only_looks_like_a_backup(tmp_path: Path) -> None:
    database, backup = tmp_path / "b.db", tmp_path / "copy.db"
    make(database)
    for version in (9, newest_version()):
        backup.unlink(missing_ok=True)
        with closing(sqlite3.connect(backup)) as connection:
            for table in ("record", "subscription", "delivery"):
                connection.execute(f"CREATE TABLE {table} (id INTEGER PRIMARY KEY)")
            connection.execute(f"PRAGMA user_version = {version:d}")
        with pytest.raises(IncompleteError) as raised:
            restore(backup, database, NOW, on_progress=show)
        assert raised.value.path == backup
    assert slugs(database) == ["ai"]
    assert not list(tmp_path.glob(".*"))
