"""Records of any maker, and their mentions: what is said of one article, each wording once."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import NamedTuple

from storage.engine import Connection, ReadConnection, scalar
from storage.models import Mention, Record, to_epoch
from storage.sqlite.packing import compress, decompress, key_of, pack_ids, pack_keys, unpack_ids


class Said(NamedTuple):
    """What a stored mention says that tells articles apart; `published_at` is in epoch seconds.

    `former` are addresses that its article had before they were corrected, each with its title of then.
    """

    id: int
    article_id: int | None
    url: str
    former: Sequence[tuple[str, str]]
    title: str
    domain: str
    published_at: int


def mentions_of(reader: ReadConnection, keys: Iterable[str]) -> dict[str, list[int]]:
    """Return the ids of the mentions of those records that there are, their own first, by key."""
    keyed = {key_of(key): key for key in keys}
    rows = reader.execute(
        "SELECT id, mention_id, related FROM record WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(keyed)),),
    )
    return {keyed[row[0]]: [row[1], *unpack_ids(row[2])] for row in rows}


def said(reader: ReadConnection, ids: Iterable[int]) -> dict[int, Said]:
    """Return what mentions say that tells articles apart, by id."""
    rows = reader.execute(
        "SELECT mention.id, article_id, url, former, title, domain, published_at FROM json_each(?) AS wanted"
        " CROSS JOIN mention ON mention.id = wanted.value CROSS JOIN provider ON provider.id = provider_id",
        (json.dumps(list(ids)),),
    )
    return {
        id_: Said(id_, article_id, url, json.loads(former or "[]"), *rest)
        for id_, article_id, url, former, *rest in rows
    }


async def forget_records(connection: Connection, keys: Iterable[str]) -> None:
    """Delete records, given by their keys."""
    await connection.executemany("DELETE FROM record WHERE id = ?", [(key_of(key),) for key in keys])


async def store_records(
    connection: Connection, records: Collection[Record], mention_ids: Mapping[bytes, int]
) -> None:
    """Store records, each in place of an older version; `mention_ids` are their mentions, by digest."""
    await forget_records(connection, (record.key for record in records))
    keys = [key_of(record.key) for record in records]
    await connection.executemany(
        "INSERT INTO record"
        " (id, category, heat, published, removed, mention_id, related, related_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (
                key,
                record.category,
                record.heat,
                record.published,
                record.removed,
                mention_ids[record.mentions[0].digest],
                pack_ids(mention_ids[mention.digest] for mention in record.mentions[1:]),
                record.related_at,
            )
            for key, record in sorted(zip(keys, records, strict=True), key=itemgetter(0))
        ),
    )


async def store_mentions(
    connection: Connection, mentions: Mapping[bytes, Mention]
) -> tuple[dict[bytes, int], list[Mention]]:
    """Store the mentions that aren't there yet; returns the ids of all, by digest, and the new ones."""
    ids = await connection.run(_mention_ids, mentions)
    first = await connection.run(_last_mention_id) + 1
    new = dict(enumerate((each for each in mentions.values() if each.digest not in ids), first))
    named = {(mention.provider.name, mention.provider.domain) for mention in new.values()}
    providers = await _store_providers(connection, named)
    await connection.executemany(
        "INSERT INTO mention (id, digest, own, published_at, quality, provider_id, type, url, title, excerpt,"
        " image_url, addresses, raw) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (  # a generator: the work of packing is done in the connection's thread, not in the event loop
            (
                key,
                mention.digest,
                int(mention.own),
                to_epoch(mention.published_at),
                mention.quality,
                providers[mention.provider.name, mention.provider.domain],
                mention.type,
                mention.url,
                mention.title,
                mention.excerpt,
                mention.image_url,
                pack_keys(map(key_of, mention.addresses)),
                compress(mention.raw, _known(mention)),
            )
            for key, mention in new.items()
        ),
    )
    return ids | {mention.digest: key for key, mention in new.items()}, list(new.values())


async def note_former(connection: Connection, former: Mapping[int, Sequence[tuple[str, str]]]) -> None:
    """Remember which addresses and titles mentions' articles had before a correction, by mention."""
    await connection.executemany(
        "UPDATE mention SET former = ? WHERE id = ?",
        [(json.dumps(each) if each else None, id_) for id_, each in former.items()],
    )


def _last_mention_id(reader: ReadConnection) -> int:
    return int(scalar(reader, "SELECT coalesce(max(id), 0) FROM mention"))


def _mention_ids(reader: ReadConnection, mentions: Mapping[bytes, Mention]) -> dict[bytes, int]:
    """Return the ids of the mentions that are there, by digest: they word the articles at their addresses."""
    rows = reader.execute(
        "SELECT mention.digest, mention.id FROM json_each(?) AS wanted"
        " CROSS JOIN address ON address.key = wanted.value"
        " CROSS JOIN mention ON mention.article_id = address.article_id",
        (json.dumps(list({key_of(mention.addresses[0]) for mention in mentions.values()})),),
    )
    return {row[0]: row[1] for row in rows if row[0] in mentions}


def _known(mention: Mention) -> tuple[str | None, ...]:
    """Return what the columns beside a mention's raw text say of it already."""
    provider = mention.provider
    return mention.image_url, mention.url, provider.name, provider.domain, mention.title, mention.excerpt


async def _store_providers(
    connection: Connection, named: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], int]:
    """Store the providers that aren't there yet; returns the ids of all, by name and domain."""
    rows = sorted(named)  # the same ids each time
    await connection.executemany(
        "INSERT INTO provider (name, domain) VALUES (?, ?) ON CONFLICT DO NOTHING", rows
    )
    found = await connection.execute_fetchall(
        "SELECT name, domain, provider.id FROM json_each(?, '$') AS wanted CROSS JOIN provider"
        " ON domain = wanted.value ->> 1 AND name = wanted.value ->> 0",
        (json.dumps(rows),),
    )
    return {(row[0], row[1]): row[2] for row in found}


def raw_mentions(reader: ReadConnection, path: str) -> tuple[int | None, list[str]] | None:
    """Return a record's `related_at` and its mentions' texts, its own first; None without a record."""
    records = list(
        reader.execute("SELECT related_at, mention_id, related FROM record WHERE id = ?", (key_of(path),))
    )
    if not records:
        return None
    related_at, own_id, related = records[0]
    return related_at, [_raw(reader, key) for key in (own_id, *unpack_ids(related))]


def _raw(reader: ReadConnection, mention_id: int) -> str:
    rows = reader.execute(
        "SELECT raw, image_url, url, name, domain, title, excerpt"
        " FROM mention JOIN provider ON provider.id = provider_id WHERE mention.id = ?",
        (mention_id,),
    )
    raw, *known = rows.fetchone()
    return decompress(raw, known).decode()


async def count(connection: Connection, records: int, stories: int, articles: int) -> None:
    """Note that there are so many more records, stories and articles; negative numbers are fewer."""
    await connection.execute(
        "UPDATE total SET records = records + ?, stories = stories + ?, articles = articles + ?",
        (records, stories, articles),
    )
