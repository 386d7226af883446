"""What can go wrong for people: each error carries what happened, and bot/errors.py words it."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar, Literal


class BroadsheetError(Exception):
    """Something that a person can put right."""


class NotFoundError(BroadsheetError):
    """A topic, story or subscription that isn't there."""


class InvalidInputError(BroadsheetError):
    """What somebody asked for can't be done as they typed it."""


class ReloadError(BroadsheetError):
    """A reload that could not begin or was stopped; the records stay as they were."""


# Several processes.


class ReplacedError(BroadsheetError):
    """Another process took over, since this one didn't renew its lease in time."""


@dataclass(eq=False)
class OtherLayoutError(BroadsheetError):
    """The running processes split the bot differently: into `shards` shards in `groups` groups."""

    shards: int
    groups: int


@dataclass(eq=False)
class TooManyGroupsError(BroadsheetError):
    """More groups than there are shards."""

    shards: int
    groups: int


# Lookups.


class NothingLoadedError(NotFoundError):
    """There are no records yet, and so nothing to find."""


class TopicGoneError(NotFoundError):
    """A topic that isn't there any more."""


@dataclass(eq=False)
class TopicNotFoundError(NotFoundError):
    """No topic is called `text`; `similar` are those that may be meant, `known` all of them."""

    text: str
    similar: tuple[str, ...]
    known: tuple[str, ...]


@dataclass(eq=False)
class TopicsLimitError(InvalidInputError):
    """More topics for one digest than it may have."""

    limit: int


@dataclass(eq=False)
class TopicTwiceError(InvalidInputError):
    """A topic that was named twice for one digest."""

    topic: str


@dataclass(eq=False)
class OutletNotFoundError(NotFoundError):
    """No outlet is called `text`; `similar` are those that may be meant, `known` all, the busiest first."""

    text: str
    similar: tuple[str, ...]
    known: tuple[str, ...]


@dataclass(eq=False)
class StoryNotFoundError(NotFoundError):
    """No story has this number, or none has it any more."""

    number: str


@dataclass(eq=False)
class RecordNotFoundError(NotFoundError):
    """No record is stored for this path within the seeds folder."""

    path: str


@dataclass(eq=False)
class NoStoryMatchesError(NotFoundError):
    """No story has these words."""

    text: str


@dataclass(eq=False)
class NoStoriesError(NotFoundError):
    """A topic without stories."""

    topic: str


class EditionForgottenError(NotFoundError):
    """What a delivery brought isn't kept any more."""


class SavedGoneError(NotFoundError):
    """A saved story that was removed, too long ago to be put back."""


@dataclass(eq=False)
class SavedFullError(InvalidInputError):
    """A person who has saved as many stories as they may."""

    most: int


# What people type.


@dataclass(eq=False)
class NotATimeError(InvalidInputError):
    """A text that is no time of day."""

    text: str


@dataclass(eq=False)
class NotDaysError(InvalidInputError):
    """A text that names no days of the week."""

    text: str


@dataclass(eq=False)
class UnknownZoneError(InvalidInputError):
    """A text that is no time zone's name."""

    text: str


@dataclass(eq=False)
class NotADateError(InvalidInputError):
    """A text that is no date; `past` where "3 days" would have been one."""

    text: str
    past: bool


@dataclass(eq=False)
class NoWordsError(InvalidInputError):
    """A text without words to search for."""

    text: str


@dataclass(eq=False)
class WordsTooLongError(InvalidInputError):
    """Words to search for that are more than a digest keeps; the limit is in characters."""

    limit: int


class FutureDayError(InvalidInputError):
    """A day that has not begun yet."""


class EmptyRangeError(InvalidInputError):
    """A range of time that ends before it begins."""


# Digests. `channel_id` is None where a digest goes to the DMs of the person who asks.


@dataclass(eq=False)
class NotSubscribedError(NotFoundError):
    """A channel that doesn't get a topic's digest."""

    topic: str
    channel_id: int


@dataclass(eq=False)
class NoDigestsError(NotFoundError):
    """A channel that gets no digest at all."""

    channel_id: int


@dataclass(eq=False)
class SubscriptionEndedError(NotFoundError):
    """A subscription that somebody ended after it was read."""

    topic: str


class TooLateToUndoError(NotFoundError):
    """Something to undo that was done too long ago, or that can't be told any more."""


@dataclass(eq=False)
class NotMutedError(NotFoundError):
    """An outlet to unmute that isn't muted."""

    outlet: str


@dataclass(eq=False)
class AlreadySubscribedError(InvalidInputError):
    """A place that gets a topic or a search already, at this time in this zone, in the digest of a number."""

    topic: str
    channel_id: int | None
    time: str
    zone: str
    number: int


@dataclass(eq=False)
class DigestLimitError(InvalidInputError):
    """A server or person that has as many digests as it may, or more."""

    count: int
    limit: int
    scope: Literal["server", "person"]


@dataclass(eq=False)
class FollowLimitError(InvalidInputError):
    """A person who follows as many stories as one may."""

    limit: int


@dataclass(eq=False)
class MutedLimitError(InvalidInputError):
    """A digest that would leave out more outlets than it may."""

    topic: str
    limit: int


class NothingChangedError(InvalidInputError):
    """A change to what a subscription is already."""


@dataclass(eq=False)
class AlreadyPausedError(InvalidInputError):
    """A digest to pause that is paused."""

    topic: str


@dataclass(eq=False)
class NotPausedError(InvalidInputError):
    """A digest to resume that runs."""

    topic: str


@dataclass(eq=False)
class NothingToSwitchError(InvalidInputError):
    """A digest whose topic hasn't lost its stories to the one that it was to switch to."""

    topic: str


