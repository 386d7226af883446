"""Seed file to Record: read the text, parse it, say what is wrong with line and field."""

import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, BOM_UTF32_BE, BOM_UTF32_LE
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b

from digests.addresses import is_openable
from digests.fields import ArticleFields, FieldError, RecordFields, TopicFields, validate
from digests.wording import slugify
from digests.yaml_loader import YamlError, line_of, load
from storage.models import Mention, Provider, Record, TopicDescription

YAML_SUFFIXES = (".yaml", ".yml")
SUFFIXES = frozenset({".md", ".markdown", ".txt", *YAML_SUFFIXES})
DOCUMENTATION = re.compile(
    r"(readme|licen[cs]e|changelog|contributing|code_of_conduct|security|notice|authors)(\.\w+)*",
    re.IGNORECASE,
)
# A title alone makes no record: pages and posts of a site have one too.
RECORD_FIELDS = frozenset({"webUrl", "originalUrl", "publishedDateTime", "quality", "provider"})
BYTE_ORDER_MARKS = {"UTF-32": (BOM_UTF32_LE, BOM_UTF32_BE), "UTF-16": (BOM_UTF16_LE, BOM_UTF16_BE)}
OPENING = re.compile(r"---[ \t]*\n")
CLOSING = re.compile(r"\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)")
FENCES = ("\n---", "\n...")  # where alone a closing may be: to find them is quick
SECOND_RECORD = re.compile(r"^(?:title|webUrl|originalUrl|publishedDateTime|quality):", re.MULTILINE)

MANY_FIELDS = 3  # so many at the beginnings of lines are no words of a text

# A seed as nearly every one is written: `related` has one block of lines for each article, two spaces deep.
FENCE = b"---\n"
RELATED = b"\nrelated:\n  - "
NEXT_ITEM = b"\n  - "
AFTER_RELATED = re.compile(r"\n(?=[^ \n]|\Z)")
BLOCK = re.compile(r"  - .*\n(?:(?:    .*)?\n)*")
# What else may stand beside it: a mapping at the margin. Anchors, tags and merge keys reach across.
AT_MARGIN = re.compile(r"(?:(?:[A-Za-z]\w*:(?: .*)?|- .*|[ #].*)?\n)*")
REACHES_ACROSS = re.compile(r"(?:^|[\s,\[{])[&*!]\S|<<")
MAX_CACHED_BLOCKS = 20_000


class SeedError(Exception):
    """What is wrong with a seed file; `line` counts from 1."""

    def __init__(self, message: str, line: int | None = None, field: str | None = None) -> None:
        super().__init__(message)
        self.line = line
        self.field = field


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """A file's YAML and the number of lines before it."""

    text: str
    offset: int


class SeedReader:
    """Reads seed files; remembers blocks of related coverage, which many files repeat."""

    def __init__(self) -> None:
        self._related: dict[bytes, Mention] = {}  # by their text, but for its first dash and last line end

    def read(self, path: str, content: bytes) -> Record | TopicDescription | None:
        """Return what one file says, None where it is no record; `path` is relative to the folder.

        Raises SeedError, which says what is wrong and where.
        """
        if is_organization(path):
            return None
        try:
            return self._read(path, content)
        except SeedError:
            name = path.rsplit("/", maxsplit=1)[-1]
            if name.startswith("_") or DOCUMENTATION.fullmatch(name):
                return None  # a README need be no record; where one is, it is read
            raise

    def _read(self, path: str, content: bytes) -> Record | TopicDescription | None:
        bare = path.lower().endswith(YAML_SUFFIXES)
        is_topic = bare and _folders(path) == ["_data", "topics"]
        if not is_topic and (record := self._read_in_blocks(path, content, bare=bare)):
            return record
        front = _front_matter(_decode(content), bare=bare)
        try:
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
        found it, unless an anchor or a tag reaches across. Whatever is unusual returns None.
        """
        try:
            split = _split(content, bare=bare)
            if split is None:
                return None
            head, items, tail = split
            first, last = load(head), load(tail) or {}
            related = [self._related_mention(item) for item in items]
            if not isinstance(first, dict) or not isinstance(last, dict):
                return None
            if first.keys() & last.keys() or "related" in first or "related" in last:
                return None
            fields = validate(RecordFields, first | last)
        except (UnicodeDecodeError, YamlError, FieldError):
            return None
        own = _mention(fields, (head + tail).encode(), own=True)
        return _to_record(path, fields, len(head), (own, *related))

    def _related_mention(self, item: bytes) -> Mention:
        mention = self._related.get(item)
        if mention is None:
            block = f"  - {item.decode()}\n"
            if not BLOCK.fullmatch(block) or _reaches_across(block):
                raise YamlError("not a plain block of lines two spaces deep", None)
            mention = _read_mention(block)
            if len(self._related) >= MAX_CACHED_BLOCKS:
                self._related.clear()
            self._related[item] = mention
        return mention


def _split(content: bytes, *, bare: bool) -> tuple[str, list[bytes], str] | None:
    """Return what stands before `related`, its items, and what follows; None where that's unusual.

    Bytes, as most of them stand in items that were seen before, and need no decoding. Raises
    UnicodeDecodeError.
    """
    content = content.removeprefix(BOM_UTF8)
    if b"\r" in content:
        content = content.replace(b"\r\n", b"\n")
    start = content.find(RELATED)
    fenced = content.startswith(FENCE)
    if start < 0 or not (fenced or bare):
        return None
    head = content[len(FENCE) if fenced else 0 : start + 1].decode()
    *items, last = content[start + len(RELATED) :].split(NEXT_ITEM)
    # What follows stands behind the last item; behind another, that one isn't a plain block.
    rest = last.decode()
    after, closing = AFTER_RELATED.search(rest), CLOSING.search(rest)
    if after is None or (closing is not None) != fenced or (closing and _second_record(rest, closing.end())):
        return None
    end = after.start()
    while rest[end - 1] == "\n":  # blank lines belong to what follows
        end -= 1
    tail = rest[end + 1 : closing.start() + 1 if closing else None]
    if head[:1].isspace() or any(
        not AT_MARGIN.fullmatch(part) or _reaches_across(part) for part in (head, tail)
    ):
        return None
    return head, [*items, rest[:end].encode()], tail


def _reaches_across(text: str) -> bool:
    # Most texts hold none of these signs, which is quick to see.
    may = "&" in text or "*" in text or "!" in text or "<<" in text
    return may and REACHES_ACROSS.search(text) is not None


def _read_mention(block: str) -> Mention:
    (data,) = load(block)
    return _mention(validate(ArticleFields, data), block.encode(), own=False)


def raw_text(record_text: str, related_at: int | None, related: Iterable[str]) -> str:
    """Put a seed's YAML together again from its own mention's text and the related ones'."""
    if related_at is None:
        return record_text
    return f"{record_text[:related_at]}related:\n{''.join(related)}{record_text[related_at:]}"


