"""Stories across reloads: their ids survive changes, merges and splits, and no order makes a difference."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from digests.seeds.reload import Reloader
from storage import topics
from storage.engine import Database
from tests.build import ISSUE_TIME, mention_text, seed_text, write_seed
from tests.conftest import Clock
from tests.databases import OpenNew
from tests.digests.reloading import (
    Partition,
    articles,
    partition,
    resolve,
    story_of,
    tied,
    totals,
    url,
)

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
        found = await connection.run(topics.summaries, ISSUE_TIME)
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
        (found,) = await connection.run(topics.summaries, ISSUE_TIME)
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
        found = await connection.run(topics.summaries, ISSUE_TIME + timedelta(days=9))
    return await partition(database), {(each.topic.name, each.stories, each.latest) for each in found}


async def outlooks(
    open_new: OpenNew, ties: list[list[str]], order: list[int], ends: set[int]
) -> list[object]:
    """Return what one reload of all files leaves to see, and what a reload at each of `ends` leaves.

    Half of the files say what another says before they say their own.
    """
    with TemporaryDirectory() as name:
        root = Path(name)
        async with open_new(root / "one.db") as one, open_new(root / "many.db") as many:
            for written, number in enumerate(order, 1):
                other = (number + 1) % len(ties)
                if number % 2:  # to be corrected
                    write_seed(root / "seeds", f"{number}.md", dated_tie(ties[other], other))
                    await Reloader(many, Clock(ISSUE_TIME)).reload(root / "seeds")
                write_seed(root / "seeds", f"{number}.md", dated_tie(ties[number], number))
                if written in ends or written == len(order):
                    await Reloader(many, Clock(ISSUE_TIME)).reload(root / "seeds")
            await Reloader(one, Clock(ISSUE_TIME)).reload(root / "seeds")
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
    open_new: OpenNew,
    case: tuple[list[list[str]], list[int], set[int]],
) -> None:
    at_once, step_by_step = asyncio.run(outlooks(open_new, *case))
    assert at_once == step_by_step
