"""What the chat service refused to show of stories, so that later messages leave it out at once."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from storage.engine import Database, ReadConnection
from storage.errors import StorageError
from storage.models import Piece, PieceKind, Refusal, from_epoch, to_epoch

KEEP = timedelta(days=7)  # then it is tried again: it may have been put right
MOST = 500  # refusals that are remembered

log = logging.getLogger(__name__)


class Refusals:
    """What was refused lately; nobody waits for it to be written while a reload holds the database."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self._known: dict[tuple[PieceKind, str], Refusal] = {}
        self._unwritten: list[Refusal] = []
        self._writing: asyncio.Task[None] | None = None

    async def load(self) -> None:
        """Remember what was refused before this process began."""
        async with self._database.reading() as connection:
            found = await connection.run(recent, self._clock())
        self._known |= {_key(each.piece): each for each in reversed(found)}

    async def close(self) -> None:
        """Finish writing."""
        if self._writing:
            await asyncio.wait({self._writing})

    def has(self, piece: Piece) -> bool:
        """Say whether a piece was refused lately."""
        known = self._known.get(_key(piece))
        return known is not None and known.refused_at > self._clock() - KEEP

    def note(self, refused: Iterable[tuple[Piece, str]]) -> None:
        """Remember pieces and why they were refused, from now on in memory and soon in the database."""
        now = self._clock()
        news = [Refusal(piece, reason, now) for piece, reason in refused if not self.has(piece)]
        for each in news:
            log.warning("story %d: %s left out: %s", each.piece.story_id, each.piece.kind, each.reason)
            self._known.pop(_key(each.piece), None)  # so that the newest stands last
            self._known[_key(each.piece)] = each
        for oldest in list(self._known)[:-MOST]:
            del self._known[oldest]
        self._unwritten += news
        if news and (self._writing is None or self._writing.done()):
            self._writing = asyncio.create_task(self._write())

    async def _write(self) -> None:
        while self._unwritten:
            written, self._unwritten = self._unwritten, []
            try:
                async with self._database.transaction() as connection:
                    await connection.executemany(
                        "INSERT INTO refusal (kind, value, story_id, reason, refused_at)"
                        " VALUES (?, ?, ?, ?, ?) ON CONFLICT (kind, value) DO UPDATE SET"
                        " story_id = excluded.story_id, reason = excluded.reason,"
                        " refused_at = excluded.refused_at",
                        [(*each.piece, each.reason, to_epoch(each.refused_at)) for each in written],
                    )
                    await connection.execute(
                        "DELETE FROM refusal WHERE refused_at <= :old OR refused_at < (SELECT min(refused_at)"
                        " FROM (SELECT refused_at FROM refusal ORDER BY refused_at DESC LIMIT :most)"
                        " AS kept)",
                        {"old": to_epoch(self._clock() - KEEP), "most": MOST},
                    )
            except StorageError as error:
                log.warning("what was refused won't outlive a restart: %r", error)


def recent(reader: ReadConnection, now: datetime) -> list[Refusal]:
    """Return what was refused lately, the newest first."""
    rows = reader.execute(
        "SELECT * FROM refusal WHERE refused_at > ? ORDER BY refused_at DESC, kind, value LIMIT ?",
        (to_epoch(now - KEEP), MOST),
    )
    return [
        Refusal(
            Piece(PieceKind(row["kind"]), row["value"], row["story_id"]),
            row["reason"],
            from_epoch(row["refused_at"]),
        )
        for row in rows
    ]


def _key(piece: Piece) -> tuple[PieceKind, str]:
    """Return what a piece is known by: the same picture may stand in several stories."""
    return piece.kind, piece.value
