"""What a person follows, to see and to change: digests, and stories."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from discord import ui

from bot.locale import _
from bot.reasons import loss_text
from bot.views.buttons import switch_button
from bot.views.digest import LISTED_NAME, facts, heir_of, last_text, schedule
from bot.views.follow_buttons import (
    follow_button,
    follow_story_button,
    followed_menu,
    unfollow_button,
)
from bot.views.layout import MAX_SPACE, Item, View, fitted, framed, row, rule, space, text
from bot.views.manage import manage_select
from bot.views.notice import notice
from bot.views.paging import page_of, pager
from bot.views.text import age, brief, topic_name
from digests.lookup.stories import StoryCard
from digests.subscriptions.follows import FOLLOW_FOR, MAX_FOLLOWED
from digests.subscriptions.subscribe import SubscriptionStatus
from storage.models import Headline, Subject

PER_PAGE = 5
STORIES_PER_PAGE = 10
TITLE = 100


@dataclass(frozen=True, slots=True)
class Followed:
    """The headlines of some stories that a person follows, when each had its newest article, by their ids.

    `total` is how many there are in all.
    """

    headlines: Sequence[Headline] = ()
    newest: Mapping[int, datetime] = field(default_factory=dict)
    total: int = 0


def following_view(
    statuses: Sequence[SubscriptionStatus], followed: Followed, now: datetime, page: int, pages: int
) -> View:
    """Return a page of a person's digests, each with a menu that changes it, and of the stories they follow.

    If they don't fit, the longest are shown without their options and last digests.
    """
    top: list[Item] = [text(_("### What you follow") + page_of(page, pages))]
    if not statuses and not page:
        top.append(text(_("No digests yet. `/follow` sends one to your DMs.")))
    stories = _stories(followed)
    room = MAX_SPACE - space(*top, *stories)
    blocks = fitted([_lines(standing, now) for standing in statuses], room)
    items: list[Item] = []
    for standing, block in zip(statuses, blocks, strict=True):
        items += [rule(), _digest(standing, block), row(manage_select(standing.subscription))]
    return framed(*top, *items, *stories, *pager("following:{}", page, pages))


def followed_view(card: StoryCard, *, has_digest: bool) -> View:
    """Return what comes of a story that somebody follows now, and what they need for that."""
    title = brief(card.coverage.pick.title, TITLE) if card.coverage else ""
    told = _(
        "You follow “{title}” now. If it goes on, or a much better article comes out, it's in your next"
        " digest by DM, until {days} days after its last article.",
        title=title,
        days=FOLLOW_FOR.days,
    )
    if has_digest or not card.topics:
        needed = "" if has_digest else _("You have no digest by DM yet: `/follow` gets you one.")
        return notice(told, needed, button=unfollow_button(card.story.id))
    topic = card.topics[0]
    needed = _("You have no digest by DM yet. Want the one on {topic}?", topic=brief(topic.name))
    buttons = [follow_button(Subject((topic,))), unfollow_button(card.story.id)]
    return framed(text(told, needed), row(*filter(None, buttons)))


def unfollowed_view(story_id: int) -> View:
    """Return that a story isn't followed any more, and how to undo that."""
    return notice(_("Done: you no longer follow this story."), button=follow_story_button(story_id))


def _digest(standing: SubscriptionStatus, block: str) -> Item:
    heir = heir_of(standing)
    if heir is None:
        return text(block)
    return ui.Section(text(block), accessory=switch_button(standing.subscription.id, heir))


def _stories(followed: Followed) -> list[Item]:
    """Return the stories, with a menu that opens one's card; nothing if there are none."""
    if not followed.headlines:
        return []
    heading = _(
        "**Stories** · {number} of up to {limit}, news of which comes with your digests",
        number=followed.total,
        limit=MAX_FOLLOWED,
    )
    lines = [_story(each, followed.newest.get(each.story_id)) for each in followed.headlines]
    return [rule(), text(heading, *lines), followed_menu(followed.headlines)]


def _story(headline: Headline, newest: datetime | None) -> str:
    told = f"- {brief(headline.title, TITLE)} ({brief(headline.outlet)})"
    return f"{told} · {age(newest)}" if newest else told


def _lines(standing: SubscriptionStatus, now: datetime) -> tuple[str, str]:
    """Return everything about a digest, and that without its options and its last edition."""
    subscription = standing.subscription
    name = f"**{brief(subscription.subject.name, LISTED_NAME)}** · {schedule(subscription)}"
    state, options = facts(subscription, now)
    lost = [_("-# **Please check:** {loss}.", loss=loss_text(each, topic_name)) for each in standing.losses]
    last = _("-# {last} · digest #{number}", last=last_text(standing), number=subscription.id)
    short = [name, state, *lost]
    return "\n".join(filter(None, [*short, options, last])), "\n".join(filter(None, short))
