"""What the forms do that set a digest up, or change one."""

from dataclasses import replace
from typing import Any

import discord
from discord import ui

from bot import managing
from bot.access.permissions import Channel
from bot.access.places import find_place, require_own, require_postable
from bot.access.viewer import viewer_of
from bot.answers import answer
from bot.client import Interaction
from bot.errors import NoticeError
from bot.forms.filled import USUAL, channel_in, draft_of, language_in, subject_in, times_in
from bot.forms.form import Form
from bot.locale import _
from bot.pages.setup import new_digest
from bot.views.buttons import again_button
from bot.views.forms import EDIT_FORM, MUTE_FORM, OUTLET, OUTLETS, SETUP_FORM
from bot.zones import time_for, zone_for
from digests.errors import NothingChangedError
from digests.lookup.providers import find_provider
from digests.subscriptions.edit import Place
from digests.subscriptions.subscribe import usual_stories
from storage.models import PlaceKind, Subject, Subscription, SubscriptionState


class SetUpForm(Form, template=SETUP_FORM):
    """Sets a digest up in the channel that was chosen, or else in the person's DMs."""

    async def answer(self, interaction: Interaction) -> None:
        """Set it up, and confirm it with what can be done next."""
        async with interaction.client.services.database.reading(viewer_of(interaction)) as connection:
            subject = await connection.run(subject_in, interaction, self.filled)
        if subject is None:
            raise NoticeError(_("Choose at least one topic."))
        options, chosen = times_in(self.filled, replace(USUAL, issue_time=time_for(interaction)))
        channel = await channel_in(interaction, self.filled)
        place = await find_place(interaction, channel, subject, mention=None, publish=False)
        zone = await zone_for(interaction, place.guild_id, chosen)
        language = language_in(self.filled, None)
        options = replace(options, zone=zone.name, stories=usual_stories(options.days), language=language)
        await answer(interaction, await new_digest(interaction, subject, place, options, zone.chosen))

    def again(self) -> ui.Button[Any]:
        """Return a button that opens it with what could be read of it."""
        return again_button(draft_of(self.filled).custom_id())


class EditForm(Form, template=EDIT_FORM):
    """Changes what a form about a digest asks, for those who may change it."""

    async def answer(self, interaction: Interaction) -> None:
        """Change it, and say what it is now."""
        found = await require_own(interaction, self.state["subscription"])
        async with interaction.client.services.database.reading(viewer_of(interaction)) as connection:
            subject = await connection.run(subject_in, interaction, self.filled)
        options, zone = times_in(self.filled, found.options)
        changes: dict[str, Any] = {
            "issue_time": options.issue_time,
            "zone": options.zone,
            "days": options.days,
            "language": language_in(self.filled, options.language),
        }
        channel = await channel_in(interaction, self.filled)
        place = None
        if channel and channel.id != found.channel_id:
            place, changes["publish"] = await _moved(interaction, found, channel, subject or found.subject)
        elif found.state is SubscriptionState.BLOCKED:  # a change starts it again
            await require_postable(interaction, found)
        try:
            await managing.change(interaction, found, changes, subject, place, zone_chosen=zone is not None)
        except NothingChangedError as error:  # its own words are about options
            raise NoticeError(_("The digest is like that already, so nothing changed.")) from error

    def again(self) -> ui.Button[Any]:
        """Return a button that opens it with what the digest is."""
        return again_button(f"edit:{self.said['subscription']}:{self.said['asked']}")


class MuteForm(Form, template=MUTE_FORM):
    """Mutes outlets in a digest, for those who may change it."""

    async def answer(self, interaction: Interaction) -> None:
        """Mute them, and say so."""
        found = await require_own(interaction, self.state["subscription"])
        named = [*self.filled.get(OUTLETS, ()), *self.filled.get(OUTLET, ())]
        if not named:
            raise NoticeError(_("Choose an outlet, or type its name."))
        async with interaction.client.services.database.reading(viewer_of(interaction)) as connection:
            outlets = [await connection.run(find_provider, each) for each in named]
        await managing.mute(interaction, [found], outlets)


async def _moved(
    interaction: Interaction, found: Subscription, channel: Channel, subject: Subject
) -> tuple[Place, bool]:
    """Return the place of a digest that moves to a channel, and whether its posts are published there.

    Raises find_place()'s errors.
    """
    if found.kind is PlaceKind.DM:
        raise NoticeError(_("A digest in your DMs stays there. Set up another one for the channel."))
    role = channel.guild.get_role(found.options.mention_role_id or 0)
    is_news = isinstance(channel, discord.TextChannel) and channel.is_news()
    publish = found.options.publish and is_news
    place = await find_place(interaction, channel, subject, mention=role, publish=publish)
    return Place(place.channel_id, place.kind), publish


DIGEST_FORMS = (SetUpForm, EditForm, MuteForm)
