"""Reloads of real folders into real databases: what is reported, what changes, what is refused."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from digests.errors import (
    FolderError,
    FolderProblem,
    ReloadBusyError,
    ReloadError,
    ReloadRefusedError,
)
from digests.seeds.reload import CHUNK, NAPS, ReloadProgress, Reloader, Report
from storage import seeds, topics
from storage.errors import StorageError
from storage.errors import LockFileError
from digests.seeds.parser import SeedReader
from storage.models import Fault, OutletDescription, Record, TopicDescription
from storage.engine import Database
from storage.sqlite.database import Database as SqliteDatabase
from tests.build import ISSUE_TIME, ROOT, seed_text, write_seed
from tests.conftest import Clock
from tests.digests.reloading import (
    all_stories,
    articles,
    counts,
    move,
    tied,
    totals,
    url,
)

# Counts.


async def test_the_first_reload_adds_everything(folder: Path, reloader: Reloader) -> None:
    write_seed(folder, "a.md", tied("a", "b"))
    write_seed(folder, "deep/er/c.txt", seed_text(url("c")))
    report = await reloader.reload(folder)
    assert counts(report) == (2, 0, 0, 0)
    assert totals(report) == (2, 2, 3)
    assert (report.skipped, report.failed) == (0, [])


async def test_an_empty_folder_is_no_fault(folder: Path, reloader: Reloader) -> None:
    report = await reloader.reload(folder)
    assert counts(report) == totals(report)[:1] * 4 == (0, 0, 0, 0)


async def test_a_second_reload_changes_nothing(folder: Path, reloader: Reloader, database: Database) -> None:
    write_seed(folder, "a.md", tied("a", "b"))
    await reloader.reload(folder)
    before = await all_stories(database)
    report = await reloader.reload(folder)
    assert counts(report) == (0, 0, 0, 1)
    assert await all_stories(database) == before


async def test_a_changed_file_is_read_again(folder: Path, reloader: Reloader, database: Database) -> None:
    write_seed(folder, "a.md", seed_text(url("a"), quality=50))
    write_seed(folder, "b.md")
    await reloader.reload(folder)
    write_seed(folder, "a.md", seed_text(url("a"), quality=99, title="Another title"))
    assert counts(await reloader.reload(folder)) == (0, 1, 0, 1)
    changed = (await articles(database))[url("a")]
    assert (changed.quality, changed.title) == (99, "Another title")


async def test_a_touched_file_with_the_same_content_is_unchanged(folder: Path, reloader: Reloader) -> None:
    path = write_seed(folder, "a.md")
    await reloader.reload(folder)
    os.utime(path, (1, 1))
    assert counts(await reloader.reload(folder)) == (0, 0, 0, 1)


async def test_a_file_whose_size_and_time_are_as_before_is_not_read(folder: Path, reloader: Reloader) -> None:
    path = write_seed(folder, "a.md", seed_text(url("a"), quality=50))
    before = path.stat().st_mtime_ns
    await reloader.reload(folder)
    write_seed(folder, "a.md", seed_text(url("a"), quality=51))
    os.utime(path, ns=(before, before))
    assert counts(await reloader.reload(folder)) == (0, 0, 0, 1)
    assert counts(await reloader.reload(folder, force=True)) == (0, 1, 0, 0)


async def test_a_removed_file_takes_its_record_along(
    folder: Path, reloader: Reloader, database: Database
) -> None:
    for name in ("a.md", "b.md", "c.md"):
        write_seed(folder, name)
    await reloader.reload(folder)
    (folder / "b.md").unlink()
    report = await reloader.reload(folder)
    assert counts(report) == (0, 0, 1, 2)
    assert totals(report) == (2, 2, 2)
    assert set(await articles(database)) == {url("a.md"), url("c.md")}


async def test_a_moved_file_keeps_its_article(folder: Path, reloader: Reloader, database: Database) -> None:
    path = write_seed(folder, "a.md")
    write_seed(folder, "b.md")
    await reloader.reload(folder)
    before = await articles(database)
    move(path, "z.md")
    assert counts(await reloader.reload(folder)) == (1, 0, 1, 1)
    assert await articles(database) == before


async def test_files_that_are_no_records_are_counted_and_others_passed_over(
    folder: Path, reloader: Reloader
) -> None:
    write_seed(folder, "a.md")
    for name in (
        "README.md",
        "_config.yml",
        "_data/organizations/one.example.md",
        "notes",
        "x.png",
        ".git/x.md",
    ):
        write_seed(folder, name, "no: record\n")
    write_seed(folder, "_data/topics/ai.yaml", "name: AI\n")
    report = await reloader.reload(folder)
    assert counts(report) == (1, 0, 0, 0)
    assert (report.skipped, report.failed) == (2, [])
    assert (await reloader.reload(folder)).skipped == 2


async def test_a_report_is_a_json_document_and_is_remembered(
    folder: Path, reloader: Reloader, database: Database
) -> None:
    write_seed(folder, "bad.md", "no front matter")
    report = (await reloader.reload(folder)).to_json()
    assert list(report) == [
        *("added", "changed", "removed", "unchanged", "skipped", "failed"),
        *("records", "stories", "articles", "seconds"),
    ]
    assert list(report["failed"][0]) == ["path", "line", "field", "error"]
    async with database.reading() as connection:
        assert await connection.run(seeds.last_reload) == (ISSUE_TIME, report)


async def test_progress_is_told_up_to_the_last_file(folder: Path, reloader: Reloader) -> None:
    for number in range(120):
        write_seed(folder, f"{number}.md")
    told: list[ReloadProgress] = []
    await reloader.reload(folder, on_progress=told.append)
    assert told[-1] == ReloadProgress(120, 120)
    assert [each.done for each in told] == sorted(each.done for each in told)
    assert reloader.progress is None


# Faults.


async def test_a_broken_file_keeps_the_last_good_record_and_is_listed(
    folder: Path, reloader: Reloader, database: Database
) -> None:
    write_seed(folder, "a.md", seed_text(url("a")))
    write_seed(folder, "b.md")
    await reloader.reload(folder)
    before = await articles(database)
    broken = seed_text(url("a")).replace("quality: 50", "quality: good")
    write_seed(folder, "a.md", broken)
    fault = Fault("a.md", broken[: broken.index("quality")].count("\n") + 1, "quality", "")
    for _ in range(3):
        report = await reloader.reload(folder)
        (found,) = report.failed
        assert (found.path, found.line, found.field) == (fault.path, fault.line, fault.field)
        assert "expected a whole number" in found.error
        assert counts(report) == (0, 0, 0, 1)
        assert totals(report) == (2, 2, 2)
        assert await articles(database) == before
    write_seed(folder, "a.md", seed_text(url("a")))
    report = await reloader.reload(folder)
    assert report.failed == []
    assert await articles(database) == before


async def test_a_file_broken_from_the_beginning_is_listed_and_does_not_stop_others(
    folder: Path, reloader: Reloader
) -> None:
    write_seed(folder, "a.md")
    write_seed(folder, "bad.md", "---\ntitle: [\n---\n")
    (folder / "worse.md").write_bytes(b"---\ntitle: \xff\n---\n")
    report = await reloader.reload(folder)
    assert [fault.path for fault in report.failed] == ["bad.md", "worse.md"]
    assert counts(report) == (1, 0, 0, 0)


async def test_a_broken_file_that_goes_away_is_listed_no_more(folder: Path, reloader: Reloader) -> None:
    write_seed(folder, "a.md")
    path = write_seed(folder, "bad.md", "words")
    await reloader.reload(folder)
    path.unlink()
    assert (await reloader.reload(folder)).failed == []


async def test_a_link_out_of_the_folder_is_a_fault_and_not_read(
    folder: Path, reloader: Reloader, tmp_path: Path
) -> None:
    outside = write_seed(tmp_path / "outside", "secret.md")
    (folder / "link.md").symlink_to(outside)
    (folder / "nowhere.md").symlink_to(tmp_path / "nothing.md")
    report = await reloader.reload(folder)
    assert [fault.path for fault in report.failed] == ["link.md", "nowhere.md"]
    assert "outside the seeds folder" in report.failed[0].error
    assert totals(report) == (0, 0, 0)


async def test_a_link_to_a_folder_is_a_fault_and_a_loop_of_links_ends(
    folder: Path, reloader: Reloader, tmp_path: Path
) -> None:
    write_seed(folder, "a.md")
    (folder / "around").symlink_to(folder)
    (folder / "outside").symlink_to(write_seed(tmp_path / "outside", "secret.md").parent)
    (folder / "self.md").symlink_to(folder / "self.md")
    (folder / "self").symlink_to(folder / "self")
    report = await reloader.reload(folder)
    assert [fault.path for fault in report.failed] == ["around", "outside", "self.md"]
    assert "link to a folder" in report.failed[0].error
    assert totals(report) == (1, 1, 1)


async def test_a_name_that_is_not_utf_8_is_a_fault(folder: Path, reloader: Reloader) -> None:
    for name in (b"caf\xe9.md", b"caf\xe9/a.md"):
        write_seed(folder, os.fsdecode(name), seed_text())
    report = await reloader.reload(folder)
    assert [fault.path for fault in report.failed] == [
        "caf\\xe9.md (not UTF-8)",
        "caf\\xe9/a.md (not UTF-8)",
    ]
    assert {fault.error for fault in report.failed} == {"has a name that is not UTF-8; rename it"}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
async def test_a_file_that_may_not_be_read_is_a_fault(folder: Path, reloader: Reloader) -> None:
    write_seed(folder, "a.md").chmod(0)
    (fault,) = (await reloader.reload(folder)).failed
    assert (fault.path, fault.error) == ("a.md", "can't be read (Permission denied)")


async def test_a_name_that_is_not_utf_8_and_one_that_looks_like_it_are_told_apart(
    folder: Path, reloader: Reloader
) -> None:
    write_seed(folder, os.fsdecode(b"caf\xe9.md"), "words")
    write_seed(folder, "caf\\xe9.md", "words")
    report = await reloader.reload(folder)
    assert [fault.path for fault in report.failed] == ["caf\\xe9.md", "caf\\xe9.md (not UTF-8)"]


async def test_a_file_that_vanishes_while_it_is_read_is_a_fault_and_its_record_stays(
    folder: Path, reloader: Reloader
) -> None:
    for number in range(CHUNK + 1):  # all but the last are read before the first report of progress
        last = write_seed(folder, f"{number:03}.md")
    await reloader.reload(folder)
    report = await reloader.reload(folder, force=True, on_progress=lambda _: last.unlink(missing_ok=True))
    (fault,) = report.failed
    assert (fault.path, fault.error) == (last.name, "can't be read (No such file or directory)")
    assert report.records == CHUNK + 1


async def test_a_link_within_the_folder_is_read(folder: Path, reloader: Reloader) -> None:
    (folder / "link.md").symlink_to(write_seed(folder, "a.md"))
    report = await reloader.reload(folder)
    assert counts(report) == (2, 0, 0, 0)
    assert totals(report) == (2, 1, 1)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
async def test_a_pipe_is_a_fault_and_does_not_hang_the_reload(folder: Path, reloader: Reloader) -> None:
    os.mkfifo(folder / "pipe.md")
    (fault,) = (await asyncio.wait_for(reloader.reload(folder), 10)).failed
    assert (fault.path, fault.error) == ("pipe.md", "is not a regular file")


async def test_a_file_beyond_the_limit_is_a_fault(folder: Path, database: Database, clock: Clock) -> None:
    write_seed(folder, "a.md")
    (fault,) = (await Reloader(database, clock, max_bytes=100).reload(folder)).failed
    assert "the limit is 100" in fault.error


async def test_whatever_a_file_raises_is_its_fault_and_the_others_are_read(
    folder: Path, reloader: Reloader, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    read = SeedReader._read

    def fails_once(reader: SeedReader, path: str, content: bytes) -> Record | TopicDescription | OutletDescription | None:
        if path == "b.md":
            raise ZeroDivisionError("odd")
        return read(reader, path, content)

    monkeypatch.setattr(SeedReader, "_read", fails_once)
    for name in "abc":
        write_seed(folder, f"{name}.md", seed_text(url(name)))
    report = await reloader.reload(folder)
    fault = "can't be read: an internal error (ZeroDivisionError); see the bot's log"
    assert report.failed == [Fault("b.md", None, None, fault)]
    assert counts(report) == (2, 0, 0, 0)
    (logged,) = caplog.records
    assert logged.exc_info
    monkeypatch.undo()
    report = await reloader.reload(folder)  # a fault of the bot's may be mended since
    assert (counts(report), report.failed) == ((1, 0, 0, 2), [])


async def test_a_missing_folder_is_refused(tmp_path: Path, reloader: Reloader) -> None:
    with pytest.raises(FolderError) as missing:
        await reloader.reload(tmp_path / "nowhere")
    assert (missing.value.folder, missing.value.problem) == (tmp_path / "nowhere", FolderProblem.MISSING)
    with pytest.raises(FolderError) as file:
        await reloader.reload(write_seed(tmp_path, "a.md"))
    assert file.value.problem is FolderProblem.NOT_A_FOLDER


async def test_a_missing_folder_changes_nothing(folder: Path, reloader: Reloader, database: Database) -> None:
    write_seed(folder, "a.md")
    await reloader.reload(folder)
    move(folder, "elsewhere")
    with pytest.raises(ReloadError):
        await reloader.reload(folder)
    assert set(await articles(database)) == {url("a.md")}


# Guards.


async def test_a_reload_that_would_remove_more_than_half_is_refused(
    folder: Path, reloader: Reloader, database: Database
) -> None:
    for name in ("a.md", "b.md", "c.md"):
        write_seed(folder, name)
    await reloader.reload(folder)
    (folder / "a.md").unlink()
    (folder / "b.md").unlink()
    with pytest.raises(ReloadRefusedError) as refused:
        await reloader.reload(folder)
    assert (refused.value.folder, refused.value.removed, refused.value.stored) == (folder, 2, 3)
    assert len(await articles(database)) == 3
    report = await reloader.reload(folder, force=True)
    assert (report.removed, report.records) == (2, 1)


async def test_files_that_only_moved_are_not_lost(
    folder: Path, reloader: Reloader, database: Database
) -> None:
    for name in ("a.md", "b.md", "c.md"):
        write_seed(folder, name)
    (folder / "sub").mkdir()
    await reloader.reload(folder)
    before = await articles(database)
    for name in ("a.md", "b.md", "c.md"):
        (folder / name).rename(folder / "sub" / name)
    assert counts(await reloader.reload(folder)) == (3, 0, 3, 0)
    assert await articles(database) == before


@pytest.mark.skipif(os.geteuid() == 0, reason="root may list every folder")
async def test_a_folder_that_can_not_be_listed_keeps_its_records(folder: Path, reloader: Reloader) -> None:
    for name in ("a.md", "b.md", "sub/c.md"):
        write_seed(folder, name)
    await reloader.reload(folder)
    (folder / "sub").chmod(0)
    report = await reloader.reload(folder)
    (folder / "sub").chmod(0o755)
    assert [fault.path for fault in report.failed] == ["sub"]
    assert (report.removed, report.records) == (0, 3)


@pytest.mark.sqlite
async def test_a_lock_that_can_not_be_written_is_named(
    folder: Path, reloader: Reloader, database: Database
) -> None:
    assert isinstance(database, SqliteDatabase)
    write_seed(folder, "a.md")
    lock = database.path.with_name("broadsheet.db-reload")
    lock.mkdir()
    with pytest.raises(LockFileError) as raised:
        await reloader.reload(folder)
    assert raised.value.path == lock


async def test_a_topic_is_spelled_as_most_of_its_records_spell_it(
    folder: Path, reloader: Reloader, database: Database
) -> None:
    async def spelled() -> list[str]:
        await reloader.reload(folder)
        async with database.reading() as connection:
            return [each.topic.name for each in await connection.run(topics.summaries, ISSUE_TIME)]

    write_seed(folder, "a.md", seed_text(url("a"), topics=["machine learning"]))
    assert await spelled() == ["machine learning"]
    write_seed(folder, "a.md", seed_text(url("a"), topics=["Machine Learning"]))
    assert await spelled() == ["Machine Learning"]
    for name in ("b", "c"):
        write_seed(folder, f"{name}.md", seed_text(url(name), topics=["Machine Learning"]))
    assert await spelled() == ["Machine Learning"]
    write_seed(folder, "d.md", seed_text(url("d"), topics=["MACHINE LEARNING"]))
    assert await spelled() == ["Machine Learning"]


async def test_a_topic_file_that_breaks_goes_on_describing_its_topic(
    folder: Path, reloader: Reloader, database: Database
) -> None:
    path = write_seed(folder, "_data/topics/ml.yaml", "name: Machine Learning\nshortname: ML\n")
    write_seed(folder, "a.md", seed_text(url("a"), topics=["Machine Learning"]))
    await reloader.reload(folder)
    path.write_text("name: [", "utf-8")
    assert len((await reloader.reload(folder)).failed) == 1
    async with database.reading() as connection:
        (found,) = await connection.run(topics.summaries, ISSUE_TIME)
    assert found.topic.names == ("ML",)


async def test_a_reload_that_removes_just_half_goes_through(folder: Path, reloader: Reloader) -> None:
    for name in ("a.md", "b.md"):
        write_seed(folder, name)
    await reloader.reload(folder)
    (folder / "a.md").unlink()
    assert (await reloader.reload(folder)).removed == 1


async def test_an_emptied_folder_is_refused(folder: Path, reloader: Reloader, database: Database) -> None:
    path = write_seed(folder, "a.md")
    await reloader.reload(folder)
    path.unlink()
    with pytest.raises(ReloadRefusedError):
        await reloader.reload(folder)
    assert len(await articles(database)) == 1


async def test_broken_files_do_not_count_as_removed(folder: Path, reloader: Reloader) -> None:
    for name in ("a.md", "b.md", "c.md"):
        write_seed(folder, name)
    await reloader.reload(folder)
    for name in ("a.md", "b.md", "c.md"):
        write_seed(folder, name, "words")
    report = await reloader.reload(folder)
    assert (report.records, len(report.failed), report.removed) == (3, 3, 0)


async def test_a_reload_gives_way_to_a_lookup_but_not_for_ever(
    folder: Path, reloader: Reloader, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    naps: list[float] = []
    monkeypatch.setattr("digests.seeds.reload.sleep", naps.append)
    write_seed(folder, "a.md")
    assert (await reloader.reload(folder)).added == 1
    assert naps == []
    write_seed(folder, "b.md")
    async with database.reading():
        assert (await reloader.reload(folder)).added == 1
    assert len(naps) == NAPS


async def test_what_goes_wrong_beside_a_reload_keeps_nobody_from_its_report(
    folder: Path, reloader: Reloader, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def busy(_: Database) -> None:
        raise StorageError

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Database, "shrink", busy)
    monkeypatch.setattr("os.pwrite", full)
    write_seed(folder, "a.md")
    assert (await reloader.reload(folder)).added == 1


async def test_a_second_reload_at_once_is_refused(folder: Path, reloader: Reloader) -> None:
    write_seed(folder, "a.md")
    ended = await asyncio.gather(reloader.reload(folder), reloader.reload(folder), return_exceptions=True)
    assert {type(each) for each in ended} == {Report, ReloadBusyError}
    assert counts(await reloader.reload(folder)) == (0, 0, 0, 1)


async def test_a_reload_is_stored_together_with_its_report_or_not_at_all(
    folder: Path, reloader: Reloader, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    write_seed(folder, "a.md")
    with monkeypatch.context() as patched:
        patched.setattr("digests.seeds.reload.seeds.note_reload", stopped)
        with pytest.raises(KeyboardInterrupt):
            await reloader.reload(folder)
    async with database.reading() as connection:
        assert (await connection.run(seeds.totals)).records == 0
        assert await connection.run(seeds.last_reload) is None
    assert (await reloader.reload(folder)).added == 1


@pytest.mark.sqlite
async def test_a_reload_in_another_process_is_told_how_far_the_first_is(
    folder: Path, reloader: Reloader, database: Database
) -> None:
    assert isinstance(database, SqliteDatabase)
    files = CHUNK + 10
    for number in range(files):
        write_seed(folder, f"{number}.md")
    answers: list[str] = []

    def reload_elsewhere(_: ReloadProgress) -> None:
        script = (
            "import asyncio, sys\nfrom datetime import UTC, datetime\nfrom pathlib import Path\n"
            "from digests.errors import ReloadBusyError\n"
            "from digests.seeds.reload import Reloader\nfrom storage.sqlite.database import open_database\n"
            "async def main():\n"
            "    async with open_database(Path(sys.argv[1])) as database:\n"
            "        try:\n"
            "            await Reloader(database, lambda: datetime.now(UTC)).reload(Path(sys.argv[2]))\n"
            "        except ReloadBusyError as error:\n"
            "            print(error.done, error.files)\n"
            "asyncio.run(main())"
        )
        arguments = [sys.executable, "-c", script, str(database.path), str(folder)]
        done = subprocess.run(arguments, capture_output=True, text=True, check=False, cwd=ROOT)
        answers.append(done.stdout.strip() or done.stderr)

    assert (await reloader.reload(folder, on_progress=reload_elsewhere)).records == files
    assert answers == [f"{CHUNK} {files}", f"{files} {files}"]
