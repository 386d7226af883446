"""Buttons, and the form of their custom_ids, which never change after a release."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import discord
from discord import ui

from bot.errors import NoticeError
from bot.locale import _
from bot.views.layout import Item, row
from bot.views.paging import pager
from bot.views.text import article_count, outlet_count
from digests.dates import YEARS
from digests.editions.limits import MAX_STORIES
from digests.editions.preview import MAX_DAYS
from digests.editions.window import Window
from digests.lookup.topics import MAX_TOPICS
from digests.stories.coverage import Coverage
from digests.text import shorten
from storage.models import LARGEST, Topic, to_epoch

NUMBER = r"-?\d+"
COVERAGE = rf"coverage:(?P<story>{NUMBER})(?::(?P<article>{NUMBER}))?"  # older ones name no article
CARD_PAGE = rf"card:(?P<story>{NUMBER}):(?P<page>{NUMBER})(?::(?P<user>{NUMBER}))?"  # older cards name nobody
LIST_PAGE = rf"list:(?P<listing>{NUMBER}):(?P<page>{NUMBER})"
DIGESTS_PAGE = rf"digests:(?P<page>{NUMBER})"
SOURCES_PAGE = rf"sources:(?P<page>{NUMBER})"
CHECK_SOURCE = rf"source-check:(?P<source>{NUMBER})"
PAUSE_SOURCE = rf"source-pause:(?P<source>{NUMBER})"
RESUME_SOURCE = rf"source-resume:(?P<source>{NUMBER})"
REMOVE_SOURCE = rf"source-remove:(?P<source>{NUMBER})"
RETURN_SOURCE = rf"source-return:(?P<source>{NUMBER})"
UNDO_TOPIC = rf"topic-undo:(?P<change>{NUMBER})"
RESUME = rf"resume:(?P<subscription>{NUMBER})"
SWITCH = rf"switch:(?P<subscription>{NUMBER}):(?P<topic>{NUMBER})"
# What was filled in before, where a form has to be filled in again.
SETUP = (
    r"setup(?::(?P<topics>[.\d]*):(?P<days>[+\w]*):(?P<channel>\d*):(?P<time>\d*):(?P<zone>[-+/\w]*)"
    r"(?::(?P<language>\w*))?)?"
)
EXAMPLE = "example"
SEND = rf"send:(?P<subscription>{NUMBER})"
EDIT = rf"edit:(?P<subscription>{NUMBER})(?::(?P<asked>all|what|where|when|language))?"
END = rf"end:(?P<subscription>{NUMBER})"
REVIVE = rf"revive:(?P<subscription>{NUMBER})"
REVERT = rf"revert:(?P<subscription>{NUMBER}):(?P<changed>{NUMBER})"  # in seconds since 1970, UTC
COVERAGE_OF = "coverage-of"  # a select, whose values are as CHAPTER
CHAPTER = rf"(?P<story>{NUMBER}):(?P<article>{NUMBER})"
SAVE = rf"save:(?P<delivery>{NUMBER})"
SAVE_STORY = "save-story"  # a select, whose values are as CHAPTER
SAVED_PAGE = rf"saved:(?P<page>{NUMBER})"
REMOVE_SAVED = rf"saved-remove:(?P<saved>{NUMBER}):(?P<page>{NUMBER})"
RETURN_SAVED = rf"saved-return:(?P<saved>{NUMBER}):(?P<page>{NUMBER})"
TUNE = rf"tune:(?P<subscription>{NUMBER})"
WHY = rf"why:(?P<delivery>{NUMBER}):(?P<part>{NUMBER})"
WHY_PAGE = rf"reasons:(?P<delivery>{NUMBER}):(?P<page>{NUMBER})"
# A preview is built again from these values; its window is in microseconds since 1970, UTC.
# Of several topics, the ids have points between.
PREVIEW = rf"(?P<topics>[-.\d]+):(?P<since>{NUMBER}):(?P<until>{NUMBER}):(?P<limit>{NUMBER})"
PREVIEW_WHY = rf"preview-why:{PREVIEW}"
PREVIEW_SAVE = rf"preview-save:{PREVIEW}"
PREVIEW_WHY_PAGE = rf"preview-reasons:{PREVIEW}:(?P<page>{NUMBER})"
LONGEST_ID = 100  # characters of a custom_id
OPTION = 100  # characters of a menu's entry
LONGEST_PREVIEW = 80  # characters: a page's button has 100, with its name and its number
SWITCH_NAME = 60  # characters of a topic's name in a label
MICROSECOND = timedelta(microseconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# What the numbers in a custom_id may be; those that aren't named are ids.
IDS = range(LARGEST + 1)
MOMENTS = range(
    *((datetime(year, 1, 1, tzinfo=UTC) - EPOCH) // MICROSECOND for year in (YEARS.start, YEARS.stop))
)
# What in a custom_id is no number.
TEXTS = {"topics", "words", "of", "days", "channel", "time", "zone", "language", "asked"}
LIMITS = {
    "page": range(1_000_000),  # a page after the last one is the last one
    "limit": range(1, MAX_STORIES + 1),
    "since": MOMENTS,
    "until": MOMENTS,
    "changed": range(MOMENTS.start // 10**6, MOMENTS.stop // 10**6),
}


def button_state(said: Mapping[str, str | None]) -> dict[str, int]:
    """Return the numbers in a custom_id, by name; raises NoticeError if no button of mine has such ones.

    TEXTS aren't among them.
    """
    state = {name: int(value) for name, value in said.items() if value and name not in TEXTS}
    if any(value not in LIMITS.get(name, IDS) for name, value in state.items()):
        raise not_a_button()
    return state


def not_a_button() -> NoticeError:
    """Return what a person is told who presses a button with a custom_id that the bot never gives."""
    return NoticeError(_("I don't know what this button is for. Run the command again to get a new one."))


def coverage_button(coverage: Coverage) -> ui.Button[Any]:
    """Return a button that opens a story's whole coverage at a chapter, for the person who presses it."""
    # Two chapters of a story may stand in one message.
    custom_id = f"coverage:{coverage.story_id}:{coverage.pick.id}"
    return ui.Button(label=_("Full coverage"), custom_id=custom_id)


