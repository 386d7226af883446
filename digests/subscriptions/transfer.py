"""Move a server's subscriptions between databases, as JSON that people can read and write."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WrapValidator,
    model_validator,
)
from pydantic import ValidationError as PydanticError
from pydantic_core import PydanticCustomError

from digests.editions.issue import timetable_of, window_at
from digests.editions.limits import DEFAULT_STORIES, HIGHEST_MIN_QUALITY, MAX_STORIES
from digests.editions.timetable import EVERY_DAY
from digests.editions.zones import zone_names
from digests.errors import (
    ExportExistsError,
    ExportUnwritableError,
    ImportFaultsError,
    ImportLimitError,
    ImportTooLargeError,
    ImportUnreadableError,
    NothingToExportError,
    NoWordsError,
)
from digests.lookup.topics import MAX_TOPICS
from digests.subscriptions.edit import on_time, running_again
from digests.subscriptions.limits import Limits
from digests.subscriptions.subjects import MAX_WORDS, sharing, tidy_words
from digests.text import slugify
from digests.validation import DiscordId, Moment, explain, json_path
from storage import subjects, subscriptions
from storage.engine import Connection, ReadConnection
from storage.models import DigestOptions, PlaceKind, Subject, Subscription, SubscriptionState, Topic
from storage.topics import by_slugs

MAX_EXPORT_BYTES = 5_000_000
OPTIONS = {field.name for field in fields(DigestOptions)} - {"without"}  # which only DMs have
KINDS = (PlaceKind.CHANNEL, PlaceKind.FORUM)
LANGUAGE = r"^[a-z]{2,3}(_([A-Z]{2}|[0-9]{3}))?$"
TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)


def _zone(name: str) -> str:
    # EST stays EST, as it was exported, though who types it means New York.
    if found := zone_names().get(name.casefold()):
        return found
    raise PydanticCustomError("zone", "a time zone, such as Europe/Berlin or UTC")


def _time(text: str) -> str:
    if not TIME.fullmatch(text):
        raise PydanticCustomError("time", "a time of 24 hours, such as 09:00")
    return text


def _kind(value: object) -> object:
    if value not in KINDS:
        raise PydanticCustomError("kind", " or ".join(map(repr, map(str, KINDS))))
    return value


# Written as text, as many readers of JSON round numbers of that size.
Id = Annotated[DiscordId, PlainSerializer(str, str, when_used="json")]
Name = Annotated[str, Field(min_length=1)]
# 0 stands for somebody who had their id taken off.
Creator = Annotated[Id, WrapValidator(lambda value, check: 0 if str(value) == "0" else check(value))]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SubscriptionPart(_Part):
    """A subscription: `days` are ISO weekdays, 1 is Monday; `covered_to` ends its last edition's window."""

    topics: tuple[Name, ...] = Field((), max_length=MAX_TOPICS)
    words: str = Field("", max_length=MAX_WORDS)
    topic: Name | None = Field(None, exclude=True)  # so version 1 says what version 2 says as `topics`
    channel_id: Id
    created_by: Creator = 0
    issue_time: Annotated[str, AfterValidator(_time)] = Field(alias="time")
    zone: Annotated[str, AfterValidator(_zone)] = Field(alias="timezone")
    days: frozenset[Annotated[int, Field(ge=1, le=7)]] = Field(EVERY_DAY, min_length=1)
    stories: int = Field(DEFAULT_STORIES, ge=1, le=MAX_STORIES)
    min_quality: int = Field(0, ge=0, le=HIGHEST_MIN_QUALITY)
    kind: Annotated[PlaceKind, BeforeValidator(_kind)] = PlaceKind.CHANNEL
    mention_role_id: Id | None = None
    publish: bool = False
    muted: frozenset[str] = frozenset()
    language: str | None = Field(None, pattern=LANGUAGE, exclude_if=lambda language: language is None)
    paused: bool = False
    covered_to: Moment | None = None

    @model_validator(mode="after")
    def _is_about_something(self) -> Self:
        if sum(map(bool, (self.topics, self.words, self.topic))) != 1:
            message = "needs either topics or words"
            raise ValueError(message)
        return self

    @property
    def named(self) -> tuple[str, ...]:
        """The names of its topics, whichever version says so."""
        return (self.topic,) if self.topic else self.topics


