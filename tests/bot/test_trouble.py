"""What stands in a digest's way is told once, costs the others nothing, and ends when it is mended."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import discord
import pytest
from simcord.backend import serializers
from simcord.backend.models.channel import Overwrite
from simcord.enums import OverwriteType

from bot.news import load_seeds
from storage import subscriptions, troubles
from storage.engine import Connection
from storage.models import DeliveryState, Subscription, SubscriptionState
from tests.bot.commands.test_digest import subscribe
from tests.bot.test_delivery import NINE, deliveries, posts
from tests.build import mention_text, seed_text, write_seed
from tests.conftest import OpenWorld, World, buttons_of, text_of

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


async def stored(world: World) -> list[Subscription]:
    async with world.app.services.database.reading() as connection:
        return await connection.run(subscriptions.of_guild, world.guild.id)


async def listed(world: World) -> str:
    return text_of(await world.moderator.slash(world.channel, "digest list"))


def allow(world: World, *, sending: bool, permission: str = "send_messages") -> None:
    """Let the bot send in the channel, or not."""
    bit = discord.Permissions(**{permission: True}).value
    everyone = world.guild.default_role.id
    overwrite = Overwrite(
        everyone, OverwriteType.ROLE, allow=bit if sending else 0, deny=0 if sending else bit
    )
    world.env.backend.set_overwrite(world.channel.id, overwrite)


def write_stories(folder: Path) -> Path:
    """Write three stories of the first edition and an old one; return the file of one to be recalled."""
    for number, title in enumerate(["Recalled", "Harbour reopens", "Ferry sails", "Old news"]):
        published = "2026-01-03T09:00:00Z" if title == "Old news" else "2026-01-04T09:00:00Z"
        text = seed_text(f"https://outlet{number}.example/1", title=title, published=published)
        write_seed(folder, f"{number}.md", text)
    return folder / "0.md"


def withdraw(seed: Path) -> None:
    """Let the source of a seed withdraw it."""
    text = seed.read_text("utf-8")
    seed.write_text(text.replace("heat: -1", "heat: -1\nremoved: true"), "utf-8")


async def repeated_choices(connection: Connection, edition_id: int | None, times: int) -> str:
    """Return an edition's stories as JSON, over and over, so that they fill several messages."""
    rows = await connection.execute_fetchall(
        "SELECT content ->> '$.choices' FROM edition WHERE id = ?", (edition_id,)
    )
    return json.dumps(json.loads(next(iter(rows))[0]) * times)


async def test_a_channel_that_closed_pauses_the_digest_until_it_opens(world: World) -> None:
    await subscribe(world)
    allow(world, sending=False)
    await world.env.settle()
    assert await world.tick(NINE) == 0
    assert "**Paused:** I lack Send Messages there" in await listed(world)
    for minute in range(1, 4):
        assert await world.tick(NINE + minute * MINUTE) == 0
    requests = [r for r in world.env.http_requests if r.path == f"/channels/{world.channel.id}/messages"]
    assert len([r for r in requests if r.method == "POST"]) == 1
    assert await world.tick(NINE + DAY) == 0
    allow(world, sending=True)
    await world.env.settle()
    assert "**Paused" not in await listed(world)
    assert await world.tick(NINE + 2 * DAY) == 1


async def test_an_edit_lets_a_blocked_digest_go_on_only_where_the_bot_may_post(world: World) -> None:
    await subscribe(world)
    allow(world, sending=False)
    await world.env.settle()
    await world.tick(NINE)
    refused = await world.moderator.slash(world.channel, "digest resume", topic="ai")
    edited = await world.moderator.slash(world.channel, "digest edit", topic="ai", stories=3)
    assert "I lack Send Messages there" in text_of(edited)
    assert text_of(edited) == text_of(refused)
    (blocked,) = await stored(world)
    assert (blocked.state, blocked.options.stories) == (SubscriptionState.BLOCKED, 5)