def coverage_select(coverages: Sequence[Coverage]) -> list[Item]:
    """Return a menu that opens the coverage of those of some stories that have any, for whoever chooses."""
    covered = [coverage for coverage in coverages if coverage.is_covered]
    return [_chapter_select(COVERAGE_OF, _("All coverage of …"), covered)] if covered else []


def save_select(coverages: Sequence[Coverage]) -> Item:
    """Return a menu that saves one of some stories for whoever chooses."""
    return _chapter_select(SAVE_STORY, _("Which story?"), coverages)


def _chapter_select(custom_id: str, placeholder: str, coverages: Sequence[Coverage]) -> Item:
    options = [
        discord.SelectOption(
            label=shorten(coverage.pick.title, OPTION),
            description=shorten(_option_facts(coverage), OPTION),
            value=f"{coverage.story_id}:{coverage.pick.id}",
        )
        for coverage in coverages
    ]
    return row(ui.Select[Any](custom_id=custom_id, placeholder=placeholder, options=options))


def _option_facts(coverage: Coverage) -> str:
    if coverage.articles == 1:
        return coverage.pick.provider.name
    return _(
        "{articles} from {outlets}",
        articles=article_count(coverage.articles),
        outlets=outlet_count(len(coverage.outlets)),
    )


def story_chosen(value: str) -> int:
    """Return the story that a menu's entry is about."""
    return int(value.partition(":")[0])


def chosen_chapter(interaction: discord.Interaction[Any]) -> dict[str, int]:
    """Return the story and article chosen in a menu; raises NoticeError if it never offered that."""
    data: Any = interaction.data
    match = re.fullmatch(CHAPTER, "".join(data.get("values", ())[:1]))
    if match is None:
        raise not_a_button()
    return button_state(match.groupdict())


def save_button(delivery_id: int) -> ui.Button[Any]:
    """Return a button that saves a story of a delivered edition, for the person who presses it."""
    return ui.Button(label=_("Save"), custom_id=f"save:{delivery_id}")


def remove_saved_button(saved_id: int, page: int) -> ui.Button[Any]:
    """Return a button that takes a saved story off a page of the list."""
    return ui.Button(label=_("Remove"), custom_id=f"saved-remove:{saved_id}:{page}")


def return_saved_button(saved_id: int, page: int) -> ui.Button[Any]:
    """Return a button that puts back a saved story."""
    return ui.Button(label=_("Undo"), custom_id=f"saved-return:{saved_id}:{page}")


