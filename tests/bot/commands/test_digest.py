"""Moderators subscribe channels to digests; members look at what a digest would hold."""

import re
from datetime import timedelta

import discord
import pytest

from tests.conftest import World, text_of, type_forged


async def subscribe(world: World, **options: object) -> str:
    """Subscribe as the moderator and return what was answered."""
    options = {"topic": "ai", "time": "09:00", "timezone": "Europe/Berlin"} | options
    answer = await world.moderator.slash(world.channel, "digest subscribe", **options)
    assert answer.ephemeral
    return text_of(answer)


async def test_a_bot_with_several_shards_spreads_the_digests_that_nobody_chose_a_time_for(
    world: World,
) -> None:
    minute = (world.guild.id >> 22) % 30

    async def at_no_chosen_time(topic: str) -> str:
        chosen = {"topic": topic, "timezone": "UTC"}
        return text_of(await world.moderator.slash(world.channel, "digest subscribe", **chosen))

    assert "at 09:00 UTC" in await at_no_chosen_time("ai")
    world.app.client.shard_count = 2
    assert f"at 09:{minute:02} UTC" in await at_no_chosen_time("space")
    assert "at 09:00 UTC" in await subscribe(world, topic="climate", timezone="UTC")


async def test_a_preview_shows_the_newest_day_by_now(world: World) -> None:
    answer = await world.member.slash(world.channel, "preview", topic="ai")
    assert answer.ephemeral
    assert "### [" in text_of(answer)
    assert "ago" not in text_of(answer)  # ages are Discord's timestamps, in the reader's zone
    assert ":R>" in text_of(answer)


async def test_a_preview_takes_a_date_and_a_number_of_days(world: World) -> None:
    one = await world.member.slash(world.channel, "preview", topic="ai", date="2026-01-02")
    three = await world.member.slash(
        world.channel, "preview", topic="ai", date="2026-01-02", days=3, stories=10
    )
    stories = [text_of(part).count("### ") for part in (three, *three.followups)]
    assert 0 < text_of(one).count("### ") < sum(stories)


async def test_days_up_to_now_are_all_named_also_above_the_reasons(world: World) -> None:
    answer = await world.member.slash(world.channel, "preview", topic="ai", days=5)
    assert "## AI · 31 December 2025 to 4 January 2026" in text_of(answer)
    reasons = await world.member.click(answer.response, label="Why these?")
    assert "AI · 31 December 2025 to 4 January 2026" in text_of(reasons)


async def test_what_a_source_took_back_is_not_named_among_the_reasons_either(world: World) -> None:
    world.clock.now += timedelta(days=5)
    answer = await world.moderator.slash(world.channel, "digest why", topic="ai", date="2026-01-05")
    assert "**taken back by the outlet** · a story" in text_of(answer)
    assert "Parish council" not in text_of(answer)


async def test_a_day_without_news_suggests_the_next_step(world: World) -> None:
    answer = await world.member.slash(world.channel, "preview", topic="ai", date="2020-01-01")
    assert "Nothing new" in text_of(answer)
    assert "/stories latest" in text_of(answer)


async def test_why_lists_the_verdict_on_every_candidate_in_pages(world: World) -> None:
    world.clock.now += timedelta(days=5)
    month = {"topic": "ai", "date": "2026-01-08", "days": 31, "stories": 1}
    preview = await world.member.slash(world.channel, "preview", **month)
    first = await world.member.click(preview.response, label="Why these?")
    assert first.ephemeral
    assert "**in the digest**" in text_of(first)
    looked_at = int(re.findall(r"I looked at (\d+) stories", text_of(first))[0])
    assert looked_at > 15
    before = text_of(first)  # the next page takes its place
    second = await world.member.click(first.response, label="Next")
    numbers = [
        int(line.split(".")[0])
        for page in (before, text_of(second))
        for line in page.splitlines()
        if line[0].isdigit()
    ]
    assert numbers == list(range(1, looked_at + 1))
    async with world.restarted():
        back = await world.member.click(second.response, label="Previous")
        assert text_of(back) == before


async def test_why_tells_of_the_edition_that_came_here_and_else_of_a_preview(world: World) -> None:
    before = await world.moderator.slash(world.channel, "digest why", topic="ai", date="2026-01-03")
    assert before.ephemeral
    assert "3 January 2026" in text_of(before)
    await subscribe(world, min_quality=70)
    await world.tick(world.clock.now + timedelta(days=1))
    latest = await world.moderator.slash(world.channel, "digest why", topic="ai")
    assert "**below the minimum quality**" in text_of(latest)
    dated = await world.moderator.slash(world.channel, "digest why", topic="ai", date="2026-01-05")
    assert text_of(dated) == text_of(latest)


async def test_why_of_a_date_tells_of_an_edition_that_was_sent_by_hand(world: World) -> None:
    await subscribe(world)
    world.clock.now += timedelta(minutes=30)
    await world.moderator.slash(world.channel, "digest send", topic="ai")
    latest = await world.moderator.slash(world.channel, "digest why", topic="ai")
    dated = await world.moderator.slash(world.channel, "digest why", topic="ai", date="2026-01-04")
    assert "**in the digest**" in text_of(latest)
    assert text_of(dated) == text_of(latest)


async def test_a_day_that_lies_ahead_is_a_private_sentence(world: World) -> None:
    for command in ("preview", "digest why"):
        answer = await world.moderator.slash(world.channel, command, topic="ai", date="2027-01-01")
        assert answer.ephemeral
        assert "hasn't begun yet" in text_of(answer)


