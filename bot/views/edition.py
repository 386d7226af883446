"""An edition as messages: a header, the stories, their buttons."""

from collections.abc import Callable, Iterator
from itertools import chain, islice
from typing import Any

from discord import ui

from bot.views.buttons import coverage_button, preview_key, preview_why_button, why_button
from bot.views.layout import (
    MAX_COMPONENTS,
    MAX_SPACE,
    SPARE,
    Item,
    View,
    count_components,
    framed,
    row,
    rule,
    space,
    text,
)
from bot.views.story import story_block
from bot.views.text import brief, day
from digests.editions.edition import Choice, Edition, Window
from digests.text import count

SPARE_COMPONENTS = 5  # the frame, the header, a rule, and a row of one button


def edition_parts(edition: Edition, delivery_id: int) -> list[View]:
    """Return a delivered edition as one message or more, so that each fits Discord's limits.

    Every part has a button that names the delivery, by which the part is known again.
    """
    return _parts(edition, lambda part: why_button(delivery_id, part))


def count_stories(edition: Edition, parts: int) -> int:
    """Return how many stories the first `parts` messages of an edition hold."""
    return sum(len(blocks) for blocks in islice(_pack(edition), parts))


def preview_parts(edition: Edition, topic_id: int, limit: int) -> list[View]:
    """Return an edition to look at, of up to `limit` stories, as one message or more."""
    why = preview_why_button(preview_key(topic_id, edition.window, limit))
    return _parts(edition, lambda _: why)


def _parts(edition: Edition, why: Callable[[int], ui.Button[Any]]) -> list[View]:
    if not edition.choices:
        return [framed(text(*_header(edition, 0, 1)), text(_nothing(edition)), rule(), row(why(0)))]
    packed = list(_pack(edition))
    return [
        framed(text(*_header(edition, number, len(packed))), *chain(*blocks), rule(), row(why(number)))
        for number, blocks in enumerate(packed)
    ]


def _pack(edition: Edition) -> Iterator[list[list[Item]]]:
    """Yield the stories, each as its items, as many to a part as fit."""
    part: list[list[Item]] = []
    for number, choice in enumerate(edition.choices, 1):
        block = _story_items(number, choice)
        full = (
            count_components(*chain(*part), *block) > MAX_COMPONENTS - SPARE_COMPONENTS
            or space(*chain(*part), *block) > MAX_SPACE - SPARE
        )
        if part and full:
            yield part
            part = []
        part = [*part, block]
    yield part


def _story_items(number: int, choice: Choice) -> list[Item]:
    label = f"{number}. " + ("Update: " if choice.is_update else "")
    items = [rule(), story_block(choice.coverage, label=label)]
    if choice.coverage.articles > 1:
        items.append(row(coverage_button(choice.coverage.story_id)))
    return items


def _header(edition: Edition, number: int, parts: int) -> list[str]:
    title = f"## {brief(edition.topic)} · {dated(edition.window)}"
    if number:
        return [f"{title} · part {number + 1} of {parts}"]
    if not edition.choices:
        return [title]
    articles = sum(choice.coverage.articles for choice in edition.choices)
    outlets = {domain for choice in edition.choices for domain in choice.coverage.outlets}
    facts = [count(len(edition.choices), "story"), count(articles, "article"), count(len(outlets), "outlet")]
    return [title, f"-# {facts[0]} from {facts[1]} of {facts[2]}"]


def _nothing(edition: Edition) -> str:
    seen = count(len(edition.rulings), "story") + " looked at" if edition.rulings else "no story in this time"
    return f"Nothing new: {seen}. Try another day, or `/stories latest`."


def dated(window: Window) -> str:
    """Return what an edition is dated: its issue time in the reader's zone, or its whole UTC days."""
    if window.whole_days is None:
        return day(window.until)
    first, last = window.whole_days
    written = [f"{each.day} {each:%B %Y}" for each in (first, last)]
    return written[0] if first == last else f"{written[0]} to {written[1]}"
