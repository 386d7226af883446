"""Subscriptions: a new or changed one, the list of them, and what their creators are told about trouble."""

from datetime import datetime

from discord import ui

from bot.locale import _, n_
from bot.locale.catalogs import LANGUAGES
from bot.locale.cldr import enumerated
from bot.reasons import loss_text, reason_text
from bot.views.buttons import resume_button, setup_button, switch_button
from bot.views.layout import MAX_SPACE, Item, View, fitted, framed, row, rule, space, text
from bot.views.manage import manage_select
from bot.views.paging import page_of, pager
from bot.views.schedule import clock_of, on_its_clock, posting_times
from bot.views.text import age, brief, topic_name
from digests.delivery.spread import sent_at
from digests.subscriptions.losses import Loss, TopicLoss
from digests.subscriptions.subscribe import SubscriptionStatus
from storage.models import Delivery, DeliveryState, PlaceKind, Subscription, SubscriptionState, Topic

PER_PAGE = 5
REASON = 150
NAMED_OUTLETS = 3
LISTED_NAME = 100  # characters of a digest's name in the list


def subscriptions_view(
    statuses: list[SubscriptionStatus],
    now: datetime,
    page: int = 0,
    pages: int = 1,
    *,
    may_manage: bool = False,
) -> View:
    """Return a page of up to PER_PAGE subscriptions, with their last and next editions.

    With each stands what those who manage the server can do with it. If they don't fit, the longest are
    shown without their options and last editions.
    """
    heading = _("### This server's digests")
    if not statuses:
        buttons = [row(setup_button())] if may_manage else []
        return framed(text(heading, _("None yet. Set one up with `/digest subscribe`.")), *buttons)
    header = text(heading + page_of(page, pages))
    items = fitted(
        [_standing_items(standing, now, may_manage=may_manage) for standing in statuses],
        MAX_SPACE - space(header),
    )
    shown: list[Item] = []
    for standing, item in zip(statuses, items, strict=True):
        shown += [item, *([row(manage_select(standing.subscription))] if may_manage else [])]
    return framed(header, rule(), *shown, *pager("digests:{}", page, pages))


def blocked_view(subscription: Subscription, reason: str) -> View:
    """Return what the creator of a subscription is told when its editions can't come any more."""
    topic, why = brief(subscription.subject.name), brief(reason_text(reason), REASON)
    if subscription.kind is PlaceKind.DM:
        return framed(
            text(
                _(
                    "I can't send you the {topic} digest: {reason}. It's paused and restarts by itself once I"
                    " can send it again, or in `/following`.",
                    topic=topic,
                    reason=why,
                ),
                _("-# `/following` shows whether others are paused too."),
            )
        )
    return framed(
        text(
            _(
                "I can't post the {topic} digest in {channel}: {reason}. It's paused and restarts by itself"
                " once I may post again, or with `/digest edit` or `/digest resume`.",
                topic=topic,
                channel=place(subscription),
                reason=why,
            ),
            _("-# `/digest list` in the server shows whether others are paused too."),
        )
    )


def loss_view(subscription: Subscription, loss: Loss) -> View:
    """Return what the creator of a subscription is told of what it has lost."""
    topic = brief(subscription.subject.name)
    places = {"topic": topic, "loss": loss_text(loss, topic_name)}
    if subscription.kind is PlaceKind.DM:
        told = _("Your {topic} digest: {loss}.", **places)
        return framed(text(told, _("-# `/following` shows your digests, and lets you put that right.")))
    told = _("The {topic} digest in {channel}: {loss}.", channel=place(subscription), **places)
    return framed(text(told, _("-# `/digest list` in the server shows it, and lets you put that right.")))


def place(subscription: Subscription) -> str:
    """Return where a subscription's editions are posted, to follow "in"."""
    return _("your DMs") if subscription.kind is PlaceKind.DM else f"<#{subscription.channel_id}>"


def schedule(subscription: Subscription) -> str:
    """Return when a subscription's editions come, and how many stories they hold at most."""
    options = subscription.options
    return n_(
        "{times}, up to {number} story",
        "{times}, up to {number} stories",
        options.stories,
        times=posting_times(options, clock_of(options)),
    )


def _standing_items(standing: SubscriptionStatus, now: datetime, *, may_manage: bool) -> tuple[Item, Item]:
    """Return a subscription with everything about it, and one without its options and its last edition."""
    subscription = standing.subscription
    name = _(
        "**{topic}** in {place} · {schedule}",
        topic=brief(subscription.subject.name, LISTED_NAME),
        place=place(subscription),
        schedule=schedule(subscription),
    )
    state, options = facts(subscription, now)
    lost = [_("-# **Please check:** {loss}.", loss=loss_text(each, topic_name)) for each in standing.losses]
    button = _button(standing) if may_manage else None

    def item(*lines: str) -> Item:
        shown = text(*lines)
        return ui.Section(shown, accessory=button) if button else shown

    last = _("{last} · digest #{number}", last=last_text(standing), number=subscription.id)
    return item(name, state, *lost, options, f"-# {last}"), item(name, state, *lost)


