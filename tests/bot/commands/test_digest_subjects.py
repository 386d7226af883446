"""Several topics in one digest, and a digest of a search, as moderators and readers type them."""

from datetime import timedelta
from typing import Any

import discord
import pytest

from storage import subscriptions
from tests.bot.commands.test_digest import subscribe
from tests.bot.commands.test_digest_edit import say
from tests.bot.test_delivery import NINE, posts
from tests.conftest import World, buttons_of, press_forged, text_of


async def names(world: World) -> list[str]:
    async with world.app.services.database.reading() as connection:
        found = await connection.run(subscriptions.of_guild, world.guild.id)
    return [each.subject.name for each in found]


async def test_a_digest_of_several_topics_has_a_heading_for_each(world: World) -> None:
    said = await subscribe(world, topic="ai, space, health", stories=10)
    assert "New digest: AI, Space, Health in" in said
    assert "up to 10 stories" in said
    await world.tick(NINE)
    post = "\n".join(text_of(message) for message in world.channel.history())
    assert "## AI, Space, Health · " in post
    headings = [line for line in post.splitlines() if line.startswith("## ") and " · " not in line]
    assert len(headings) > 1
    assert headings == [each for each in ("## AI", "## Space", "## Health") if each in headings]
    titles = [line for line in post.splitlines() if line.startswith("### ")]
    assert len(titles) == len(set(titles)) <= 10


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"topic": "ai, spase"}, "No topic called “spase”. Did you mean Space"),
        ({"topic": "ai, space, AI"}, "You named AI twice. Name each topic once."),
        ({"topic": None}, "Fill in `topic`, or `words` for a digest of what a search finds."),
        ({"words": "bridge"}, "A digest has either topics or words."),
        ({"topic": None, "words": "-bridge"}, "There's no word to look for in"),
    ],
)
async def test_what_a_digest_can_not_be_about_is_refused_in_one_sentence(
    world: World, options: dict[str, Any], sentence: str
) -> None:
    given = {name: value for name, value in ({"topic": "ai"} | options).items() if value is not None}
    answer = await world.moderator.slash(world.channel, "digest subscribe", **given)
    assert sentence in text_of(answer)
    assert await names(world) == []


async def test_a_topic_that_another_digest_of_the_channel_has_is_refused_with_a_pointer(
    world: World,
) -> None:
    await subscribe(world, topic="ai, space")
    said = await subscribe(world, topic="health, space", time="10:00")
    assert "already gets the Space digest, at 09:00 (Europe/Berlin), as digest #1" in said
    await subscribe(world, topic="health")
    assert "as digest #1" in await say(world, "edit", topic="health", topics="health, ai")
    assert await names(world) == ["AI, Space", "Health"]


async def test_the_last_topic_is_completed_after_a_comma(world: World) -> None:
    async def offered(typed: str) -> list[tuple[str, str]]:
        found = await world.moderator.autocomplete(world.channel, "digest subscribe", "topic", typed)
        return [(choice["name"], choice["value"]) for choice in found]

    assert (await offered("sp"))[0] == ("Space", "space")
    assert (await offered("ai, hea, sp"))[0] == ("AI, hea, Space", "AI, hea, Space")
    assert ("AI, Health", "AI, Health") in await offered("ai,")
    assert await offered(f"ai, {'very ' * 20}long, sp") == []  # as typed it still works


@pytest.mark.parametrize("named", ["space", "Space, AI", "ai, space", "#1"])
async def test_a_digest_is_found_by_any_of_its_topics_or_by_its_number(world: World, named: str) -> None:
    await subscribe(world, topic="ai, space")
    assert "Paused: AI, Space in" in await say(world, "pause", topic=named)
    assert "Resumed: AI, Space in" in await say(world, "resume", topic=named)
    world.clock.now += timedelta(hours=12)
    assert "The AI, Space digest is on its way" in await say(world, "send", topic=named)
    assert "digest #1" in await say(world, "list")
    why = await world.moderator.slash(world.channel, "digest why", topic=named)
    assert "Why these stories: AI, Space" in text_of(why)
    assert "no longer gets the AI, Space digest" in await say(world, "unsubscribe", topic=named)


async def test_topics_of_two_digests_name_neither(world: World) -> None:
    await subscribe(world, topic="ai")
    await subscribe(world, topic="space")
    assert "doesn't get the AI, Space digest" in await say(world, "pause", topic="ai, space")


async def test_the_topics_of_a_digest_are_edited(world: World) -> None:
    await subscribe(world, topic="ai, space")
    assert "Changed: Health, AI in" in await say(world, "edit", topic="space", topics="health, ai")
    assert "Changed: “robot” in" in await say(world, "edit", topic="health", words=" robot ")
    assert "Changed: “robot” in" in await say(world, "edit", topic="robot", stories=3)
    assert await names(world) == ["“robot”"]


