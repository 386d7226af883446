"""What a digest relies on and has lost is said in the list, told to its maker once, and can be put right."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import discord
import pytest

from bot.doctor.finding import State
from bot.doctor.local import check_topics
from bot.news import load_seeds
from bot.settings import Settings
from bot.views.layout import framed, row, text
from storage import subscriptions
from storage.models import Subscription
from tests.bot.commands.test_digest import subscribe
from tests.bot.test_delivery import NINE
from tests.build import seed_text, write_seed
from tests.conftest import Clock, OpenWorld, World, buttons_of, text_of, type_forged

DAY = timedelta(days=1)
EARLY = datetime(2026, 1, 5, 7, tzinfo=UTC)
LOST = "*Old Name* has no stories any more; *New Name* has them"


def write(folder: Path, topics: list[str], *, more: bool = False) -> Path:
    """Write a story with these topics, and a second one a day later; return the folder."""
    text = seed_text(
        "https://quay.example/gauge", title="Gauge", published="2026-01-05T06:00:00Z", topics=topics
    )
    write_seed(folder, "a.md", text)
    if more:
        other = seed_text(
            "https://quay.example/gauge-2",
            title="Second gauge",
            published="2026-01-05T20:00:00Z",
            topics=topics,
        )
        write_seed(folder, "b.md", other)
    return folder


@pytest.fixture
async def renamed(open_world: OpenWorld, tmp_path: Path) -> AsyncIterator[World]:
    """Return a world in which a digest's topic was renamed in all seeds after its first edition."""
    folder = write(tmp_path / "seeds", ["Old Name", "Ports"])
    async with open_world(Clock(EARLY), seeds_path=folder) as world:
        await subscribe(world, topic="Old Name")
        assert await world.tick(NINE) == 1
        write(folder, ["New Name", "Ports"], more=True)
        world.clock.now = NINE + timedelta(hours=13)
        yield world


async def stored(world: World) -> Subscription:
    async with world.app.services.database.reading() as connection:
        (found,) = await connection.run(subscriptions.of_guild, world.guild.id)
    return found


def told(world: World) -> list[str]:
    return [text_of(message) for message in world.moderator.user.dm_channel.history()]


async def test_a_renamed_topic_is_said_in_the_reloads_report_the_list_and_the_doctor(
    renamed: World, settings: Settings
) -> None:
    assert LOST in text_of(await renamed.owner.slash(renamed.channel, "admin reload"))
    assert LOST in text_of(await renamed.moderator.slash(renamed.channel, "digest list"))
    assert LOST in text_of(await renamed.owner.slash(renamed.channel, "admin reload"))  # still
    (found,) = await check_topics(settings.database_path)
    assert found.state is State.WRONG
    assert "Old Name has no stories any more; New Name has them" in found.message


async def test_a_manager_switches_the_digest_by_its_button_also_after_a_restart(renamed: World) -> None:
    await load_seeds(renamed.app.services)
    async with renamed.restarted():
        answer = await renamed.moderator.slash(renamed.channel, "digest list")
        assert "Switch to New Name" in buttons_of(answer).values()
        before = await stored(renamed)
        switched = await renamed.moderator.click(answer.response, label="Switch to New Name")
        assert "New Name" in text_of(switched)
        after = await stored(renamed)
        assert (after.id, after.subject.name, after.options) == (before.id, "New Name", before.options)
        assert LOST not in text_of(await renamed.moderator.slash(renamed.channel, "digest list"))
        assert await renamed.tick(NINE + DAY) == 1
        post = text_of(renamed.channel.last_message)
        assert "Second gauge" in post
        assert "[Gauge]" not in post  # what was shown is kept


