"""What owners see who part a story or join two, and the forms of the custom_ids there."""

import re
from collections.abc import Sequence
from typing import Any

import discord
from discord import ui

from bot.locale import _
from bot.ties import tie_text
from bot.views.buttons import NUMBER, OPTION, button_state, not_a_button
from bot.views.layout import MAX_SPACE, Item, View, fitted, framed, row, space, story_text, text
from bot.views.notice import notice
from bot.views.paging import page_count, page_of, pager
from bot.views.story import SHORT_LINK, SHORT_TITLE, headline
from bot.views.text import age, article_count, brief, outlet_count, plain
from digests.lookup.reasons import Reason
from digests.lookup.stories import StoryCard
from digests.text import shorten
from storage.models import Article

ARTICLES_PAGE = rf"story-articles:(?P<story>{NUMBER}):(?P<page>{NUMBER})"
SPLIT_STORY = rf"story-split:(?P<story>{NUMBER})"  # a select, whose values are ids of articles
UNDO_STORY = rf"story-undo:(?P<decision>{NUMBER})"
PER_PAGE = 8
LISTED_TITLE = 110
SHORT_LISTED_TITLE = 60
MOST_STORIES = 5


def articles_view(card: StoryCard, page: int) -> View:
    """Return a page of a story's articles, why each is in it, and a select of those to part from it."""
    articles = _articles(card)
    if len(articles) < 2:
        return notice(_("There's nothing to part: this story has a single article."))
    pages = page_count(len(articles), PER_PAGE)
    page = min(page, pages - 1)
    numbered = list(enumerate(articles, 1))[page * PER_PAGE : (page + 1) * PER_PAGE]
    heading = _("### Story {number}: {count}", number=card.story.id, count=article_count(len(articles)))
    hint = _("Choose those that don't belong here: I'll make them a story of their own.")
    header = text(heading + page_of(page, pages), hint)
    lines = [_lines(number, each, card.reasons.get(each.id)) for number, each in numbered]
    return framed(
        header,
        story_text(card.story.id, *fitted(lines, MAX_SPACE - space(header))),
        row(_select(card.story.id, numbered, min(len(numbered), len(articles) - 1))),
        *pager(f"story-articles:{card.story.id}:{{}}", page, pages),
    )


def decided_view(said: str, cards: Sequence[StoryCard], decision: int | None) -> View:
    """Return what was done and the stories that came of it, with a button that undoes `decision`."""
    undo = [row(ui.Button[Any](label=_("Undo"), custom_id=f"story-undo:{decision}"))] if decision else []
    return framed(text(said), *map(_story, cards), *undo)


def chosen_articles(interaction: discord.Interaction[Any]) -> list[int]:
    """Return the ids of the articles chosen in a select; raises NoticeError if it never offered those."""
    data: Any = interaction.data
    values = data.get("values", ())
    if not values or not all(re.fullmatch(NUMBER, value) for value in values):
        raise not_a_button()
    return list(button_state({value: value for value in values}).values())


def _articles(card: StoryCard) -> list[Article]:
    return [article for chapter in card.chapters for group in chapter for article in group]


def _lines(number: int, article: Article, reason: Reason | None) -> tuple[str, str]:
    """Return an article with why it is in its story, and the same without a link."""
    facts = f"{brief(article.provider.name)} · {age(article.published_at)}"
    why = "\n   -# " + _("why: {reason}", reason=tie_text(reason, plain)) if reason else ""
    return (
        f"{number}. {headline(article, LISTED_TITLE, SHORT_LINK)} · {facts}{why}",
        f"{number}. {brief(article.title, SHORT_LISTED_TITLE)} · {facts}{why}",
    )


def _select(story_id: int, numbered: Sequence[tuple[int, Article]], most: int) -> Item:
    options = [
        discord.SelectOption(
            label=shorten(f"{number}. {article.title}", OPTION),
            description=shorten(article.provider.name, OPTION) or None,
            value=str(article.id),
        )
        for number, article in numbered
    ]
    return ui.Select[Any](
        custom_id=f"story-split:{story_id}",
        placeholder=_("Make a story of …"),
        max_values=most,
        options=options,
    )


def _story(card: StoryCard) -> Item:
    articles = _articles(card)
    facts = _("Story {number}", number=card.story.id)
    if card.coverage is None:
        return text(f"-# {facts}")
    outlets = outlet_count(len({article.provider.domain for article in articles}))
    covered = _("{articles} from {outlets}", articles=article_count(len(articles)), outlets=outlets)
    title = headline(card.coverage.pick, SHORT_TITLE, SHORT_LINK)
    return story_text(card.story.id, f"**{title}**", f"-# {facts} · {covered}")