class Document(_Part):
    """What `broadsheet export` writes; it wrote version 1 while a subscription had one topic."""

    broadsheet: Literal[1, 2] = 2
    guild_id: Id
    subscriptions: tuple[SubscriptionPart, ...]


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did; the fields are those of `broadsheet import --json`."""

    added: int
    changed: int
    unchanged: int

    def to_json(self) -> dict[str, Any]:
        """Return it as a JSON document."""
        return asdict(self)


def export_guild(reader: ReadConnection, guild_id: int) -> str:
    """Return a server's subscriptions as JSON; raises NothingToExportError where it has none."""
    found = subscriptions.of_guild(reader, guild_id)
    if not found:
        raise NothingToExportError(guild_id)
    return Document(guild_id=guild_id, subscriptions=tuple(map(_part, found))).model_dump_json(
        indent=2, by_alias=True
    )


def write_document(file: Path, document: str, *, force: bool) -> None:
    """Write a document into a file.

    Raises ExportExistsError where it is there and `force` isn't set, and ExportUnwritableError.
    """
    try:
        with file.open("w" if force else "x", encoding="utf-8") as opened:
            opened.write(document + "\n")
    except FileExistsError as error:
        raise ExportExistsError(file) from error
    except OSError as error:
        raise ExportUnwritableError(file, error.strerror or str(error)) from error


def read_document(file: Path) -> Document:
    """Return what a file says.

    Raises ImportFaultsError, which names every fault, ImportUnreadableError or ImportTooLargeError.
    """
    try:
        with file.open("rb") as opened:
            content = opened.read(MAX_EXPORT_BYTES + 1)  # it may be a device or a pipe, which has no size
    except OSError as error:
        raise ImportUnreadableError(file, error.strerror or str(error)) from error
    if len(content) > MAX_EXPORT_BYTES:
        raise ImportTooLargeError(file, MAX_EXPORT_BYTES)
    try:
        return Document.model_validate_json(content)
    except PydanticError as error:
        faults = tuple(
            f"{json_path(detail['loc']) or 'the file'}: {explain(detail)}"
            for detail in error.errors(include_url=False)
        )
        raise ImportFaultsError(file, faults) from error


async def import_guild(connection: Connection, document: Document, now: datetime, limits: Limits) -> Imported:
    """Add and change subscriptions so that they are as `document` says, in the open transaction.

    Raises ImportFaultsError, which names every fault, where a topic isn't known here, a channel
    belongs to another server, or a channel would get a topic twice, and ImportLimitError where more
    would be added than the server may have.
    """
    slugs = {slugify(name) for part in document.subscriptions for name in part.named}
    topics = await connection.run(by_slugs, slugs)
    faults: list[str] = []
    counts = {"added": 0, "changed": 0, "unchanged": 0}
    seen: list[Subscription] = []
    for number, part in enumerate(document.subscriptions):
        try:
            wanted = _wanted(part, _subject(part, topics), document.guild_id, now)
            existing = await connection.run(_existing, wanted, seen)
            counts[await _bring(connection, existing, wanted, now)] += 1
        except _PartError as error:
            faults.append(f"subscriptions[{number}]{error}")
        else:
            seen.append(wanted)
    if faults:
        raise ImportFaultsError(None, tuple(faults))
    total = len(await connection.run(subscriptions.of_guild, document.guild_id))
    if counts["added"] and total > limits.per_server:
        raise ImportLimitError(document.guild_id, total, limits.per_server)
    return Imported(**counts)


