"""An import into a database that has the digests already treats them as people's commands would."""

from datetime import timedelta

from digests.subscriptions.limits import Limits
from digests.subscriptions.transfer import Document, export_guild, import_guild
from storage.models import SubscriptionState
from tests.bot.commands.test_digest import subscribe
from tests.bot.commands.test_digest_edit import DAY, say
from tests.bot.test_delivery import NINE
from tests.bot.test_trouble import allow, listed, stored
from tests.conftest import World


async def bring(world: World, old: str = "", new: str = "") -> None:
    """Export the server's subscriptions and import them with `old` replaced."""
    async with world.app.services.database.transaction() as connection:
        document = (await connection.run(export_guild, world.guild.id)).replace(old, new)
        await import_guild(
            connection, Document.model_validate_json(document), world.clock.now, Limits(50, 10)
        )


async def test_a_pause_that_an_import_ends_is_not_made_up_for(world: World) -> None:
    await subscribe(world)
    await say(world, "pause", topic="ai")
    world.clock.now = NINE + 50 * DAY + timedelta(hours=1)
    await bring(world, '"paused": true', '"paused": false')
    (resumed,) = await stored(world)
    assert (resumed.covered_to, resumed.next_at) == (NINE + 50 * DAY, NINE + 51 * DAY)


async def test_a_pause_of_some_days_that_an_import_ends_is_caught_up(world: World) -> None:
    await subscribe(world)
    await say(world, "pause", topic="ai")
    world.clock.now = NINE + 5 * DAY + timedelta(hours=1)
    await bring(world, '"paused": true', '"paused": false')
    (resumed,) = await stored(world)
    assert (resumed.covered_to, resumed.next_at) == (NINE - DAY, NINE + 6 * DAY)


async def test_a_digest_that_an_import_lets_run_again_has_no_reason_left(world: World) -> None:
    await subscribe(world)
    allow(world, sending=False)
    await world.env.settle()
    await world.tick(NINE)
    await bring(world)
    (running,) = await stored(world)
    assert running.reason is None
    assert "**paused**" not in await listed(world)


async def test_a_time_that_an_import_brings_gives_no_date_a_second_edition(world: World) -> None:
    await subscribe(world)
    await world.tick(NINE)
    await bring(world, '"09:00"', '"18:00"')
    (moved,) = await stored(world)
    assert moved.next_at == NINE + DAY + timedelta(hours=9)


async def test_a_fixed_zone_that_a_digest_was_given_once_is_kept(world: World) -> None:
    await subscribe(world)
    async with world.app.services.database.transaction() as connection:
        await connection.execute("UPDATE subscription SET zone = 'EST'")
    await bring(world, '"09:00"', '"10:00"')
    (moved,) = await stored(world)
    assert (moved.options.zone, moved.options.issue_time) == ("EST", "10:00")


async def test_a_paused_digest_is_paused_where_it_is_brought_to(world: World) -> None:
    await subscribe(world)
    await say(world, "pause", topic="ai")
    async with world.app.services.database.transaction() as connection:
        document = Document.model_validate_json(await connection.run(export_guild, world.guild.id))
        await connection.execute("DELETE FROM subscription")
        await import_guild(connection, document, world.clock.now, Limits(50, 10))
    (brought,) = await stored(world)
    assert brought.state is SubscriptionState.PAUSED
