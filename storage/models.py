"""What the rows mean, frozen and shared by every layer. Times are aware, UTC."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import NamedTuple

BATCH = 500  # values bound to one statement
LARGEST = 2**63 - 1  # number that SQLite holds; Discord's ids stay below it


def to_epoch(moment: datetime) -> int:
    """Return an aware moment as whole UTC epoch seconds, as the database keeps it."""
    return int(moment.timestamp())


def from_epoch(seconds: int) -> datetime:
    """Return UTC epoch seconds as an aware moment."""
    return datetime.fromtimestamp(seconds, UTC)


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a list to read, as it was at `now`: up to `limit` entries after the first `offset`."""

    now: datetime
    limit: int
    offset: int = 0


class Order(StrEnum):
    """What the stories that a search finds are ordered by."""

    MATCH = "match"
    NEWEST = "newest"
    QUALITY = "quality"


@dataclass(frozen=True, slots=True)
class Provider:
    """An outlet; `id` is that of its row where that is needed. One that changed its name has several rows."""

    name: str
    domain: str
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one seed file; `line` counts from 1, None where no line is to blame."""

    path: str
    line: int | None
    field: str | None
    error: str

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else self.path
        return f"{place}: {self.field}: {self.error}" if self.field else f"{place}: {self.error}"


class Mention(NamedTuple):
    """What a seed or a feed says of one article: `raw` is its text in the file, the rest is cleaned.

    `addresses` are canonical, the article's own first; `url` is the address as it is given. Of several, the
    one with the highest `own` speaks for the article: 1 for a record's own, 0 for others, -1 for a feed's.
    """

    digest: bytes
    raw: bytes
    addresses: tuple[str, ...]
    own: int
    url: str
    title: str
    excerpt: str
    published_at: datetime
    quality: int
    type: str
    provider: Provider
    image_url: str | None


class Record(NamedTuple):
    """What one seed or one entry of a feed says: its own article in `mentions`, then the related coverage.

    `key` stands for the same record whenever it is stored: a seed's is its path, which begins with no slash,
    other makers' keys do. `related_at` is where in the own mention's text the related ones stand, None where
    that text already holds them.
    """

    key: str
    category: str
    heat: int
    published: bool
    removed: bool
    topics: tuple[str, ...]
    related_at: int | None
    mentions: tuple[Mention, ...]


class PastQuality(NamedTuple):
    """The quality that an article had until a moment."""

    quality: int
    until: datetime


@dataclass(frozen=True, slots=True)
class Article:
    """One outlet's piece, as the best-informed seed words it.

    `past` are the qualities that it had before, as far as they were asked for, the oldest first.
    """

    id: int
    story_id: int
    url: str
    title: str
    excerpt: str
    published_at: datetime
    known_at: datetime
    quality: int
    type: str
    provider: Provider
    image_url: str | None
    removed: bool
    estimated: bool = False  # its quality, as no seed says it
    past: tuple[PastQuality, ...] = ()

    def quality_at(self, moment: datetime) -> int:
        """Return the quality that the article had at `moment`."""
        return next((past.quality for past in self.past if past.until > moment), self.quality)


@dataclass(frozen=True, slots=True)
class Story:
    """Articles that are tied together, withdrawn ones included.

    `tagged` says since when articles, by id, carry one of the topics that the story was read for, or are
    found by the search; `topic_ids` are those of these topics that the story has. It is `left_out` if it has
    a topic that the reader wants to see nothing of.
    """

    id: int
    articles: tuple[Article, ...]
    tagged: Mapping[int, datetime] = field(default_factory=dict)
    topic_ids: frozenset[int] = frozenset()
    left_out: bool = False


@dataclass(frozen=True, slots=True)
class Earlier:
    """The chapter that a follow-up goes on from: its pick's title, and when that was published."""

    title: str
    published_at: datetime


@dataclass(frozen=True, slots=True)
class Extract:
    """The best articles of a story's newest chapter, best first; number and heat are those of all of them.

    `begun_at` is when the chapter began, `follows` what it is a follow-up of.
    """

    story: Story
    articles: int
    heat: int
    begun_at: datetime
    follows: Earlier | None


