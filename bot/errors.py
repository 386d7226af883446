"""What errors say to people: what happened, and what to do next, for Discord or for a terminal."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.cli.errors import operator_text
from bot.locale import _, in_language, n_, spoken
from bot.locale.catalogs import ENGLISH
from bot.locale.cldr import either, enumerated
from bot.problems import problem_text
from digests import errors
from digests.feeds.problems import FeedError
from digests.text import shorten
from storage.errors import UnreachableError, UnwritableError

TYPED = 40  # characters shown of what somebody typed
NAMES = 300  # characters of a list of names
MOST_NAMES = 8
ADDRESS = 100  # characters of an address
PATH = 200  # characters of a path, in Discord


class NoticeError(errors.BroadsheetError):
    """What bot/ itself refuses; the message is the text for people, with strangers' words escaped."""


class StartupError(NoticeError):
    """The bot can't start, or go on; the message says why and what to do."""


class WaitError(StartupError):
    """The same, but later it may work with nothing changed."""


@dataclass(frozen=True, slots=True)
class _Reader:
    """Who reads an error, and where: `escape` keeps strangers' words from being more than text there."""

    escape: Callable[[str], str]
    terminal: bool

    def typed(self, text: str, limit: int = TYPED) -> str:
        return self.escape(shorten(text, limit))

    def names(self, names: Sequence[str]) -> str:
        """Return the first of some names."""
        return self.escape(shorten(enumerated(names[:MOST_NAMES]), NAMES))

    def path(self, path: Path) -> str:
        return str(path) if self.terminal else self.escape(shorten(str(path), PATH))


def worded(error: BaseException, escape: Callable[[str], str] = str, *, terminal: bool = False) -> str:
    """Return what an error of digests/, storage/ or bot/ itself says to people; strangers' words are escaped.

    In Discord the next step is a slash command, in a terminal one of `broadsheet`.
    """
    if isinstance(error, NoticeError):
        return str(error)
    reader = _Reader(escape, terminal)
    with in_language(ENGLISH if terminal else spoken()):
        found = (words(error, reader) for words in (_lookup, _input, _digest, _source, _reload, _database))
        said = next(filter(None, found), None) or (operator_text(error) if terminal else None)
        return said or unexpected()


def no_news() -> str:
    """Return what people in Discord are told while there is nothing to read."""
    return _("No news has been loaded yet. Whoever runs this bot can add a feed with `/admin source add`.")


def unexpected() -> str:
    """Return what people are told of a fault of the bot itself."""
    return _("Something went wrong on my side. Try again later; my operator can read about it in the log.")


def _source(error: BaseException, to: _Reader) -> str | None:
    match error:
        case FeedError():
            return problem_text(error.stored, to.escape)
        case errors.SourceKnownError(source_id, name):
            return _("{name} is a source already, number {id}.", name=to.typed(name), id=source_id)
        case errors.SourceNotFoundError(text) if to.terminal:
            return f"There's no source “{to.typed(text)}”. `broadsheet source list` shows them all."
        case errors.SourceNotFoundError(text):
            return _("There's no source “{text}”. `/admin source list` shows them all.", text=to.typed(text))
        case errors.NoSeedsFolderError() if to.terminal:
            return (
                "No folder of seeds is set. Name one (broadsheet reload PATH), set SEEDS_PATH, or add feeds"
                " instead (broadsheet source add ADDRESS)."
            )
        case errors.NoSeedsFolderError():
            return _("No folder of seeds is set (SEEDS_PATH), so there's nothing to reload.")
        case errors.CollectBusyError():
            return _("Feeds are being checked already. Wait a moment, then try again.")
        case errors.SuggestionsUsedError():
            return _("This server has suggested enough feeds for today. Try again tomorrow.")
    return _own_topic(error, to)


