"""What digests are about: a place gets each topic, and each search, in one digest alone."""

from dataclasses import replace

from digests.errors import AlreadySubscribedError, NoWordsError, WordsTooLongError
from digests.lookup.links import is_link
from digests.lookup.query import Query, Typed, parse
from digests.lookup.stems import expand
from digests.text import clean
from storage import subjects, subscriptions, undo
from storage.engine import Connection, ReadConnection
from storage.models import Subject, Subscription
from storage.search.terms import Terms

MAX_WORDS = 100  # characters


def tidy_words(text: str) -> str:
    """Return what to store of the words that somebody typed.

    Raises WordsTooLongError, or NoWordsError where they name nothing to look for: a link, or only what must
    not be there.
    """
    words = clean(text)
    if len(words) > MAX_WORDS:
        raise WordsTooLongError(MAX_WORDS)
    if is_link(words) or not query_of(words).wanted:
        raise NoWordsError(words)
    return words


def query_of(words: str) -> Query:
    """Return the search; its last word is a whole one, since nobody is typing any more."""
    return parse(f"{words} ")


def terms_of(reader: ReadConnection, words: str) -> Terms:
    """Return what to look for in articles."""
    return expand(reader, query_of(words))


def sharing(one: Subject, other: Subject) -> str | None:
    """Return the name of the topic, or of the search, that two subjects share; None if they share nothing."""
    topic_ids = set(other.topic_ids)
    shared = next((topic.name for topic in one.topics if topic.id in topic_ids), None)
    same = one.words and other.words and _looked_for(one.words) == _looked_for(other.words)
    return one.name if same else shared


def _looked_for(words: str) -> tuple[frozenset[Typed], frozenset[Typed]]:
    query = query_of(words)
    return frozenset(query.wanted), frozenset(query.unwanted)


def require_free(reader: ReadConnection, wanted: Subscription) -> None:
    """Raise AlreadySubscribedError if another subscription of the place has some of its subject."""
    for each in subscriptions.all_in_channel(reader, wanted.channel_id):
        if each.id != wanted.id and (shared := sharing(wanted.subject, each.subject)):
            raise AlreadySubscribedError(
                shared,
                each.channel_id if each.guild_id else None,
                each.options.issue_time,
                each.options.zone,
                each.id,
            )


async def take_place(connection: Connection, wanted: Subscription) -> None:
    """Let a subscription go where it goes, about its subject, in the open transaction.

    Raises AlreadySubscribedError if another one there is about some of that; one that was ended makes room.
    """
    await connection.run(require_free, wanted)
    await undo.clear_ended(connection, wanted)


async def change_subject(
    connection: Connection, subscription: Subscription, subject: Subject
) -> Subscription:
    """Change what a digest is about, in the open transaction; what was shown stays.

    Raises AlreadySubscribedError if its place gets some of that already.
    """
    changed = replace(subscription, subject=subject)
    await take_place(connection, changed)
    await subjects.store(connection, changed)
    return changed
