"""Sources, for the bot's owners: the list of them, one of them, what fails."""

from collections.abc import Sequence
from typing import Any

import discord
from discord import ui

from bot.locale import _, n_
from bot.locale.cldr import enumerated
from bot.problems import problem_text
from bot.views.estimates import topic_words
from bot.views.layout import MAX_SPACE, Item, View, fitted, framed, row, rule, space, text
from bot.views.paging import page_of, pager
from bot.views.text import age, brief, plain
from digests.feeds.addresses import without_credentials
from digests.feeds.discover import FoundFeed
from digests.feeds.entries import ReadFeed
from digests.feeds.sources import Added, Tried
from storage.feeds import Feed, FeedState

PER_PAGE = 5
ADDRESS = 150
MOST_NAMED = 10
MOST_OTHERS = 5
MOST_ARTICLES = 10
TITLE = 100
STOPPED = frozenset({FeedState.PAUSED, FeedState.ENDED})


def added_view(added: Added) -> View:
    """Return what was found at an address, and the feed that was added."""
    found = added.found
    if found is None:
        return source_view(added.feed)
    return framed(
        text(
            _("### New source: {name}", name=brief(added.feed.name)),
            _("{articles}.", articles=_holds(found.read)),
            _("Topics: {topics}", topics=_topics(added.feed)),
            *_others(found.others),
        ),
        row(*_buttons(added.feed)),
    )


def sources_view(found: Sequence[Feed], page: int = 0, pages: int = 1) -> View:
    """Return a page of up to PER_PAGE sources; if they don't fit, the longest are shown in short."""
    if not found:
        told = _("None yet. Add one with `/admin source add`: the address of a site, or of its feed.")
        return framed(text(_("### Sources"), told))
    header = text(_("### Sources") + page_of(page, pages))
    blocks = [(text(*_lines(feed)), text(_lines(feed)[0])) for feed in found]
    shown = fitted(blocks, MAX_SPACE - space(header))
    items: list[Item] = []
    for feed, block in zip(found, shown, strict=False):
        items += [block, row(*_buttons(feed))]
    return framed(header, rule(), *items, *pager("sources:{}", page, pages))


def source_view(feed: Feed) -> View:
    """Return how a source is."""
    return framed(text(*_lines(feed)), row(*_buttons(feed)))


def removed_view(feed: Feed) -> View:
    """Return that a source was removed, with a button that undoes it."""
    told = _("Done: I no longer fetch {name}. Its articles stay.", name=brief(feed.name))
    return framed(text(told), row(ui.Button(label=_("Undo"), custom_id=f"source-return:{feed.id}")))


def tried_view(tried: Tried) -> View:
    """Return what a feed's articles would be."""
    lines = []
    for record, why in tried.records[:MOST_ARTICLES]:
        article = record.mentions[0]
        lines.append(
            _(
                "- {title} · {outlet} · quality {quality} (estimated) · {topics}",
                title=brief(article.title, TITLE),
                outlet=brief(article.provider.name),
                quality=article.quality,
                topics=topic_words(why, brief) or _("no topic"),
            )
        )
    heading = _("### Test: {name}", name=brief(tried.feed.name))
    nothing = _("-# Nothing is stored. `/admin source add` adds it.")
    return framed(
        text(
            heading, _("{articles}.", articles=_holds(tried.found.read)), *lines, *_others(tried.found.others)
        ),
        text(nothing),  # apart, or Discord would indent it as part of the list
    )


def suggestion_view(url: str, server: str, user_id: int) -> View:
    """Return what the owners are told of a feed that somebody suggests."""
    told = _(
        "<@{user}> of {server} suggests a feed: {address}",
        user=user_id,
        server=brief(server),
        address=brief(without_credentials(url), ADDRESS),
    )
    return framed(text(_("### Suggested source"), told, _("-# `/admin source add` adds it.")))


def suggested_text(reached: int) -> str:
    """Return whether any owner could be told of a suggestion."""
    if reached:
        return _("Thanks: whoever runs this bot has got your suggestion.")
    return _("I couldn't reach whoever runs this bot. Tell them yourself, please.")


def failing_feeds_view(found: Sequence[Feed]) -> View:
    """Return what the owners are told of feeds that have failed for days, or have ended."""
    return framed(text(_("### Sources that need you"), *failing_lines(found)))


def failing_lines(found: Sequence[Feed]) -> list[str]:
    """Return what is wrong with feeds, a line each: since when, and when each is tried again."""
    return [
        _("- **{name}**: {problem}", name=brief(feed.name), problem=_problem(feed))
        for feed in found[:MOST_NAMED]
    ]


def _problem(feed: Feed) -> str:
    problem = problem_text(feed.problem, plain) if feed.problem else ""
    if feed.state is FeedState.ENDED or feed.failing_since is None:
        return problem
    return _(
        "failing since {since}, next try {next}. {problem}",
        since=age(feed.failing_since),
        next=age(feed.next_at),
        problem=problem,
    )


def _lines(feed: Feed) -> list[str]:
    """Return how a source is, the most important first."""
    states = {
        FeedState.NEW: _("not checked yet"),
        FeedState.OK: _("well"),
        FeedState.FAILING: _("failing"),
        FeedState.PAUSED: _("paused"),
        FeedState.ENDED: _("ended"),
    }
    articles = n_("{number:,} article", "{number:,} articles", feed.entries)
    lines = [f"**{brief(feed.name)}** · {states[feed.state]} · {articles}"]
    if feed.problem and feed.state is not FeedState.PAUSED:
        lines.append(f"-# {_problem(feed)}")
    elif feed.state not in STOPPED:
        lines.append(_("-# Next check {when}", when=age(feed.next_at)))
    if feed.options.servers:
        shown = enumerated(list(map(str, feed.options.servers[:MOST_NAMED])))
        lines.append(_("-# Shows only in servers {ids}", ids=shown))
    lines.append(f"-# {_topics(feed)} · {brief(without_credentials(feed.url).partition('://')[2], ADDRESS)}")
    return lines


def _topics(feed: Feed) -> str:
    return _("found in titles") if feed.options.general else brief(enumerated(feed.options.topics))


def _buttons(feed: Feed) -> list[Item]:
    stopped = feed.state in STOPPED
    check = ui.Button[Any](label=_("Check now"), custom_id=f"source-check:{feed.id}", disabled=stopped)
    if stopped:
        other = ui.Button[Any](label=_("Resume"), custom_id=f"source-resume:{feed.id}")
    else:
        other = ui.Button[Any](label=_("Pause"), custom_id=f"source-pause:{feed.id}")
    remove = ui.Button[Any](
        label=_("Remove"), custom_id=f"source-remove:{feed.id}", style=discord.ButtonStyle.danger
    )
    return [check, other, remove]


def _holds(read: ReadFeed) -> str:
    held = n_("{number:,} article", "{number:,} articles", len(read.entries))
    dates = [entry.published for entry in read.entries if entry.published]
    return _("{articles}, newest {when}", articles=held, when=age(max(dates))) if dates else held


def _others(others: Sequence[FoundFeed]) -> list[str]:
    """Return the other feeds of a page."""
    if not others:
        return []
    named = [brief(each.url.partition("://")[2], ADDRESS) for each in others[:MOST_OTHERS]]
    return [_("-# The page has other feeds: {feeds}", feeds=enumerated(named))]
