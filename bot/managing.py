"""What people do with a digest that there is, by command or by button: each does it, and answers."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.access.places import require_postable
from bot.answers import answer
from bot.client import Interaction
from bot.views.confirmed import changed_view, ended_view, muted_text, on_its_way_text
from bot.views.notice import notice
from bot.zones import remember_zone
from digests.delivery.owe import send_now
from digests.lookup.providers import ProviderMatch
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
    await answer(interaction, changed_view(changed, "changed", now, undo=True))


async def pause(interaction: Interaction, found: Subscription) -> None:
    """Pause it."""
    services = interaction.client.services
    async with services.database.transaction() as connection:
        changed = await edit.pause(connection, found)
    await answer(interaction, changed_view(changed, "paused", services.clock()))


async def resume(interaction: Interaction, found: Subscription) -> None:
    """Start it again, and say when its next edition comes."""
    await require_postable(interaction, found)
    services = interaction.client.services
    async with services.database.transaction() as connection:
        changed = await edit.resume(connection, found, services.clock())
    await answer(interaction, changed_view(changed, "resumed", services.clock()))


async def mute(
    interaction: Interaction, found: Sequence[Subscription], outlets: Sequence[ProviderMatch]
) -> None:
    """Mute outlets in some of one place."""
    async with interaction.client.services.database.transaction() as connection:
        for outlet in outlets:
            await edit.mute(connection, found, outlet)
    await answer(interaction, notice(muted_text(outlets, found)))


async def end(interaction: Interaction, found: Subscription) -> None:
    """End it, which can be undone for a while."""
    services = interaction.client.services
    async with services.database.transaction() as connection:
        await undo.end(connection, found.id, services.clock())
    await answer(interaction, ended_view(found))
