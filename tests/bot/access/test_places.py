"""Digests come to channels, threads, forums and DMs, to those who may have them there."""

from datetime import timedelta

import discord
import pytest
from simcord.backend.models.channel import Overwrite
from simcord.enums import OverwriteType

from tests.bot.commands.test_digest import subscribe
from tests.bot.test_delivery import NINE
from tests.conftest import OpenWorld, World, text_of


async def test_an_announcement_channels_edition_is_published_and_pings_the_role_alone(world: World) -> None:
    news = world.guild.create_news_channel("announcements")
    readers = world.guild.create_role("Readers", mentionable=True)
    await subscribe(world, channel=news, publish=True, mention=readers)
    assert await world.tick(NINE) == 1
    edition = news.last_message
    published = [r.path for r in world.env.http_requests if r.path.endswith("/crosspost")]
    assert published == [f"/channels/{news.id}/messages/{edition.id}/crosspost"]
    assert [role.id for role in edition.role_mentions] == [readers.id]
    assert f"outlets · <@&{readers.id}>" in text_of(edition)
    (sent,) = [r for r in world.env.http_requests if r.method == "POST" and r.path.endswith("/messages")]
    assert (sent.json or {})["allowed_mentions"] == {"parse": [], "roles": [readers.id]}


async def test_an_edition_that_can_not_be_published_has_come_all_the_same(world: World) -> None:
    news = world.guild.create_news_channel("announcements")
    await subscribe(world, channel=news, publish=True)
    world.env.inject_error("POST", "/channels/*/messages/*/crosspost", status=403, code=50013)
    assert await world.tick(NINE) == 1
    assert "not published to followers" in text_of(await world.moderator.slash(world.channel, "digest list"))


async def test_only_an_announcement_channel_publishes(world: World) -> None:
    assert "Only posts in an announcement channel" in await subscribe(world, publish=True)


async def test_a_role_is_pinged_only_where_the_person_may(world: World) -> None:
    hidden = world.guild.create_role("Hidden")
    assert f"can't ping <@&{hidden.id}>" in await subscribe(world, mention=hidden)
    assert "can't ping everyone" in await subscribe(world, mention=world.guild.default_role)
    assert "None yet" in text_of(await world.moderator.slash(world.channel, "digest list"))


async def test_a_forum_gets_a_post_per_edition_with_a_tag_and_the_list_links_to_it(world: World) -> None:
    forum = world.guild.create_forum_channel("digests")
    said = await subscribe(world, channel=forum, stories=10)
    assert "Each digest will be a post with the tag AI." in said
    assert await world.tick(NINE) == 1
    (post,) = forum.threads
    assert post.name == "AI · 5 January 2026"
    found = world.app.client.get_channel(post.id)
    assert isinstance(found, discord.Thread)
    assert [tag.name for tag in found.applied_tags] == ["AI"]
    assert "## AI" in text_of(post.history()[0])
    listed = text_of(await world.moderator.slash(world.channel, "digest list"))
    assert f"/channels/{world.guild.id}/{post.id})" in listed


async def test_in_a_forums_post_commands_are_about_the_forums_digest(world: World) -> None:
    forum = world.guild.create_forum_channel("digests")
    await subscribe(world, channel=forum, stories=1)
    await world.tick(NINE)
    (post,) = forum.threads
    why = await world.moderator.slash(post, "digest why", topic="ai")
    pressed = await world.member.click(post.history()[0], label="Why these?")
    assert text_of(why) == text_of(pressed)
    world.clock.now += timedelta(hours=12)
    for command, said in (
        ("send", "on its way"),
        ("pause", "Paused: AI"),
        ("resume", "Resumed: AI"),
        ("unsubscribe", "no longer gets"),
    ):
        answer = await world.moderator.slash(post, f"digest {command}", topic="ai")
        assert said in text_of(answer)


async def test_in_a_forums_post_with_a_digest_of_its_own_commands_are_about_that(world: World) -> None:
    forum = world.guild.create_forum_channel("digests")
    await subscribe(world, channel=forum)
    await world.tick(NINE)
    (post,) = forum.threads
    await subscribe(world, channel=post)
    for place in (post, forum):
        ended = await world.moderator.slash(post, "digest unsubscribe", topic="ai")
        assert f"<#{place.id}> no longer gets the AI digest" in text_of(ended)


async def test_a_thread_gets_digests_also_when_it_was_archived(world: World) -> None:
    parent = world.app.client.get_channel(world.channel.id)
    assert isinstance(parent, discord.TextChannel)
    thread = await parent.create_thread(name="news", type=discord.ChannelType.public_thread)
    (handle,) = world.channel.threads
    assert "New digest: AI in" in await subscribe(world, channel=handle)
    await thread.edit(archived=True)
    assert await world.tick(NINE) == 1
    assert "## AI" in text_of(handle.history()[-1])


async def test_the_chat_of_a_voice_channel_gets_digests(world: World) -> None:
    voice = world.guild.create_voice_channel("lounge")
    assert "New digest: AI in" in await subscribe(world, channel=voice)
    there = await world.moderator.slash(voice, "digest subscribe", topic="space", timezone="Europe/Berlin")
    assert f"New digest: Space in <#{voice.id}>" in text_of(there)
    assert await world.tick(NINE) == 2
    posts = [text_of(post) for post in voice.history()]
    named = [line.split(" · ")[0] for post in posts for line in post.splitlines() if line.startswith("## ")]
    assert sorted(named) == ["## AI", "## Space"]


async def test_a_voice_channel_that_the_bot_may_not_join_gets_none(world: World) -> None:
    voice = world.guild.create_voice_channel("lounge")
    await subscribe(world, channel=voice)
    connect = discord.Permissions(connect=True).value
    assert world.app.client.user
    shut = Overwrite(world.app.client.user.id, OverwriteType.MEMBER, allow=0, deny=connect)
    world.env.backend.set_overwrite(voice.id, shut)
    assert "I lack Connect there" in await subscribe(world, topic="space", channel=voice)


async def test_a_server_has_no_more_digests_than_it_may(open_world: OpenWorld) -> None:
    async with open_world(digests_per_server=1) as world:
        await subscribe(world, topic="ai")
        assert "This server has 1 digest, and 1 is the limit" in await subscribe(world, topic="space")


async def test_who_may_have_no_digest_gets_no_direct_message_about_it(open_world: OpenWorld) -> None:
    async with open_world(digests_per_person=0) as world:
        answer = await world.member.slash(world.channel, "follow", topic="ai")
        assert "doesn't allow any" in text_of(answer)
        assert not [
            r for r in world.env.http_requests if r.path.endswith(("/users/@me/channels", "/messages"))
        ]


@pytest.mark.parametrize(
    ("lacking", "label"),
    [
        ("send_messages", "Send Messages"),
        ("read_message_history", "Read Message History"),
    ],
)
async def test_what_the_bot_lacks_is_named_permission_by_permission(
    world: World, lacking: str, label: str
) -> None:
    everyone = world.guild.default_role
    overwrite = discord.PermissionOverwrite(**{lacking: False})
    closed = world.guild.create_text_channel("closed", overwrites={everyone: overwrite})
    assert label in await subscribe(world, channel=closed)