async def test_its_maker_is_told_once_for_all_digests_of_the_server(world: World) -> None:
    await subscribe(world)
    await subscribe(world, topic="space")
    allow(world, sending=False)
    await world.env.settle()
    for day in range(3):
        await world.tick(NINE + day * DAY)
    told = [text_of(message) for message in world.moderator.user.dm_channel.history()]
    assert len(told) == 1
    assert "I can't post the AI digest in" in told[0]
    assert "Send Messages" in told[0]


def told(world: World) -> list[str]:
    """Return what the moderator was told about digests that can't be posted, the oldest first."""
    return [text_of(message) for message in world.moderator.user.dm_channel.history()]


async def fail(world: World, now: datetime, code: int) -> None:
    """Let the next edition fail at a moment; the digest is started again before it."""
    async with world.app.services.database.transaction() as connection:
        await troubles.unblock(connection, [each.id for each in await stored(world)])
    status = 404 if code == 10003 else 403
    world.env.inject_error("POST", f"/channels/{world.channel.id}/messages", status=status, code=code)
    await world.tick(now)


async def test_other_trouble_than_its_maker_was_told_of_is_told_too(world: World) -> None:
    await subscribe(world)
    await fail(world, NINE, 50013)
    await fail(world, NINE + DAY, 50013)
    assert len(told(world)) == 1
    await fail(world, NINE + 2 * DAY, 10003)
    _, second = told(world)
    assert "the channel no longer exists" in second
    await fail(world, NINE + 3 * DAY, 50013)
    assert len(told(world)) == 3


async def test_other_trouble_of_another_digest_of_the_server_is_told_too(world: World) -> None:
    await subscribe(world)
    other = world.guild.create_text_channel("other")
    await subscribe(world, topic="space", channel=other)
    world.env.inject_error("POST", f"/channels/{world.channel.id}/messages", status=403, code=50013)
    world.env.inject_error("POST", f"/channels/{other.id}/messages", status=404, code=10003)
    await world.tick(NINE)
    said = told(world)
    assert len(said) == 2
    assert sorted("no longer exists" in each for each in said) == [False, True]


async def test_of_one_kind_of_trouble_a_maker_hears_once_a_day_at_most(world: World) -> None:
    await subscribe(world)
    async with world.app.services.database.transaction() as connection:
        said = [
            await troubles.block(connection, 1, reason, NINE + hour * HOUR)
            for hour, reason in enumerate(["one", "two: a", "one", "two: b", "one"])
        ]
        assert said == [True, True, False, False, False]
        await troubles.note_arrival(connection, 1)
        assert not await troubles.block(connection, 1, "one", NINE + 23 * HOUR)
        assert await troubles.block(connection, 1, "one", NINE + 25 * HOUR)
        assert not await troubles.block(connection, 1, "one", NINE + 30 * DAY)
        await troubles.note_arrival(connection, 1)
        assert await troubles.block(connection, 1, "one", NINE - 30 * DAY)  # the clock was set back


async def test_a_maker_with_closed_dms_stops_nothing(world: World) -> None:
    await subscribe(world)
    world.env.inject_error("POST", "/channels/*/messages", status=403, code=50013, times=2)
    await world.tick(NINE)
    assert [each.state for each in await stored(world)] == [SubscriptionState.BLOCKED]


async def test_somebody_resumes_it_by_the_button(world: World) -> None:
    await subscribe(world)
    world.env.inject_error("POST", "/channels/*/messages", status=404, code=10003)
    await world.tick(NINE)
    answer = await world.moderator.slash(world.channel, "digest list")
    assert "the channel no longer exists" in text_of(answer)
    assert "Resume" in buttons_of(answer).values()
    await world.moderator.click(answer.response, label="Resume")
    assert [each.state for each in await stored(world)] == [SubscriptionState.ACTIVE]


async def test_resuming_a_channel_that_is_still_closed_says_what_the_bot_lacks(world: World) -> None:
    await subscribe(world)
    allow(world, sending=False)
    await world.env.settle()
    await world.tick(NINE)
    answer = await world.moderator.slash(world.channel, "digest resume", topic="ai")
    assert "I lack Send Messages there" in text_of(answer)


