"""Subscriptions: a new or changed one, a server's list, and trouble told to the maker."""

from discord import ui

from bot.errors import reason_text
from bot.views.buttons import resume_button
from bot.views.layout import (
    MAX_SPACE,
    Item,
    View,
    fitted,
    framed,
    rule,
    space,
    text,
)
from bot.views.paging import page_of, pager
from bot.views.text import age, brief, on_clock, plain
from digests.editions.edition import Edition
from digests.editions.timetable import describe_days
from digests.subscriptions.subscribe import Standing
from digests.text import count
from storage.models import Delivery, DeliveryState, PlaceKind, Subscription, SubscriptionState

PER_PAGE = 5
REASON = 150
TITLE = 80
NAMED_OUTLETS = 3


def subscribed_view(subscription: Subscription, upcoming: Edition, *notes: str) -> View:
    """Return the confirmation of a new subscription: when its next edition comes, what it would hold."""
    return framed(
        text(
            f"### {brief(subscription.topic.name)} comes to {place(subscription)}",
            f"It comes {schedule(subscription)}; the next edition {on_clock(subscription.next_at)},"
            f" {age(subscription.next_at)}.",
            *notes,
        ),
        text(*_upcoming(upcoming)),
        text("-# `/digest list` shows all, `/digest edit` changes one, `/digest unsubscribe` ends it."),
    )


def changed_view(subscription: Subscription, what: str) -> View:
    """Return what a subscription is now, after `what` was done to it."""
    return framed(
        text(f"### {brief(subscription.topic.name)} in {place(subscription)}: {what}", *_facts(subscription))
    )


def subscriptions_view(
    standings: list[Standing],
    page: int = 0,
    pages: int = 1,
    *,
    in_server: bool = True,
    may_manage: bool = False,
) -> View:
    """Return a page of up to PER_PAGE subscriptions, with their last and next editions; some in short."""
    heading = "Digests of this server, and your own" if in_server else "Your digests"
    if not standings:
        where = "a channel" if in_server else "your DMs"
        return framed(
            text(f"### {heading}", f"None yet. `/digest subscribe` brings a topic's digest to {where}.")
        )
    header = text(f"### {heading}{page_of(page, pages)}")
    items = fitted(
        [_standing_items(standing, may_manage=may_manage) for standing in standings],
        MAX_SPACE - space(header),
    )
    return framed(header, rule(), *items, *pager("digests:{}", page, pages))


def blocked_view(subscription: Subscription, reason: str) -> View:
    """Return what the maker of a subscription is told when its editions can't come any more."""
    where = "" if subscription.kind is PlaceKind.DM else " in the server"
    why = brief(reason_text(reason), REASON)
    return framed(
        text(
            f"### {brief(subscription.topic.name)} can't come to {place(subscription)}",
            f"The reason: {why}. So the digest is paused until that is put right: it goes"
            " on by itself when the bot may post there again, else with `/digest edit` or `/digest resume`."
            f" `/digest list`{where} shows whether others are paused too.",
        )
    )


def place(subscription: Subscription) -> str:
    """Return where a subscription's editions come."""
    return "your DMs" if subscription.kind is PlaceKind.DM else f"<#{subscription.channel_id}>"


def schedule(subscription: Subscription) -> str:
    """Return when a subscription's editions come and what they hold, in words."""
    when = f"{describe_days(subscription.days)} at {subscription.issue_time} ({plain(subscription.zone)})"
    return f"{when}, up to {count(subscription.stories, 'story')}"


def _upcoming(edition: Edition) -> list[str]:
    if not edition.choices:
        return ["As things stand it would be empty, and empty editions aren't posted."]
    picks = [choice.coverage.pick for choice in edition.choices]
    lines = [f"“{brief(pick.title, TITLE)}” ({brief(pick.provider.name)})" for pick in picks]
    return [f"As things stand it would hold {count(len(picks), 'story')}:", *lines]


def _standing_items(standing: Standing, *, may_manage: bool) -> tuple[Item, Item]:
    """Return a subscription with all there is to say of it, and without its options and its last edition."""
    subscription = standing.subscription
    name = f"**{brief(subscription.topic.name)}** in {place(subscription)} · {schedule(subscription)}"
    _, state, options = _facts(subscription)
    may_change = may_manage or subscription.kind is PlaceKind.DM
    resumable = may_change and subscription.state is not SubscriptionState.ACTIVE

    def item(*lines: str) -> Item:
        shown = text(*lines)
        return ui.Section(shown, accessory=resume_button(subscription.id)) if resumable else shown

    return item(name, state, options, f"-# {_last(standing)}"), item(name, state)


def _facts(subscription: Subscription) -> list[str]:
    """Return a subscription's schedule, its state with the next issue time, and its further options."""
    if subscription.state is SubscriptionState.PAUSED:
        state = "**paused**: `/digest resume` goes on"
    elif subscription.state is SubscriptionState.BLOCKED:
        state = f"**paused**: {brief(reason_text(subscription.reason or 'no reason known'), REASON)}"
    else:
        state = f"next {on_clock(subscription.next_at)}, {age(subscription.next_at)}"
    options = [
        f"from quality {subscription.min_quality} up" if subscription.min_quality else "",
        f"without {_outlets(subscription.muted)}" if subscription.muted else "",
        f"pings <@&{subscription.mention_role_id}>" if subscription.mention_role_id else "",
        "published to followers" if subscription.publish else "",
    ]
    named = " · ".join(option for option in options if option)
    return [f"It comes {schedule(subscription)}.", f"-# {state}", f"-# {named}" if named else ""]


def _outlets(domains: frozenset[str]) -> str:
    named = [brief(domain) for domain in sorted(domains)[:NAMED_OUTLETS]]
    others = len(domains) - len(named)
    return ", ".join(named) + (f" and {others} more" if others else "")


def _last(standing: Standing) -> str:
    last = standing.last
    if last is None:
        return "no edition so far"
    when = age(last.settled_at or last.issue_at)
    reason = brief(reason_text(last.error or "no reason known"), REASON)
    late = brief(
        reason_text(last.error or "the bot was not running, and the next one has its stories"), REASON
    )
    is_told = last.error == standing.subscription.reason  # as why it is paused
    if last.state is DeliveryState.SENT:
        trouble = f" · {reason}" if last.error else ""
        return f"[last one]({message_url(last)}) came {when} with {count(standing.stories, 'story')}{trouble}"
    said = {
        DeliveryState.EMPTY: f"nothing new {when}, so nothing was posted",
        DeliveryState.SKIPPED: f"skipped {when}: {late}",
        DeliveryState.FAILED: f"failed {when}" + ("" if is_told else f": {reason}"),
    }
    waiting = f"being sent since {age(last.issue_at)}"
    return said.get(last.state, f"{waiting}: {reason}" if last.error else waiting)


def message_url(delivery: Delivery) -> str:
    """Return the address of the message, or the forum's post, that brought an edition."""
    server = delivery.guild_id or "@me"
    if delivery.kind is PlaceKind.FORUM:
        return f"https://discord.com/channels/{server}/{delivery.message_id}"
    return f"https://discord.com/channels/{server}/{delivery.channel_id}/{delivery.message_id}"
