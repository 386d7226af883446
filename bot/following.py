"""Following: a digest of topics or of a search, in the DMs of the person who asks."""

from bot.access.direct import open_dm
from bot.client import Interaction
from bot.views.digest import subscribed_view
from bot.views.layout import View
from bot.views.topics import stale_notes
from digests.subscriptions.issues import edition_at
from digests.subscriptions.subscribe import NewSubscription, subscribe
from digests.subscriptions.tuning import tuned
from storage.models import DigestOptions, PlaceKind, Subject
from storage.stories import newest_picks


async def follow(interaction: Interaction, subject: Subject, options: DigestOptions) -> View:
    """Let a person have a digest in their DMs, and return the confirmation.

    Raises NotAllowedError if their DMs are closed, and subscribe()'s errors.
    """
    services, person = interaction.client.services, interaction.user
    channel_id = await open_dm(interaction)
    async with services.database.transaction() as connection:
        options = await connection.run(tuned, person.id, subject, options)
        new = NewSubscription(subject, None, channel_id, person.id, options, PlaceKind.DM)
        subscription = await subscribe(connection, new, services.clock(), services.settings.limits)
    async with services.database.reading() as connection:
        upcoming = await connection.run(edition_at, subscription, services.clock())
        newest = await connection.run(newest_picks, subject.topic_ids, services.clock())
    return subscribed_view(subscription, upcoming, *stale_notes(subject.topics, newest, services.clock()))
