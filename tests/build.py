"""Builders of what most tests need: articles, stories, seed texts and seed files, all with defaults."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from digests.editions.candidates import EditionOptions, judge
from digests.editions.edition import Edition, choose
from digests.editions.sections import place
from digests.editions.window import Window
from storage.feeds import Feed, FeedOptions
from storage.models import Article, Provider, Shown, Story, Subject

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"
ISSUE_TIME = datetime(2026, 3, 10, 12, tzinfo=UTC)
THIS_MORNING = datetime(2026, 3, 10, 8, tzinfo=UTC)
HOST = "https://one.example"


def article(
    article_id: int = 1,
    *,
    quality: int = 50,
    domain: str = "one.example",
    published: datetime = THIS_MORNING,
    known: datetime | None = None,
    title: str | None = None,
    excerpt: str = "",
    url: str | None = None,
    removed: bool = False,
) -> Article:
    """Return an article of this morning, known since it was published; titles are all different."""
    return Article(
        id=article_id,
        story_id=1,
        url=f"https://{domain}/{article_id}" if url is None else url,
        title=title or f"News {article_id}",
        excerpt=excerpt,
        published_at=published,
        known_at=known or published,
        quality=quality,
        type="article",
        provider=Provider(domain.split(".", maxsplit=1)[0].title(), domain),
        image_url=None,
        removed=removed,
    )


def feed(name: str = "The Quay Times", problem: str | None = None, **changed: Any) -> Feed:
    """Return a feed that was checked this morning, and fails if it has a problem."""
    made = Feed(
        id=1,
        url="https://quay.example/feed",
        host="quay.example",
        options=FeedOptions(name=name, topics=("Ports",)),
        added_at=THIS_MORNING,
        title=name,
        site="https://quay.example/",
        description="",
        spoken="",
        ttl=0,
        next_at=ISSUE_TIME,
        checked_at=THIS_MORNING,
        succeeded_at=THIS_MORNING,
        read_at=THIS_MORNING,
        etag=None,
        modified=None,
        digest=None,
        failures=int(problem is not None),
        failing_since=THIS_MORNING if problem else None,
        problem=problem,
        notified=False,
        moved_to=None,
        moved_since=None,
        ended_at=None,
        entries=20,
    )
    return replace(made, **changed)


def story(*articles: Article, story_id: int = 1) -> Story:
    """Return a story of these articles, or of one, whose id is the story's."""
    return Story(story_id, articles or (article(story_id),))


def mention_text(
    url: str = f"{HOST}/1",
    *,
    title: str | None = None,
    published: str = "2026-03-10T08:00:00Z",
    quality: int = 50,
    domain: str | None = None,
    extra: str = "",
    indent: str = "",
) -> str:
    """Return the lines that a seed says of one article; `extra` are further lines."""
    host = url.split("/")[2]
    lines = [
        f'title: "{title or url}"',
        'excerpt: "What happened."',
        f"publishedDateTime: {published}",
        f'webUrl: "{url}"',
        "type: article",
        f"quality: {quality}",
        "provider:",
        f"  name: {(domain or host).split('.')[0].title()}",
        f"  domain: {domain or host}",
        *extra.splitlines(),
    ]
    return "".join(f"{indent}{line}\n" for line in lines)


def related_text(mention: str) -> str:
    """Return a mention's lines as an item of `related`, formed as real seeds form it."""
    first, *others = mention.splitlines(keepends=True)
    return f"  - {first}" + "".join(f"    {line}" for line in others)


def seed_text(
    url: str = f"{HOST}/1",
    *,
    title: str | None = None,
    published: str = "2026-03-10T08:00:00Z",
    quality: int = 50,
    topics: Iterable[str] = ("AI",),
    related: Iterable[str] = (),
    extra: str = "",
    after: str = "secured: opaque\n",
) -> str:
    """Return a whole seed; `related` are mention_text()s, `after` are the lines that follow them."""
    own = mention_text(url, title=title, published=published, quality=quality, extra=extra)
    named = "".join(f"  - {topic}\n" for topic in topics)
    blocks = "".join(related_text(mention) for mention in related)
    coverage = f"\nrelated:\n{blocks}\n" if blocks else ""
    return f"---\ncategory: news\n{own}heat: -1\npublished: false\n\ntopics:\n{named}{coverage}{after}---\n"


def write_seed(folder: Path, name: str, text: str | None = None) -> Path:
    """Write a seed file, one of its own article where no text is given, and return its path."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text or seed_text(f"{HOST}/{name}"), encoding="utf-8", newline="")
    return path


def build_edition(
    subject: Subject,
    stories: Iterable[Story],
    window: Window,
    options: EditionOptions,
    shown: Collection[Shown] = (),
) -> Edition:
    """Choose what a digest of topics holds, out of stories, for a place with this memory."""
    return choose(subject, window, options, place(judge(stories, window, options), subject.topic_ids), shown)