class _PartError(Exception):
    """What is wrong with one subscription of a document, to follow on its number."""


def _subject(part: SubscriptionPart, topics: Mapping[str, Topic]) -> Subject:
    """Return what a subscription is about; raises _PartError."""
    if part.words:
        try:
            return Subject(words=tidy_words(part.words))
        except NoWordsError as error:
            message = f".words: “{part.words}” has no words to search for"
            raise _PartError(message) from error
    field = "topic" if part.topic else "topics"
    for name in part.named:
        if slugify(name) not in topics:
            message = f".{field}: no topic “{name}” here; load its seeds first"
            raise _PartError(message)
    found = tuple(topics[slugify(name)] for name in part.named)
    if len(set(found)) < len(found):
        message = f".{field}: names a topic twice"
        raise _PartError(message)
    return Subject(found)


def _existing(
    reader: ReadConnection, wanted: Subscription, seen: Iterable[Subscription]
) -> Subscription | None:
    """Return the subscription that is there already for some of what is wanted; raises _PartError."""
    there = subscriptions.all_in_channel(reader, wanted.channel_id)
    if any(each.guild_id != wanted.guild_id for each in there):
        message = ".channel_id: that channel is another server's"
        raise _PartError(message)
    before = [each for each in seen if each.channel_id == wanted.channel_id]
    if any(sharing(wanted.subject, each.subject) for each in before):
        message = ": the same channel and topic as one before it"
        raise _PartError(message)
    found = [each for each in there if sharing(wanted.subject, each.subject)]
    if len(found) > 1:
        message = ": its topics are in several digests of that channel; end all but one first"
        raise _PartError(message)
    return found[0] if found else None


async def _bring(
    connection: Connection, existing: Subscription | None, wanted: Subscription, now: datetime
) -> str:
    """Store a subscription, or change the one there is; returns what was done."""
    if existing is None:
        await subscriptions.add(connection, wanted)
        return "added"
    changed = replace(existing, options=wanted.options, kind=wanted.kind, subject=wanted.subject)
    if wanted.state is SubscriptionState.PAUSED:
        changed = replace(changed, state=SubscriptionState.PAUSED, reason=None)
    else:
        changed = await running_again(connection, changed, now)
    if changed == existing:
        return "unchanged"
    await subjects.store(connection, changed)
    await subscriptions.change(connection, await on_time(connection, changed, now))
    return "changed"


def _wanted(part: SubscriptionPart, subject: Subject, guild_id: int, now: datetime) -> Subscription:
    draft = Subscription(
        id=0,
        subject=subject,
        guild_id=guild_id,
        channel_id=part.channel_id,
        created_by=part.created_by,
        created_at=now,
        options=DigestOptions(**part.model_dump(include=OPTIONS)),
        kind=part.kind,
        state=SubscriptionState.PAUSED if part.paused else SubscriptionState.ACTIVE,
        covered_to=now,
        next_at=now,
    )
    timetable = timetable_of(draft.options)
    last = timetable.last_by(now)
    covered_to = part.covered_to or last
    # An edition that fell due on the way comes at once.
    next_at = last if covered_to < last else timetable.next_after(now)
    moved = replace(draft, covered_to=covered_to, next_at=next_at)
    return replace(moved, covered_to=window_at(moved, next_at).since)


def _part(subscription: Subscription) -> SubscriptionPart:
    said = {
        "topics": [topic.slug for topic in subscription.subject.topics],
        "words": subscription.subject.words,
        "channel_id": subscription.channel_id,
        "created_by": subscription.created_by,
        "kind": subscription.kind,
        "paused": subscription.state is SubscriptionState.PAUSED,
        "covered_to": subscription.covered_to.astimezone(UTC),
        **{name: getattr(subscription.options, name) for name in OPTIONS},
    }
    return SubscriptionPart.model_validate(said, by_name=True)