async def test_several_days_are_named_with_both_years(world: World) -> None:
    answer = await world.member.slash(world.channel, "preview", topic="ai", date="2026-01-03", days=5)
    assert "30 December 2025 to 3 January 2026" in text_of(answer)


async def test_what_a_new_digest_would_hold_is_out_already(world: World) -> None:
    said = await subscribe(world, stories=10, timezone="UTC")
    async with world.app.services.database.reading() as connection:
        rows = await connection.execute_fetchall(
            "SELECT title FROM article JOIN mention ON mention.id = mention_id"
            " WHERE article.published_at > ?",
            (world.clock.now.timestamp(),),
        )
    assert "If I posted it now, it would have" in said
    assert rows
    assert not [row[0] for row in rows if f"“{row[0]}”" in said]


async def test_why_of_an_unknown_topic_or_date_is_a_private_sentence(world: World) -> None:
    for wrong in ({"topic": "nonsense"}, {"topic": "ai", "date": "soon"}):
        answer = await world.moderator.slash(world.channel, "digest why", **wrong)
        assert answer.ephemeral
        assert "No topic called" in text_of(answer) or "I don't understand the date" in text_of(answer)


async def test_a_date_that_is_none_is_a_private_sentence(world: World) -> None:
    answer = await world.member.slash(world.channel, "preview", topic="ai", date="yesterday-ish")
    assert answer.ephemeral
    assert "Try 2026-01-31" in text_of(answer)


async def test_subscribing_says_when_the_next_edition_comes_and_what_it_would_hold(world: World) -> None:
    said = await subscribe(world)
    assert f"New digest: AI in <#{world.channel.id}>" in said
    assert "Every day at 09:00 (Europe/Berlin), up to 5 stories. First digest: tomorrow at 09:00 (<t:" in said
    assert f"<t:{int((world.clock.now + timedelta(days=1)).timestamp())}:R>)" in said  # 08:00 UTC is past
    assert "There's no new AI story yet." in said


async def test_only_who_may_manage_the_server_subscribes(world: World) -> None:
    for command in ("digest subscribe", "digest unsubscribe"):
        answer = await type_forged(world, world.member, command, topic="ai")
        assert answer.ephemeral
        assert "Manage Server" in text_of(answer)
    listed = await world.moderator.slash(world.channel, "digest list")
    assert "None yet" in text_of(listed)


async def test_the_same_topic_twice_in_a_channel_is_refused_with_a_pointer(world: World) -> None:
    await subscribe(world)
    assert "already gets the AI digest, at 09:00 (Europe/Berlin)" in await subscribe(world, time="10:00")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"time": "25:00"}, "“25:00” isn't a time. Try 09:00 or 9 pm."),
        ({"timezone": "Mars/Olympus"}, "“Mars/Olympus” isn't a time zone"),
        ({"topic": "Gardening"}, "No topic called “Gardening”."),
    ],
)
async def test_bad_options_are_named_in_a_sentence(
    world: World, options: dict[str, str], sentence: str
) -> None:
    assert sentence in await subscribe(world, **options)


async def test_a_channel_that_the_bot_may_not_post_in_is_refused_permission_by_permission(
    world: World,
) -> None:
    closed = world.guild.create_text_channel(
        "closed",
        overwrites={world.guild.default_role: discord.PermissionOverwrite(send_messages=False)},
    )
    said = await subscribe(world, channel=closed)
    assert f"can't post in <#{closed.id}>" in said
    assert "I lack Send Messages there" in said


async def test_subscriptions_are_listed_and_ended(world: World) -> None:
    await subscribe(world, topic="ai")
    await subscribe(world, topic="space", days="weekdays")
    listed = text_of(await world.moderator.slash(world.channel, "digest list"))
    assert "**AI** in" in listed
    assert "Every weekday at 09:00" in listed
    ended = await world.moderator.slash(world.channel, "digest unsubscribe", topic="space")
    assert f"Done: <#{world.channel.id}> no longer gets the Space digest." in text_of(ended)
    assert "Space" not in text_of(await world.moderator.slash(world.channel, "digest list"))
    again = await world.moderator.slash(world.channel, "digest unsubscribe", topic="space")
    assert "doesn't get the Space digest" in text_of(again)


async def test_one_server_neither_sees_nor_ends_anothers_digests(world: World) -> None:
    await subscribe(world)
    other = world.env.create_guild("Elsewhere")
    place = other.create_text_channel("general")
    boss = other.add_member(
        world.env.create_user("eve"),
        roles=[other.create_role("boss", permissions=discord.Permissions(manage_guild=True))],
    )
    assert "None yet" in text_of(await boss.slash(place, "digest list"))
    assert "doesn't get the AI digest" in text_of(await boss.slash(place, "digest unsubscribe", topic="ai"))
    assert "**AI**" in text_of(await world.moderator.slash(world.channel, "digest list"))


@pytest.mark.parametrize("typed", ["GMT+2", "utc+2", "UTC-11", "gmt2", "etc/"])
async def test_no_zone_is_offered_whose_name_says_the_opposite(world: World, typed: str) -> None:
    offered = await world.moderator.autocomplete(world.channel, "digest subscribe", "timezone", typed)
    assert not [choice for choice in offered if "GMT" in str(choice)]
