"""What people do with a digest that there is, by command or by button: each does it, and answers."""

from collections.abc import Mapping
from typing import Any

from bot.access.places import require_postable
from bot.answers import answer
from bot.client import Interaction
from bot.views.digest import changed_view, ended_view, on_its_way_text
from bot.views.notice import notice
from bot.zones import remember_zone
from digests.delivery.owe import send_now
from digests.subscriptions import edit
from digests.subscriptions.edit import Place
from storage import undo
from storage.models import Subject, Subscription


async def send(interaction: Interaction, found: Subscription) -> None:
    """Send what is new since its last edition now."""
    await require_postable(interaction, found)
    services = interaction.client.services
    edition = await send_now(services.database, found, services.clock())
    await answer(interaction, notice(on_its_way_text(found, len(edition.choices))))
    interaction.client.outbox.wake()


async def change(
    interaction: Interaction,
    found: Subscription,
    changes: Mapping[str, Any],
    subject: Subject | None = None,
    place: Place | None = None,
    *,
    zone_chosen: bool = False,
) -> None:
    """Change it as edit() says, which can be undone for a while; a zone that was chosen is remembered."""
    services = interaction.client.services
    now = services.clock()
    async with services.database.transaction() as connection:
        changed = await edit.edit(connection, found, changes, now, subject, place)
        if zone_chosen:
            await remember_zone(connection, interaction, changed.guild_id, changed.options.zone)
    await answer(interaction, changed_view(changed, "changed", now))


async def pause(interaction: Interaction, found: Subscription) -> None:
    """Pause it."""
    async with interaction.client.services.database.transaction() as connection:
        changed = await edit.pause(connection, found)
    await answer(interaction, changed_view(changed, "paused"))


async def resume(interaction: Interaction, found: Subscription) -> None:
    """Start it again, and say when its next edition comes."""
    await require_postable(interaction, found)
    services = interaction.client.services
    async with services.database.transaction() as connection:
        changed = await edit.resume(connection, found, services.clock())
    await answer(interaction, changed_view(changed, "resumed"))


async def end(interaction: Interaction, found: Subscription) -> None:
    """End it, which can be undone for a while."""
    services = interaction.client.services
    async with services.database.transaction() as connection:
        await undo.end(connection, found.id, services.clock())
    await answer(interaction, ended_view(found))
