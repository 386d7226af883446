"""Owners manage sources in Discord; nobody else may."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import discord
import pytest

from digests.feeds import own_topics
from digests.feeds.hosts import allowed_hosts
from digests.feeds.own_topics import Edit
from storage import feeds
from storage.feeds import Feed
from storage.sqlite.database import open_database
from tests.conftest import OpenWorld, World, buttons_of, press_forged, text_of, type_forged
from tests.feed_server import Answer, FeedServer, feed_server, item, rss

HERE = allowed_hosts(["127.0.0.1"])


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digests.feeds.pace.random.uniform", lambda *_: 0.0)


@pytest.fixture
async def server() -> AsyncIterator[FeedServer]:
    async with feed_server() as opened:
        opened.pages["/feed"] = Answer(rss(item(1), item(2)))
        yield opened


@pytest.fixture
async def town(open_world: OpenWorld) -> AsyncIterator[World]:
    async with open_world(private_sources=HERE) as world:
        yield world


async def say(world: World, command: str, **options: object) -> Any:
    return await world.owner.slash(world.channel, f"admin {command}", **options)


async def known(world: World) -> list[Feed]:
    async with world.app.services.database.reading() as connection:
        return await connection.run(feeds.feeds)


async def test_an_owner_adds_a_source_and_sees_what_it_holds(town: World, server: FeedServer) -> None:
    answer = await say(town, "source add", address=server.url(), topic="Ports")
    said = text_of(answer)
    assert "New source: The Quay Times" in said
    assert "2 articles, newest" in said
    assert "Ports" in said
    assert "News 1" in text_of(await town.member.slash(town.channel, "stories latest", topic="Ports"))


async def test_others_are_refused(town: World, server: FeedServer) -> None:
    town.app.client.owner_ids.discard(town.owner.id)
    assert "Only my owners" in text_of(await say(town, "source add", address=server.url()))
    assert "Only my owners" in text_of(await say(town, "topic add", name="Ports"))
    channel = town.app.client.get_channel(town.channel.id)
    assert isinstance(channel, discord.TextChannel)
    pressed = await press_forged(town.moderator, channel, "source-remove:1")
    assert "Only my owners" in text_of(pressed)
    assert await known(town) == []


async def test_what_can_not_be_added_says_why(town: World, server: FeedServer) -> None:
    assert "404" in text_of(await say(town, "source add", address=server.url("/none")))
    assert "PRIVATE_SOURCES" in text_of(await say(town, "source add", address="http://10.0.0.1/"))
    assert await known(town) == []


async def test_a_source_is_checked_paused_removed_and_brought_back(town: World, server: FeedServer) -> None:
    answer = await say(town, "source add", address=server.url())
    assert sorted(buttons_of(answer).values()) == ["Check now", "Pause", "Remove"]
    server.pages["/feed"] = Answer(status=500)
    checked = await town.owner.click(answer.response, label="Check now")
    assert "(500)" in text_of(checked)
    server.pages["/feed"] = Answer(rss(item(1), item(2), item(3)))
    assert "3 articles" in text_of(await town.owner.click(answer.response, label="Check now"))
    paused = await town.owner.click(answer.response, label="Pause")
    assert "paused" in text_of(paused)
    assert "well" in text_of(await town.owner.click(paused.response, label="Resume"))
    removed = await town.owner.click(answer.response, label="Remove")
    assert await known(town) == []
    assert "None yet" in text_of(await say(town, "source list"))
    await town.owner.click(removed.response, label="Undo")
    assert [feed.name for feed in await known(town)] == ["The Quay Times"]


async def test_many_sources_have_pages(town: World, server: FeedServer) -> None:
    for number in range(7):
        server.pages[f"/{number}"] = Answer(rss(item(number), title=f"Feed {number}"))
        await say(town, "source add", address=server.url(f"/{number}"))
    first = await say(town, "source list")
    assert "page 1 of 2" in text_of(first)
    await town.owner.click(first.response, label="Next")


async def test_a_test_stores_nothing(town: World, server: FeedServer) -> None:
    said = text_of(await say(town, "source test", address=server.url()))
    assert "News 1" in said
    assert "estimated" in said
    assert await known(town) == []


async def test_topics_are_described_and_forgotten(town: World, server: FeedServer) -> None:
    server.pages["/feed"] = Answer(rss(item(1, title="The last lighthouse")))
    await say(town, "source add", address=server.url())
    said = text_of(await say(town, "topic add", name="Lights", keywords="beacon, lighthouse"))
    assert "Lights is found by beacon, lighthouse: 1 story." in said
    await say(town, "topic remove", name="Lights")
    assert "isn't a topic of yours" in text_of(await say(town, "topic remove", name="Lights"))


async def test_a_topic_is_changed_and_each_change_undone(town: World, server: FeedServer) -> None:
    titles = ("The last lighthouse", "A beacon", "Tides")
    server.pages["/feed"] = Answer(rss(*(item(n, title=title) for n, title in enumerate(titles))))
    await say(town, "source add", address=server.url(), topic="News")
    added = await say(town, "topic add", name="Lights", keywords="lighthouse", parent="Coast")
    assert "Part of Coast" in text_of(added)
    edited = await say(town, "topic edit", topic="Lights", keywords="lighthouse, beacon", excerpts=True)
    assert "Lights is found by lighthouse, beacon: 2 stories." in text_of(edited)
    assert "Excerpts count" in text_of(edited)
    undone = await town.owner.click(edited.response, label="Undo")
    assert "Lights is found by lighthouse: 1 story." in text_of(undone)
    redone = await town.owner.click(undone.response, label="Undo")
    assert "2 stories" in text_of(redone)
    assert "was changed again" in text_of(await town.owner.click(added.response, label="Undo"))
    renamed = await say(town, "topic edit", topic="Lights", name="Lamps", keywords="none", parent="none")
    assert "Lamps is found by its name: 0 stories." in text_of(renamed)
    await town.owner.click(renamed.response, label="Undo")
    removed = await say(town, "topic remove", name="Lights")
    assert "no longer" in text_of(removed)
    assert "2 stories" in text_of(await town.owner.click(removed.response, label="Undo"))


async def test_a_title_s_topics_are_tried(town: World) -> None:
    await say(town, "topic add", name="Lights", keywords="lighthouse")
    assert "Lights, by “lighthouse”" in text_of(await say(town, "topic test", words="A lighthouse"))
    assert "No topic" in text_of(await say(town, "topic test", words="Nothing"))


@pytest.mark.parametrize(
    ("command", "option", "typed", "offered"),
    [
        ("topic add", "name", "coa", ["Coast", "coa"]),
        ("topic add", "parent", "coast", ["Coast"]),
        ("topic edit", "topic", "coa", ["Coast"]),
        ("topic edit", "parent", "coa", ["Coast", "coa"]),
        ("topic edit", "name", "coa", ["Coast", "coa"]),
        ("topic remove", "name", "", ["Lights"]),
        ("topic remove", "name", "coa", []),
        ("source add", "topic", "lig", ["Lights", "lig"]),
    ],
)
async def test_topics_are_offered_while_typing(
    town: World, command: str, option: str, typed: str, offered: list[str]
) -> None:
    await say(town, "topic add", name="Lights", keywords="lighthouse", parent="Coast")
    found = await town.owner.autocomplete(town.channel, f"admin {command}", option, typed)
    assert [choice["value"] for choice in found] == offered


async def test_others_can_not_undo_a_topic_s_change(town: World) -> None:
    await say(town, "topic add", name="Lights", keywords="lighthouse")
    channel = town.app.client.get_channel(town.channel.id)
    assert isinstance(channel, discord.TextChannel)
    pressed = await press_forged(town.moderator, channel, "topic-undo:1")
    assert "Only my owners" in text_of(pressed)


async def test_a_change_that_takes_long_is_answered_meanwhile(
    town: World, server: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.judging.PATIENCE", 0.0)
    server.pages["/feed"] = Answer(rss(item(1, title="The last lighthouse")))
    await say(town, "source add", address=server.url(), topic="News")
    said = text_of(await say(town, "topic add", name="Lights", keywords="lighthouse"))
    assert "still going through" in said
    await town.app.client.judging.judge()
    assert "lighthouse" in text_of(await town.member.slash(town.channel, "stories latest", topic="Lights"))


async def test_what_the_command_line_changes_is_judged_by_the_running_bot(
    town: World, server: FeedServer
) -> None:
    server.pages["/feed"] = Answer(rss(item(1, title="The last lighthouse")))
    await say(town, "source add", address=server.url(), topic="News")
    path = town.app.services.settings.database_path
    async with open_database(path) as database, database.transaction() as connection:
        await own_topics.add(connection, "Lights", Edit(keywords=["lighthouse"]), town.clock())
    await town.app.client.judging.judge()  # what the alarm clock does
    assert "lighthouse" in text_of(await town.member.slash(town.channel, "stories latest", topic="Lights"))


async def test_a_general_source_says_so(town: World, server: FeedServer) -> None:
    said = text_of(await say(town, "source add", address=server.url(), general=True))
    assert "Topics: found in titles" in said
    assert "found in titles" in text_of(await say(town, "source list"))


async def test_sources_are_offered_while_typing(town: World, server: FeedServer) -> None:
    await say(town, "source add", address=server.url())
    offered = await town.owner.autocomplete(town.channel, "admin source remove", "source", "quay")
    assert [choice["value"] for choice in offered] == ["1"]
    await say(town, "source remove", source="1")
    assert await known(town) == []


async def test_the_owners_are_told_once_of_a_feed_that_fails_for_days(
    town: World, server: FeedServer
) -> None:
    await say(town, "source add", address=server.url())
    server.pages["/feed"] = Answer(status=500)
    for _ in range(6):
        town.clock.now += timedelta(days=1)
        await town.app.collecting.collect()
    messages = town.owner.user.dm_channel.history()
    assert len(messages) == 1
    assert "(500)" in text_of(messages[0])
    assert "Sources: failing 1" in text_of(await say(town, "status"))


async def test_who_manages_a_server_may_suggest_a_feed_five_times_a_day(town: World) -> None:
    refused = await type_forged(town, town.member, "digest suggest", address="quay.example")
    assert "Manage Server" in text_of(refused)
    for _ in range(5):
        said = text_of(await town.moderator.slash(town.channel, "digest suggest", address="quay.example"))
        assert "has got your suggestion" in said
    async with town.restarted():
        refused = await town.moderator.slash(town.channel, "digest suggest", address="a.example")
        assert "enough" in text_of(refused)
        messages = town.owner.user.dm_channel.history()
        assert len(messages) == 5
        assert "quay.example" in text_of(messages[0])
        town.clock.now += timedelta(days=1)
        said = text_of(await town.moderator.slash(town.channel, "digest suggest", address="quay.example"))
        assert "has got your suggestion" in said
