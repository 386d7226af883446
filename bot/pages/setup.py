"""A new digest: set up by a command or a form, and confirmed."""

from dataclasses import replace

from bot.access.places import Destination
from bot.access.viewer import viewer_of
from bot.client import Interaction
from bot.locale import _, spoken
from bot.views.confirmed import subscribed_view
from bot.views.layout import View
from bot.views.topics import stale_notes
from bot.zones import Chosen, remember_zone
from digests.subscriptions.issues import edition_at
from digests.subscriptions.subscribe import NewSubscription, subscribe
from digests.subscriptions.tuning import tuned
from storage.models import DigestOptions, PlaceKind, Subject
from storage.stories import newest_picks


async def new_digest(
    interaction: Interaction,
    subject: Subject,
    place: Destination,
    options: DigestOptions,
    zone: Chosen,
) -> View:
    """Set a digest up, and return its confirmation; `zone` says when that of `options` was chosen.

    One that was chosen now is remembered. A digest in DMs is in the person's language, if none was chosen.
    """
    services, user_id = interaction.client.services, interaction.user.id
    async with services.database.transaction() as connection:
        if place.kind is PlaceKind.DM:
            options = replace(options, language=options.language or spoken())
            options = await connection.run(tuned, user_id, subject, options)
        new = NewSubscription(subject, place.guild_id, place.channel_id, user_id, options, place.kind)
        subscription = await subscribe(connection, new, services.clock(), services.settings.limits)
        if zone is Chosen.NOW:
            await remember_zone(connection, interaction, place.guild_id, options.zone)
    async with services.database.reading(viewer_of(interaction)) as connection:
        upcoming = await connection.run(edition_at, subscription, services.clock())
        newest = await connection.run(newest_picks, subject.topic_ids, services.clock())
    notes = [*place.notes, *stale_notes(subject.topics, newest, services.clock())]
    if zone is Chosen.NEVER:
        notes.append(_("-# I guessed the time zone from your language. **Edit** changes it."))
    return subscribed_view(subscription, upcoming, services.clock(), *notes)