def _own_topic(error: BaseException, to: _Reader) -> str | None:
    match error:
        case errors.TopicNotOwnError(name) if to.terminal:
            return f"{to.typed(name)} isn't a topic of yours. `broadsheet topic add` makes it one."
        case errors.TopicNotOwnError(name):
            return _("{name} isn't a topic of yours. `/admin topic add` makes it one.", name=to.typed(name))
        case errors.TopicKnownError(name):
            return _("There's a topic called {name} already. Choose another name.", name=to.typed(name))
        case errors.TopicOfSeedsError(name):
            return _(
                "Your seeds or their `_data/topics` call it {name}. Rename it there, then reload.",
                name=to.typed(name),
            )
        case errors.TopicChangedError():
            return _("That topic was changed again since, so I left it as it is.")
    return None


def _lookup(error: BaseException, to: _Reader) -> str | None:
    match error:
        case errors.NothingLoadedError() if to.terminal:
            return "The database is empty. Run `broadsheet reload` or `broadsheet source add`."
        case errors.NothingLoadedError():
            return no_news()
        case errors.TopicGoneError():
            return _("This topic is gone. `/topics` shows the ones there are.")
        case errors.TopicNotFoundError(text, similar, _known) if similar:
            return _(
                "No topic called “{text}”. Did you mean {names}?",
                text=to.typed(text),
                names=to.typed(either(similar), NAMES),
            )
        case errors.TopicNotFoundError(text, _similar, known) if len(known) > MOST_NAMES:
            return _(
                "No topic called “{text}”. You can pick {names}, …",
                text=to.typed(text),
                names=to.names(known),
            )
        case errors.TopicNotFoundError(text, _similar, known):
            return _(
                "No topic called “{text}”. You can pick {names}.", text=to.typed(text), names=to.names(known)
            )
        case errors.TopicsLimitError(limit):
            return _("A digest can have up to {limit} topics. Set up another for the rest.", limit=limit)
        case errors.TopicTwiceError(topic):
            return _("You named {topic} twice. Name each topic once.", topic=to.typed(topic))
        case errors.OutletNotFoundError(text, similar, _known) if similar:
            return _(
                "No outlet called “{text}”. Did you mean {names}?",
                text=to.typed(text),
                names=to.typed(either(similar), NAMES),
            )
        case errors.OutletNotFoundError(text, _similar, known) if len(known) > MOST_NAMES:
            return _(
                "No outlet called “{text}”. You can pick {names}, …",
                text=to.typed(text),
                names=to.names(known),
            )
        case errors.OutletNotFoundError(text, _similar, known):
            return _(
                "No outlet called “{text}”. You can pick {names}.", text=to.typed(text), names=to.names(known)
            )
        case errors.StoryNotFoundError(number):
            return _(
                "There's no story #{number} any more. Search for words of its headline.",
                number=to.typed(number),
            )
        case errors.NotInStoryError(url, story_id):
            return _(
                "Story #{number} has no article at {address}.",
                number=story_id,
                address=to.typed(url, ADDRESS),
            )
        case errors.WholeStoryError():
            return _("That's the whole story: leave at least one of its articles.")
        case errors.SameStoryError():
            return _("These two are one story already.")
        case errors.StoryChangedError():
            return _("That story has changed since. Run `/admin story split` again.")
        case errors.DecisionFollowedError():
            return _("That was changed again since: undo the later change first.")
        case errors.NothingToUndoError():
            return _("There's nothing to undo any more.")
        case errors.NoStoryMatchesError(text):
            return _(
                "No story has the words “{text}”. Try fewer words, or `/stories latest`.", text=to.typed(text)
            )
        case errors.NoStoriesError(topic) if to.terminal:
            return f"{topic} has no stories yet. `broadsheet topics` shows which topics do."
        case errors.NoStoriesError(topic):
            return _("{topic} has no stories yet. `/topics` shows which topics do.", topic=to.typed(topic))
        case errors.EditionForgottenError():
            return _("I no longer know what was in this digest. Try a newer one.")
        case errors.SavedGoneError():
            return _("That story isn't on your list any more. `/saved` shows the ones that are.")
        case errors.SavedFullError(most):
            return n_(
                "You've saved {number:,} story, which is the most I keep. Remove it in `/saved` first.",
                "You've saved {number:,} stories, which is the most I keep. Remove one in `/saved` first.",
                most,
            )
    return None


