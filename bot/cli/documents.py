"""The JSON documents that scripts rely on; their keys don't change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from digests.editions.edition import Edition
    from digests.feeds.collect import Round
    from digests.feeds.own_topics import OwnTopic
    from digests.lookup.reasons import Reason
    from digests.lookup.results import Results
    from digests.lookup.stories import StoryCard
    from digests.stories.coverage import Coverage
    from digests.stories.quality import Level
    from storage.feeds import Feed
    from storage.models import Article, Earlier, Record, TopicSummary
    from storage.outlets import OutletArticles


def iso(moment: datetime) -> str:
    """Return a moment as ISO 8601, UTC, to the nearest second."""
    return to_second(moment).replace(tzinfo=None).isoformat() + "Z"


def to_second(moment: datetime) -> datetime:
    """Return a moment in UTC, to the nearest second."""
    return (moment.astimezone(UTC) + timedelta(microseconds=500_000)).replace(microsecond=0)


def topic_document(summary: TopicSummary) -> dict[str, Any]:
    """Return a topic as a JSON document."""
    return {
        "name": summary.topic.name,
        "slug": summary.topic.slug,
        "stories": summary.stories,
        "latest": iso(summary.latest) if summary.latest else None,
    }


def story_document(coverage: Coverage) -> dict[str, Any]:
    """Return a story with its pick as a JSON document."""
    pick = coverage.pick
    return {
        "id": coverage.story_id,
        **_article(pick),
        "heat": coverage.heat,
        "published_at": iso(pick.published_at),
        "articles": coverage.articles,
        "also": [_article(article) | _marked(estimated=article.estimated) for article in coverage.also],
        "follow_up": _follow_up(coverage.follows),
        "estimated": pick.estimated,
    }


def _follow_up(follows: Earlier | None) -> dict[str, Any] | None:
    """Return what a follow-up goes on from as a JSON document."""
    return {"title": follows.title, "published_at": iso(follows.published_at)} if follows else None


def search_document(query: str, results: Results) -> dict[str, Any]:
    """Return what a search found; `corrected` is there only if something was taken for a typing error."""
    document = {
        "query": query,
        "total": results.total,
        "stories": [story_document(result.coverage) for result in results.stories],
    }
    if results.corrections:
        document["corrected"] = {each.typed: each.meant for each in results.corrections}
    return document


def edition_document(edition: Edition) -> dict[str, Any]:
    """Return an edition, with the verdict on every candidate, as a JSON document."""
    return {
        "topic": edition.topic,
        "since": iso(edition.window.since),
        "until": iso(edition.window.until),
        "stories": [story_document(choice.coverage) for choice in edition.choices],
        "verdicts": [
            {
                "id": ruling.story_id,
                "title": ruling.title,
                "verdict": ruling.verdict.value,
                "quality": ruling.quality,
                "heat": ruling.heat,
                **_marked(estimated=ruling.estimated),
            }
            for ruling in edition.rulings
        ],
    }


def card_document(card: StoryCard) -> dict[str, Any]:
    """Return a story with its coverage by chapters, newest first, and the reasons if it has them."""
    from digests.errors import StoryNotFoundError

    if card.coverage is None:
        raise StoryNotFoundError(str(card.story.id))
    chapters = [[article for group in chapter for article in group] for chapter in card.chapters]
    return story_document(card.coverage) | {
        "chapters": [
            {"articles": [_in_card(article, card.reasons.get(article.id)) for article in chapter]}
            for chapter in chapters
        ]
    }


def _in_card(article: Article, reason: Reason | None) -> dict[str, Any]:
    document = _article(article) | {"published_at": iso(article.published_at), "estimated": article.estimated}
    if reason is None:
        return document
    why = {
        "reason": reason.tie.value,
        "likeness": reason.likeness,
        "to": reason.like.url if reason.like else None,
        "feeds": reason.feeds,
    }
    return document | {"why": why}


def _marked(*, estimated: bool) -> dict[str, Any]:
    """Return what marks a quality as estimated; one that seeds give has nothing more."""
    return {"estimated": True} if estimated else {}


def _article(article: Article) -> dict[str, Any]:
    return {
        "title": article.title,
        "url": article.url,
        "provider": article.provider.name,
        "domain": article.provider.domain,
        "quality": article.quality,
    }


def source_document(feed: Feed) -> dict[str, Any]:
    """Return a source as a JSON document; the id is null where it isn't stored."""
    from bot.problems import problem_text
    from digests.feeds.addresses import without_credentials
    from storage.feeds import FeedState

    return {
        "id": feed.id or None,
        "url": without_credentials(feed.url),
        "title": feed.name,
        "site": feed.site,
        "topics": list(feed.options.topics),
        "quality": feed.options.quality,
        "state": feed.state.value,
        "entries": feed.entries,
        "checked_at": iso(feed.checked_at) if feed.checked_at else None,
        "next_check_at": iso(feed.next_at) if feed.state not in {FeedState.PAUSED, FeedState.ENDED} else None,
        "problem": problem_text(feed.problem) if feed.problem else None,
    }


def record_document(record: Record) -> dict[str, Any]:
    """Return an article that a feed would bring as a JSON document."""
    article = record.mentions[0]
    return {
        "title": article.title,
        "url": article.url,
        "provider": article.provider.name,
        "published_at": iso(article.published_at),
        "topics": list(record.topics),
        "quality": article.quality,
    }


def round_document(done: Round) -> dict[str, Any]:
    """Return what a round of checks did as a JSON document."""
    from bot.problems import problem_text
    from digests.feeds.addresses import without_credentials

    return {
        "checked": done.checked,
        "unchanged": done.unchanged,
        "failed": [
            {"url": without_credentials(feed.url), "problem": problem_text(error.stored)}
            for feed, error in done.failed
        ],
        "entries": done.entries,
        "added": done.added,
        "changed": done.changed,
        "articles": done.articles,
        "stories": done.stories,
        "seconds": done.seconds,
    }


def own_topic_document(topic: OwnTopic) -> dict[str, Any]:
    """Return a topic that the operator describes as a JSON document."""
    said = topic.description
    return {
        "name": said.name,
        "slug": said.slug,
        "parent": said.parent,
        "keywords": list(said.names),
        "stories": topic.stories,
        **({"excerpts": True} if said.in_excerpts else {}),
    }


def outlet_document(outlet: OutletArticles, level: Level) -> dict[str, Any]:
    """Return an outlet with its level as a JSON document."""
    return {
        "domain": outlet.domain,
        "name": outlet.name or outlet.domain,
        "quality": level.quality,
        "given_by": level.given_by.value,
        "articles": outlet.articles,
    }
