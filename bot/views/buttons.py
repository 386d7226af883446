"""Buttons, and the form of their custom_ids, which never change after a release."""

from datetime import UTC, datetime, timedelta
from typing import Any

import discord
from discord import ui

from bot.locale import _
from bot.views.layout import Item
from bot.views.paging import pager
from digests.editions.edition import Window
from digests.text import shorten
from storage.models import Topic

COVERAGE = r"coverage:(?P<story>\d+)"
CARD_PAGE = r"card:(?P<story>\d+):(?P<page>\d+)(?::(?P<user>\d+))?"  # older cards name nobody
LIST_PAGE = r"list:(?P<listing>\d+):(?P<page>\d+)"
DIGESTS_PAGE = r"digests:(?P<page>\d+)"
RESUME = r"resume:(?P<subscription>\d+)"
SWITCH = r"switch:(?P<subscription>\d+):(?P<topic>\d+)"
WHY = r"why:(?P<delivery>\d+):(?P<part>\d+)"
WHY_PAGE = r"reasons:(?P<delivery>\d+):(?P<page>\d+)"
# A preview is built again from these values; its window is in microseconds since 1970, UTC.
PREVIEW = r"(?P<topic>\d+):(?P<since>-?\d+):(?P<until>-?\d+):(?P<limit>\d+)"
PREVIEW_WHY = rf"preview-why:{PREVIEW}"
PREVIEW_WHY_PAGE = rf"preview-reasons:{PREVIEW}:(?P<page>\d+)"
SWITCH_NAME = 60  # characters of a topic's name in a label
MICROSECOND = timedelta(microseconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def coverage_button(story_id: int) -> ui.Button[Any]:
    """Return a button that opens a story's whole coverage, for the person who presses it."""
    return ui.Button(label=_("Full coverage"), custom_id=f"coverage:{story_id}")


def why_button(delivery_id: int, part: int) -> ui.Button[Any]:
    """Return a button that shows a delivery's reasons; its custom_id marks the message as that part."""
    return ui.Button(label=_("Why these?"), custom_id=why_id(delivery_id, part))


def preview_why_button(preview: str) -> ui.Button[Any]:
    """Return a button that shows a preview's reasons; `preview` is what PREVIEW matches."""
    return ui.Button(label=_("Why these?"), custom_id=f"preview-why:{preview}")


def why_id(delivery_id: int, part: int) -> str:
    """Return the custom_id by which a delivery's message is recognized."""
    return f"why:{delivery_id}:{part}"


def resume_button(subscription_id: int) -> ui.Button[Any]:
    """Return a button that starts a paused subscription again."""
    return ui.Button(
        label=_("Resume"), custom_id=f"resume:{subscription_id}", style=discord.ButtonStyle.success
    )


def switch_button(subscription_id: int, topic: Topic) -> ui.Button[Any]:
    """Return a button that lets a subscription go on with another topic."""
    return ui.Button(
        label=_("Switch to {topic}", topic=shorten(topic.name, SWITCH_NAME)),
        custom_id=f"switch:{subscription_id}:{topic.id}",
    )


def list_pager(listing_id: int, page: int, pages: int) -> list[Item]:
    """Return the buttons that turn the pages of a list."""
    return pager(f"list:{listing_id}:{{}}", page, pages)


def card_pager(story_id: int, page: int, pages: int, user_id: int) -> list[Item]:
    """Return the buttons that turn the pages of a story's card, for one person."""
    return pager(f"card:{story_id}:{{}}:{user_id}", page, pages)


def preview_key(topic_id: int, window: Window, limit: int) -> str:
    """Return a preview's values as PREVIEW matches them in a custom_id."""
    since, until = ((moment - EPOCH) // MICROSECOND for moment in (window.since, window.until))
    return f"{topic_id}:{since}:{until}:{limit}"


def preview_window(since: int, until: int) -> Window:
    """Return the window between two moments that a custom_id holds, in microseconds since 1970, UTC."""
    return Window(EPOCH + since * MICROSECOND, EPOCH + until * MICROSECOND)
