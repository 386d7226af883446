"""Several topics in one option: commas between, the last one completed while it is typed."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from digests.errors import TopicNotFoundError, TopicsLimitError, TopicTwiceError
from digests.lookup.topics import MAX_TOPICS, complete_last, find_topics
from digests.seeds.reload import Reloader
from storage.engine import Connection
from tests.build import HOST, ISSUE_TIME, seed_text, write_seed
from tests.databases import OpenNew

NAMES = ("AI", "Space", "Oil, Gas", "Ports", *(f"Topic {number}" for number in range(1, 10)))


@pytest.fixture
async def connection(tmp_path: Path, open_new: OpenNew) -> AsyncIterator[Connection]:
    for number, name in enumerate(NAMES):
        write_seed(tmp_path / "seeds", f"{number}.md", seed_text(f"{HOST}/{number}", topics=[f'"{name}"']))
    async with open_new(tmp_path / "broadsheet.db") as database:
        await Reloader(database, lambda: ISSUE_TIME).reload(tmp_path / "seeds")
        async with database.reading() as reader:
            yield reader


async def found(connection: Connection, text: str) -> list[str]:
    return [topic.name for topic in await connection.run(find_topics, text, ISSUE_TIME)]


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("ai", ["AI"]),
        ("space, AI", ["Space", "AI"]),
        (" space ,, ai, ", ["Space", "AI"]),
        ("space，ai、ports", ["Space", "AI", "Ports"]),
        ("ai, oil, gas, space", ["AI", "Oil, Gas", "Space"]),
    ],
)
async def test_topics_are_found_in_the_order_in_which_they_are_named(
    connection: Connection, typed: str, names: list[str]
) -> None:
    assert await found(connection, typed) == names


async def test_the_topic_that_is_not_known_is_named_with_near_ones(connection: Connection) -> None:
    with pytest.raises(TopicNotFoundError) as caught:
        await found(connection, "ai, spase, ports")
    assert (caught.value.text, caught.value.similar[0]) == ("spase", "Space")
    with pytest.raises(TopicNotFoundError):
        await found(connection, " , ")


async def test_no_topic_is_named_twice_and_no_more_than_ten_are(connection: Connection) -> None:
    with pytest.raises(TopicTwiceError) as twice:
        await found(connection, "ai, space, A.I.")
    assert twice.value.topic == "AI"
    assert len(await found(connection, ",".join(NAMES[3:13]))) == MAX_TOPICS
    with pytest.raises(TopicsLimitError):
        await found(connection, ",".join(NAMES[2:13]))


@pytest.mark.parametrize(
    ("typed", "before", "first"),
    [
        ("sp", (), "Space"),
        ("ai, sp", ("AI",), "Space"),
        ("ai, whatever, sp", ("AI", "whatever"), "Space"),
        ("oil, gas, po", ("Oil, Gas",), "Ports"),
        ("ai,", ("AI",), "Oil, Gas"),
    ],
)
async def test_the_last_topic_is_completed(
    connection: Connection, typed: str, before: tuple[str, ...], first: str
) -> None:
    named, offered = await connection.run(complete_last, typed, ISSUE_TIME, 25)
    assert (named, offered[0].name) == (before, first)
    assert not {topic.name for topic in offered} & {*before}


async def test_after_ten_topics_none_is_offered(connection: Connection) -> None:
    named, offered = await connection.run(complete_last, ",".join([*NAMES[3:13], "s"]), ISSUE_TIME, 25)
    assert (len(named), offered) == (10, [])