async def test_closed_dms_are_told_at_once(world: World) -> None:
    world.env.inject_error("POST", "/channels/*/messages", status=403, code=50007)
    answer = await world.member.slash(world.channel, "follow", topic="ai")
    assert "Your DMs are closed to me" in "".join(map(text_of, [answer, *answer.followups]))
    assert "No digests yet" in text_of(await world.member.slash(world.channel, "following"))


async def test_closed_dms_pause_the_persons_digest_until_they_resume_it(world: World) -> None:
    await world.member.slash(world.channel, "follow", topic="ai", timezone="Europe/Berlin")
    world.env.inject_error("POST", "/channels/*/messages", status=403, code=50007)
    assert await world.morning(NINE) == 0
    answer = await world.member.slash(world.channel, "following")
    assert "DMs from me are turned off" in text_of(answer)
    assert await world.morning(NINE + HOUR) == 0
    await world.member.select(answer.response, ["resume"])
    assert await world.morning(NINE + DAY) == 1


async def test_a_digest_in_a_thread_that_was_archived_meanwhile_resumes_by_itself(world: World) -> None:
    channel = world.app.client.get_channel(world.channel.id)
    assert isinstance(channel, discord.TextChannel)
    thread = await channel.create_thread(name="news", type=discord.ChannelType.public_thread)
    (handle,) = world.channel.threads
    await subscribe(world, channel=handle)
    allow(world, sending=False, permission="send_messages_in_threads")
    await world.env.settle()
    assert await world.tick(NINE) == 0
    await thread.edit(archived=True)
    await world.env.settle()
    assert await world.tick(NINE + DAY) == 0
    allow(world, sending=True, permission="send_messages_in_threads")
    await world.env.settle()
    assert await world.tick(NINE + 2 * DAY) == 1


async def test_a_forum_whose_post_was_deleted_half_sent_gets_the_next_edition(open_world: OpenWorld) -> None:
    async with open_world() as world:
        forum = world.guild.create_forum_channel("digests")
        await subscribe(world, channel=forum)
        async with world.app.services.database.transaction() as connection:
            await connection.execute("UPDATE subscription SET stories = 10")
        world.clock.now = NINE
        await world.app.client.planner.plan()
        (planned,) = await deliveries(world)
        async with world.app.services.database.transaction() as connection:  # its post is gone
            await connection.execute("UPDATE delivery SET parts_sent = 1, message_id = 12345")
            await connection.execute(
                "UPDATE edition SET content = json_set(content, '$.choices', json(?)) WHERE id = ?",
                (await repeated_choices(connection, planned.edition_id, 40), planned.edition_id),
            )
        assert await world.tick() == 0
        assert "**Paused" not in await listed(world)
        assert await world.tick(NINE + DAY) == 1
        failed, came = await deliveries(world)
        assert (failed.state, came.state) == (DeliveryState.FAILED, DeliveryState.SENT)


async def test_a_story_withdrawn_since_its_edition_was_planned_is_not_delivered(
    open_world: OpenWorld, tmp_path: Path
) -> None:
    recalled = write_stories(tmp_path / "seeds")
    async with open_world(seeds_path=tmp_path / "seeds") as world:
        await subscribe(world)
        world.clock.now = NINE
        await world.app.client.planner.plan()
        withdraw(recalled)
        await load_seeds(world.app.services)
        assert await world.tick(NINE + HOUR) == 1
        (post,) = posts(world)
        assert "Harbour reopens" in post
        assert "Recalled" not in post
        why = await world.member.click(world.channel.last_message, label="Why these?")
        assert "taken back by the outlet" in text_of(why)


