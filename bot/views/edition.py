"""An edition as messages: what happened, the stories, and what can be done with them."""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple, TypeAlias

from discord import ui

from bot.locale import _, n_
from bot.locale.cldr import written_date
from bot.views.buttons import (
    coverage_select,
    preview_buttons,
    preview_key,
    save_button,
    tune_button,
    why_button,
)
from bot.views.edition_story import Told, headline_alone, tell
from bot.views.follow_buttons import less_button
from bot.views.layout import MAX_SPACE, Headlines, Item, View, framed, row, rule, space, text
from bot.views.schedule import clock_of, posting_times
from bot.views.text import article_count, brief, day, outlet_count, story_count, topic_name
from bot.views.verdicts import covers_days
from digests.editions.edition import FOLLOWED, Choice, Edition
from digests.editions.window import Window
from storage.models import Delivery, PlaceKind

STORIES_A_PART = 5
NAMED_DIGESTS = 3
HEADLINES = 3  # above the digest's name
HEADLINE = 55  # characters of each of these
FOOTER = 250  # space kept for what stands below the stories
LONGEST_PING = "<@&9223372036854775807>"

Controls: TypeAlias = Callable[[int], Sequence[ui.Button[Any]]]  # the buttons of a part, by its number


class Placed(NamedTuple):
    """A story in a part; `heading` is the line above it if it begins one of several sections."""

    heading: str
    told: Told


def edition_parts(edition: Edition, delivery: Delivery, role_id: int | None = None) -> list[View]:
    """Return a delivered edition as one or more messages, each within Discord's limits.

    Every part has a button whose custom_id names the delivery and the part, so that it can be recognized.
    The first part mentions the role to ping, if there is one.
    """

    def controls(part: int) -> Sequence[ui.Button[Any]]:
        save = [save_button(delivery.id)] if edition.choices else []
        less = [less_button(delivery.id)] if delivery.kind is PlaceKind.DM else []
        return [*save, tune_button(delivery.subscription_id), *less, why_button(delivery.id, part)]

    return _parts(edition, controls, _footer(delivery), f"<@&{role_id}>" if role_id else "")


def count_stories(edition: Edition, parts: int) -> int:
    """Return how many stories the first `parts` messages of an edition hold."""
    return sum(map(len, islice(packed(edition), parts)))


def preview_parts(edition: Edition, topic_ids: Sequence[int], limit: int) -> list[View]:
    """Return a preview of up to `limit` stories as one or more messages."""
    controls = preview_buttons(preview_key(topic_ids, edition.window, limit), empty=not edition.choices)
    return _parts(edition, lambda _part: controls, _("-# Get it every day: `/follow`"))


def _parts(edition: Edition, controls: Controls, footer: str, ping: str = "") -> list[View]:
    filled = list(packed(edition)) or [[]]
    parts = []
    for number, placed in enumerate(filled):
        opening = _opening(edition, number, len(filled), ping)
        select = coverage_select([each.told.choice.coverage for each in placed])
        last = [text(footer)] if number == len(filled) - 1 else []
        buttons = controls(number)
        below = [rule(), *select, *([row(*buttons)] if buttons else []), *last]
        parts.append(framed(*_body(edition, opening, placed), *below))
    return parts


def _body(edition: Edition, opening: Sequence[Item], placed: Sequence[Placed]) -> list[Item]:
    """Return a part's stories below its opening; an edition's only story stands above it."""
    if not placed:
        return [*opening] if edition.elsewhere else [*opening, text(_nothing(edition))]
    if len(edition.choices) == 1:
        heading, told = placed[0]
        is_followed = told.choice.section == FOLLOWED
        return [told.item(), rule(), *([text(heading)] if is_followed else []), *opening]
    items = [*opening]
    for heading, told in placed:
        items += [rule(), *([text(heading)] if heading else []), told.item()]
    return items


def packed(edition: Edition) -> Iterator[list[Placed]]:
    """Yield the stories of each part, with as much of each as fits.

    That follows from the edition alone, so that a delivery that was sent in part can be gone on with.
    """
    left = _headed(edition)
    parts = -(-len(left) // STORIES_A_PART)
    most = -(-len(left) // parts) if parts else 0
    room = MAX_SPACE - FOOTER - space(*_opening(edition, 0, parts, LONGEST_PING))
    while left:
        placed = _fill(left[:most], room)
        yield placed
        left = left[len(placed) :]


def _headed(edition: Edition) -> list[tuple[str, Choice]]:
    """Return an edition's stories, the first of each section with the heading above it, if it has a name."""
    return [
        ("" if place else _heading(name, choice), choice)
        for name, choices in edition.sections
        for place, choice in enumerate(choices)
    ]


def _heading(name: str, first: Choice) -> str:
    if first.section == FOLLOWED:
        return _("## Stories you follow")
    return f"## {brief(name)}" if name else ""


def _fill(headed: Sequence[tuple[str, Choice]], room: float) -> list[Placed]:
    """Return as many of the first stories as have room together, at least one."""
    for size in range(len(headed), 0, -1):
        headings = [heading for heading, _choice in headed[:size]]
        left = room - space(*(text(heading) for heading in headings if heading))
        if told := tell([choice for _heading, choice in headed[:size]], left):
            return [Placed(*each) for each in zip(headings, told, strict=True)]
    heading, choice = headed[0]
    return [Placed(heading, headline_alone(choice))]


def _opening(edition: Edition, number: int, parts: int, ping: str) -> list[Item]:
    """Return how a part begins: with what happened, since a phone shows a message's first text."""
    name, date = brief(edition_title(edition)), dated(edition.window)
    if number:
        part = _("part {part} of {parts}", part=number + 1, parts=parts)
        return [text(f"-# **{name}** · {date} · {part}")]
    if not edition.choices:
        return [text(f"## {name} · {date}", *_elsewhere(edition), ping)]
    facts = " · ".join(filter(None, [_facts(edition), ping]))
    if len(edition.choices) == 1:
        return [text(f"-# **{name}** · {date} · {facts}", *_elsewhere(edition))]
    return [_headlines(edition), text(f"## {name} · {date}", f"-# {facts}", *_elsewhere(edition))]


def _headlines(edition: Edition) -> Item:
    coverages = [choice.coverage for choice in edition.choices]
    titles = [(each.story_id, brief(each.pick.title, HEADLINE)) for each in coverages[:HEADLINES]]
    return Headlines(titles, len(coverages) - len(titles))


def _facts(edition: Edition) -> str:
    coverages = [choice.coverage for choice in edition.choices]
    outlets = {domain for coverage in coverages for domain in coverage.outlets}
    return _(
        "{stories} from {articles} by {outlets}",
        stories=story_count(len(coverages)),
        articles=article_count(sum(coverage.articles for coverage in coverages)),
        outlets=outlet_count(len(outlets)),
    )


def _footer(delivery: Delivery) -> str:
    """Return when a digest comes, and how to get one oneself."""
    times = posting_times(delivery.options, clock_of(delivery.options))
    if delivery.kind is PlaceKind.DM:
        return _("-# {times} · `/following` changes or ends it", times=times)
    return _("-# {times} · Want your own? `/follow`", times=times)


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
    written = [written_date(each) for each in (first, last)]
    return written[0] if first == last else _("{first} to {last}", first=written[0], last=written[1])
