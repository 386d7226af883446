"""Following: a digest of topics or of a search, in the DMs of the person who asks."""

from dataclasses import replace
from zoneinfo import ZoneInfo

from bot.access.direct import open_dm
from bot.access.places import Destination
from bot.client import Interaction
from bot.pages.setup import new_digest
from bot.views.layout import View
from bot.zones import zone_for
from storage.models import DigestOptions, PlaceKind, Subject


async def follow(
    interaction: Interaction, subject: Subject, options: DigestOptions, timezone: ZoneInfo | None = None
) -> View:
    """Let a person have a digest in their DMs, and return the confirmation; `timezone` is one chosen now.

    Raises NotAllowedError if their DMs are closed, and subscribe()'s errors.
    """
    place = Destination(None, await open_dm(interaction), PlaceKind.DM)
    zone = await zone_for(interaction, None, timezone)
    return await new_digest(interaction, subject, place, replace(options, zone=zone.name), zone.chosen)