def _input(error: BaseException, to: _Reader) -> str | None:
    match error:
        case errors.NotATimeError(text):
            return _("“{text}” isn't a time. Try 09:00 or 9 pm.", text=to.typed(text))
        case errors.NotDaysError(text):
            return _(
                "I don't understand the days “{text}”. Try daily, weekdays, weekends, or Monday, Friday.",
                text=to.typed(text),
            )
        case errors.UnknownZoneError(text):
            return _(
                "“{text}” isn't a time zone I know. Pick one from the list, for example Europe/Berlin.",
                text=to.typed(text),
            )
        case errors.NotADateError(text, past=True):
            return _(
                "I don't understand the date “{text}”. Try 2026-01-31, 3 days or last week.",
                text=to.typed(text),
            )
        case errors.NotADateError(text):
            return _(
                "I don't understand the date “{text}”. Try 2026-01-31, or a moment with its time zone, for"
                " example 2026-01-31T09:00+01:00.",
                text=to.typed(text),
            )
        case errors.NoWordsError(text):
            return _(
                "There's no word to look for in “{text}”. Type at least one, for example `words: bridge`.",
                text=to.typed(text),
            )
        case errors.WordsTooLongError(limit):
            return _("That's too long to look for. Use up to {limit} characters.", limit=limit)
        case errors.FutureDayError():
            return _("That day hasn't begun yet. Pick an earlier one, or leave the date out.")
        case errors.EmptyRangeError() if to.terminal:
            return "--since is later than --until. Swap the two."
        case errors.EmptyRangeError():
            return _("`since` is later than `until`. Swap the two.")
        case errors.NothingChangedError():
            return _("Nothing to change yet. Fill in at least one option, for example `time: 18:30`.")
    return None


def _digest(error: BaseException, to: _Reader) -> str | None:
    match error:
        case errors.AlreadySubscribedError(topic, channel_id, time, zone, number):
            values = {"topic": to.typed(topic), "time": to.typed(time), "zone": to.typed(zone)}
            if channel_id is None:
                return _(
                    "You already get the {topic} digest in your DMs, at {time} ({zone}), as digest #{number}."
                    " `/following` changes or ends it.",
                    number=number,
                    **values,
                )
            return _(
                "{place} already gets the {topic} digest, at {time} ({zone}), as digest #{number}."
                " Change it with `/digest edit`, or end it with `/digest unsubscribe`.",
                number=number,
                place=_mention(channel_id),
                **values,
            )
        case errors.NotSubscribedError(topic, channel_id):
            return _(
                "{place} doesn't get the {topic} digest. `/digest list` shows who gets what.",
                place=_mention(channel_id),
                topic=to.typed(topic),
            )
        case errors.NoDigestsError(channel_id):
            return _(
                "{place} doesn't get any digest. Set one up with `/digest subscribe`.",
                place=_mention(channel_id),
            )
        case errors.DigestLimitError(_count, 0, "server"):
            return _("I can't post digests in servers: whoever runs me doesn't allow any.")
        case errors.DigestLimitError(_count, 0):
            return _("I can't send digests to DMs: whoever runs me doesn't allow any.")
        case errors.DigestLimitError(count, limit, "server"):
            return n_(
                "This server has {number:,} digest, and {limit:,} is the limit."
                " End one with `/digest unsubscribe` first.",
                "This server has {number:,} digests, and {limit:,} is the limit."
                " End one with `/digest unsubscribe` first.",
                count,
                limit=limit,
            )
        case errors.DigestLimitError(count, limit):
            return n_(
                "You get {number:,} digest in your DMs, and {limit:,} is the limit."
                " End one in `/following` first.",
                "You get {number:,} digests in your DMs, and {limit:,} is the limit."
                " End one in `/following` first.",
                count,
                limit=limit,
            )
        case errors.FollowLimitError(limit):
            return _(
                "You follow {limit} stories, and that's the limit. Stop following one in `/following` first.",
                limit=limit,
            )
        case errors.MutedLimitError(topic, limit):
            return _(
                "The {topic} digest can mute up to {limit} outlets. Unmute one with `/digest unmute` first.",
                topic=to.typed(topic),
                limit=limit,
            )
        case errors.NotMutedError(outlet):
            return _("{outlet} isn't muted there. `/digest list` shows what is.", outlet=to.typed(outlet))
    return _one_digest(error, to)