async def test_nor_is_an_article_named_that_was_withdrawn_beside_its_pick(
    open_world: OpenWorld, tmp_path: Path
) -> None:
    write_stories(tmp_path / "seeds")
    pick, other = "https://one.example/pick", "https://two.example/beside"
    beside = mention_text(other, title="Beside the pick", published="2026-01-04T10:00:00Z", quality=40)
    best = seed_text(pick, title="The pick", published="2026-01-04T10:00:00Z", quality=80, related=[beside])
    own = seed_text(other, title="Beside the pick", published="2026-01-04T10:00:00Z", quality=40)
    write_seed(tmp_path / "seeds", "pick.md", best)
    write_seed(tmp_path / "seeds", "beside.md", own)
    async with open_world(seeds_path=tmp_path / "seeds") as world:
        await subscribe(world)
        world.clock.now = NINE
        await world.app.client.planner.plan()
        withdraw(tmp_path / "seeds" / "beside.md")
        await load_seeds(world.app.services)
        assert await world.tick(NINE + HOUR) == 1
        assert "The pick" in posts(world)[0]
        assert "Two" not in posts(world)[0]
        assert "2 articles" not in posts(world)[0]


async def test_nor_is_one_withdrawn_while_nobody_knew_whether_the_edition_came(
    open_world: OpenWorld, tmp_path: Path
) -> None:
    recalled = write_stories(tmp_path / "seeds")
    async with open_world(seeds_path=tmp_path / "seeds") as world:
        await subscribe(world)
        world.env.inject_error("POST", "/channels/*/messages", status=503, times=1)
        assert await world.tick(NINE) == 0
        withdraw(recalled)
        await load_seeds(world.app.services)
        assert await world.tick(NINE + HOUR) == 1
        assert "Recalled" not in posts(world)[0]


async def test_an_outlet_muted_before_a_late_try_is_not_in_the_edition(
    open_world: OpenWorld, tmp_path: Path
) -> None:
    write_stories(tmp_path / "seeds")
    both = mention_text("https://outlet0.example/2", title="Beside", published="2026-01-04T09:30:00Z")
    text = seed_text(
        "https://outlet4.example/1",
        title="The pick",
        quality=90,
        published="2026-01-04T09:00:00Z",
        related=[both],
    )
    write_seed(tmp_path / "seeds", "4.md", text)
    async with open_world(seeds_path=tmp_path / "seeds") as world:
        await subscribe(world)
        world.env.inject_error("POST", "/channels/*/messages", status=503, times=1)
        assert await world.tick(NINE) == 0
        await world.moderator.slash(world.channel, "digest mute", outlet="outlet0.example")
        assert await world.tick(NINE + HOUR) == 1
        (post,) = posts(world)
        assert "Recalled" not in post
        assert "The pick" in post
        assert "also:" not in post
        why = text_of(await world.moderator.slash(world.channel, "digest why", topic="ai"))
        assert "**only from muted outlets** · Recalled" in why


async def test_of_an_edition_that_may_have_come_before_a_pause_the_next_one_makes_up_for_no_pause(
    world: World,
) -> None:
    await subscribe(world)
    world.env.inject_error("POST", "/channels/*/messages", status=503)
    assert await world.tick(NINE) == 0
    assert [each.state for each in await deliveries(world)] == [DeliveryState.SENDING]
    await world.moderator.slash(world.channel, "digest pause", topic="ai")
    await world.tick(NINE + 10 * DAY)
    await world.moderator.slash(world.channel, "digest resume", topic="ai")
    (resumed,) = await stored(world)
    assert await world.tick(NINE + 10 * DAY + HOUR) == 0
    assert [each.state for each in await deliveries(world)] == [DeliveryState.FAILED]
    assert (await stored(world))[0].covered_to == resumed.covered_to >= NINE + 9 * DAY


async def test_a_pause_between_two_issue_times_costs_no_edition_that_never_came(world: World) -> None:
    await subscribe(world)
    world.env.inject_error("POST", "/channels/*/messages", status=503)
    assert await world.tick(NINE) == 0
    await world.moderator.slash(world.channel, "digest pause", topic="ai")
    await world.tick(NINE + HOUR)
    await world.moderator.slash(world.channel, "digest resume", topic="ai")
    await world.tick(NINE + 13 * HOUR)
    assert [each.state for each in await deliveries(world)] == [DeliveryState.FAILED]
    assert (await stored(world))[0].covered_to == NINE - DAY


