"""Seed file to Record: read the text, parse it, say what is wrong with line and field."""

import re
from collections.abc import Iterable
from hashlib import blake2b

from digests.seeds import blocks
from digests.errors import RecordNotFoundError, SeedError
from digests.seeds.schema import ArticleFields, FieldError, OutletFields, RecordFields, TopicFields, validate
from digests.seeds.front_matter import front_matter, unmarked
from digests.text import slugify
from storage import records
from storage.engine import ReadConnection
from typing import NamedTuple
from digests.seeds.limits import MAX_NODES, MAX_RELATED
from digests.seeds.fast_path import BLOCK_NODES, RECORD_NODES, FastArticle, FastRecord, match_article, match_record
from digests.seeds.yaml_loader import YamlError, line_of, load, most_nodes
from storage.models import Mention, OutletDescription, Record, TopicDescription

YAML_SUFFIXES = (".yaml", ".yml")
SUFFIXES = frozenset({".md", ".markdown", ".txt", *YAML_SUFFIXES})
DOCUMENTATION = re.compile(
    r"(readme|licen[cs]e|changelog|contributing|code_of_conduct|security|notice|authors)(\.\w+)*",
    re.IGNORECASE,
)
# A title alone makes no record: pages and posts of a site have one too.
RECORD_FIELDS = frozenset({"webUrl", "originalUrl", "publishedDateTime", "quality", "provider"})
MAX_CACHED_BLOCKS = 20_000
# For more bytes, Python gives its lock up for a moment, too short for the event loop to take it; and as that begins
# to wait anew each time, it would get nowhere as long as one text after the other is hashed (200 ms measured).
HASHED_AT_ONCE = 2_000


class _Block(NamedTuple):
    """A related article, and how many nodes its text has at most."""

    mention: Mention
    nodes: int


class SeedReader:
    """Reads seed files; remembers blocks of related coverage, which many files repeat."""

    def __init__(self) -> None:
        self._related: dict[bytes, _Block] = {}  # by their text, but for its first dash and last line end

    def read(self, path: str, content: bytes) -> Record | TopicDescription | OutletDescription | None:
        """Return what one file says, None where it is no record; `path` is relative to the folder.

        Raises SeedError, which says what is wrong and where.
        """
        if is_organization(path) and b"language:" not in content:
            return None  # records name their outlets, so the rest of such a file isn't needed
        try:
            return self._read(path, content)
        except SeedError:
            name = path.rsplit("/", maxsplit=1)[-1]
            if name.startswith("_") or DOCUMENTATION.fullmatch(name):
                return None  # a README need be no record; where one is, it is read
            raise

    def _read(self, path: str, content: bytes) -> Record | TopicDescription | OutletDescription | None:
        bare = path.lower().endswith(YAML_SUFFIXES)
        is_topic = bare and _folders(path) == ["_data", "topics"]
        content = unmarked(content)
        is_outlet = is_organization(path)
        if not (is_topic or is_outlet) and (record := self._read_in_blocks(path, content, bare=bare)):
            return record
        front = front_matter(content, bare=bare)
        try:
            if is_outlet:
                return _outlet(front.text)
            return _topic(front.text) if is_topic else _read_whole(path, front.text, bare=bare)
        except YamlError as error:
            line = None if error.line is None else error.line + front.offset
            raise SeedError(f"not valid YAML: {error}", line, error.field) from error
        except FieldError as error:
            line = line_of(front.text, error.path)
            raise SeedError(str(error), line and line + front.offset, error.field) from error

    def _read_in_blocks(self, path: str, content: bytes, *, bare: bool) -> Record | None:
        """Read a seed of the usual shape, looking at each distinct related block once.

        Equal to reading it whole: a block that is valid YAML by itself leaves the parser where it
        found it, unless an anchor or a tag reaches across; what the pattern for records takes is all at
        the margin and has neither. Whatever is unusual returns None.
        """
        try:
            split = blocks.split(content, bare=bare)
            if split is None:
                return None
            head, items, tail = split
            text = head + tail
            usual = match_record(text)
            nodes = RECORD_NODES if usual else most_nodes(text)
            related = self._related_mentions(items, MAX_NODES - nodes)
            fields = usual or (_read_fields(head, tail) if related else None)
        except (UnicodeDecodeError, YamlError, FieldError):
            return None
        return _to_record(path, fields, text, len(head), related) if fields and related else None

    def _related_mentions(self, items: list[bytes], nodes: int) -> list[Mention] | None:
        """Return what the related articles' texts say; None if they may have more than so many nodes."""
        related: list[Mention] = []
        if len(items) > MAX_RELATED:
            return None
        for item in items:
            block = self._related.get(item) or self._related_block(item)
            related.append(block.mention)
            nodes -= block.nodes
            if nodes < 0:
                return None
        return related

    def _related_block(self, item: bytes) -> _Block:
        text = f"  - {item.decode()}\n"
        usual = match_article(text)
        nodes = BLOCK_NODES if usual else most_nodes(text)
        if nodes > MAX_NODES:
            raise YamlError("perhaps more nodes than a whole seed may have", None)
        block = _Block(_mention(usual or _read_article(text), text.encode(), own=False), nodes)
        if len(self._related) >= MAX_CACHED_BLOCKS:
            self._related.clear()
        self._related[item] = block
        return block


