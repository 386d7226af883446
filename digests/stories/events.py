"""Which events articles tell of that come by feed: clustered as they are stored, and kept."""

from collections.abc import Mapping
from threading import Lock

from digests.stories.bags import bag_of, pack, unpack
from digests.stories.clustering import LEAST, SILENCE, Arrival, Assignment, Clusters
from digests.stories.grouping import Telling
from storage import events
from storage.engine import Connection, ReadConnection
from storage.events import EventArticle
from storage.models import Mention, to_epoch
from storage.sqlite.packing import key_of


class Events:
    """Clusters what comes, with what the database holds of the last days at hand."""

    def __init__(self) -> None:
        self._clusters = Clusters()
        self._lock = Lock()  # connections have threads of their own

    def load(self, reader: ReadConnection) -> None:
        """Read the last days before the first article comes, so that no transaction has to."""
        with self._lock:
            if self._clusters.last is None:
                self._catch_up(reader)

    def _catch_up(self, reader: ReadConnection) -> None:
        """Take in what was stored meanwhile: by others, or before the bot started."""
        last = self._clusters.last
        if last and not _is_stored(reader, last):  # it was rolled back, or forgotten
            self._clusters = Clusters()
            last = None
        after = last.id if last else events.before_last(reader, SILENCE, LEAST)
        self._clusters.recall(map(_known, events.articles(reader, after)))

    def telling(self, connection: Connection, mentions: Mapping[int, Mention]) -> Telling:
        """Return what notes the events of the articles of mentions, once these have articles."""

        async def tell(articles: Mapping[int, int]) -> list[int]:
            worded = {articles[id_]: each for id_, each in mentions.items() if id_ in articles}
            found = await connection.run(self._find, worded)
            await events.note(connection, found)
            return [each.article_id for each in found]

        return tell

    def _find(self, reader: ReadConnection, worded: Mapping[int, Mention]) -> list[EventArticle]:
        known = events.told(reader, worded)
        arrivals = {
            id_: _arrival(id_, mention) for id_, mention in sorted(worded.items()) if id_ not in known
        }
        with self._lock:
            self._catch_up(reader)
            assigned = self._clusters.assign(list(arrivals.values()))
        return [_noted(arrivals[each.id], each) for each in assigned]


def _is_stored(reader: ReadConnection, arrival: Arrival) -> bool:
    row = events.article(reader, arrival.id)
    return row is not None and (row.published_at, row.words) == (arrival.at, pack(arrival.bag))


def _arrival(article_id: int, mention: Mention) -> Arrival:
    return Arrival(
        article_id,
        key_of(mention.provider.domain),
        to_epoch(mention.published_at),
        bag_of(mention.title, mention.excerpt),
    )


def _known(row: EventArticle) -> tuple[Arrival, Assignment]:
    return (
        Arrival(row.article_id, row.outlet, row.published_at, unpack(row.words)),
        Assignment(row.article_id, row.event_id, row.like_id, row.likeness, row.own_likeness, row.length),
    )


def _noted(arrival: Arrival, assignment: Assignment) -> EventArticle:
    return EventArticle(*assignment, arrival.outlet, arrival.at, pack(arrival.bag))
