"""What is said of a digest right after something was done to it, and what can be done next."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from bot.locale import _, n_
from bot.locale.cldr import enumerated
from bot.views.buttons import edit_button, revert_button, revive_button, send_button, undo_button
from bot.views.digest import facts, place, schedule
from bot.views.layout import View, framed, row, text
from bot.views.manage import manage_select
from bot.views.schedule import on_its_clock
from bot.views.text import age, brief, plain
from digests.delivery.spread import sent_at
from digests.editions.edition import Edition
from digests.lookup.providers import ProviderMatch
from storage.models import PlaceKind, Subject, Subscription

TITLE = 80


def subscribed_view(subscription: Subscription, upcoming: Edition, now: datetime, *notes: str) -> View:
    """Return the confirmation of a new subscription: when its first edition comes, what it would hold now."""
    topic, first_at = brief(subscription.subject.name), sent_at(subscription, subscription.next_at)
    return framed(
        text(
            _("### New digest: {topic} in {place}", topic=topic, place=place(subscription)),
            _(
                "{schedule}. First digest: {when} ({how_long}).",
                schedule=schedule(subscription),
                when=on_its_clock(first_at, subscription.options.zone, now),
                how_long=age(first_at),
            ),
            *notes,
        ),
        text(*_upcoming(subscription.subject, upcoming)),
        row(send_button(subscription.id), edit_button(subscription.id), undo_button(subscription.id)),
        text(_changes_it(subscription)),
    )


def _changes_it(subscription: Subscription) -> str:
    """Return where a digest is changed and ended."""
    if subscription.kind is PlaceKind.DM:
        return _("-# `/following` shows everything you follow, and changes or ends it.")
    return _(
        "-# `/digest list` shows all digests, `/digest edit` changes one and `/digest unsubscribe` ends one."
    )


def settings_view(subscription: Subscription, now: datetime) -> View:
    """Return what a subscription is, for those who may change it, with what they can do with it."""
    topic, where = brief(subscription.subject.name), place(subscription)
    return framed(
        text(
            _("### Settings: {topic} in {place}", topic=topic, place=where),
            _("{schedule}.", schedule=schedule(subscription)),
            *facts(subscription, now),
        ),
        row(manage_select(subscription)),
    )


def changed_view(
    subscription: Subscription,
    what: Literal["changed", "paused", "resumed", "back"],
    now: datetime,
    *,
    undo: bool = False,
) -> View:
    """Return what a subscription is after `what` was done to it `now`; `undo` if that can be undone."""
    places = {"topic": brief(subscription.subject.name), "place": place(subscription)}
    headings = {
        "changed": _("### Changed: {topic} in {place}", **places),
        "paused": _("### Paused: {topic} in {place}", **places),
        "resumed": _("### Resumed: {topic} in {place}", **places),
        "back": _("### Back again: {topic} in {place}", **places),
    }
    buttons = [row(revert_button(subscription.id, now))] if undo else []
    return framed(
        text(headings[what], _("{schedule}.", schedule=schedule(subscription)), *facts(subscription, now)),
        *buttons,
    )


def ended_view(subscription: Subscription) -> View:
    """Return that a subscription was ended, with a button that brings it back."""
    topic = brief(subscription.subject.name)
    if subscription.kind is PlaceKind.DM:
        done = _("Done: you no longer get the {topic} digest.", topic=topic)
    else:
        done = _(
            "Done: {channel} no longer gets the {topic} digest.", channel=place(subscription), topic=topic
        )
    return framed(text(done), row(revive_button(subscription.id)))


def on_its_way_text(subscription: Subscription, stories: int) -> str:
    """Return that an edition with this many stories is being sent."""
    return n_(
        "The {topic} digest is on its way, with {number} story: look in {place}.",
        "The {topic} digest is on its way, with {number} stories: look in {place}.",
        stories,
        topic=brief(subscription.subject.name),
        place=place(subscription),
    )


def muted_text(outlets: Sequence[ProviderMatch], found: Sequence[Subscription]) -> str:
    """Return that outlets were muted in these subscriptions of one place."""
    topics = enumerated([brief(each.subject.name) for each in found])
    if found[0].kind is PlaceKind.DM:
        return n_(
            "{outlets} is now muted in your DMs: {topics}.",
            "{outlets} are now muted in your DMs: {topics}.",
            len(outlets),
            outlets=_named(outlets),
            topics=topics,
        )
    return n_(
        "{outlets} is now muted in {channel}: {topics}.",
        "{outlets} are now muted in {channel}: {topics}.",
        len(outlets),
        outlets=_named(outlets),
        channel=place(found[0]),
        topics=topics,
    )


def unmuted_text(outlet: ProviderMatch, found: Sequence[Subscription]) -> str:
    """Return that an outlet isn't muted any more in these subscriptions of one place."""
    if found[0].kind is PlaceKind.DM:
        return _("{outlet} is back in your digests.", outlet=_named([outlet]))
    return _(
        "{outlet} is back in the digests of {channel}.", outlet=_named([outlet]), channel=place(found[0])
    )


def _named(outlets: Sequence[ProviderMatch]) -> str:
    """Return the names of outlets with their domains, in Markdown."""
    return enumerated([f"{plain(each.name)} ({plain(enumerated(sorted(each.domains)))})" for each in outlets])


def _upcoming(subject: Subject, edition: Edition) -> list[str]:
    if not edition.choices:
        return [_no_story(subject)]
    picks = [choice.coverage.pick for choice in edition.choices]
    lines = [
        _("“{title}” ({outlet})", title=brief(pick.title, TITLE), outlet=brief(pick.provider.name))
        for pick in picks
    ]
    heading = n_(
        "If I posted it now, it would have {number} story:",
        "If I posted it now, it would have {number} stories:",
        len(picks),
    )
    return [heading, *lines]


def _no_story(subject: Subject) -> str:
    topic = brief(subject.name)
    if len(subject.topics) == 1:
        return _(
            "There's no new {topic} story yet. I'll post at the next scheduled time there is one.",
            topic=topic,
        )
    return _(
        "There's nothing new on {topic} yet. I'll post at the next scheduled time there is.", topic=topic
    )
