"""Reloads of real folders into real databases: what is reported, what changes, what survives."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import yaml
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from digests.errors import ReloadError, ReloadRefusedError
from digests.reload import Progress, Reloader, Report
from digests.seeds import raw_text
from storage import seeds, stories, topics
from storage.database import Database, open_database
from storage.models import Article, Fault, Story
from tests.bench.corpus import write_corpus
from tests.build import HOST, ISSUE_TIME, ROOT, SHARED, mention_text, seed_text, write_seed

Partition = set[frozenset[str]]


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = ISSUE_TIME

    def __call__(self) -> datetime:
        """Return the time."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with open_database(tmp_path / "data" / "broadsheet.db") as opened:
        yield opened


@pytest.fixture
def reloader(database: Database, clock: Clock) -> Reloader:
    return Reloader(database, clock)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "seeds"
    path.mkdir()
    return path


def url(name: str) -> str:
    return f"{HOST}/{name}"


def tied(name: str, *others: str) -> str:
    """Return a seed of one article with others as its related coverage."""
    return seed_text(url(name), related=[mention_text(url(other)) for other in others])


def move(path: Path, name: str) -> None:
    path.rename(path.with_name(name))


def counts(report: Report) -> tuple[int, int, int, int]:
    return report.added, report.changed, report.removed, report.unchanged


def totals(report: Report) -> tuple[int, int, int]:
    return report.records, report.stories, report.articles


async def all_stories(database: Database) -> list[Story]:
    async with database.reading() as connection:
        return await stories.stories(connection, range(1, 400))


async def articles(database: Database) -> dict[str, Article]:
    return {each.url: each for story in await all_stories(database) for each in story.articles}


async def partition(database: Database) -> Partition:
    return {frozenset(each.url for each in story.articles) for story in await all_stories(database)}


async def story_of(database: Database, name: str) -> int:
    return (await articles(database))[url(name)].story_id


async def resolve(database: Database, story_id: int) -> int | None:
    async with database.reading() as connection:
        found = await stories.story(connection, story_id)
    return found.id if found else None


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
        assert await seeds.last_reload(connection) == (ISSUE_TIME, report)


async def test_progress_is_told_up_to_the_last_file(folder: Path, reloader: Reloader) -> None:
    for number in range(120):
        write_seed(folder, f"{number}.md")
    told: list[Progress] = []
    await reloader.reload(folder, on_progress=told.append)
    assert told[-1] == Progress(120, 120)
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
    for number in range(51):  # the first 50 are read before the first report of progress
        write_seed(folder, f"{number:02}.md")
    await reloader.reload(folder)
    (folder / "50.md").touch()
    report = await reloader.reload(
        folder, force=True, on_progress=lambda _: (folder / "50.md").unlink(missing_ok=True)
    )
    (fault,) = report.failed
    assert (fault.path, fault.error) == ("50.md", "can't be read (No such file or directory)")
    assert report.records == 51


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


async def test_a_missing_folder_is_a_sentence(tmp_path: Path, reloader: Reloader) -> None:
    with pytest.raises(ReloadError, match=r"There is no folder .*nowhere: see that SEEDS_PATH"):
        await reloader.reload(tmp_path / "nowhere")
    with pytest.raises(ReloadError):
        await reloader.reload(write_seed(tmp_path, "a.md"))


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
    with pytest.raises(ReloadRefusedError, match="would remove 2 of 3 records, so nothing was changed"):
        await reloader.reload(folder)
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


async def test_a_lock_that_can_not_be_written_is_a_sentence(
    folder: Path, reloader: Reloader, database: Database
) -> None:
    write_seed(folder, "a.md")
    database.path.with_name("broadsheet.db-reload").mkdir()
    with pytest.raises(ReloadError, match="can't be used"):
        await reloader.reload(folder)


async def test_a_topic_is_spelled_as_most_of_its_records_spell_it(
    folder: Path, reloader: Reloader, database: Database
) -> None:
    async def spelled() -> list[str]:
        await reloader.reload(folder)
        async with database.reading() as connection:
            return [each.topic.name for each in await topics.summaries(connection, ISSUE_TIME)]

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
        (found,) = await topics.summaries(connection, ISSUE_TIME)
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


