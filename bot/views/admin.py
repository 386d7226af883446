"""For the bot's owners: a reload's progress and report, and how the bot is doing."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from discord import ui

from bot.locale import _, n_
from bot.reasons import loss_text, refusal_text, refused_text
from bot.views.buttons import switch_button
from bot.views.layout import Item, View, capped, framed, row, rule, text
from bot.views.sources import failing_lines
from bot.views.text import age, article_count, brief, plain, story_count, topic_name
from digests.seeds.reload import ReloadProgress, Report
from digests.status import Status
from digests.subscriptions.losses import TopicLoss, losses_of
from storage.feeds import FeedState
from storage.models import DeliveryState, Fault, Subscription, SubscriptionState

FAILING = frozenset({FeedState.FAILING, FeedState.ENDED})
MAX_FAULTS = 10
MAX_REFUSED = 10
MAX_LOST = 5
MAX_BUTTONS = 5
FAULT = 300
FAULTS_FILE = "faults.txt"


def progress_view(progress: ReloadProgress) -> View:
    """Return a message that says how many files a reload has read so far."""
    read = n_(
        "I have read {done:,} of {number:,} file …",
        "I have read {done:,} of {number:,} files …",
        progress.files,
        done=progress.done,
    )
    return framed(text(_("### Reloading seeds"), read))


def report_view(
    report: Report, lost: Mapping[int, TopicLoss] = MappingProxyType({}), here: Sequence[Subscription] = ()
) -> View:
    """Return what a reload did, with the first faults, and which topics of digests have lost their stories.

    `lost` are by the topic's id; those of the digests `here` have a button.
    """
    return framed(
        text(
            _("### Seeds reloaded"),
            _(
                "**{added:,}** added · **{changed:,}** changed · **{removed:,}** removed"
                " · {unchanged:,} unchanged · **{failed:,}** failed",
                added=report.added,
                changed=report.changed,
                removed=report.removed,
                unchanged=report.unchanged,
                failed=len(report.failed),
            ),
            _(
                "-# {records} in {stories} with {articles} · {skipped} skipped · {seconds:.1f} s",
                records=_record_count(report.records),
                stories=story_count(report.stories),
                articles=article_count(report.articles),
                skipped=n_("{number:,} other file", "{number:,} other files", report.skipped),
                seconds=report.seconds,
            ),
        ),
        *([rule(), text(*_wanting(report, lost))] if report.failed or lost else []),
        *([row(*buttons[:MAX_BUTTONS])] if (buttons := _switch_buttons(lost, here)) else []),
        *([ui.File(f"attachment://{FAULTS_FILE}")] if len(report.failed) > MAX_FAULTS else []),
    )


def _wanting(report: Report, lost: Mapping[int, TopicLoss]) -> list[str]:
    """Return which topics of digests have lost their stories, then the first faults, a line each."""
    losses = [_("- {loss}.", loss=loss_text(each, topic_name)) for each in lost.values()]
    return capped([*losses[:MAX_LOST], *_fault_lines(report.failed)], len(losses) + len(report.failed))


def _switch_buttons(lost: Mapping[int, TopicLoss], here: Sequence[Subscription]) -> list[Item]:
    """Return buttons for those of these digests whose topic's stories carry another one now."""
    return [
        switch_button(each.id, loss.heir)
        for each in here
        if each.state is SubscriptionState.ACTIVE
        for loss in losses_of(each, lost)
        if loss.heir
    ]


def status_view(status: Status, started_at: datetime, latency: float) -> View:
    """Return how the bot is doing; `latency` is the gateway's, in seconds."""
    wrong = _wrong(status)
    return framed(
        text(
            _("### Status"),
            _(
                "Running since {started} · gateway {latency:.0f} ms",
                started=age(started_at),
                latency=latency * 1000,
            ),
            f"{_record_count(status.totals.records)} · {story_count(status.totals.stories)}"
            f" · {article_count(status.totals.articles)}",
            _last_reload(status),
            _feeds(status),
            _subscriptions(status),
            _deliveries(status),
        ),
        *([rule(), text(_("**Needs fixing**"), *wrong)] if wrong else []),
    )