class Summary(NamedTuple):
    """What lists need of a story: its newest chapter, by ids, and times in UTC epoch seconds.

    `articles`, `pick_id` and `heat` are that chapter's, which began at `begun_at`; `followed_id` is the pick
    of the one that it goes on from. `first_at` is when the story's first article was published.
    """

    story_id: int
    articles: int
    pick_id: int
    first_at: int
    begun_at: int
    newest_at: int
    heat: int
    followed_id: int | None


@dataclass(frozen=True, slots=True)
class Headline:
    """A story's best title, and the outlet that wrote it."""

    story_id: int
    title: str
    outlet: str


@dataclass(frozen=True, slots=True)
class TopicDescription:
    """What a `_data/topics` file or the operator says; `names` are the other names that find the topic.

    `language` is what its articles are written in, of ISO 639, if they are all in one. It is looked for in
    titles, and `in_excerpts` as well if it asks for that; `servers` are the only ones that it shows in.
    """

    slug: str
    name: str
    parent: str | None
    names: tuple[str, ...]
    language: str | None = None
    in_excerpts: bool = False
    servers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class OutletDescription:
    """What a `_data/organizations` file says: the language, of ISO 639, that the outlet writes in."""

    domain: str
    language: str


@dataclass(frozen=True, slots=True)
class Topic:
    """A named subject; `names` are the other names that find it: short name, keywords, hashtags."""

    id: int
    slug: str
    name: str
    parent: str | None = None
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Subject:
    """What a digest is about: topics, in their order, or else the stories that a search for `words` finds."""

    topics: tuple[Topic, ...] = ()
    words: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """What its topics, or its search, are called."""
        return tuple(topic.name for topic in self.topics) or (f"“{self.words}”",)

    @property
    def name(self) -> str:
        """What the digest is called."""
        return ", ".join(self.names)

    @property
    def topic_ids(self) -> tuple[int, ...]:
        """The ids of its topics, in their order."""
        return tuple(topic.id for topic in self.topics)


@dataclass(frozen=True, slots=True)
class TopicSummary:
    """A topic with how many stories it has and when the newest of them was published."""

    topic: Topic
    stories: int
    latest: datetime | None


class PieceKind(StrEnum):
    """What a chat service can refuse to show of a story."""

    PICTURE = "picture"
    LINKS = "links"
    STORY = "story"


class Piece(NamedTuple):
    """A piece of a story in a message.

    `value` is the picture's address, the addresses that a text links with spaces between them, or the
    story's id.
    """

    kind: PieceKind
    value: str
    story_id: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """A piece that isn't shown; `reason` is in the chat service's words, or NOT_PUBLIC."""

    piece: Piece
    reason: str
    refused_at: datetime


NOT_PUBLIC = "not public"  # the address leads nowhere from outside


class PlaceKind(StrEnum):
    """What a digest goes to; an announcement channel or a thread is a channel as well."""

    CHANNEL = "channel"
    FORUM = "forum"
    DM = "dm"


class SubscriptionState(StrEnum):
    """Paused by a person, or blocked because its place is closed to the bot: no editions come."""

    ACTIVE = "active"
    PAUSED = "paused"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class DigestOptions:
    """What people choose for a digest.

    `issue_time` is HH:MM on the clock of `zone`, an IANA name; `days` are ISO weekdays (1 is Monday);
    `stories` is how many an edition holds at most; `mention_role_id` is the role to ping; `publish` hands
    posts on to an announcement channel's followers; `muted` are the domains of outlets to leave out, and
    `without` the ids of topics; `language` is what its texts are in, None for the server's.
    """

    issue_time: str
    zone: str
    days: frozenset[int]
    stories: int
    min_quality: int = 0
    mention_role_id: int | None = None
    publish: bool = False
    muted: frozenset[str] = frozenset()
    without: frozenset[int] = frozenset()
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Subscription:
    """A digest for one channel, forum or person's DM.

    `covered_to` ends the last edition's window; `reason`, a Trouble or the chat service's words, says why it
    is blocked; `created_by` is who made it, and whose DM it goes to.
    """

    id: int
    subject: Subject
    guild_id: int | None
    channel_id: int
    created_by: int
    created_at: datetime
    options: DigestOptions
    covered_to: datetime
    next_at: datetime
    kind: PlaceKind = PlaceKind.CHANNEL
    state: SubscriptionState = SubscriptionState.ACTIVE
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """A chapter that a place was shown: the ids of its articles, its pick, and how good that was.

    `topic` is the name of the topic, or of the search, whose digest showed it.
    """

    article_ids: frozenset[int]
    pick_id: int
    quality: int
    topic: str