@dataclass(eq=False)
class PausedError(InvalidInputError):
    """A digest that can't be sent, as it is paused."""

    topic: str


@dataclass(eq=False)
class NothingNewError(InvalidInputError):
    """A digest that would be empty."""

    topic: str


@dataclass(eq=False)
class AlreadySendingError(InvalidInputError):
    """A digest that somebody else has just sent."""

    topic: str


@dataclass(eq=False)
class LostZoneError(InvalidInputError):
    """A subscription's time zone that this machine doesn't know, though another one did."""

    zone: str


# Files of subscriptions.


@dataclass(eq=False)
class NothingToExportError(InvalidInputError):
    """A server without subscriptions."""

    guild_id: int


@dataclass(eq=False)
class ExportExistsError(InvalidInputError):
    """A file to write that is there already."""

    file: Path


@dataclass(eq=False)
class ExportUnwritableError(InvalidInputError):
    """A file that can't be written, and why, in the system's words."""

    file: Path
    reason: str


@dataclass(eq=False)
class ImportUnreadableError(InvalidInputError):
    """A file that can't be read, and why, in the system's words."""

    file: Path
    reason: str


@dataclass(eq=False)
class ImportTooLargeError(InvalidInputError):
    """A file of more bytes than any export has."""

    file: Path
    limit: int


@dataclass(eq=False)
class ImportFaultsError(InvalidInputError):
    """What is wrong with a file, each as "place: phrase"; `file` is None where only the database objects."""

    file: Path | None
    faults: tuple[str, ...]


@dataclass(eq=False)
class ImportLimitError(InvalidInputError):
    """A server that would have more digests than it may."""

    guild_id: int
    count: int
    limit: int


# Reloads.


class NoSeedsFolderError(ReloadError):
    """A reload where no folder of seeds is set."""


class FolderProblem(StrEnum):
    """Why a folder can't be read."""

    MISSING = "missing"
    NOT_A_FOLDER = "not a folder"
    UNREADABLE = "unreadable"


@dataclass(eq=False)
class FolderError(ReloadError):
    """A seeds folder that can't be read; `reason` is in the system's words."""

    kind: ClassVar[str] = "folder"
    folder: Path
    problem: FolderProblem
    reason: str


@dataclass(eq=False)
class ReloadRefusedError(ReloadError):
    """A reload that would remove most records, and was not told to."""

    kind: ClassVar[str] = "losses"
    folder: Path
    removed: int
    stored: int


@dataclass(eq=False)
class ReloadBusyError(ReloadError):
    """Another reload runs; it need not see what changed since it began."""

    done: int
    files: int


def refusal_to_json(error: FolderError | ReloadRefusedError) -> dict[str, Any]:
    """Return why a reload changed nothing, as it is stored."""
    return {"kind": error.kind, **asdict(error), "folder": str(error.folder)}


def refusal_from_json(document: Any) -> ReloadError | str:
    """Return what refusal_to_json() was given; a text where an older or newer version stored it."""
    match document:
        case {"kind": "folder", "folder": str(folder), "problem": str(problem), "reason": str(reason)}:
            return FolderError(Path(folder), FolderProblem(problem), reason)
        case {"kind": "losses", "folder": str(folder), "removed": int(removed), "stored": int(stored)}:
            return ReloadRefusedError(Path(folder), removed, stored)
    return str(document)


@dataclass(eq=False)
class SourceKnownError(InvalidInputError):
    """A feed to add that is there already, under this name."""

    source_id: int
    name: str


@dataclass(eq=False)
class SourceNotFoundError(NotFoundError):
    """No source has this id, or is called so."""

    text: str


@dataclass(eq=False)
class ListUnreadableError(InvalidInputError):
    """A file that lists no feeds as it should; `line` counts from 1, None where no line is to blame."""

    file: Path
    reason: str
    line: int | None = None


@dataclass(eq=False)
class ListTooLongError(InvalidInputError):
    """A list of more feeds than are taken at once."""

    file: Path
    count: int
    limit: int


@dataclass(eq=False)
class NotAnOutletError(InvalidInputError):
    """A text that is no outlet's domain."""

    text: str


@dataclass(eq=False)
class TopicNotOwnError(NotFoundError):
    """A topic to change that the operator hasn't described."""

    name: str


@dataclass(eq=False)
class TopicKnownError(InvalidInputError):
    """A new name for a topic that another one has."""

    name: str


@dataclass(eq=False)
class TopicOfSeedsError(InvalidInputError):
    """A topic to rename whose name is in seeds."""

    name: str


class TopicChangedError(InvalidInputError):
    """A change of a topic that can't be undone: it was changed again since, or that is too long ago."""


class CollectBusyError(BroadsheetError):
    """Another process collects feeds just now."""


class SuggestionsUsedError(BroadsheetError):
    """A server has suggested as many feeds as it may in a day."""


class SeedError(Exception):
    """What is wrong with a seed file; `line` counts from 1."""

    def __init__(self, message: str, line: int | None = None, field: str | None = None) -> None:
        super().__init__(message)
        self.line = line
        self.field = field


@dataclass(eq=False)
class NotInStoryError(NotFoundError):
    """An address at which a story to part has no article."""

    url: str
    story_id: int


class WholeStoryError(InvalidInputError):
    """All articles of a story are to be parted from it."""


class SameStoryError(InvalidInputError):
    """Two stories to join that are one."""


class StoryChangedError(InvalidInputError):
    """Articles to part from a story that aren't in it any more."""


class DecisionFollowedError(InvalidInputError):
    """A decision on stories to take back, of which a later one changed something."""


class NothingToUndoError(NotFoundError):
    """A decision on stories that was taken back before."""
