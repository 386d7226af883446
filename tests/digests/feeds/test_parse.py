"""The worker: a document may be as bad as it likes, and costs ten seconds and 200 MiB at most."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from digests.feeds.fetch import Document, Validators
from digests.feeds.parse import Parser
from digests.feeds.problems import FeedError, FeedProblem
from tests.feed_server import item, rss

NESTED = b"<rss version='2.0'><channel>" + b"<a>" * 100_000
LARGE = b"<urlset>" + b"<a>" * 90 + b"<b/>" * 900_000  # each of which becomes an object


def document(body: bytes) -> Document:
    return Document("https://quay.example/feed", None, body, "", "", Validators(), timedelta())


@pytest.fixture
async def parser() -> AsyncIterator[Parser]:
    opened = Parser()
    yield opened
    await opened.close()


def memory(pid: int) -> int:
    """Return the most memory that a process had, in MiB."""
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024


def environment(pid: int) -> str:
    return Path(f"/proc/{pid}/environ").read_text("utf-8")


def is_running(pid: int) -> bool:
    """Say whether a process is there, and not just its entry that nobody has asked for yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii").split()[2] != "Z"
    except OSError:
        return False


async def until(holds: Callable[[], bool]) -> None:
    while not holds():  # noqa: ASYNC110 - another process tells no event
        await asyncio.sleep(0.01)


async def test_a_worker_is_started_when_needed_and_used_again(parser: Parser) -> None:
    assert parser.workers == []
    first = await parser.parse(document(rss(item(1))))
    workers = parser.workers
    second = await parser.parse(document(rss(item(2))))
    assert (first.entries[0].title, second.entries[0].title) == ("News 1", "News 2")
    assert parser.workers == workers


async def test_problems_come_out_of_the_worker(parser: Parser) -> None:
    with pytest.raises(FeedError) as raised:
        await parser.parse(document(b"<html></html>"))
    assert raised.value.problem is FeedProblem.PAGE
    assert len(parser.workers) == 1


async def test_a_document_that_takes_too_long_is_killed_and_others_go_on() -> None:
    parser = Parser(seconds=1.5)
    slow = asyncio.create_task(parser.parse(document(NESTED * 2)))
    assert (await parser.parse(document(rss(item(1))))).entries
    with pytest.raises(FeedError) as raised:
        await slow
    assert raised.value.problem is FeedProblem.TOO_COMPLEX
    await parser.close()


async def test_a_document_that_wants_too_much_memory_is_a_problem(parser: Parser) -> None:
    with pytest.raises(FeedError) as raised:
        await parser.parse(document(LARGE))
    assert raised.value.problem is FeedProblem.TOO_COMPLEX
    assert (await parser.parse(document(rss(item(1))))).entries
    assert all(memory(pid) <= 200 for pid in parser.workers)


async def test_a_worker_that_is_idle_ends() -> None:
    parser = Parser(idle_seconds=0.05)
    await parser.parse(document(rss(item(1))))
    (pid,) = parser.workers
    await until(lambda: not is_running(pid))
    assert parser.workers == []
    assert (await parser.parse(document(rss(item(1))))).entries
    await parser.close()


async def test_a_worker_that_died_is_replaced(parser: Parser) -> None:
    await parser.parse(document(rss(item(1))))
    (pid,) = parser.workers
    os.kill(pid, 9)  # the parser doesn't hear of it before it asks the next one
    assert (await parser.parse(document(rss(item(1))))).entries


async def test_a_worker_knows_nothing_of_the_bot_s_environment(
    parser: Parser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "secret")
    await parser.parse(document(rss(item(1))))
    assert "secret" not in environment(parser.workers[0])


async def test_the_event_loop_goes_on_meanwhile(parser: Parser) -> None:
    body = rss(*(item(number) for number in range(20_000)))
    parsing = asyncio.create_task(parser.parse(document(body)))
    turns = 0
    while not parsing.done():
        await asyncio.sleep(0)
        turns += 1
    assert turns > 100
