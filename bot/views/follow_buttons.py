"""Buttons and menus about what one person follows, and the form of their custom_ids, which never change."""

from collections.abc import Mapping, Sequence
from typing import Any

import discord
from discord import ui

from bot.locale import _
from bot.views.buttons import NUMBER
from bot.views.layout import Item, row
from digests.text import shorten
from storage.models import Headline, Subject

LONGEST = 100  # characters of a custom_id
OPTION = 100  # characters of a menu's entry
MAX_OPTIONS = 25  # of a menu
FOLLOW_TOPICS = r"follow-topics:(?P<topics>[-.\d]+)"
FOLLOW_WORDS = r"follow-words:(?P<words>.+)"
FOLLOWING_PAGE = rf"following:(?P<page>{NUMBER})"
FOLLOW_STORY = rf"follow-story:(?P<story>{NUMBER})"
UNFOLLOW = rf"unfollow:(?P<story>{NUMBER})"
OPEN_FOLLOWED = "followed"  # a menu, whose values are stories' ids
LESS = rf"less:(?P<delivery>{NUMBER})"
LESS_OF = "less-of"  # a menu, whose values are as OF
MORE_OF = rf"more-of:(?P<of>outlet:\S+|topic:{NUMBER})"
BACK_IN = "back-in"  # a menu, whose values are as OF


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
