"""Old deliveries go, and neither a story returns for that nor does an old message's button fail."""

from datetime import timedelta

from digests.editions.candidates import Verdict
from digests.editions.preview import read_edition
from tests.bot.commands.test_digest import subscribe
from tests.bot.commands.test_digest_edit import say
from tests.bot.test_delivery import NINE, deliveries
from tests.conftest import OpenWorld, text_of


async def test_after_the_days_that_are_set_a_delivery_is_gone_and_its_stories_still_known(
    open_world: OpenWorld,
) -> None:
    async with open_world(keep_deliveries_days=7) as world:
        await subscribe(world)
        await world.tick(NINE)
        message = world.channel.last_message
        (delivery,) = await deliveries(world)
        async with world.app.services.database.reading() as connection:
            first = await connection.run(read_edition, delivery)
        assert first
        assert first.choices
        await world.tick(NINE + timedelta(days=1))
        world.clock.now = NINE + timedelta(days=6)
        await world.app.scheduler.tidy()
        assert len(await deliveries(world)) == 2
        world.clock.now = NINE + timedelta(days=8)
        await world.app.scheduler.tidy()
        assert delivery not in await deliveries(world)
        answer = await world.member.click(message, label="Why these?")
        assert "I no longer know what was in this digest" in text_of(answer)
        # The same window once more: whatever was shown stays away.
        async with world.app.services.database.transaction() as connection:
            await connection.execute(
                "UPDATE subscription SET covered_to = covered_to - 2 * 86400, next_at = 0"
            )
        await world.tick(NINE + timedelta(days=7))
        *_, delivery = await deliveries(world)
        async with world.app.services.database.reading() as connection:
            edition = await connection.run(read_edition, delivery)
        assert edition
        known = {ruling.title for ruling in edition.rulings if ruling.verdict is Verdict.ALREADY_SHOWN}
        assert known >= {choice.coverage.pick.title for choice in first.choices}


async def test_the_list_tells_of_a_digests_last_edition_however_old(open_world: OpenWorld) -> None:
    async with open_world(keep_deliveries_days=7) as world:
        await subscribe(world)
        await world.tick(NINE)
        await say(world, "pause", topic="ai")
        world.clock.now += timedelta(days=100)
        await world.app.scheduler.tidy()
        assert "Nothing sent yet" not in await say(world, "list")
        answer = await world.member.click(world.channel.last_message, label="Why these?")
        assert "aren't kept" not in text_of(answer)
