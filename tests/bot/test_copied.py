"""The bot goes on where it was after its database was copied to PostgreSQL, and back to a file."""

from datetime import timedelta
from pathlib import Path

from bot.setting_kinds import Secret
from storage import outbox
from storage.copying import Copied, copy_database
from storage.errors import Place
from storage.models import Delivery, DeliveryState
from tests.bot.commands.test_digest import subscribe
from tests.bot.test_delivery import NINE, posts
from tests.cluster import Cluster
from tests.conftest import World, buttons_of, menus_of, text_of

DAY = timedelta(days=1)


async def copied(source: Place, target: Place) -> Copied:
    """Copy the bot's database, which it still has open."""
    done = await copy_database(source, target, force=False, live=True)
    assert all(table.is_same for table in done.tables)
    return done


async def the_delivery(world: World) -> Delivery:
    """Return the channel's first delivery."""
    async with world.app.services.database.reading() as connection:
        found = await connection.run(outbox.get, 1)
    assert found
    return found


async def test_the_bot_goes_on_on_a_copy_and_on_a_copy_of_that(
    world: World, cluster: Cluster, tmp_path: Path
) -> None:
    await subscribe(world)
    await world.member.slash(world.channel, "follow", topic="ai")
    await world.tick(NINE)
    first = world.channel.last_message
    delivery = await the_delivery(world)
    # As if the process had died between Discord's answer and the note of it.
    async with world.app.services.database.transaction() as connection:
        await connection.execute(
            "UPDATE delivery SET state = 'sending', parts_sent = 0, message_id = NULL WHERE id = ?",
            (delivery.id,),
        )
    url, back = cluster.url(cluster.add()), tmp_path / "back.db"
    await copied(world.app.services.settings.database_path, url)
    async with world.restarted(database_url=Secret(url)):
        await world.tick(NINE + timedelta(minutes=10))
        assert len(posts(world)) == 1
        noted = await the_delivery(world)
        assert (noted.state, noted.message_id) == (DeliveryState.SENT, delivery.message_id)
        await look_at(world, first)
        await world.tick(NINE + DAY)
        assert len(posts(world)) == 2
        second = world.channel.last_message
        await copied(url, back)
    async with world.restarted(database_url=None, database_path=back):
        assert await world.tick() == 0
        for edition in (first, second):
            await look_at(world, edition)
        await world.tick(NINE + 2 * DAY)
        titles = [line for post in posts(world) for line in post.splitlines() if line.startswith("### ")]
        assert len(titles) == len(set(titles))


async def look_at(world: World, edition: object) -> None:
    """Use what stands below an edition."""
    (menu,) = menus_of(edition)
    chosen = await world.member.select(edition, [menu["options"][0]["value"]], custom_id=menu["custom_id"])
    assert "best first" in text_of(chosen)
    assert "**in the digest**" in text_of(await world.member.click(edition, label="Why these?"))
    assert "Settings: AI in <#" in text_of(await world.moderator.click(edition, label="Tune"))
    assert "Save" in buttons_of(edition).values()
    await world.member.click(edition, label="Save")