async def test_who_may_not_manage_the_server_switches_nothing(renamed: World) -> None:
    await load_seeds(renamed.app.services)
    answer = await renamed.moderator.slash(renamed.channel, "digest list")
    (press,) = [key for key, label in buttons_of(answer).items() if label.startswith("Switch")]
    seen = await type_forged(renamed, renamed.member, "digest list")  # allowed by the server
    assert press not in buttons_of(seen)
    report = await renamed.owner.slash(renamed.channel, "admin reload")
    assert press in buttons_of(report)
    found = await stored(renamed)
    refused = await press_as(renamed, renamed.member, press)
    assert "Manage Server" in refused
    assert (await stored(renamed)) == found


async def press_as(world: World, person: Any, press: str) -> str:
    """Press a button as somebody who was not shown it: a forged custom_id."""
    channel = world.app.client.get_channel(world.channel.id)
    assert isinstance(channel, discord.TextChannel)
    button = discord.ui.Button[Any](label="Switch", custom_id=press)
    message = await channel.send(view=framed(text("A message"), row(button)))
    return text_of(await person.click(message, custom_id=press))


async def test_a_button_for_another_topic_switches_nothing(renamed: World) -> None:
    await load_seeds(renamed.app.services)
    found = await stored(renamed)
    answer = await press_as(renamed, renamed.moderator, f"switch:{found.id}:{found.subject.topic_ids[0]}")
    assert "nothing to switch" in answer
    assert await stored(renamed) == found


async def test_a_channel_that_has_the_other_digest_keeps_both(renamed: World) -> None:
    await load_seeds(renamed.app.services)
    answer = await renamed.moderator.slash(renamed.channel, "digest list")
    await subscribe(renamed, topic="New Name")
    pressed = await renamed.moderator.click(answer.response, label="Switch to New Name")
    assert "already gets the New Name digest" in text_of(pressed)


async def test_of_several_topics_the_lost_one_is_said_and_switched_in_its_place(
    open_world: OpenWorld, tmp_path: Path
) -> None:
    folder = write(tmp_path / "seeds", ["Old Name", "Ports"])
    kept = seed_text("https://other.example/1", topics=["Ships"], published="2025-12-30T08:00:00Z")
    write_seed(folder, "kept.md", kept)
    async with open_world(Clock(EARLY), seeds_path=folder) as world:
        await subscribe(world, topic="ships, old name, ports")
        write(folder, ["New Name", "Ports"])
        await load_seeds(world.app.services)
        answer = await world.moderator.slash(world.channel, "digest list")
        assert LOST in text_of(answer)
        switched = await world.moderator.click(answer.response, label="Switch to New Name")
        assert "Changed: Ships, New Name, Ports in" in text_of(switched)
        write(folder, ["Ports"])
        await load_seeds(world.app.services)
        await world.tick(NINE)
        (message,) = told(world)
        assert "New Name" in message


async def test_a_lost_topic_whose_stories_another_of_the_digest_has_is_left_out(
    open_world: OpenWorld, tmp_path: Path
) -> None:
    folder = write(tmp_path / "seeds", ["Old Name"])
    kept = seed_text("https://other.example/1", topics=["New Name"], published="2025-12-30T08:00:00Z")
    write_seed(folder, "kept.md", kept)
    async with open_world(Clock(EARLY), seeds_path=folder) as world:
        await subscribe(world, topic="old name, new name")
        write(folder, ["New Name"])
        await load_seeds(world.app.services)
        answer = await world.moderator.slash(world.channel, "digest list")
        switched = await world.moderator.click(answer.response, label="Switch to New Name")
        assert "Changed: New Name in" in text_of(switched)


async def test_its_maker_is_told_once_that_a_topic_was_renamed(renamed: World) -> None:
    await load_seeds(renamed.app.services)
    for day in range(1, 4):
        await renamed.tick(NINE + day * DAY)
    (message,) = told(renamed)
    assert LOST in message
    assert "/digest list" in message