async def test_a_second_reload_at_once_is_refused(folder: Path, reloader: Reloader) -> None:
    write_seed(folder, "a.md")
    first, second = await asyncio.gather(
        reloader.reload(folder), reloader.reload(folder), return_exceptions=True
    )
    assert isinstance(first, Report)
    assert isinstance(second, ReloadError)
    assert "running already" in str(second)
    assert counts(await reloader.reload(folder)) == (0, 0, 0, 1)


async def test_a_reload_in_another_process_is_told_how_far_the_first_is(
    folder: Path, reloader: Reloader, database: Database
) -> None:
    for number in range(60):
        write_seed(folder, f"{number}.md")
    answers: list[str] = []

    def reload_elsewhere(_: Progress) -> None:
        script = (
            "import asyncio, sys\nfrom datetime import UTC, datetime\nfrom pathlib import Path\n"
            "from digests.reload import Reloader\nfrom storage.database import open_database\n"
            "async def main():\n"
            "    async with open_database(Path(sys.argv[1])) as database:\n"
            "        await Reloader(database, lambda: datetime.now(UTC)).reload(Path(sys.argv[2]))\n"
            "asyncio.run(main())"
        )
        arguments = [sys.executable, "-c", script, str(database.path), str(folder)]
        done = subprocess.run(arguments, capture_output=True, text=True, check=False, cwd=ROOT)
        answers.append(done.stderr)

    assert (await reloader.reload(folder, on_progress=reload_elsewhere)).records == 60
    assert "A reload is running already: 50 of 60 files read. Wait for its report." in answers[0]
    assert "60 of 60 files read" in answers[1]


# Ids.


async def test_ids_survive_changes_removal_and_return(
    folder: Path, reloader: Reloader, database: Database, clock: Clock
) -> None:
    for name in ("a", "b", "c"):
        write_seed(folder, f"{name}.md", seed_text(url(name)))
    await reloader.reload(folder)
    before = await articles(database)
    clock.now += timedelta(days=1)

    write_seed(folder, "b.md", seed_text(f"{url('b')}?utm_source=x", quality=80))
    await reloader.reload(folder)
    changed = (await articles(database))[f"{url('b')}?utm_source=x"]
    assert (changed.id, changed.story_id) == (before[url("b")].id, before[url("b")].story_id)
    assert changed.known_at == ISSUE_TIME

    (folder / "b.md").unlink()
    await reloader.reload(folder)
    assert await resolve(database, before[url("b")].story_id) is None

    write_seed(folder, "d.md", seed_text(url("d")))
    write_seed(folder, "elsewhere.md", seed_text(url("b")))
    await reloader.reload(folder)
    after = await articles(database)
    assert {name: after[name] for name in before} == before
    assert after[url("d")].id not in {each.id for each in before.values()}
    assert after[url("d")].known_at == clock.now


async def test_stories_that_merge_keep_the_older_id_and_the_other_resolves(
    folder: Path, reloader: Reloader, database: Database
) -> None:
    write_seed(folder, "a.md", seed_text(url("a")))
    await reloader.reload(folder)
    write_seed(folder, "b.md", tied("b", "b2", "b3"))
    await reloader.reload(folder)
    older, other = await story_of(database, "a"), await story_of(database, "b")
    assert older < other
    write_seed(folder, "c.md", tied("c", "a", "b"))
    report = await reloader.reload(folder)
    assert report.stories == 1
    assert await story_of(database, "b3") == older
    assert await resolve(database, other) == older


async def test_an_id_that_was_merged_twice_resolves(
    folder: Path, reloader: Reloader, database: Database
) -> None:
    for name in ("a", "b", "c"):
        write_seed(folder, f"{name}.md", seed_text(url(name)))
        await reloader.reload(folder)
    ids = [await story_of(database, name) for name in ("a", "b", "c")]
    write_seed(folder, "bc.md", tied("bc", "b", "c"))
    await reloader.reload(folder)
    write_seed(folder, "ab.md", tied("ab", "a", "b"))
    await reloader.reload(folder)
    assert [await resolve(database, each) for each in ids] == [ids[0]] * 3


