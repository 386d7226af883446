"""The event loop is never held for long, whatever people type and however many digests are due."""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.garbage import keep_for_good
from bot.settings import Settings
from tests.conftest import Clock
from tests.databases import copy_database
from tests.pulse import pulse
from tests.subscribed import subscribe_all
from tests.tour import GUILD, ISSUE, connected, everything, take_tour

LONGEST = 0.05  # seconds of computing between two turns of the loop


@pytest.fixture
def kept_for_good() -> Iterator[None]:
    """Keep what the tests are made of from the garbage collector, as the bot does with itself."""
    keep_for_good()
    yield
    gc.unfreeze()


@pytest.mark.usefixtures("kept_for_good")
async def test_no_command_button_or_delivery_holds_the_event_loop(settings: Settings, bundled: Path) -> None:
    copy_database(bundled, settings.database_path)
    clock = Clock()
    async with connected(settings, clock) as (app, standin):
        asked = await everything(app)
        async with pulse() as touring:
            await take_tour(standin, asked)
        await subscribe_all(app.services.database, range(1_000, 1_060), ISSUE, guild=GUILD)
        clock.now = ISSUE
        async with pulse() as delivering:
            assert await app.scheduler.tick() >= 60
    assert touring.longest_own() < LONGEST
    assert delivering.longest_own() < LONGEST
