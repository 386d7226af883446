"""Managing a digest by choosing what to do with it."""

from typing import Any

import discord
from discord import ui

from bot.locale import _
from bot.views.buttons import NUMBER
from digests.text import shorten
from storage.models import PlaceKind, Subscription, SubscriptionState

MANAGE = rf"manage:(?P<subscription>{NUMBER})"
NAME = 100  # characters of a digest's name in the select


def manage_select(subscription: Subscription) -> ui.Select[Any]:
    """Return a select of what can be done with a subscription."""
    is_active = subscription.state is SubscriptionState.ACTIVE
    labels = {  # by what bot/buttons/digests.py does with it
        "when": _("Change when it comes"),
        "what": _("Change what it's about"),
        "where": _("Move it to another channel") if subscription.kind is not PlaceKind.DM else "",
        "language": _("Change its language"),
        "send": _("Send it now") if is_active else "",
        "pause": _("Pause it") if is_active else "",
        "resume": "" if is_active else _("Start it again"),
        "mute": _("Mute an outlet"),
        "in": _("Bring back what it leaves out") if _tuned(subscription) else "",
        "end": _("End it"),
    }
    return ui.Select(
        custom_id=f"manage:{subscription.id}",
        placeholder=_("Manage {topic}…", topic=shorten(subscription.subject.name, NAME)),
        options=[discord.SelectOption(label=label, value=value) for value, label in labels.items() if label],
    )


def _tuned(subscription: Subscription) -> bool:
    """Say whether a person's own digest leaves something out."""
    options = subscription.options
    return subscription.kind is PlaceKind.DM and bool(options.muted or options.without)