def _record_count(number: int) -> str:
    return n_("{number:,} record", "{number:,} records", number)


def _fault_lines(faults: Sequence[Fault]) -> list[str]:
    """Return the first faults, a line each."""
    return [f"- {brief(str(fault), FAULT)}" for fault in faults[:MAX_FAULTS]]


def _wrong(status: Status) -> list[str]:
    """Return what is wrong now, a line each: a refused reload, faults of files, then what Discord refused."""
    refusals = []
    if status.refusal:
        refused_at, refusal = status.refusal
        refusals.append(_since(refused_at, refusal_text(refusal, plain)))
    refused = [_since(each.refused_at, refused_text(each, plain)) for each in status.refusals]
    failing = [feed for feed in status.feeds if feed.problem and feed.state in FAILING]
    lines = [*refusals, *failing_lines(failing), *_fault_lines(status.faults), *refused[:MAX_REFUSED]]
    return capped(lines, len(refusals) + len(failing) + len(status.faults) + len(refused))


def _since(moment: datetime, wrong: str) -> str:
    """Return what has been wrong since a moment, as a line of a list."""
    return _("- {when}: {wrong}", when=age(moment), wrong=wrong)


def _last_reload(status: Status) -> str:
    if not (status.reloaded_at and status.report):
        return _("Last reload: never")
    return _(
        "Last reload: {when}, {added:,} added, {changed:,} changed, {removed:,} removed, {failed:,} failed",
        when=age(status.reloaded_at),
        added=status.report["added"],
        changed=status.report["changed"],
        removed=status.report["removed"],
        failed=len(status.faults),
    )


def _feeds(status: Status) -> str:
    """Return how many feeds are in each state."""
    if not status.feeds:
        return ""
    counts = Counter(feed.state for feed in status.feeds)
    texts = {
        FeedState.NEW: _("new {number:,}", number=counts[FeedState.NEW]),
        FeedState.OK: _("ok {number:,}", number=counts[FeedState.OK]),
        FeedState.FAILING: _("failing {number:,}", number=counts[FeedState.FAILING]),
        FeedState.PAUSED: _("paused {number:,}", number=counts[FeedState.PAUSED]),
        FeedState.ENDED: _("ended {number:,}", number=counts[FeedState.ENDED]),
    }
    return _("Sources: {states}", states=" · ".join(texts[state] for state in sorted(counts)))


def _subscriptions(status: Status) -> str:
    if status.next_due is None:
        return n_("{number:,} subscription", "{number:,} subscriptions", status.subscriptions)
    return n_(
        "{number:,} subscription, next digest {when}",
        "{number:,} subscriptions, next digest {when}",
        status.subscriptions,
        when=age(status.next_due),
    )


def _deliveries(status: Status) -> str:
    """Return how many deliveries are in each state."""
    if not status.deliveries:
        return _("Deliveries: none yet")
    counts = Counter({DeliveryState(state): number for state, number in status.deliveries.items()})
    texts = {
        DeliveryState.PENDING: _("pending {number:,}", number=counts[DeliveryState.PENDING]),
        DeliveryState.SENDING: _("sending {number:,}", number=counts[DeliveryState.SENDING]),
        DeliveryState.SENT: _("sent {number:,}", number=counts[DeliveryState.SENT]),
        DeliveryState.EMPTY: _("empty {number:,}", number=counts[DeliveryState.EMPTY]),
        DeliveryState.SKIPPED: _("skipped {number:,}", number=counts[DeliveryState.SKIPPED]),
        DeliveryState.FAILED: _("failed {number:,}", number=counts[DeliveryState.FAILED]),
    }
    return _("Deliveries: {states}", states=" · ".join(texts[state] for state in sorted(counts)))