async def test_what_is_withdrawn_after_it_came_is_named_among_its_reasons_no_more(
    open_world: OpenWorld, tmp_path: Path
) -> None:
    recalled = write_stories(tmp_path / "seeds")
    async with open_world(seeds_path=tmp_path / "seeds") as world:
        await subscribe(world)
        assert await world.tick(NINE) == 1
        before = await world.moderator.slash(world.channel, "digest why", topic="ai")
        assert "**in the digest** · Recalled" in text_of(before)
        withdraw(recalled)
        await load_seeds(world.app.services)
        after = text_of(await world.moderator.slash(world.channel, "digest why", topic="ai"))
        assert "**taken back by the outlet** · a story" in after
        assert "Recalled" not in after


async def test_an_edition_of_which_everything_was_withdrawn_is_empty(
    open_world: OpenWorld, tmp_path: Path
) -> None:
    write_stories(tmp_path / "seeds")
    async with open_world(seeds_path=tmp_path / "seeds") as world:
        await subscribe(world)
        world.clock.now = NINE
        await world.app.client.planner.plan()
        for name in ("0.md", "1.md", "2.md"):
            withdraw(tmp_path / "seeds" / name)
        await load_seeds(world.app.services)
        assert await world.tick(NINE + HOUR) == 0
        assert [each.state for each in await deliveries(world)] == [DeliveryState.EMPTY]
        assert not posts(world)


async def test_an_edition_that_waited_while_its_digest_was_paused_says_so(world: World) -> None:
    await subscribe(world)
    world.clock.now = NINE
    await world.app.client.planner.plan()
    await world.moderator.slash(world.channel, "digest pause", topic="ai")
    assert await world.tick(NINE + 13 * HOUR) == 0
    assert "it was paused" in await listed(world)
    assert "not running" not in await listed(world)


async def test_an_edition_that_waited_for_too_long_leaves_its_stories_to_the_next(world: World) -> None:
    await subscribe(world)
    world.clock.now = NINE
    await world.app.client.planner.plan()
    assert await world.tick(NINE + 13 * HOUR) == 0
    assert "it waited too long, and the next digest has its stories" in await listed(world)


@pytest.mark.parametrize("fault", ["UPDATE subscription SET zone = 'Mars/Olympus' WHERE id = 1"])
async def test_one_broken_subscription_delays_no_other(world: World, fault: str) -> None:
    await subscribe(world)
    await subscribe(world, topic="space")
    async with world.app.services.database.transaction() as connection:
        await connection.execute(fault)
    assert await world.tick(NINE) == 1
    assert "I no longer know the time zone Mars/Olympus" in await listed(world)
    (told,) = [text_of(message) for message in world.moderator.user.dm_channel.history()]
    assert "I no longer know the time zone Mars/Olympus" in told
    answer = await world.moderator.slash(world.channel, "digest edit", topic="ai", time="10")
    assert "I no longer know the time zone Mars/Olympus" in text_of(answer)
    answer = await world.moderator.slash(world.channel, "digest resume", topic="ai")
    assert "I no longer know the time zone Mars/Olympus" in text_of(answer)
    answer = await world.moderator.slash(world.channel, "digest edit", topic="ai", timezone="Europe/Berlin")
    assert "Next digest: tomorrow at 09:00 (<t:" in text_of(answer)
    assert await world.tick(NINE + DAY) == 2


async def test_of_an_unknown_time_zone_a_person_is_told_in_the_dm_that_the_digest_comes_to(
    world: World,
) -> None:
    await world.member.slash(world.channel, "follow", topic="ai", time="9")
    async with world.app.services.database.transaction() as connection:
        await connection.execute("UPDATE subscription SET zone = 'Mars/Olympus'")
    await world.tick(NINE + DAY)
    told = text_of(world.member.user.dm_channel.last_message)
    assert "I can't send you the AI digest" in told
    assert "pick another one" in told


async def test_one_edition_that_can_not_be_read_delays_no_other(world: World) -> None:
    await subscribe(world)
    await subscribe(world, topic="space")
    await world.app.client.planner.plan()
    world.clock.now = NINE
    await world.app.client.planner.plan()
    async with world.app.services.database.transaction() as connection:
        await connection.execute("UPDATE edition SET content = '{' WHERE id = 1")
    assert await world.tick() == 1
    assert "I can't read what I had stored" in await listed(world)