def _mention(channel_id: int | None) -> str:
    return f"<#{channel_id}>"


def _one_digest(error: BaseException, to: _Reader) -> str | None:
    match error:
        case errors.SubscriptionEndedError(topic):
            return _(
                "The {topic} digest has just been ended.",
                topic=to.typed(topic),
            )
        case errors.TooLateToUndoError():
            return _("It's too late to undo that. `/following` and `/digest list` show what there is.")
        case errors.AlreadyPausedError(topic):
            return _("The {topic} digest is paused already.", topic=to.typed(topic))
        case errors.NotPausedError(topic):
            return _("The {topic} digest isn't paused.", topic=to.typed(topic))
        case errors.PausedError(topic):
            return _(
                "The {topic} digest is paused. Start it again with `/digest resume`, then send it.",
                topic=to.typed(topic),
            )
        case errors.NothingToSwitchError(topic):
            return _("There's nothing to switch any more for the {topic} digest.", topic=to.typed(topic))
        case errors.NothingNewError(topic):
            return _(
                "Nothing new on {topic} since the last digest, so I didn't send one.", topic=to.typed(topic)
            )
        case errors.AlreadySendingError(topic):
            return _(
                "The {topic} digest is on its way already. `/digest list` shows when it came.",
                topic=to.typed(topic),
            )
        case errors.LostZoneError(zone):
            return _("I no longer know the time zone {zone}. Pick another one.", zone=to.typed(zone))
    return None


def _reload(error: BaseException, to: _Reader) -> str | None:
    match error:
        case errors.FolderError(folder, problem, reason):
            return f"{_folder(to.path(folder), problem, to.typed(reason))} {_seeds_path(to)}"
        case errors.ReloadRefusedError(folder, removed, stored) if to.terminal:
            records = "record" if stored == 1 else "records"
            return (
                f"This reload of {folder} would remove {removed:,} of {stored:,} {records}, so nothing was"
                " changed. Check that the folder is mounted and the right one, or reload with --force."
            )
        case errors.ReloadRefusedError(folder, removed, stored):
            return n_(
                "This reload of {folder} would remove {removed:,} of {number:,} record, so I changed"
                " nothing. Check that the folder is mounted and the right one, or reload with `force:True`.",
                "This reload of {folder} would remove {removed:,} of {number:,} records, so I changed"
                " nothing. Check that the folder is mounted and the right one, or reload with `force:True`.",
                stored,
                folder=to.path(folder),
                removed=removed,
            )
        case errors.ReloadBusyError(done, files):
            return n_(
                "A reload is running already: {done:,} of {number:,} file read. Wait for its report.",
                "A reload is running already: {done:,} of {number:,} files read. Wait for its report.",
                files,
                done=done,
            )
    return None


def _database(error: BaseException, to: _Reader) -> str | None:
    match error:
        case UnreachableError() | UnwritableError() if not to.terminal:
            return _("I can't reach my database at the moment. Try again in a minute.")
    return None


def _folder(folder: str, problem: errors.FolderProblem, reason: str) -> str:
    match problem:
        case errors.FolderProblem.MISSING:
            return _("There's no folder {folder}.", folder=folder)
        case errors.FolderProblem.NOT_A_FOLDER:
            return _("{folder} isn't a folder.", folder=folder)
        case errors.FolderProblem.UNREADABLE:
            return _("The folder {folder} can't be listed ({reason}).", folder=folder, reason=reason)


def _seeds_path(to: _Reader) -> str:
    if to.terminal:
        return "Check SEEDS_PATH, or the path you gave."
    return _("Check SEEDS_PATH.")
