"""A process that only collects needs no connection to Discord to be well."""

from dataclasses import replace

from bot.app import open_app
from bot.settings import Settings


async def test_a_collector_is_well_without_discord_and_a_spare_without_anything_to_do(
    settings: Settings,
) -> None:
    async with open_app(replace(settings, shard_groups=2), is_collector=True) as app:
        assert set(app.health.problems()) == {"loop", "database"}
        assert app.health.life() == "alive, as a spare"
        await app.tenure.join(None)
        assert app.tenure.shards() is None
        assert app.health.problems().keys() == {"loop", "database", "scheduler"}
        assert app.health.life() == "alive, as the collector"
        await app.scheduler.tick()  # nothing is planned or sent there
