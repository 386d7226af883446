"""Move a server's subscriptions between databases, as JSON that people can read and write."""

import re
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WrapValidator,
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
)
from digests.subscriptions.edit import on_time, running_again
from digests.subscriptions.limits import Limits
from digests.text import slugify
from digests.validation import DiscordId, Moment, explain, json_path
from storage import subscriptions
from storage.engine import Connection, ReadConnection
from storage.models import DigestOptions, PlaceKind, Subscription, SubscriptionState, Topic
from storage.topics import by_slugs

MAX_EXPORT_BYTES = 5_000_000
OPTIONS = {field.name for field in fields(DigestOptions)}
KINDS = (PlaceKind.CHANNEL, PlaceKind.FORUM)
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
# 0 stands for somebody who had their id taken off.
Creator = Annotated[Id, WrapValidator(lambda value, check: 0 if str(value) == "0" else check(value))]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SubscriptionPart(_Part):
    """A subscription: `days` are ISO weekdays, 1 is Monday; `covered_to` ends its last edition's window."""

    topic: str = Field(min_length=1)
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
    paused: bool = False
    covered_to: Moment | None = None


class Document(_Part):
    """What `broadsheet export` writes."""

    broadsheet: Literal[1] = 1
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
    belongs to another server, or a subscription stands there twice, and ImportLimitError where more
    would be added than the server may have.
    """
    topics = await connection.run(by_slugs, {slugify(part.topic) for part in document.subscriptions})
    faults: list[str] = []
    counts = {"added": 0, "changed": 0, "unchanged": 0}
    seen: set[tuple[int, int]] = set()
    for number, part in enumerate(document.subscriptions):
        topic = topics.get(slugify(part.topic))
        if topic is None:
            faults.append(
                f"subscriptions[{number}].topic: no topic “{part.topic}” here; load its seeds first"
            )
            continue
        existing = await connection.run(subscriptions.in_channel, part.channel_id, topic.id)
        if existing and existing.guild_id != document.guild_id:
            faults.append(f"subscriptions[{number}].channel_id: that channel is another server's")
        elif (part.channel_id, topic.id) in seen:
            faults.append(f"subscriptions[{number}]: the same channel and topic as one before it")
        else:
            seen.add((part.channel_id, topic.id))
            counts[await _bring(connection, existing, _wanted(part, topic, document.guild_id, now), now)] += 1
    if faults:
        raise ImportFaultsError(None, tuple(faults))
    total = len(await connection.run(subscriptions.of_guild, document.guild_id))
    if counts["added"] and total > limits.per_server:
        raise ImportLimitError(document.guild_id, total, limits.per_server)
    return Imported(**counts)


async def _bring(
    connection: Connection, existing: Subscription | None, wanted: Subscription, now: datetime
) -> str:
    """Store a subscription, or change the one there is; returns what was done."""
    if existing is None:
        await subscriptions.add(connection, wanted)
        return "added"
    changed = replace(
        existing,
        options=wanted.options,
        kind=wanted.kind,
    )
    if wanted.state is SubscriptionState.PAUSED:
        changed = replace(changed, state=SubscriptionState.PAUSED, reason=None)
    else:
        changed = await running_again(connection, changed, now)
    if changed == existing:
        return "unchanged"
    await subscriptions.change(connection, await on_time(connection, changed, now))
    return "changed"


def _wanted(part: SubscriptionPart, topic: Topic, guild_id: int, now: datetime) -> Subscription:
    draft = Subscription(
        id=0,
        topic=topic,
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
        "topic": subscription.topic.slug,
        "channel_id": subscription.channel_id,
        "created_by": subscription.created_by,
        "kind": subscription.kind,
        "paused": subscription.state is SubscriptionState.PAUSED,
        "covered_to": subscription.covered_to.astimezone(UTC),
        **asdict(subscription.options),
    }
    return SubscriptionPart.model_validate(said, by_name=True)
