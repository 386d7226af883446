"""A story in an edition: its headline, an excerpt, and in small print who wrote it and who else did."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from bot.locale import _, n_
from bot.locale.cldr import enumerated
from bot.views.layout import Item, space, story_text
from bot.views.story import follow_up_line, headline, with_picture
from bot.views.text import address_of, age, brief, link
from digests.editions.edition import Choice
from digests.stories.coverage import MAX_ALSO, Coverage
from digests.text import shorten
from storage.models import Article

EXCERPTS = range(280, 99, -20)  # characters; cut at a word, the shortest still has 80
OUTLET = 40
MORE_LINK = 300  # characters of an address: a longer one would crowd out what is told


@dataclass(frozen=True, slots=True)
class Told:
    """How much of a story is told: characters of its excerpt, and how many other outlets are named."""

    choice: Choice
    more: int
    excerpt: int

    def text(self) -> Item:
        """Return the story as a block of text."""
        coverage, pick = self.choice.coverage, self.choice.coverage.pick
        title = headline(pick)
        shown = _("Update: {title}", title=title) if self.choice.is_update else title
        return story_text(
            coverage.story_id,
            f"### {shown}",
            brief(pick.excerpt, self.excerpt) if self.excerpt else "",
            f"-# {_small_print(coverage, self.more)}",
            follow_up_line(coverage.follows) if coverage.follows else "",
        )

    def item(self) -> Item:
        """Return the story as a block of text, with its picture."""
        return with_picture(self.text(), self.choice.coverage.pick)


def tell(choices: Sequence[Choice], room: float) -> list[Told] | None:
    """Return how much is told of stories that share a message's room; None if they don't fit in it.

    Headlines and links come first. If the shortest excerpts don't fit beside them, the outlets named third
    go, then those named second and first. What is left is shared by the excerpts.
    """
    told = [Told(choice, len(_others(choice.coverage)), EXCERPTS[0]) for choice in choices]
    if _room(told) <= room:
        return told
    told = _with_excerpts(told, EXCERPTS[-1])
    while _room(told) > room:
        most = max(each.more for each in told)
        if not most:
            return None
        last = max(place for place, each in enumerate(told) if each.more == most)
        told[last] = replace(told[last], more=most - 1)
    longest = bisect_left(EXCERPTS, True, key=lambda length: _room(_with_excerpts(told, length)) <= room)
    return _with_excerpts(told, EXCERPTS[longest])


def _with_excerpts(told: Iterable[Told], length: int) -> list[Told]:
    return [replace(each, excerpt=length) for each in told]


def headline_alone(choice: Choice) -> Told:
    """Return the least that is told of a story, for one that is too long for a message of its own."""
    return Told(choice, 0, 0)


def _room(told: Sequence[Told]) -> float:
    return space(*(each.text() for each in told))


def _others(coverage: Coverage) -> tuple[Article, ...]:
    """Return the articles to name beside the pick: other texts, or else its own text in other outlets."""
    return coverage.also or coverage.copies[:MAX_ALSO]


def _small_print(coverage: Coverage, more: int) -> str:
    pick = coverage.pick
    facts = [f"**{brief(pick.provider.name, OUTLET)}**", _("video") if pick.type == "video" else ""]
    return " · ".join(filter(None, [*facts, age(pick.published_at), _more(coverage, more)]))


def _more(coverage: Coverage, most: int) -> str:
    """Return who else wrote about a story, up to `most` of them by name: "More: PBS, The Apsis +3"."""
    named = [_outlet_link(article) for article in _others(coverage)[:most]]
    rest = coverage.articles - 1 - len(named)
    if not named:
        return n_("{number:,} more article", "{number:,} more articles", rest) if rest > 0 else ""
    outlets = enumerated(named)
    if rest > 0:
        outlets = _("{outlets} +{number:,}", outlets=outlets, number=rest)
    return (
        _("More: {outlets}", outlets=outlets) if coverage.also else _("Same text: {outlets}", outlets=outlets)
    )


def _outlet_link(article: Article) -> str:
    """Return an outlet's name as a link to its article, or alone if the address can't be one."""
    name = shorten(article.provider.name, OUTLET)
    address = address_of(article.url, MORE_LINK)
    return link(name, address) if address else brief(name)
