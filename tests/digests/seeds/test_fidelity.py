"""Nothing is lost or mangled: every record reads back as the YAML that it was, and any bytes are survived."""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from digests.seeds.reload import Reloader, Report
from digests.errors import RecordNotFoundError
from digests.seeds.parser import stored_yaml
from storage import seeds
from storage.models import Story
from storage.engine import Database
from storage.sqlite.database import open_database
from tests.bench.corpus import write_corpus
from tests.build import ISSUE_TIME, SHARED, mention_text, seed_text, write_seed
from tests.conftest import Clock
from tests.databases import OpenNew
from tests.digests.reloading import (
    all_stories,
    url,
)


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
        raw = await connection.run(stored_yaml, "a.md")
        with pytest.raises(RecordNotFoundError):
            await connection.run(stored_yaml, "b.md")
    assert yaml.load(raw, Loader=yaml.CSafeLoader) == yaml.load(
        text.split("---\n")[1], Loader=yaml.CSafeLoader
    )


# Whole corpora.


async def check_that_everything_reads_back(root: Path, database: Path) -> int:
    """Compare what is stored of every record with a plain pass of PyYAML; returns how many there are."""
    compared = 0
    async with open_database(database) as opened:
        report = await Reloader(opened, Clock(ISSUE_TIME)).reload(root)
        assert report.failed == []
        async with opened.reading() as connection:
            for path in await connection.run(seeds.record_paths):
                kept = await connection.run(stored_yaml, path)
                text = (root / path).read_text("utf-8")
                written = text[4 : text.index("\n---", 4) + 1]
                if kept != written:  # the same text says the same
                    assert yaml.load(kept, Loader=yaml.CSafeLoader) == yaml.load(
                        written, Loader=yaml.CSafeLoader
                    ), path
                compared += 1
    assert compared == report.records
    return compared


@pytest.mark.no_cover
@pytest.mark.parametrize("name", ["corpus", "seeds"])
async def test_every_record_of_the_shared_corpora_reads_back_as_plain_yaml(name: str, tmp_path: Path) -> None:
    if not (SHARED / name).is_dir():
        pytest.skip("the shared corpora are not here")
    assert await check_that_everything_reads_back(SHARED / name, tmp_path / "broadsheet.db")


@pytest.mark.no_cover
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


async def what_is_stored(open_new: OpenNew, content: bytes) -> tuple[Report, list[Story]]:
    """Reload a good seed with a file of any content beside it; returns the report and what is stored."""
    with TemporaryDirectory() as name:
        folder = Path(name) / "seeds"
        write_seed(folder, "good.md", seed_text(url("good")))
        (folder / "odd.md").write_bytes(content)
        async with open_new(Path(name) / "broadsheet.db") as opened:
            return await Reloader(opened, Clock(ISSUE_TIME)).reload(folder), await all_stories(opened)


@given(st.one_of(st.binary(max_size=300), st.binary(max_size=60).map(b"---\n%b\n---\n".__mod__)))
@settings(deadline=None, max_examples=40)
def test_any_bytes_are_at_most_a_line_in_the_report(open_new: OpenNew, content: bytes) -> None:
    report, stored = asyncio.run(what_is_stored(open_new, content))
    assert report.records == 1
    assert {each.url for story in stored for each in story.articles} == {url("good")}
    assert len(report.failed) + report.skipped == 1


@given(MUTATIONS.map(mutated))
@settings(deadline=None, max_examples=60)
def test_a_mutated_seed_is_stored_whole_or_is_a_line_in_the_report(open_new: OpenNew, content: bytes) -> None:
    report, stored = asyncio.run(what_is_stored(open_new, content))
    assert report.records + len(report.failed) + report.skipped == 2
    if report.records == 1:
        assert {each.url for story in stored for each in story.articles} == {url("good")}
    assert all(fault.path == "odd.md" and fault.error for fault in report.failed)