async def test_a_story_that_splits_leaves_its_id_to_the_larger_part(
    folder: Path, reloader: Reloader, database: Database
) -> None:
    write_seed(folder, "a.md", seed_text(url("a")))
    write_seed(folder, "b.md", tied("b", "b2"))
    link = write_seed(folder, "c.md", tied("a", "b"))
    await reloader.reload(folder)
    old = await story_of(database, "a")
    link.unlink()
    await reloader.reload(folder)
    assert await partition(database) == {frozenset({url("a")}), frozenset({url("b"), url("b2")})}
    assert await story_of(database, "b") == old
    assert await story_of(database, "a") > old


async def test_a_merge_that_is_undone_leaves_both_stories_their_own_ids(
    folder: Path, reloader: Reloader, database: Database
) -> None:
    for name in ("a", "b"):
        write_seed(folder, f"{name}.md", tied(name, f"{name}2"))
        await reloader.reload(folder)
    before = {name: await story_of(database, name) for name in ("a", "b", "a2", "b2")}
    for _ in range(2):
        link = write_seed(folder, "c.md", tied("a", "b"))
        await reloader.reload(folder)
        write_seed(folder, "d.md", seed_text(url("d")))
        await reloader.reload(folder)
        assert await resolve(database, before["b"]) == before["a"]
        link.unlink()
        await reloader.reload(folder)
        assert {name: await story_of(database, name) for name in before} == before
        assert await resolve(database, before["b"]) == before["b"]


async def test_a_topic_that_another_file_gives_a_known_article_is_its_storys(
    folder: Path, reloader: Reloader, database: Database
) -> None:
    write_seed(folder, "a.md", seed_text(url("a"), topics=["AI"]))
    await reloader.reload(folder)
    write_seed(folder, "b.md", seed_text(url("a"), topics=["Robots"], published="2026-03-09T08:00:00Z"))
    await reloader.reload(folder)
    async with database.reading() as connection:
        found = await topics.summaries(connection, ISSUE_TIME)
    assert {(each.topic.name, each.stories) for each in found} == {("AI", 1), ("Robots", 1)}


async def test_a_story_that_was_merged_counts_no_more(
    folder: Path, reloader: Reloader, database: Database
) -> None:
    write_seed(folder, "m.md", seed_text(url("m"), topics=["AI"]))
    await reloader.reload(folder)
    write_seed(folder, "a.md", seed_text(url("a"), topics=["AI"]))
    await reloader.reload(folder)
    newer = "2026-03-10T11:00:00Z"
    write_seed(folder, "c.md", seed_text(url("a"), published=newer, related=[mention_text(url("m"))]))
    assert (await reloader.reload(folder)).stories == 1
    async with database.reading() as connection:
        (found,) = await topics.summaries(connection, ISSUE_TIME)
    assert found.stories == 1


async def test_a_story_that_splits_and_merges_again_has_its_id_again(
    folder: Path, reloader: Reloader, database: Database
) -> None:
    for name in ("a", "b"):
        write_seed(folder, f"{name}.md", seed_text(url(name)))
    link = write_seed(folder, "c.md", tied("a", "b"))
    await reloader.reload(folder)
    old = await story_of(database, "a")
    link.unlink()
    await reloader.reload(folder)
    write_seed(folder, "c.md", tied("a", "b"))
    await reloader.reload(folder)
    assert {await story_of(database, "a"), await story_of(database, "b")} == {old}


# What a record means.


async def test_an_article_known_under_two_addresses_is_one(
    folder: Path, reloader: Reloader, database: Database
) -> None:
    write_seed(folder, "a.md", seed_text(url("a"), extra=f'ampWebUrl: "{url("amp")}"'))
    write_seed(folder, "b.md", seed_text(url("amp"), related=[mention_text(url("c"))]))
    report = await reloader.reload(folder)
    assert totals(report) == (2, 1, 2)
    assert len(await partition(database)) == 1