def tune_button(subscription_id: int) -> ui.Button[Any]:
    """Return a button that opens a digest's settings, for those who may change it."""
    return ui.Button(label=_("Tune"), custom_id=f"tune:{subscription_id}")


def why_button(delivery_id: int, part: int) -> ui.Button[Any]:
    """Return a button that shows a delivery's reasons; its custom_id marks the message as that part."""
    return ui.Button(label=_("Why these?"), custom_id=why_id(delivery_id, part))


def preview_buttons(preview: str, *, empty: bool) -> list[ui.Button[Any]]:
    """Return the buttons below a preview, which PREVIEW matches; without stories none that saves one.

    There are none if that is too long for them: of ten topics with long ids.
    """
    if len(preview) > LONGEST_PREVIEW:
        return []
    save = ui.Button[Any](label=_("Save"), custom_id=f"preview-save:{preview}")
    why = ui.Button[Any](label=_("Why these?"), custom_id=f"preview-why:{preview}")
    return [why] if empty else [save, why]


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


def setup_button() -> ui.Button[Any]:
    """Return a button that opens the form for a new digest."""
    return ui.Button(label=_("Set up a digest"), custom_id="setup", style=discord.ButtonStyle.primary)


def again_button(custom_id: str) -> ui.Button[Any]:
    """Return a button that opens a form again, to put something right."""
    return ui.Button(label=_("Fill it in again"), custom_id=custom_id, style=discord.ButtonStyle.primary)


def example_button() -> ui.Button[Any]:
    """Return a button that shows what a digest looks like."""
    return ui.Button(label=_("See an example"), custom_id=EXAMPLE)


def send_button(subscription_id: int) -> ui.Button[Any]:
    """Return a button that sends a new subscription's first edition now."""
    return ui.Button(
        label=_("Send the first one now"),
        custom_id=f"send:{subscription_id}",
        style=discord.ButtonStyle.primary,
    )


def edit_button(subscription_id: int) -> ui.Button[Any]:
    """Return a button that opens the form for everything about a subscription."""
    return ui.Button(label=_("Edit"), custom_id=f"edit:{subscription_id}")


def undo_button(subscription_id: int) -> ui.Button[Any]:
    """Return a button that ends a subscription which was just set up."""
    return ui.Button(label=_("Undo"), custom_id=f"end:{subscription_id}")


def revive_button(subscription_id: int) -> ui.Button[Any]:
    """Return a button that brings back a subscription which was just ended."""
    return ui.Button(label=_("Undo"), custom_id=f"revive:{subscription_id}")


def revert_button(subscription_id: int, changed_at: datetime) -> ui.Button[Any]:
    """Return a button that undoes a change to a subscription."""
    return ui.Button(label=_("Undo"), custom_id=f"revert:{subscription_id}:{to_epoch(changed_at)}")


def list_pager(listing_id: int, page: int, pages: int) -> list[Item]:
    """Return the buttons that turn the pages of a list."""
    return pager(f"list:{listing_id}:{{}}", page, pages)


def card_pager(story_id: int, page: int, pages: int, user_id: int) -> list[Item]:
    """Return the buttons that turn the pages of a story's card, for one person."""
    return pager(f"card:{story_id}:{{}}:{user_id}", page, pages)


def preview_key(topic_ids: Sequence[int], window: Window, limit: int) -> str:
    """Return a preview's values as PREVIEW matches them in a custom_id."""
    since, until = ((moment - EPOCH) // MICROSECOND for moment in (window.since, window.until))
    return f"{'.'.join(map(str, topic_ids))}:{since}:{until}:{limit}"


def topic_ids_in(said: str) -> list[int]:
    """Return the topics' ids in a custom_id; raises NoticeError if no button of mine has such."""
    ids = [int(each) for each in said.split(".") if each.isdecimal()]
    if ".".join(map(str, ids)) != said or len(set(ids)) != len(ids) or len(ids) > MAX_TOPICS:
        raise not_a_button()
    if any(each not in IDS for each in ids):
        raise not_a_button()
    return ids


def preview_window(since: int, until: int) -> Window:
    """Return the window between two moments that a custom_id holds, in microseconds since 1970, UTC.

    Raises NoticeError if no preview has that window.
    """
    window = Window(EPOCH + since * MICROSECOND, EPOCH + until * MICROSECOND)
    if not timedelta() <= window.until - window.since <= timedelta(days=MAX_DAYS):
        raise not_a_button()
    return window