async def test_a_digest_that_was_never_posted_finds_its_topics_new_name(
    open_world: OpenWorld, tmp_path: Path
) -> None:
    folder = write(tmp_path / "seeds", ["Old Name", "Ports"])
    async with open_world(Clock(EARLY), seeds_path=folder) as world:
        await subscribe(world, topic="Old Name")
        for name in ("Middle Name", "New Name"):  # renamed twice
            write(folder, [name, "Ports"])
            await load_seeds(world.app.services)
        assert LOST in text_of(await world.moderator.slash(world.channel, "digest list"))
        write(folder, ["Old Name"])
        await load_seeds(world.app.services)
        assert "any more" not in text_of(await world.moderator.slash(world.channel, "digest list"))


async def test_a_topic_whose_stories_are_gone_is_said_without_another(
    open_world: OpenWorld, tmp_path: Path
) -> None:
    folder = write(tmp_path / "seeds", ["Old Name"])
    write_seed(folder, "c.md", seed_text("https://other.example/1", topics=["Ports"]))
    async with open_world(Clock(EARLY), seeds_path=folder) as world:
        await subscribe(world, topic="Old Name")
        (folder / "a.md").unlink()
        await load_seeds(world.app.services)
        answer = await world.moderator.slash(world.channel, "digest list")
        assert "*Old Name* has no stories any more." in text_of(answer)
        assert not [label for label in buttons_of(answer).values() if label.startswith("Switch")]


async def test_a_deleted_role_is_not_pinged_said_and_told_once(world: World) -> None:
    role = world.guild.create_role("Readers", mentionable=True)
    await subscribe(world, mention=role)
    world.env.backend.delete_role(world.guild.id, role.id)
    await world.env.settle()
    for day in range(3):
        assert await world.tick(NINE + day * DAY) == 1
    assert "<@&" not in text_of(world.channel.last_message)
    (message,) = told(world)
    assert "the role it pings was deleted" in message
    assert "the role it pings was deleted" in text_of(
        await world.moderator.slash(world.channel, "digest list")
    )
    other = world.guild.create_role("Sailors", mentionable=True)
    await world.moderator.slash(world.channel, "digest edit", topic="ai", mention=other)
    assert "was deleted" not in text_of(await world.moderator.slash(world.channel, "digest list"))
    assert await world.tick(NINE + 3 * DAY) == 1
    assert f"<@&{other.id}>" in text_of(world.channel.last_message)
    world.env.backend.delete_role(world.guild.id, other.id)
    await world.env.settle()
    await world.tick(NINE + 4 * DAY)
    assert len(told(world)) == 2  # another role


async def test_one_telling_is_enough_for_all_digests_that_pinged_a_role(world: World) -> None:
    role = world.guild.create_role("Readers", mentionable=True)
    for topic in ("ai", "space"):
        await subscribe(world, topic=topic, mention=role)
    world.env.backend.delete_role(world.guild.id, role.id)
    await world.env.settle()
    await world.tick(NINE)
    assert len(told(world)) == 1


async def test_a_channel_that_was_deleted_is_said_and_told_once(world: World) -> None:
    other = world.guild.create_text_channel("other")
    await subscribe(world, channel=other)
    world.env.backend.delete_channel(other.id)
    await world.env.settle()
    for day in range(2):
        assert await world.tick(NINE + day * DAY) == 0
    (message,) = told(world)
    assert "the channel no longer exists" in message
    assert "the channel no longer exists" in text_of(
        await world.moderator.slash(world.channel, "digest list")
    )


async def test_a_forum_that_requires_a_tag_and_lost_it_is_said_and_told_once(world: World) -> None:
    forum = world.guild.create_forum_channel("forum")
    await subscribe(world, channel=forum)
    world.env.inject_error("POST", "/channels/*/threads", status=400, code=40067, times=2)
    for day in range(2):
        assert await world.tick(NINE + day * DAY) == 0
    (message,) = told(world)
    assert "the forum requires a tag" in message
    assert "the forum requires a tag" in text_of(await world.moderator.slash(world.channel, "digest list"))
