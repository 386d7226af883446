"""Stories that people saved to read later, and those they removed, which can be put back for a while."""

from dataclasses import dataclass
from datetime import datetime

from storage.engine import Connection, ReadConnection, Row, scalar
from storage.models import Article, Page, from_epoch, to_epoch


@dataclass(frozen=True, slots=True)
class Saved:
    """A saved story, as it was when it was saved."""

    id: int
    title: str
    url: str
    outlet: str
    published_at: datetime
    saved_at: datetime


def has(reader: ReadConnection, user_id: int, url: str) -> bool:
    """Say whether a person has saved the article at an address."""
    kept = "SELECT 1 FROM saved WHERE user_id = ? AND url = ? AND removed_at IS NULL"
    return scalar(reader, kept, (user_id, url)) is not None


def count(reader: ReadConnection, user_id: int) -> int:
    """Return how many stories a person has saved."""
    counting = "SELECT count(*) FROM saved WHERE user_id = ? AND removed_at IS NULL"
    return int(scalar(reader, counting, (user_id,)))


def of_person(reader: ReadConnection, user_id: int, page: Page) -> list[Saved]:
    """Return some of a person's saved stories, the one saved last first."""
    rows = reader.execute(
        "SELECT * FROM saved WHERE user_id = ? AND removed_at IS NULL"
        " ORDER BY saved_at DESC, id DESC LIMIT ? OFFSET ?",
        (user_id, page.limit, page.offset),
    )
    return [_saved(row) for row in rows]


def get(reader: ReadConnection, user_id: int, saved_id: int) -> Saved | None:
    """Return one of a person's saved stories, also one that was removed lately."""
    rows = reader.execute("SELECT * FROM saved WHERE id = ? AND user_id = ?", (saved_id, user_id))
    return next(map(_saved, rows), None)


async def add(connection: Connection, user_id: int, article: Article, now: datetime) -> None:
    """Save an article for a person, or save it anew."""
    await connection.execute(
        "INSERT INTO saved (user_id, url, title, outlet, published_at, saved_at) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (user_id, url) DO UPDATE SET title = excluded.title, outlet = excluded.outlet,"
        " published_at = excluded.published_at, saved_at = excluded.saved_at, removed_at = NULL",
        (
            user_id,
            article.url,
            article.title,
            article.provider.name,
            to_epoch(article.published_at),
            to_epoch(now),
        ),
    )


async def set_removed(
    connection: Connection, user_id: int, saved_id: int, removed_at: datetime | None
) -> None:
    """Remove one of a person's saved stories, or put it back with None."""
    await connection.execute(
        "UPDATE saved SET removed_at = ? WHERE id = ? AND user_id = ?",
        (to_epoch(removed_at) if removed_at else None, saved_id, user_id),
    )


def _saved(row: Row) -> Saved:
    return Saved(
        row["id"],
        row["title"],
        row["url"],
        row["outlet"],
        from_epoch(row["published_at"]),
        from_epoch(row["saved_at"]),
    )
