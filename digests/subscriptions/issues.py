"""What subscriptions' editions are chosen from: the stories of their topics, or those that a search finds."""

from datetime import datetime

from digests.editions.candidates import judge
from digests.editions.edition import Edition
from digests.editions.excerpts import without_boilerplate
from digests.editions.issue import Issue, edition_options, window_at
from digests.editions.preview import read_edition
from digests.editions.sections import place
from digests.editions.window import LATE_NEWS, Window
from digests.subscriptions.subjects import terms_of
from storage import candidates, outbox
from storage.engine import ReadConnection
from storage.models import Provider, Shown, Subscription


def prepare_issue(reader: ReadConnection, subscription: Subscription, window: Window) -> Issue:
    """Judge everything that a subscription's edition of `window` may hold."""
    options, subject = edition_options(subscription.options), subscription.subject
    since = window.since - LATE_NEWS
    if subject.words:
        found = candidates.of_search(reader, terms_of(reader, subject.words), since, window.until)
        found = candidates.left_out(reader, found, options.without)
        matching = {article_id for story in found for article_id in story.tagged}
        # A long story may have a chapter of these days that is about something else.
        judged = tuple(
            each for each in judge(found, window, options) if not matching.isdisjoint(each.article_ids)
        )
    else:
        found = candidates.of_topics(reader, subject.topic_ids, since, window.until)
        found = candidates.left_out(reader, found, options.without)
        judged = place(judge(found, window, options), subject.topic_ids)
    return Issue(subject, window, options, without_boilerplate(reader, judged))


def edition_at(
    reader: ReadConnection,
    subscription: Subscription,
    issue_at: datetime,
    shown: frozenset[Shown] = frozenset(),
) -> Edition:
    """Return what a subscription's edition would hold at `issue_at`, of what is known now.

    Its place will have been `shown` that besides what it remembers.
    """
    issue = prepare_issue(reader, subscription, window_at(subscription, issue_at))
    memories = issue.memories(reader, [subscription.channel_id])
    return issue.edition(memories.get(subscription.channel_id, frozenset()) | shown)


def last_outlets(reader: ReadConnection, subscription: Subscription) -> list[Provider]:
    """Return the outlets that a subscription's last edition linked, without those that it mutes."""
    delivery = outbox.find(reader, subscription.id, None)
    edition = read_edition(reader, delivery) if delivery else None
    choices = edition.choices if edition else ()
    linked = {choice.coverage.pick.provider.domain: choice.coverage.pick.provider for choice in choices}
    return [each for domain, each in linked.items() if domain not in subscription.options.muted]