def _button(standing: SubscriptionStatus) -> Item | None:
    """Return what puts a subscription right by one press, None if nothing does."""
    subscription = standing.subscription
    if subscription.state is not SubscriptionState.ACTIVE:
        return resume_button(subscription.id)
    heir = heir_of(standing)
    return switch_button(subscription.id, heir) if heir else None


def heir_of(standing: SubscriptionStatus) -> Topic | None:
    """Return the topic that has the stories of one that a digest has lost."""
    heirs = [each.heir for each in standing.losses if isinstance(each, TopicLoss) and each.heir]
    return heirs[0] if heirs else None


def facts(subscription: Subscription, now: datetime) -> tuple[str, str]:
    """Return a subscription's state with its next issue time, and its options, each as a line of subtext."""
    next_at = sent_at(subscription, subscription.next_at)
    if subscription.state is SubscriptionState.PAUSED:
        again = "`/following`" if subscription.kind is PlaceKind.DM else "`/digest resume`"
        paused = _("**Paused.** {command} starts it again.", command=again)
        closed = _("I couldn't send it twice: {reason}.", reason=_reason(subscription.reason))
        state = f"{paused} {closed}" if subscription.reason else paused
    elif subscription.state is SubscriptionState.BLOCKED:
        state = _("**Paused:** {reason}", reason=_reason(subscription.reason))
    else:
        state = _(
            "Next digest: {when} ({how_long})",
            when=on_its_clock(next_at, subscription.options.zone, now),
            how_long=age(next_at),
        )
    chosen = subscription.options
    role = f"<@&{chosen.mention_role_id}>" if chosen.mention_role_id else ""
    options = [
        _("quality {number} and up", number=chosen.min_quality) if chosen.min_quality else "",
        _muted(chosen.muted) if chosen.muted else "",
        _without(len(chosen.without)) if chosen.without else "",
        _("pings {role}", role=role) if role else "",
        _("published to followers") if chosen.publish else "",
        _("in {language}", language=LANGUAGES[chosen.language]) if chosen.language in LANGUAGES else "",
    ]
    named = " · ".join(option for option in options if option)
    return f"-# {state}", f"-# {named}" if named else ""


def _without(number: int) -> str:
    return n_("without {number} topic", "without {number} topics", number)


def _muted(domains: frozenset[str]) -> str:
    named = enumerated([brief(domain) for domain in sorted(domains)[:NAMED_OUTLETS]])
    others = len(domains) - NAMED_OUTLETS
    if others <= 0:
        return _("without {outlets}", outlets=named)
    return n_(
        "without {outlets} and {number} more", "without {outlets} and {number} more", others, outlets=named
    )


def _reason(stored: str | None) -> str:
    return brief(reason_text(stored), REASON) if stored else _("I don't know why")


def last_text(standing: SubscriptionStatus) -> str:
    """Return what became of a subscription's last edition."""
    last = standing.last
    if last is None:
        return _("Nothing sent yet")
    if last.state is DeliveryState.SENT:
        return _last_sent(standing, last)
    # A reason that is shown already, as why the subscription is paused, isn't repeated.
    is_shown = last.state is DeliveryState.FAILED and last.error == standing.subscription.reason
    places = {
        "when": age(last.settled_at or last.issue_at),
        "since": age(last.issue_at),
        "reason": _reason(last.error),
    }
    plainly = {
        DeliveryState.EMPTY: _("Last digest: nothing new {when}, so I didn't post it", **places),
        DeliveryState.SKIPPED: _(
            "Last digest: skipped {when}, because I wasn't running; the next one has its stories", **places
        ),
        DeliveryState.FAILED: _("Last digest: failed {when}", **places),
    }
    with_reason = {
        DeliveryState.SKIPPED: _("Last digest: skipped {when}: {reason}", **places),
        DeliveryState.FAILED: _("Last digest: failed {when}: {reason}", **places),
    }
    if last.state in plainly and (is_shown or not last.error):
        return plainly[last.state]
    if last.state in with_reason:
        return with_reason[last.state]
    if last.error:
        return _("Last digest: on its way since {since}: {reason}", **places)
    return _("Last digest: on its way since {since}", **places)


def _last_sent(standing: SubscriptionStatus, last: Delivery) -> str:
    sent = n_(
        "[Last digest]({url}): {when}, {number} story",
        "[Last digest]({url}): {when}, {number} stories",
        standing.stories,
        url=message_url(last),
        when=age(last.settled_at or last.issue_at),
    )
    trouble = last.error or last.unpublished
    return f"{sent} · {_reason(trouble)}" if trouble else sent


def message_url(delivery: Delivery) -> str:
    """Return the address of the message, or the forum's post, that brought an edition."""
    server = delivery.guild_id or "@me"
    if delivery.kind is PlaceKind.FORUM:
        return f"https://discord.com/channels/{server}/{delivery.message_id}"
    return f"https://discord.com/channels/{server}/{delivery.channel_id}/{delivery.message_id}"
