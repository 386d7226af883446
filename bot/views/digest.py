"""Subscriptions: the confirmation of a new one, and a server's list."""

from bot.views.layout import View, capped, framed, rule, text
from bot.views.text import age, brief, count, on_clock, plain
from digests.edition import Edition
from digests.subscribing import Standing
from digests.timetable import describe_days
from storage.models import Delivery, DeliveryState, Subscription

MAX_LISTED = 20
REASON = 150


def subscribed_view(subscription: Subscription, upcoming: Edition) -> View:
    """Return the confirmation of a new subscription: when its next edition comes, what it would hold."""
    held = count(len(upcoming.choices), "story")
    return framed(
        text(
            f"### {brief(subscription.topic.name)} comes to <#{subscription.channel_id}>",
            f"It comes {_schedule(subscription)}; the next edition {on_clock(subscription.next_at)},"
            f" {age(subscription.next_at)}.",
            f"As things stand it would hold {held}."
            if upcoming.choices
            else "As things stand it would be empty, and empty editions aren't posted.",
            "-# `/digest list` shows all subscriptions, `/digest unsubscribe` ends one.",
        )
    )


def subscriptions_view(standings: list[Standing]) -> View:
    """Return a server's subscriptions, each with its last and its next edition."""
    if not standings:
        return framed(
            text(
                "### Digests of this server",
                "None yet. `/digest subscribe` brings a topic's digest to a channel.",
            )
        )
    lines = [_standing_lines(standing) for standing in standings[:MAX_LISTED]]
    return framed(text("### Digests of this server"), rule(), text(*capped(lines, len(standings))))


def _standing_lines(standing: Standing) -> str:
    subscription, last = standing.subscription, standing.last
    lines = [
        f"**{brief(subscription.topic.name)}** in <#{subscription.channel_id}> · {_schedule(subscription)}",
        f"-# next {on_clock(subscription.next_at)} · {_last(subscription, last)}",
    ]
    return "\n".join(lines)


def _last(subscription: Subscription, last: Delivery | None) -> str:
    if last is None:
        return "none so far"
    when = age(last.issue_at)
    if last.state is DeliveryState.SENT and last.message_id:
        place = f"https://discord.com/channels/{subscription.guild_id}/{subscription.channel_id}/{last.message_id}"
        return f"[last one]({place}) {when}"
    said = {
        DeliveryState.EMPTY: f"nothing new {when}",
        DeliveryState.SKIPPED: f"skipped {when}: the bot was not running",
        DeliveryState.FAILED: f"failed {when}: {brief(last.error or 'no reason known', REASON)}",
    }
    return said.get(last.state, f"being sent since {when}")


def _schedule(subscription: Subscription) -> str:
    when = f"{describe_days(subscription.days)} at {subscription.issue_time} ({plain(subscription.zone)})"
    return f"{when}, up to {count(subscription.stories, 'story')}"