def _read_fields(head: str, tail: str) -> RecordFields | None:
    if not (blocks.is_mapping(head) and blocks.is_mapping(tail)):
        return None
    first, last = load(head), load(tail) or {}
    if not isinstance(first, dict) or not isinstance(last, dict):
        return None
    if first.keys() & last.keys() or "related" in first or "related" in last:
        return None
    return validate(RecordFields, first | last)


def _read_article(block: str) -> ArticleFields:
    if not blocks.is_plain(block):
        raise YamlError("not a plain block of lines two spaces deep", None)
    (data,) = load(block)
    return validate(ArticleFields, data)


def raw_text(record_text: str, related_at: int | None, related: Iterable[str]) -> str:
    """Put a seed's YAML together again from its own mention's text and those of the related ones."""
    if related_at is None:
        return record_text
    return f"{record_text[:related_at]}related:\n{''.join(related)}{record_text[related_at:]}"


def stored_yaml(reader: ReadConnection, path: str) -> str:
    """Return the YAML of the record stored for a path, word for word; raises RecordNotFoundError."""
    found = records.raw_mentions(reader, path)
    if found is None:
        raise RecordNotFoundError(path)
    related_at, (own, *related) = found
    return raw_text(own, related_at, related)


def _read_whole(path: str, text: str, *, bare: bool) -> Record | None:
    if usual := match_record(text):
        return _to_record(path, usual, text, None, ())
    data = load(text)
    if not isinstance(data, dict):
        if bare:
            return None  # some other YAML file, such as a list of links
        raise SeedError("holds no mapping of fields to values", 1)
    if not RECORD_FIELDS & data.keys():
        return None
    fields = validate(RecordFields, data)
    related = [_mention(article, _to_json(article), own=False) for article in fields.related or ()]
    return _to_record(path, fields, text, None, related)


def _to_json(article: ArticleFields) -> bytes:
    # Only tells wordings apart: the text itself is whole in the mention of the record's own article.
    return article.model_dump_json(by_alias=True, exclude_none=True).encode()


def _mention(fields: ArticleFields | FastArticle, raw: bytes, *, own: bool) -> Mention:
    return Mention(
        digest=_digest(raw, b"own" if own else b"related"),
        raw=raw,
        addresses=fields.addresses,
        own=own,
        url=fields.url,
        title=fields.title,
        excerpt=fields.excerpt,
        published_at=fields.published_at,
        quality=fields.quality,
        type=fields.type,
        provider=fields.outlet,
        image_url=fields.image_url,
    )


def _digest(raw: bytes, person: bytes) -> bytes:
    digest = blake2b(digest_size=12, person=person)
    for start in range(0, len(raw), HASHED_AT_ONCE):
        digest.update(raw[start : start + HASHED_AT_ONCE])
    return digest.digest()


def _to_record(
    path: str,
    fields: RecordFields | FastRecord,
    text: str,
    related_at: int | None,
    related: Iterable[Mention],
) -> Record:
    article = fields.article if isinstance(fields, FastRecord) else fields
    own = _mention(article, text.encode(), own=True)
    return Record(
        key=path,
        category=fields.category,
        heat=fields.heat,
        published=fields.published,
        removed=fields.removed,
        topics=tuple(dict.fromkeys(fields.topics)),
        related_at=related_at,
        mentions=(own, *related),
    )


def _topic(text: str) -> TopicDescription:
    fields = validate(TopicFields, load(text))
    others = (fields.shortname, *(fields.keywords or ()), *(fields.hashtags or ()))
    return TopicDescription(
        slug=slugify(fields.name),
        name=fields.name,
        parent=fields.parent,
        names=tuple(dict.fromkeys(name for name in others if name)),
        language=fields.language,
        in_excerpts=fields.excerpts,
    )


def _outlet(text: str) -> OutletDescription | None:
    """Return what language an outlet writes in, None where its file doesn't say."""
    data = load(text)
    if not isinstance(data, dict) or data.get("language") is None:
        return None
    fields = validate(OutletFields, data)
    return OutletDescription(fields.domain, fields.language)


def is_organization(path: str) -> bool:
    """Say whether a file describes a provider."""
    return _folders(path) == ["_data", "organizations"]


def _folders(path: str) -> list[str]:
    """Return the names of the last two folders that a file is in."""
    return path.split("/")[-3:-1]
