"""An edition as messages: a header, the stories, their buttons."""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain, islice
from typing import Any

from discord import ui

from bot.locale import _, n_
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
from bot.views.text import article_count, brief, day, outlet_count, story_count, topic_name
from bot.views.verdicts import covers_days
from digests.editions.edition import Choice, Edition
from digests.editions.window import Window

NAMED_DIGESTS = 3
SPARE_COMPONENTS = 5  # the frame, the header, a rule, and a row of one button


def edition_parts(edition: Edition, delivery_id: int) -> list[View]:
    """Return a delivered edition as one or more messages, each within Discord's limits.

    Every part has a button whose custom_id names the delivery and the part, so that it can be recognized.
    """
    return _parts(edition, lambda part: why_button(delivery_id, part))


def count_stories(edition: Edition, parts: int) -> int:
    """Return how many stories the first `parts` messages of an edition hold."""
    return sum(len(blocks) for blocks in islice(_pack(edition), parts))


def preview_parts(edition: Edition, topic_ids: Sequence[int], limit: int) -> list[View]:
    """Return a preview of up to `limit` stories as one or more messages."""
    why = preview_why_button(preview_key(topic_ids, edition.window, limit))
    return _parts(edition, lambda _part: why)


def _parts(edition: Edition, why: Callable[[int], ui.Button[Any] | None]) -> list[View]:
    if not edition.choices:
        nothing = [] if edition.elsewhere else [text(_nothing(edition))]
        return [framed(text(*_header(edition, 0, 1)), *nothing, *_footer(why(0)))]
    packed = list(_pack(edition))
    return [
        framed(text(*_header(edition, number, len(packed))), *chain(*blocks), *_footer(why(number)))
        for number, blocks in enumerate(packed)
    ]


def _footer(why: ui.Button[Any] | None) -> list[Item]:
    return [rule(), row(why)] if why else []


def _pack(edition: Edition) -> Iterator[list[list[Item]]]:
    """Yield the stories of each part, as many as fit; each story is a list of items."""
    part: list[list[Item]] = []
    room = MAX_SPACE - SPARE - sum(space(text(line)) for line in _elsewhere(edition))
    headings = _headings(edition)
    for number, choice in enumerate(edition.choices, 1):
        block = _story_items(number, choice)
        if heading := headings.get(number):
            block[:1] = [rule(), heading]
        full = (
            count_components(*chain(*part), *block) > MAX_COMPONENTS - SPARE_COMPONENTS
            or space(*chain(*part), *block) > room
        )
        if part and full:
            yield part
            part = []
        part = [*part, block]
    yield part


def _headings(edition: Edition) -> dict[int, Item]:
    """Return the headings of an edition's sections, by the number of the story that each stands over."""
    headings: dict[int, Item] = {}
    number = 1
    for name, choices in edition.sections:
        if name:
            headings[number] = text(f"### {brief(name)}")
        number += len(choices)
    return headings


def _story_items(number: int, choice: Choice) -> list[Item]:
    label = (_("{number}. Update:", number=number) if choice.is_update else f"{number}.") + " "
    items = [rule(), story_block(choice.coverage, label=label)]
    if choice.coverage.articles > 1:
        items.append(row(coverage_button(choice.coverage)))
    return items


def _header(edition: Edition, number: int, parts: int) -> list[str]:
    title = f"## {brief(edition_title(edition))} · {dated(edition.window)}"
    if number:
        return [_("{title} · part {part} of {parts}", title=title, part=number + 1, parts=parts)]
    if not edition.choices:
        return [title, *_elsewhere(edition)]
    articles = sum(choice.coverage.articles for choice in edition.choices)
    outlets = {domain for choice in edition.choices for domain in choice.coverage.outlets}
    facts = _(
        "-# {stories} from {articles} by {outlets}",
        stories=story_count(len(edition.choices)),
        articles=article_count(articles),
        outlets=outlet_count(len(outlets)),
    )
    return [title, facts, *_elsewhere(edition)]


def _elsewhere(edition: Edition) -> list[str]:
    """Return a line that says how many of the stories were in which other digests of the place."""
    named, rest = edition.elsewhere[:NAMED_DIGESTS], edition.elsewhere[NAMED_DIGESTS:]
    said = [_in_digest(each.stories, topic_name(each.topic), edition.window) for each in named]
    if rest:
        said.append(_in_digest(sum(each.stories for each in rest), _("other digests"), edition.window))
    return [f"-# {' · '.join(said)}"] if said else []


def _in_digest(stories: int, digest: str, window: Window) -> str:
    if covers_days(window):
        return n_(
            "{number:,} story of these days was in {digest}",
            "{number:,} stories of these days were in {digest}",
            stories,
            digest=digest,
        )
    return n_(
        "{number:,} story was in {digest} today",
        "{number:,} stories were in {digest} today",
        stories,
        digest=digest,
    )


def _nothing(edition: Edition) -> str:
    if not edition.rulings:
        return _("Nothing new: there was no story in this time. Try another day, or `/stories latest`.")
    return n_(
        "Nothing new: I looked at {number:,} story. Try another day, or `/stories latest`.",
        "Nothing new: I looked at {number:,} stories. Try another day, or `/stories latest`.",
        len(edition.rulings),
    )


def edition_title(edition: Edition) -> str:
    """Return what an edition is called, unescaped: its topics, for a weekly one as "The week in AI"."""
    return _("The week in {topic}", topic=edition.topic) if edition.weekly else edition.topic


def dated(window: Window) -> str:
    """Return an edition's date: its whole UTC days, or the day of its issue time in the reader's zone."""
    if window.whole_days is None:
        return day(window.until)
    first, last = window.whole_days
    written = [f"{each.day} {each:%B %Y}" for each in (first, last)]
    return written[0] if first == last else _("{first} to {last}", first=written[0], last=written[1])