class DeliveryState(StrEnum):
    """How far a delivery is: the first two are open, the others settled."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    EMPTY = "empty"
    SKIPPED = "skipped"
    FAILED = "failed"


class Trouble(StrEnum):
    """What can be wrong with a delivery or a subscription; it is stored by its value, and worded later."""

    PAUSED = "paused"  # while it waited
    EXPIRED = "expired"  # it waited until the next one had its stories
    TOO_LATE = "too late"  # when its turn came
    UNREADABLE = "unreadable"  # what was stored of it
    INTERNAL = "internal error"  # told in the log
    UNPUBLISHED = "not published yet"  # to followers; its detail is what went wrong
    NOT_PUBLISHED = "not published"  # to followers, and given up; its detail is what went wrong
    UNKNOWN_ZONE = "unknown time zone"  # its detail is the zone
    UNKNOWN_TIME = "unknown time"  # its detail is the time of day that can't be read
    LACKING = "lacking"  # its detail is the missing permissions, with commas
    NO_CHANNEL = "no channel"  # any more
    NO_SERVER = "no server"  # of the bot's any more
    NO_FORUM = "no forum"  # any more
    NO_POST = "no post"  # any more that the rest belongs to
    NO_TAG = "no tag"  # that may be used, in a forum that requires one
    LOCKED = "locked"  # a thread
    DMS_CLOSED = "closed DMs"
    NO_SHARED_SERVER = "no shared server"  # so no DMs
    STALLED = "stalled"  # the program
    LIMITED = "limited"  # by the chat service, for now
    REFUSED = "answered"  # by the chat service; its detail is the status and the code
    UNANSWERED = "no answer"  # of the chat service's; its detail is the kind of error

    def about(self, detail: str) -> str:
        """Return it with a detail, as it is stored."""
        return f"{self.value}: {detail}"


def kind_of(reason: str) -> str:
    """Return a stored reason without its detail: a Trouble's value, or the chat service's words."""
    return reason.partition(": ")[0]


@dataclass(frozen=True, slots=True)
class Owed:
    """A row for the outbox, not sent before `send_at`; `edition_id` is None where the edition was skipped."""

    subscription_id: int
    issue_date: str
    issue_at: datetime
    state: DeliveryState
    edition_id: int | None
    send_at: datetime


@dataclass(frozen=True, slots=True)
class Delivery:
    """One edition owed to one subscription, and where it goes.

    `edition_id` is None where nothing was owed; `attempts` counts the claims, this one included;
    `message_id` is the first part's, in a forum also the post's; `error` is what went wrong last, as a
    Trouble or in the chat service's words; `unpublished` is the Trouble with publishing a part; `options`
    are the subscription's as they are now.
    """

    id: int
    subscription_id: int
    channel_id: int
    issue_date: str
    issue_at: datetime
    state: DeliveryState
    edition_id: int | None
    attempts: int
    parts_sent: int
    message_id: int | None
    error: str | None
    settled_at: datetime | None = None
    guild_id: int | None = None
    kind: PlaceKind = PlaceKind.CHANNEL
    unpublished: str | None = None
    options: DigestOptions = field(kw_only=True)


class PublicationState(StrEnum):
    """How far a publication is."""

    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Publication:
    """A message, part of a delivery, that is to be published to the followers of its channel.

    `attempts` counts the claims, this one included.
    """

    delivery_id: int
    part: int
    channel_id: int
    message_id: int
    owed_at: datetime
    attempts: int
