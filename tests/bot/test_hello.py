"""A server is greeted once, by the first way that is open; whoever writes to the bot hears what it can do."""

from datetime import timedelta
from typing import Any

import discord
from simcord.backend import serializers

from tests.conftest import World, buttons_of, text_of

GREETING = "Hi, I'm Broadsheet: I post daily digests"
BUTTONS = ["Set up a digest", "See an example"]


async def add_bot(world: World, guild: Any, *, was_there: bool = False) -> None:
    """Say that the bot was added to a server, or that one is back after an outage, as Discord does."""
    backend = world.env.backend
    payload = dict(serializers.guild_create_payload(backend, backend.get_guild(guild.id)))
    if not was_there:
        del payload["unavailable"]
    backend.emit("GUILD_CREATE", payload)
    await world.env.settle()


def greetings(channel: Any) -> list[Any]:
    return [message for message in channel.history() if GREETING in text_of(message)]


async def test_a_new_server_is_greeted_in_one_sentence_with_what_to_press(world: World) -> None:
    await add_bot(world, world.guild)
    (greeting,) = greetings(world.channel)
    assert text_of(greeting).count(".") == 1
    assert list(buttons_of(greeting).values()) == BUTTONS


async def test_the_system_channel_comes_first(world: World) -> None:
    system = world.guild.create_text_channel("welcome")
    world.env.backend.edit_guild(world.guild.id, {"system_channel_id": system.id})
    await add_bot(world, world.guild)
    assert greetings(system)
    assert not greetings(world.channel)


async def test_a_channel_that_is_closed_to_the_bot_is_left_out(world: World) -> None:
    guild = world.env.create_guild("Elsewhere")
    bot_role = next(role for name, role in guild.roles.items() if name != "@everyone")
    closed: dict[Any, discord.PermissionOverwrite] = {
        bot_role: discord.PermissionOverwrite(send_messages=False)
    }
    first = guild.create_text_channel("rules", overwrites=closed)
    second = guild.create_text_channel("general")
    await add_bot(world, guild)
    assert not greetings(first)
    assert greetings(second)


async def test_the_owner_hears_it_where_every_channel_is_closed(world: World) -> None:
    owner = world.env.create_user("owen")
    guild = world.env.create_guild("Elsewhere", owner=owner)
    await add_bot(world, guild)
    (greeting,) = owner.dm_channel.history()
    assert "**Elsewhere**" in text_of(greeting)
    assert list(buttons_of(greeting).values()) == BUTTONS


async def test_nobody_is_greeted_twice_after_a_restart_an_outage_or_a_lost_session(world: World) -> None:
    await add_bot(world, world.guild)
    await add_bot(world, world.guild)
    async with world.restarted():
        await add_bot(world, world.guild, was_there=True)
        assert len(greetings(world.channel)) == 1


async def test_a_server_that_removed_the_bot_and_added_it_again_is_greeted_again(world: World) -> None:
    await add_bot(world, world.guild)
    world.env.backend.emit("GUILD_DELETE", {"id": str(world.guild.id)})
    await world.env.settle()
    await add_bot(world, world.guild)
    assert len(greetings(world.channel)) == 2


async def test_a_server_that_was_joined_while_the_bot_was_offline_is_greeted_for_a_day(world: World) -> None:
    guild = world.app.client.get_guild(world.guild.id)
    assert guild
    joined = guild.me.joined_at
    assert joined
    world.clock.now = joined + timedelta(days=2)
    await add_bot(world, world.guild, was_there=True)
    assert not greetings(world.channel)
    world.clock.now = joined + timedelta(hours=2)
    await add_bot(world, world.guild, was_there=True)
    assert greetings(world.channel)


async def test_the_example_is_a_real_digest_of_the_topic_with_most_news(world: World) -> None:
    await add_bot(world, world.guild)
    (greeting,) = greetings(world.channel)
    async with world.restarted():
        example = await world.member.click(greeting, label="See an example")
        assert example.ephemeral
        assert "## AI" in text_of(example)
        assert "5 stories" in text_of(example)


async def test_whoever_writes_to_the_bot_is_told_what_it_can_do(world: World) -> None:
    ann = world.member.user
    await ann.send_dm("hello?")
    _, reply = ann.dm_channel.history()
    assert "/help" in text_of(reply)
    assert list(buttons_of(reply).values()) == BUTTONS
    await ann.send_dm("are you there?")
    assert len(ann.dm_channel.history()) == 3
    world.clock.now += timedelta(minutes=6)
    await ann.send_dm("and now?")
    assert len(ann.dm_channel.history()) == 5


async def test_bots_and_servers_channels_are_not_answered(world: World) -> None:
    other = world.env.create_user("robot", bot=True)
    await other.send_dm("hello")
    assert len(other.dm_channel.history()) == 1
    await world.member.send(world.channel, "hello")
    assert len(world.channel.history()) == 1
