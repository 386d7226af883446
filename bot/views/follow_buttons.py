"""Buttons and menus about what one person follows, and the form of their custom_ids, which never change."""

from collections.abc import Mapping, Sequence
from typing import Any

import discord
from discord import ui

from bot.locale import _
from bot.views.buttons import NUMBER
from bot.views.layout import Item, row
from digests.text import shorten
from storage.models import Headline, Subject, Subscription, SubscriptionState

LONGEST = 100  # characters of a custom_id
OPTION = 100  # characters of a menu's entry
MAX_OPTIONS = 25  # of a menu
FOLLOW_TOPICS = r"follow-topics:(?P<topics>[-.\d]+)"
FOLLOW_WORDS = r"follow-words:(?P<words>.+)"
FOLLOWING_PAGE = rf"following:(?P<page>{NUMBER})"
MANAGE = rf"mine:(?P<subscription>{NUMBER}):(?P<page>{NUMBER})"  # a menu, whose values are those below
PAUSE, RESUME, WHEN, END = "pause", "resume", "when", "end"
BRING_IN = "in"
BRING_BACK = rf"mine-back:(?P<ended>{NUMBER}):(?P<page>{NUMBER})"
FOLLOW_STORY = rf"follow-story:(?P<story>{NUMBER})"
UNFOLLOW = rf"unfollow:(?P<story>{NUMBER})"
OPEN_FOLLOWED = "followed"  # a menu, whose values are stories' ids
LESS = rf"less:(?P<delivery>{NUMBER})"
LESS_OF = "less-of"  # a menu, whose values are as OF
MORE_OF = rf"more-of:(?P<of>outlet:\S+|topic:{NUMBER})"
BACK_IN = "back-in"  # a menu, whose values are as OF
WHEN_FORM = rf"mine-when:(?P<subscription>{NUMBER})"
TIME, ZONE = "time", "zone"  # fields of that form


def follow_button(subject: Subject) -> Item | None:
    """Return a button that sends a digest of a subject to the DMs of whoever presses it.

    None if its custom_id has no room for the subject.
    """
    said = f"words:{subject.words}" if subject.words else f"topics:{'.'.join(map(str, subject.topic_ids))}"
    custom_id = f"follow-{said}"
    if len(custom_id) > LONGEST:
        return None
    return ui.Button[Any](
        label=_("Send it to my DMs"), custom_id=custom_id, style=discord.ButtonStyle.primary
    )


def manage_menu(subscription: Subscription, page: int) -> Item:
    """Return a menu that changes one of a person's digests, on a page of the list."""
    is_running = subscription.state is SubscriptionState.ACTIVE
    entries = {
        PAUSE if is_running else RESUME: _("Pause") if is_running else _("Resume"),
        WHEN: _("Change the time"),
        END: _("End it"),
    }
    if subscription.options.muted or subscription.options.without:
        entries[BRING_IN] = _("Bring back what is left out")
    options = [discord.SelectOption(label=label, value=value) for value, label in entries.items()]
    custom_id = f"mine:{subscription.id}:{page}"
    return row(ui.Select[Any](custom_id=custom_id, placeholder=_("Manage …"), options=options))


def follow_story_button(story_id: int) -> Item:
    """Return a button that lets whoever presses it follow a story."""
    return ui.Button[Any](label=_("Follow"), custom_id=f"follow-story:{story_id}")


def unfollow_button(story_id: int) -> Item:
    """Return a button that lets whoever presses it follow a story no longer."""
    return ui.Button[Any](label=_("Stop following"), custom_id=f"unfollow:{story_id}")


def followed_menu(headlines: Sequence[Headline]) -> Item:
    """Return a menu that opens the card of a story that a person follows."""
    options = [
        discord.SelectOption(
            label=shorten(each.title, OPTION),
            description=shorten(each.outlet, OPTION),
            value=str(each.story_id),
        )
        for each in headlines
    ]
    return row(
        ui.Select[Any](custom_id=OPEN_FOLLOWED, placeholder=_("See or stop following …"), options=options)
    )


def less_button(delivery_id: int) -> ui.Button[Any]:
    """Return a button that lets a person leave out something of what a delivery brought."""
    return ui.Button(label=_("Less of this"), custom_id=f"less:{delivery_id}")


def less_menu(custom_id: str, things: Mapping[str, str]) -> Item:
    """Return a menu of outlets and topics, as OF to their names, to leave out or to bring back."""
    options = [
        discord.SelectOption(label=shorten(name, OPTION), value=value)
        for value, name in list(things.items())[:MAX_OPTIONS]
    ]
    return row(ui.Select[Any](custom_id=custom_id, placeholder=_("Choose one …"), options=options))


def more_button(of: str) -> Item:
    """Return a button that brings back what was just left out."""
    return ui.Button[Any](label=_("Undo"), custom_id=f"more-of:{of}")


def bring_back_button(subscription_id: int, page: int) -> Item:
    """Return a button that brings back a digest which was just ended."""
    return ui.Button[Any](label=_("Undo"), custom_id=f"mine-back:{subscription_id}:{page}")


def when_form(subscription: Subscription) -> ui.Modal:
    """Return a form for when a digest comes; it is stopped, as what it does follows from its custom_id."""
    form = ui.Modal(title=_("When should it come?"), custom_id=f"mine-when:{subscription.id}")
    options = subscription.options
    for label, field, value in (
        (_("Time of day, for example 09:00 or 9 pm"), TIME, options.issue_time),
        (_("Time zone, for example Europe/Berlin"), ZONE, options.zone),
    ):
        form.add_item(
            ui.Label(text=label, component=ui.TextInput(custom_id=field, default=value, max_length=60))
        )
    form.stop()
    return form