async def test_one_edition_that_can_not_be_read_stops_no_housekeeping(world: World) -> None:
    await subscribe(world)
    world.clock.now = NINE
    await world.app.client.planner.plan()
    async with world.app.services.database.transaction() as connection:
        await connection.execute("UPDATE edition SET content = '{'")
    assert await world.tick(NINE + DAY) == 1


async def test_an_edition_that_waited_too_long_is_skipped_and_never_joins_a_burst(world: World) -> None:
    await subscribe(world)
    world.env.inject_error("POST", "/channels/*/messages", status=503, times=None)
    for hour in range(11):
        await world.tick(NINE + timedelta(hours=hour))
    world.env.backend.faults.clear()
    assert await world.tick(NINE + DAY) == 1
    states = [delivery.state for delivery in await deliveries(world)]
    assert states == [DeliveryState.FAILED, DeliveryState.SENT]
    assert len(posts(world)) == 1


async def test_stories_of_an_edition_that_never_came_are_in_the_next(world: World) -> None:
    await subscribe(world, stories=10)
    await world.app.client.planner.plan()
    world.clock.now = NINE
    await world.app.client.planner.plan()  # and the process stops here, for a day
    assert await world.tick(NINE + DAY) == 1
    missed, came = await deliveries(world)
    assert (missed.state, came.state) == (DeliveryState.SKIPPED, DeliveryState.SENT)
    async with world.app.services.database.reading() as connection:
        rows = await connection.execute_fetchall("SELECT content FROM edition ORDER BY id")
    assert '"since":"2026-01-04T08:00:00Z"' in next(iter(rows))[0]
    (subscription,) = await stored(world)
    assert subscription.covered_to == NINE + DAY


async def test_how_late_an_edition_may_come_is_a_setting(open_world: OpenWorld) -> None:
    async with open_world(late_hours=2) as world:
        await subscribe(world)
        assert await world.tick(NINE + timedelta(hours=2, minutes=1)) == 0
        assert await world.tick(NINE + DAY + timedelta(hours=2)) == 1


async def test_an_edition_that_still_waits_when_the_next_is_due_is_part_of_that(
    open_world: OpenWorld,
) -> None:
    async with open_world(late_hours=48) as world:
        await subscribe(world)
        world.env.inject_error("POST", "/channels/*/messages", status=503, times=1)
        assert await world.tick(NINE) == 0
        async with world.app.services.database.transaction() as connection:
            await connection.execute("UPDATE delivery SET state = 'pending'")  # as after a look
        assert await world.tick(NINE + DAY) == 1
        assert len(posts(world)) == 1


@contextmanager
def away(world: World) -> Iterator[None]:
    """Remove the bot from the server, and invite it again."""
    backend, guild_id = world.env.backend, world.guild.id
    guild, channels, messages = backend.guilds[guild_id], dict(backend.channels), dict(backend.messages)
    backend.remove_guild(guild_id)
    yield
    backend.guilds[guild_id] = guild
    backend.channels.update(channels)
    backend.messages.update(messages)
    backend.emit("GUILD_CREATE", serializers.guild_create_payload(backend, guild))


async def test_a_server_that_the_bot_left_gets_its_digests_back(world: World) -> None:
    await subscribe(world)
    with away(world):
        await world.env.settle()
        assert await world.tick(NINE) == 0
        await world.app.scheduler.tidy()
    await world.env.settle()
    assert await world.tick(NINE + 2 * DAY) == 1


async def test_after_thirty_days_they_are_forgotten(world: World) -> None:
    await subscribe(world)
    with away(world):
        await world.env.settle()
        world.clock.now += timedelta(days=31)
        await world.app.scheduler.tidy()
        assert not await stored(world)


async def test_what_happened_to_servers_while_the_bot_was_off_is_noted_at_the_start(world: World) -> None:
    await subscribe(world)
    with away(world):
        async with world.app.services.database.transaction() as connection:
            await subscriptions.restore(connection, world.guild.id)  # as if it had not heard
        async with world.restarted():
            assert await world.tick(NINE) == 0