async def test_a_digest_of_a_search_is_offered_posted_and_explained(world: World) -> None:
    answer = await world.moderator.slash(world.channel, "digest subscribe", words="model", time="09:00")
    assert "New digest: “model” in" in text_of(answer)
    offered = await world.moderator.autocomplete(world.channel, "digest pause", "topic", "mod")
    assert [choice["value"] for choice in offered] == ["#1"]
    said = await world.moderator.slash(world.channel, "digest why", topic="#1")
    assert "I haven't posted that digest here yet" in text_of(said)
    world.clock.now += timedelta(hours=12)
    assert "is on its way" in await say(world, "send", topic="model")
    assert "## “model” · " in posts(world)[-1]
    offered = await world.moderator.autocomplete(world.channel, "digest why", "topic", "mod")
    assert offered[0]["value"] == "#1"
    why = await world.moderator.slash(world.channel, "digest why", topic="#1")
    assert "Why these stories: “model”" in text_of(why)


async def test_nobody_sees_the_reasons_of_another_places_digest_by_its_number(world: World) -> None:
    other = world.guild.create_text_channel("other")
    await subscribe(world, channel=other)
    said = await world.moderator.slash(world.channel, "digest why", topic="#1")
    assert "That works only where I posted the digest." in text_of(said)


async def test_a_preview_takes_several_topics_and_its_button_tells_why(world: World) -> None:
    answer = await world.member.slash(world.channel, "preview", topic="space, ai", days=5)
    assert "## Space, AI · 31 December 2025 to 4 January 2026" in text_of(answer)
    pressed = await world.member.click(answer.response, label="Why these?")
    assert "Why these stories: Space, AI" in text_of(pressed)


async def test_a_preview_whose_topics_have_no_room_in_a_button_has_none(world: World) -> None:
    async with world.app.services.database.transaction() as connection:
        await connection.executemany(
            "INSERT INTO topic (id, slug, name) VALUES (?, ?, ?)",
            [(10**6 + n, f"t-{n}", f"T {n}") for n in range(10)],
        )
        await connection.execute(
            "INSERT INTO story_topic (topic_id, story_id) SELECT DISTINCT ?, story_id FROM story_topic",
            (10**6,),
        )
        await connection.executemany(
            "INSERT INTO own_topic (slug, name, names, in_excerpts) VALUES (?, ?, '[]', 0)",
            [(f"t-{n}", f"T {n}") for n in range(10)],
        )
    topics = ", ".join(f"T {n}" for n in range(10))
    answer = await world.member.slash(world.channel, "preview", topic=topics)
    assert "## T 0" in text_of(answer)
    assert "Why these?" not in buttons_of(answer).values()


@pytest.mark.parametrize("topics", ["1..2", "1.1", "1.", ".", "-1", "1.2.3.4.5.6.7.8.9.10.11", "٣"])
async def test_a_button_with_forged_topics_is_refused(world: World, topics: str) -> None:
    channel = world.app.client.get_channel(world.channel.id)
    assert isinstance(channel, discord.TextChannel)
    moment = 1_767_500_000_000_000
    answer = await press_forged(world.member, channel, f"preview-why:{topics}:{moment}:{moment + 10**9}:5")
    assert "I don't know what this button is for" in text_of(answer)


async def test_a_weekly_digest_is_the_week_in_its_topic_with_up_to_ten_stories(world: World) -> None:
    said = await subscribe(world, days="weekly on Monday")
    assert "Every Monday at 09:00 (Europe/Berlin), up to 10 stories" in said
    await world.tick(NINE)  # a Monday
    assert "## The week in AI · " in posts(world)[0]
    assert "up to 5 stories" in await say(world, "edit", topic="ai", days="daily")
    assert "up to 10 stories" in await say(world, "edit", topic="ai", days="Friday")
    assert "up to 7 stories" in await say(world, "edit", topic="ai", days="daily", stories=7)
    assert "up to 7 stories" in await say(world, "edit", topic="ai", days="Friday")


async def test_a_digest_of_several_topics_tags_its_forum_posts_with_what_they_hold(world: World) -> None:
    forum = world.guild.create_forum_channel("forum")
    said = await subscribe(world, topic="ai, space, health", channel=forum, stories=10)
    assert "Each digest will be a post with the tags AI, Space, Health" in said
    await world.tick(NINE)
    (post,) = forum.threads
    lines = [line for message in post.history() for line in text_of(message).splitlines()]
    headings = {line[3:] for line in lines if line.startswith("## ") and " · " not in line}
    found = world.app.client.get_channel(post.id)
    assert isinstance(found, discord.Thread)
    assert {tag.name for tag in found.applied_tags} == headings


async def test_privacy_names_every_topic_of_a_digest(world: World) -> None:
    await subscribe(world, topic="ai, space")
    told = await world.moderator.slash(world.channel, "privacy")
    assert "the AI, Space digest that you set up" in text_of(told)