async def test_an_article_in_several_files_is_one_and_its_own_record_speaks_for_it(
    folder: Path, reloader: Reloader, database: Database
) -> None:
    write_seed(
        folder, "a.md", seed_text(url("a"), related=[mention_text(url("b"), quality=90, title="Theirs")])
    )
    write_seed(folder, "b.md", seed_text(url("b"), quality=40, title="Its own"))
    report = await reloader.reload(folder)
    assert totals(report) == (2, 1, 2)
    assert (await articles(database))[url("b")].title == "Its own"
    (folder / "b.md").unlink()
    await reloader.reload(folder)
    assert (await articles(database))[url("b")].title == "Theirs"


async def test_a_withdrawn_record_is_stored_as_withdrawn(
    folder: Path, reloader: Reloader, database: Database
) -> None:
    write_seed(folder, "a.md", tied("a", "b").replace("heat: -1", "heat: -1\nremoved: true"))
    await reloader.reload(folder)
    assert {each.url: each.removed for each in (await articles(database)).values()} == {
        url("a"): True,
        url("b"): False,
    }
    write_seed(folder, "a.md", tied("a", "b"))
    await reloader.reload(folder)
    assert not (await articles(database))[url("a")].removed


@pytest.mark.parametrize("formed", ["related:\n", "related: # as nobody forms it\n"])
async def test_a_record_reads_back_as_the_yaml_that_it_was(
    folder: Path, reloader: Reloader, database: Database, formed: str
) -> None:
    text = seed_text(
        url("a"),
        title="Caf\u00e9 &amp; more",
        related=[mention_text(url("b")), mention_text(url("c"), extra="images:\n  - url: x\n    width: 3")],
        extra="note: |\n  lines\n  of text",
    )
    text = text.replace("related:\n", formed)
    write_seed(folder, "a.md", text)
    await reloader.reload(folder)
    async with database.reading() as connection:
        found = await seeds.raw_mentions(connection, "a.md")
        assert await seeds.raw_mentions(connection, "b.md") is None
    assert found
    related_at, (own, *related) = found
    raw = raw_text(own, related_at, related)
    assert yaml.load(raw, Loader=yaml.CSafeLoader) == yaml.load(
        text.split("---\n")[1], Loader=yaml.CSafeLoader
    )


NAMES = "abcdefgh"
TIES = st.lists(st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True), min_size=1, max_size=6)
STEPS = TIES.flatmap(
    lambda ties: st.tuples(
        st.just(ties), st.permutations(range(len(ties))), st.sets(st.integers(1, len(ties)))
    )
)


async def outlook(database: Database) -> tuple[Partition, set[tuple[str, int, datetime | None]]]:
    """Return what there is to see: the stories, and the topics with how many stories each has."""
    async with database.reading() as connection:
        found = await topics.summaries(connection, ISSUE_TIME + timedelta(days=9))
    return await partition(database), {(each.topic.name, each.stories, each.latest) for each in found}


async def outlooks(ties: list[list[str]], order: list[int], ends: set[int]) -> list[object]:
    """Return what one reload of all files leaves to see, and what a reload at each of `ends` leaves.

    Half of the files say what another says before they say their own.
    """
    with TemporaryDirectory() as name:
        root = Path(name)
        async with open_database(root / "one.db") as one, open_database(root / "many.db") as many:
            for written, number in enumerate(order, 1):
                other = (number + 1) % len(ties)
                if number % 2:  # to be corrected
                    write_seed(root / "seeds", f"{number}.md", dated_tie(ties[other], other))
                    await Reloader(many, Clock()).reload(root / "seeds")
                write_seed(root / "seeds", f"{number}.md", dated_tie(ties[number], number))
                if written in ends or written == len(order):
                    await Reloader(many, Clock()).reload(root / "seeds")
            await Reloader(one, Clock()).reload(root / "seeds")
            return [await outlook(one), await outlook(many)]


def dated_tie(names: list[str], number: int) -> str:
    """Return a seed with a topic and a time of its own."""
    name, *others = names
    published = f"2026-03-0{(5, 1, 8, 2, 9, 3)[number]}T08:00:00Z"
    related = [mention_text(url(other), published=published) for other in others]
    return seed_text(url(name), related=related, topics=[f"T{number % 3}"], published=published)


