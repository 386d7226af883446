"""One article, however it is written: each row of the tables in docs/seeds.md, and what corrections leave."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from digests.lookup.providers import find_provider
from digests.lookup.stories import find_story
from digests.seeds.reload import Reloader
from digests.stories.identity import MOST_FORMER, outlet_domain
from storage import memory
from storage.engine import Database
from storage.models import Shown
from tests.build import ISSUE_TIME, ROOT, SHARED, mention_text, seed_text, write_seed
from tests.conftest import Clock
from tests.digests.reloading import all_stories, articles, partition, url

DOCUMENT = (ROOT / "docs" / "seeds.md").read_text("utf-8")
OUTCOMES = {"one article": 1, "two articles": 2}


def rows(heading: str) -> list[list[str]]:
    """Return the rows of the table with this heading, without backquotes."""
    _, _, table = DOCUMENT.partition(f"{heading}\n")
    lines = table.partition("\n\n")[0].splitlines()[1:]
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in lines]


async def count(reloader: Reloader, folder: Path) -> int:
    return (await reloader.reload(folder)).articles


@pytest.mark.parametrize(("one", "other", "outcome"), rows("| One address | The other | |"))
async def test_an_address_is_the_same_or_another_as_documented(
    folder: Path, reloader: Reloader, one: str, other: str, outcome: str
) -> None:
    write_seed(folder, "one.md", seed_text(one, title="One title"))
    write_seed(folder, "other.md", seed_text(other, title="Another title"))
    assert await count(reloader, folder) == OUTCOMES[outcome]


WITH = {
    "the same title": ("", ""),
    "the title in capitals": ("Harbour robots at night", "HARBOUR ROBOTS, AT NIGHT"),
    "another title": ("robots at night", "robots by day"),
    "a time two days later": ("2026-03-10", "2026-03-12"),
}


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize(("one", "other", "given", "outcome"), rows("| One address | The other | With | |"))
async def test_an_address_at_another_host_is_the_same_or_another_as_documented(
    folder: Path, reloader: Reloader, one: str, other: str, given: str, outcome: str, *, at_once: bool
) -> None:
    title = "Harbour robots at night"
    write_seed(folder, "one.md", seed_text(one, title=title))
    if not at_once:
        await reloader.reload(folder)
    old, new = WITH[given]
    write_seed(folder, "other.md", seed_text(other, title=title).replace(old, new))
    assert await count(reloader, folder) == OUTCOMES[outcome]


@pytest.mark.parametrize(("written", "meant"), rows("| Written | Means |"))
async def test_an_outlet_is_the_same_or_another_as_documented(
    folder: Path, reloader: Reloader, database: Database, written: str, meant: str
) -> None:
    assert outlet_domain(written) == outlet_domain(meant) == meant
    write_seed(folder, "a.md", seed_text().replace("domain: one.example", f"domain: {written}"))
    await reloader.reload(folder)
    async with database.reading() as connection:
        assert (await connection.run(find_provider, written)).domains == {meant}


CHANGES = {
    "the address": ("/wrong", "/right"),
    "the address and the excerpt": ("/wrong", "/right", "What happened.", "What happened then."),
    "the address and the title": ("/wrong", "/right", "Tides", "Times"),
    "the address and the outlet": ("/wrong", "/right", "domain: quay.example", "domain: bay.example"),
    "the address and the time": ("/wrong", "/right", "T08:00:00Z", "T09:00:00Z"),
}


@pytest.mark.parametrize(("change", "outcome"), rows("| What changes in a file | |"))
async def test_a_corrected_address_is_the_same_article_or_another_as_documented(
    folder: Path, reloader: Reloader, database: Database, clock: Clock, change: str, outcome: str
) -> None:
    own = seed_text("https://quay.example/wrong", title="Tides")
    if change == "the address of a related article":
        own = seed_text(url("own"), related=[mention_text("https://quay.example/wrong", title="Tides")])
    write_seed(folder, "a.md", own)
    await reloader.reload(folder)
    before = {each.url: each for each in (await articles(database)).values()}["https://quay.example/wrong"]
    clock.now += timedelta(days=1)
    if change.startswith("nothing"):
        write_seed(folder, "b.md", own.replace("/wrong", "/right"))
    else:
        pairs = iter(CHANGES.get(change, CHANGES["the address"]))
        for old, new in zip(pairs, pairs, strict=True):
            own = own.replace(old, new)
        write_seed(folder, "a.md", own)
    await reloader.reload(folder)
    after = (await articles(database))["https://quay.example/right"]
    same = (after.id, after.story_id, after.known_at) == (before.id, before.story_id, before.known_at)
    assert same == (outcome == "one article")


def corrected(path: str, *, title: str = "Tides", extra: str = "") -> str:
    return seed_text(f"https://quay.example/{path}", title=title, extra=extra)


async def found(database: Database, text: str) -> int:
    async with database.reading() as connection:
        return await connection.run(find_story, text, ISSUE_TIME + timedelta(days=9))


async def test_every_address_that_an_article_ever_had_finds_its_story(
    folder: Path, reloader: Reloader, database: Database
) -> None:
    write_seed(folder, "0.md", corrected("0", extra='ampWebUrl: "https://cdn.example/0"'))
    await reloader.reload(folder)
    (before,) = (await articles(database)).values()
    for step in range(1, MOST_FORMER + 3):
        write_seed(folder, "0.md", corrected(str(step)))
        assert await count(reloader, folder) == 1
    (after,) = (await articles(database)).values()
    assert (after.id, after.story_id) == (before.id, before.story_id)
    for old in (
        "quay.example/0",
        "cdn.example/0",
        "www.quay.example/1?utm_source=x",
        f"m.quay.example/{step}",
    ):
        assert await found(database, f"https://{old}") == before.story_id


async def test_files_that_still_name_the_old_address_mean_the_corrected_article(
    folder: Path, reloader: Reloader, database: Database
) -> None:
    old = mention_text("https://quay.example/wrong", title="Tides")
    write_seed(folder, "a.md", corrected("wrong"))
    write_seed(folder, "b.md", seed_text(url("b"), related=[old]))
    await reloader.reload(folder)
    before = await partition(database)
    write_seed(folder, "a.md", corrected("right"))
    assert await count(reloader, folder) == 2
    write_seed(folder, "c.md", seed_text(url("c"), related=[old]))
    assert await count(reloader, folder) == 3
    assert len(before) == len(await partition(database)) == 1
    write_seed(folder, "a.md", corrected("right", title="Tides and times"))
    assert await count(reloader, folder) == 3
    assert await found(database, "Tides and times") == await found(database, "https://quay.example/wrong")


async def test_an_address_corrected_back_leaves_all_as_it_was(
    folder: Path, reloader: Reloader, database: Database
) -> None:
    write_seed(folder, "b.md")
    write_seed(folder, "a.md", corrected("wrong"))
    await reloader.reload(folder)
    before = await articles(database)
    for path in ("right", "wrong"):
        write_seed(folder, "a.md", corrected(path))
        await reloader.reload(folder)
    assert await articles(database) == before


async def test_an_address_that_was_another_articles_is_given_back_to_it(
    folder: Path, reloader: Reloader, database: Database
) -> None:
    write_seed(folder, "a.md", corrected("b"))
    write_seed(folder, "b.md", corrected("b", title="Something else"))
    assert await count(reloader, folder) == 1
    write_seed(folder, "a.md", corrected("a"))
    assert await count(reloader, folder) == 2
    titles = {each.url[-1]: each.title for each in (await articles(database)).values()}
    assert titles == {"a": "Tides", "b": "Something else"}
    assert await found(database, "https://quay.example/b") == await found(database, "Something else")


async def test_a_story_whose_only_article_turns_out_to_be_anothers_resolves_to_that_one(
    folder: Path, reloader: Reloader, database: Database
) -> None:
    for name, path in (("a", "a"), ("b", "b")):
        write_seed(folder, f"{name}.md", corrected(path, title=f"Title {name}"))
    await reloader.reload(folder)
    first = await found(database, "https://quay.example/a")
    second = await found(database, "https://quay.example/b")
    write_seed(folder, "c.md", corrected("a", title="C", extra='ampWebUrl: "https://quay.example/b"'))
    assert await count(reloader, folder) == 1
    assert await found(database, f"#{second}") == first
    (folder / "c.md").unlink()
    assert await count(reloader, folder) == 2
    assert await found(database, f"#{second}") == second


async def test_what_was_shown_of_an_article_counts_for_the_one_that_it_turns_out_to_be(
    folder: Path, reloader: Reloader, database: Database
) -> None:
    for path in ("a", "b"):
        write_seed(folder, f"{path}.md", corrected(path, title=f"Title {path}"))
    await reloader.reload(folder)
    first, second = sorted(each.id for each in (await articles(database)).values())
    shown = Shown(frozenset({second}), second, 50, "AI")
    async with database.transaction() as connection:
        (showing,) = await memory.add(connection, [shown], ISSUE_TIME)
        await memory.remember(connection, [memory.Memory(7, showing, 1, 1)])
    write_seed(folder, "c.md", corrected("a", title="C", extra='ampWebUrl: "https://quay.example/b"'))
    await reloader.reload(folder)
    async with database.reading() as connection:
        recalled = await connection.run(memory.recall, [7], [first])
    assert [each.pick_id for each in recalled[7]] == [second]


@pytest.mark.parametrize("case", ["09", "04"])
async def test_the_cases_tell_one_story_each(
    case: str, tmp_path: Path, reloader: Reloader, database: Database
) -> None:
    if not (SHARED / "cases" / case).is_dir():
        pytest.skip("the shared cases are not here")
    folder = tmp_path / "case"
    for step in sorted((SHARED / "cases" / case).iterdir()):
        shutil.copytree(step, folder, dirs_exist_ok=True)
        await reloader.reload(folder)
    stories = await all_stories(database)
    assert sorted(len(story.articles) for story in stories) == ([1, 3] if case == "09" else [1])
    assert not {each.provider.domain for story in stories for each in story.articles} & {"www.quay.example"}


async def test_articles_that_an_earlier_version_held_apart_are_one_after_the_next_reload(
    folder: Path, reloader: Reloader, database: Database
) -> None:
    for name, host in (("a", "quay.example"), ("b", "www.quay.example")):
        write_seed(folder, f"{name}.md", seed_text(f"https://{host}/robots", title=f"Robots {name}"))
    assert await count(reloader, folder) == 2
    stories = [story.id for story in await all_stories(database)]
    async with database.transaction() as connection:  # as if it had never compared their titles
        await connection.execute("UPDATE mention SET title = 'Robots'")
        await connection.execute("UPDATE seed_file SET mtime_ns = -1")
    report = await reloader.reload(folder)
    assert (report.changed, report.unchanged, report.articles) == (0, 2, 1)
    for each in stories:
        assert await found(database, f"#{each}") == min(stories)
