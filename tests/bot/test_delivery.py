"""Editions reach their channel at their moment, once, and again after trouble."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.reasons import reason_text
from storage import outbox, subscriptions
from storage.models import Delivery, DeliveryState
from storage.sqlite.backup import back_up
from storage.sqlite.inspection import inspect
from tests.bot.commands.test_digest import subscribe
from tests.conftest import World, menus_of, text_of

# Nine o'clock in Berlin, in winter.
NINE = datetime(2026, 1, 5, 8, tzinfo=UTC)


async def deliveries(world: World) -> list[Delivery]:
    """Return the first subscription's deliveries, oldest first."""
    async with world.app.services.database.reading() as connection:
        rows = await connection.execute_fetchall("SELECT id FROM delivery ORDER BY issue_at")
        found = [await connection.run(outbox.get, row[0]) for row in rows]
    return [delivery for delivery in found if delivery]


def posts(world: World) -> list[str]:
    """Return the texts of all editions posted in the channel."""
    return [text for message in world.channel.history() if "stories from" in (text := text_of(message))]


async def test_a_channel_gets_its_edition_at_its_moment_and_once(world: World) -> None:
    await subscribe(world)
    assert await world.tick(NINE - timedelta(seconds=1)) == 0
    assert not posts(world)
    assert await world.tick(NINE) == 1
    assert await world.tick(NINE + timedelta(minutes=1)) == 0
    assert len(posts(world)) == 1
    assert "## AI" in posts(world)[0]


async def test_the_next_day_brings_other_stories(world: World) -> None:
    await subscribe(world)
    await world.tick(NINE)
    await world.tick(NINE + timedelta(days=1))
    first, second = posts(world)
    titles = [{line for line in post.splitlines() if line.startswith("### ")} for post in (first, second)]
    assert titles[0]
    assert titles[1]
    assert not titles[0] & titles[1]


async def test_nothing_new_means_nothing_posted_and_the_run_is_recorded(world: World) -> None:
    world.clock.now += timedelta(days=60)
    await subscribe(world)
    assert await world.tick(NINE + timedelta(days=60)) == 0
    assert not posts(world)
    assert [delivery.state for delivery in await deliveries(world)] == [DeliveryState.EMPTY]
    assert "nothing new" in text_of(await world.moderator.slash(world.channel, "digest list"))


async def test_a_restart_keeps_subscriptions_and_repeats_nothing(world: World) -> None:
    await subscribe(world)
    await world.tick(NINE)
    async with world.restarted():
        assert await world.tick() == 0
        assert len(posts(world)) == 1
        assert "**AI**" in text_of(await world.moderator.slash(world.channel, "digest list"))
        assert await world.tick(NINE + timedelta(days=1)) == 1


async def test_an_edition_missed_for_hours_comes_late_and_one_missed_for_a_day_is_skipped(
    world: World,
) -> None:
    await subscribe(world)
    assert await world.tick(NINE + timedelta(hours=3)) == 1
    await world.tick(NINE + timedelta(days=1, hours=13))
    states = [delivery.state for delivery in await deliveries(world)]
    assert states == [DeliveryState.SENT, DeliveryState.SKIPPED]
    await world.tick(NINE + timedelta(days=2))
    assert len(posts(world)) == 2  # the skipped day's stories are in the third day's edition


async def test_the_list_links_to_the_last_edition(world: World) -> None:
    await subscribe(world)
    await world.tick(NINE)
    (delivery,) = await deliveries(world)
    listed = text_of(await world.moderator.slash(world.channel, "digest list"))
    assert f"/{world.channel.id}/{delivery.message_id})" in listed


async def test_why_these_tells_the_verdict_on_every_candidate(world: World) -> None:
    await subscribe(world, stories=1)
    await world.tick(NINE)
    answer = await world.member.click(world.channel.last_message, label="Why these?")
    assert answer.ephemeral
    assert "**in the digest**" in text_of(answer)
    assert "**more than 1 story today**" in text_of(answer)


async def test_buttons_of_an_edition_work_after_a_restart(world: World) -> None:
    await subscribe(world)
    await world.tick(NINE)
    edition = world.channel.last_message
    async with world.restarted():
        (menu,) = menus_of(edition)
        chosen = await world.member.select(
            edition, [menu["options"][0]["value"]], custom_id=menu["custom_id"]
        )
        assert chosen.ephemeral
        assert "best first" in text_of(chosen)


async def test_after_a_server_error_the_edition_comes_once(world: World) -> None:
    await subscribe(world)
    world.env.inject_error("POST", "/channels/*/messages", status=503)
    assert await world.tick(NINE) == 0
    assert await world.tick(NINE + timedelta(minutes=2)) == 1
    assert len(posts(world)) == 1


async def test_an_edition_that_arrived_unnoticed_is_not_sent_again(world: World) -> None:
    await subscribe(world)
    await world.tick(NINE)
    (delivery,) = await deliveries(world)
    # As if the process had died between Discord's answer and the note of it.
    async with world.app.services.database.transaction() as connection:
        await connection.execute("UPDATE delivery SET state = 'sending', parts_sent = 0, message_id = NULL")
    assert await world.tick(NINE + timedelta(minutes=10)) == 1
    assert len(posts(world)) == 1
    (again,) = await deliveries(world)
    assert (again.state, again.message_id) == (DeliveryState.SENT, delivery.message_id)


async def test_a_channel_that_closed_is_given_up_and_its_stories_come_later(world: World) -> None:
    await subscribe(world)
    world.env.inject_error(
        "POST", "/channels/*/messages", status=403, code=50013, message="Missing Permissions"
    )
    assert await world.tick(NINE) == 0
    (delivery,) = await deliveries(world)
    assert delivery.state is DeliveryState.FAILED
    assert "I lack Send Messages there" in reason_text(delivery.error or "")
    assert "failed" in text_of(await world.moderator.slash(world.channel, "digest list"))
    async with world.app.services.database.reading() as connection:
        (subscription,) = await connection.run(subscriptions.of_guild, world.guild.id)
    assert subscription.covered_to == NINE - timedelta(days=1)
    assert await world.tick(NINE + timedelta(days=1)) == 1


async def test_an_edition_pings_nobody(world: World) -> None:
    await subscribe(world)
    await world.tick(NINE)
    (sent,) = [
        request
        for request in world.env.http_requests
        if request.method == "POST" and request.path.endswith("/messages")
    ]
    body = sent.json or {}
    assert body["allowed_mentions"] == {"parse": []}
    assert body["nonce"]
    assert body["enforce_nonce"]


async def test_a_database_that_has_delivered_is_whole_and_backed_up(world: World, tmp_path: Path) -> None:
    await subscribe(world)
    assert await world.tick(NINE) == 1
    copy = tmp_path / "copy.db"
    back_up(world.app.services.settings.database_path, copy, force=False, on_progress=lambda _, __: None)
    assert inspect(copy).faults == ()