@given(STEPS)
@settings(deadline=None, max_examples=25, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@example(([["a", "b"], ["a"], ["b"]], [1, 2, 0], {1, 2}))
@example(([["a"], ["a"], ["b"]], [0, 1, 2], {1, 2}))
@example(([["m"], ["a"], ["a", "m"]], [0, 1, 2], {1, 2}))
def test_neither_the_order_of_files_nor_the_steps_in_which_they_come_make_a_difference(
    case: tuple[list[list[str]], list[int], set[int]],
) -> None:
    at_once, step_by_step = asyncio.run(outlooks(*case))
    assert at_once == step_by_step


# Whole corpora.


async def check_that_everything_reads_back(root: Path, database: Path) -> int:
    """Compare what is stored of every record with a plain pass of PyYAML; returns how many there are."""
    compared = 0
    async with open_database(database) as opened:
        report = await Reloader(opened, Clock()).reload(root)
        assert report.failed == []
        async with opened.reading() as connection:
            for path in await seeds.record_paths(connection):
                found = await seeds.raw_mentions(connection, path)
                assert found
                related_at, (own, *related) = found
                kept = raw_text(own, related_at, related)
                text = (root / path).read_text("utf-8")
                written = text[4 : text.index("\n---", 4) + 1]
                if kept != written:  # the same text says the same
                    assert yaml.load(kept, Loader=yaml.CSafeLoader) == yaml.load(
                        written, Loader=yaml.CSafeLoader
                    ), path
                compared += 1
    assert compared == report.records
    return compared


@pytest.mark.parametrize("name", ["corpus", "seeds"])
async def test_every_record_of_the_shared_corpora_reads_back_as_plain_yaml(name: str, tmp_path: Path) -> None:
    if not (SHARED / name).is_dir():
        pytest.skip("the shared corpora are not here")
    assert await check_that_everything_reads_back(SHARED / name, tmp_path / "broadsheet.db")


async def test_every_record_of_a_generated_corpus_reads_back_as_plain_yaml(tmp_path: Path) -> None:
    write_corpus(tmp_path / "corpus", seed=4, scale=0.05)
    assert await check_that_everything_reads_back(tmp_path / "corpus", tmp_path / "broadsheet.db") > 500


# What anybody may put into a folder.

PIECES = st.sampled_from(
    [*seed_text(related=[mention_text()]).splitlines(keepends=True), "\t", "- ", ": ", "&a ", "*a ", "\r\n"]
)
MUTATIONS = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 30), st.one_of(PIECES, st.text(max_size=5))))


def mutated(mutations: list[tuple[float, int, str]]) -> bytes:
    """Return a real shape in which pieces are cut out and others put in."""
    text = seed_text(related=[mention_text(url("b")), mention_text(url("c"))])
    for place, length, piece in mutations:
        at = int(place * len(text))
        text = text[:at] + piece + text[at + length :]
    return text.encode("utf-8", "surrogatepass")


async def what_is_stored(content: bytes) -> tuple[Report, list[Story]]:
    """Reload a good seed with a file of any content beside it; returns the report and what is stored."""
    with TemporaryDirectory() as name:
        folder = Path(name) / "seeds"
        write_seed(folder, "good.md", seed_text(url("good")))
        (folder / "odd.md").write_bytes(content)
        async with open_database(Path(name) / "broadsheet.db") as opened:
            return await Reloader(opened, Clock()).reload(folder), await all_stories(opened)


@given(st.one_of(st.binary(max_size=300), st.binary(max_size=60).map(b"---\n%b\n---\n".__mod__)))
@settings(deadline=None, max_examples=40)
def test_any_bytes_are_at_most_a_line_in_the_report(content: bytes) -> None:
    report, stored = asyncio.run(what_is_stored(content))
    assert report.records == 1
    assert {each.url for story in stored for each in story.articles} == {url("good")}
    assert len(report.failed) + report.skipped == 1


@given(MUTATIONS.map(mutated))
@settings(deadline=None, max_examples=60)
def test_a_mutated_seed_is_stored_whole_or_is_a_line_in_the_report(content: bytes) -> None:
    report, stored = asyncio.run(what_is_stored(content))
    assert report.records + len(report.failed) + report.skipped == 2
    if report.records == 1:
        assert {each.url for story in stored for each in story.articles} == {url("good")}
    assert all(fault.path == "odd.md" and fault.error for fault in report.failed)
