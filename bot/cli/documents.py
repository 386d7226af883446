"""The JSON documents that scripts rely on; their keys don't change."""

from datetime import UTC, datetime, timedelta
from typing import Any

from digests.editions.edition import Edition
from digests.lookup.results import Results
from digests.stories.coverage import Coverage
from storage.models import Article, Earlier, TopicSummary


def iso(moment: datetime) -> str:
    """Return a moment as ISO 8601, UTC, to the nearest second."""
    rounded = moment.astimezone(UTC) + timedelta(microseconds=500_000)
    return rounded.replace(microsecond=0, tzinfo=None).isoformat() + "Z"


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
        "also": [_article(article) for article in coverage.also],
        "follow_up": _follow_up(coverage.follows),
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
            }
            for ruling in edition.rulings
        ],
    }


def _article(article: Article) -> dict[str, Any]:
    return {
        "title": article.title,
        "url": article.url,
        "provider": article.provider.name,
        "domain": article.provider.domain,
        "quality": article.quality,
    }