def _read_whole(path: str, text: str, *, bare: bool) -> Record | None:
    data = load(text)
    if not isinstance(data, dict):
        if bare:
            return None  # some other YAML file, such as a list of links
        raise SeedError("holds no mapping of fields to values", 1)
    if not RECORD_FIELDS & data.keys():
        return None
    fields = validate(RecordFields, data)
    own = _mention(fields, text.encode(), own=True)
    related = [_mention(article, _to_json(article), own=False) for article in fields.related or ()]
    return _to_record(path, fields, None, (own, *related))


def _to_json(article: ArticleFields) -> bytes:
    # Only tells wordings apart: the text itself is whole in the mention of the record's own article.
    return article.model_dump_json(by_alias=True, exclude_none=True).encode()


def _mention(fields: ArticleFields, raw: bytes, *, own: bool) -> Mention:
    return Mention(
        digest=blake2b(raw, digest_size=12, person=b"own" if own else b"related").digest(),
        raw=raw,
        addresses=fields.addresses,
        own=own,
        url=fields.url,
        title=fields.title,
        excerpt=fields.excerpt,
        published_at=fields.published_at,
        quality=fields.quality,
        type=fields.type,
        provider=Provider(fields.provider.name, fields.provider.domain.lower()),
        image_url=next((image.url for image in fields.images or () if is_openable(image.url)), None),
    )


def _to_record(
    path: str, fields: RecordFields, related_at: int | None, mentions: tuple[Mention, ...]
) -> Record:
    return Record(
        path=path,
        category=fields.category,
        heat=fields.heat,
        published=fields.published,
        removed=fields.removed,
        topics=tuple(dict.fromkeys(fields.topics)),
        related_at=related_at,
        mentions=mentions,
    )


def _topic(text: str) -> TopicDescription:
    fields = validate(TopicFields, load(text))
    others = (fields.shortname, *(fields.keywords or ()), *(fields.hashtags or ()))
    return TopicDescription(
        slug=slugify(fields.name),
        name=fields.name,
        parent=fields.parent,
        names=tuple(dict.fromkeys(name for name in others if name)),
    )


def is_organization(path: str) -> bool:
    """Say whether a file describes a provider; records name their own, so that isn't read."""
    return _folders(path) == ["_data", "organizations"]


def _folders(path: str) -> list[str]:
    """Return the names of the last two folders that a file is in."""
    return path.split("/")[-3:-1]


def _decode(content: bytes) -> str:
    for name, marks in BYTE_ORDER_MARKS.items():
        if content.startswith(marks):
            raise SeedError(f"is {name}; save it as UTF-8", 1)
    try:
        text = content.removeprefix(BOM_UTF8).decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise SeedError(f"is not UTF-8 (byte {error.start + 1}); save it as UTF-8", line) from error
    return text.replace("\r\n", "\n") if "\r" in text else text


def _front_matter(text: str, *, bare: bool) -> FrontMatter:
    """Return the YAML between a file's two fences; a `bare` (YAML) file may do without them."""
    opening = OPENING.match(text)
    if opening is None:
        if bare:
            return FrontMatter(text, 0)
        raise SeedError("has no front matter: its first line must be ---", 1)
    fences = [at for fence in FENCES if (at := text.find(fence, opening.end() - 1)) >= 0]
    closing = CLOSING.search(text, min(fences)) if fences else None
    if closing is None:
        if not bare:
            raise SeedError("has front matter without an end: a line --- must close it", 1)
        return FrontMatter(text[opening.end() :], 1)
    if other := _second_record(text, closing.end()):
        line = text.count("\n", 0, other.start()) + 1
        raise SeedError("holds a second record; one file holds one", line)
    return FrontMatter(text[opening.end() : closing.start() + 1], 1)


def _second_record(text: str, start: int) -> re.Match[str] | None:
    """Return the first field of a second record, if there is one behind the front matter."""
    fields = list(SECOND_RECORD.finditer(text, start))
    return fields[0] if len({field[0] for field in fields}) >= MANY_FIELDS else None
