"""What a person follows, to see and to change."""

from collections.abc import Sequence

from discord import ui

from bot.locale import _
from bot.reasons import loss_text
from bot.views.buttons import switch_button
from bot.views.digest import LISTED_NAME, ended_text, facts, heir_of, last_text, schedule
from bot.views.follow_buttons import bring_back_button, manage_menu
from bot.views.layout import MAX_SPACE, Item, View, fitted, framed, rule, space, text
from bot.views.paging import page_of, pager
from bot.views.text import brief, topic_name
from digests.subscriptions.subscribe import SubscriptionStatus
from storage.models import Subscription

PER_PAGE = 5


def following_view(
    statuses: Sequence[SubscriptionStatus], page: int, pages: int, ended: Subscription | None = None
) -> View:
    """Return a page of up to PER_PAGE of a person's digests, each with a menu that changes it.

    Above them, what was just ended can be brought back. If they don't fit, the longest are shown without
    their options and last digests.
    """
    heading = _("### What you follow") + page_of(page, pages)
    top: list[Item] = [text(heading)]
    if ended:
        undo = bring_back_button(ended.id, page)
        top.append(ui.Section(text(ended_text(ended)), accessory=undo))
    if not statuses:
        return framed(*top, text(_("No digests yet. `/follow` sends one to your DMs.")))
    blocks = fitted([_lines(standing) for standing in statuses], MAX_SPACE - space(*top))
    items: list[Item] = []
    for standing, block in zip(statuses, blocks, strict=True):
        heir = heir_of(standing)
        shown = text(block)
        button = switch_button(standing.subscription.id, heir) if heir else None
        items += [
            rule(),
            ui.Section(shown, accessory=button) if button else shown,
            manage_menu(standing.subscription, page),
        ]
    return framed(*top, *items, *pager("following:{}", page, pages))


def _lines(standing: SubscriptionStatus) -> tuple[str, str]:
    """Return everything about a digest, and that without its options and its last edition."""
    subscription = standing.subscription
    name = f"**{brief(subscription.subject.name, LISTED_NAME)}** · {schedule(subscription)}"
    state, options = facts(subscription)
    lost = [_("-# **Please check:** {loss}.", loss=loss_text(each, topic_name)) for each in standing.losses]
    last = _("-# {last} · digest #{number}", last=last_text(standing), number=subscription.id)
    short = [name, state, *lost]
    return "\n".join(filter(None, [*short, options, last])), "\n".join(filter(None, short))
