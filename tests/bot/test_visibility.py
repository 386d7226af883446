"""A feed that is limited to some servers shows in no answer and no digest of another one, nor in DMs."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import format_datetime

import pytest

from digests.feeds.hosts import allowed_hosts
from storage import feeds
from tests.conftest import OpenWorld, World, text_of
from tests.feed_server import Answer, FeedServer, feed_server, item, rss

SECRET = "Zebrafish ledger"
ELSEWHERE = 4_711
OPEN = {1: "A harbour opens", 2: "The ferries sail twice as often"}


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digests.feeds.pace.random.uniform", lambda *_: 0.0)


def tell(server: FeedServer, number: int, now: datetime) -> None:
    """Let both feeds have an article that is an hour old."""
    date = format_datetime(now - timedelta(hours=1))
    server.pages["/feed"] = Answer(rss(item(number, title=OPEN[number], date=date)))
    server.pages["/ours"] = Answer(
        rss(item(-number, title=SECRET, date=date), title="Ours", site="https://ours.example/")
    )


@pytest.fixture
async def server() -> AsyncIterator[FeedServer]:
    async with feed_server() as opened:
        yield opened


@pytest.fixture
async def town(open_world: OpenWorld, server: FeedServer) -> AsyncIterator[World]:
    """Return a world with an open feed and one that is limited to another server."""
    async with open_world(private_sources=allowed_hosts(["127.0.0.1"])) as world:
        tell(server, 1, world.clock.now)
        for path in ("/feed", "/ours"):
            await world.owner.slash(
                world.channel, "admin source add", address=server.url(path), topic="Ports"
            )
        await limit(world, ELSEWHERE)
        yield world


async def limit(world: World, *servers: int) -> None:
    async with world.app.services.database.transaction() as connection:
        feed = await connection.run(feeds.get, 2)
        assert feed
        await feeds.set_options(connection, feed.id, replace(feed.options, servers=servers))


LOOKUPS = [
    ("stories latest", {}),
    ("stories latest", {"topic": "Ports"}),
    ("stories search", {"words": "zebrafish"}),
    ("stories top", {}),
    ("stories show", {"story": SECRET}),
    ("stories from", {"outlet": "ours.example"}),
    ("preview", {"topic": "Ports"}),
    ("topics", {}),
]


@pytest.mark.parametrize(("command", "options"), LOOKUPS, ids=[f"{name} {said}" for name, said in LOOKUPS])
async def test_no_lookup_of_another_server_shows_it(
    town: World, command: str, options: dict[str, str]
) -> None:
    answer = text_of(await town.member.slash(town.channel, command, **options))
    assert f"{SECRET}]" not in answer
    assert f"### {SECRET}" not in answer


async def test_it_is_not_offered_while_somebody_types(town: World) -> None:
    assert not await town.member.autocomplete(town.channel, "stories show", "story", "zebrafish")
    await limit(town, town.guild.id)
    (offered,) = await town.member.autocomplete(town.channel, "stories show", "story", "zebrafish")
    assert SECRET in offered["name"]


async def test_its_own_server_finds_it(town: World) -> None:
    await limit(town, town.guild.id)
    assert SECRET in text_of(await town.member.slash(town.channel, "stories search", words="zebrafish"))


@pytest.mark.parametrize("ours", [False, True])
async def test_a_digest_holds_it_in_its_own_server_alone(town: World, server: FeedServer, ours: bool) -> None:
    await limit(town, town.guild.id if ours else ELSEWHERE)
    await town.moderator.slash(town.channel, "digest subscribe", topic="Ports", timezone="UTC")
    town.clock.now += timedelta(days=2)
    tell(server, 2, town.clock.now)
    await town.app.collecting.collect()
    await town.tick(town.clock.now + timedelta(hours=1))
    sent = " ".join(map(text_of, town.channel.history()))
    assert OPEN[2] in sent
    assert (SECRET in sent) is ours


async def test_a_digest_sent_by_hand_holds_it_in_its_own_server_alone(town: World) -> None:
    await town.moderator.slash(town.channel, "digest subscribe", topic="Ports", timezone="UTC")
    await town.moderator.slash(town.channel, "digest send", topic="Ports")
    await town.tick()
    sent = " ".join(map(text_of, town.channel.history()))
    assert OPEN[1] in sent
    assert SECRET not in sent
