"""For admins: a reload's progress and report, and how the bot is doing."""

from collections.abc import Sequence
from datetime import datetime

from discord import ui

from bot.errors import refusal_text
from bot.views.layout import View, capped, framed, rule, text
from bot.views.text import age, brief, plain
from digests.seeds.reload import Progress, Report
from digests.status import Status
from digests.text import count
from storage.models import Fault

MAX_FAULTS = 10
FAULT = 300
FAULTS_FILE = "faults.txt"


def progress_view(progress: Progress) -> View:
    """Return how far a reload is."""
    return framed(text("### Reloading seeds", f"{progress.done:,} of {count(progress.files, 'file')} read …"))


def report_view(report: Report) -> View:
    """Return what a reload did, with the first faults."""
    return framed(
        text(
            "### Seeds reloaded",
            f"**{report.added:,}** added · **{report.changed:,}** changed · **{report.removed:,}** removed ·"
            f" {report.unchanged:,} unchanged · **{len(report.failed):,}** failed",
            f"-# {count(report.records, 'record')} in {count(report.stories, 'story')} with"
            f" {count(report.articles, 'article')}; {count(report.skipped, 'other file')} skipped;"
            f" {report.seconds:.1f} s",
        ),
        *([rule(), text(*capped(_fault_lines(report.failed), len(report.failed)))] if report.failed else []),
        *([ui.File(f"attachment://{FAULTS_FILE}")] if len(report.failed) > MAX_FAULTS else []),
    )


def _fault_lines(faults: Sequence[Fault]) -> list[str]:
    """Return the first faults, a line each."""
    return [f"- {brief(str(fault), FAULT)}" for fault in faults[:MAX_FAULTS]]


def _wrong(status: Status) -> list[str]:
    """Return what is wrong now, a line each: a refused reload, then faults of files."""
    refusals = []
    if status.refusal:
        refused_at, refusal = status.refusal
        refusals.append(f"- {age(refused_at)}: {refusal_text(refusal, plain)}")
    return capped([*refusals, *_fault_lines(status.faults)], len(refusals) + len(status.faults))


def status_view(status: Status, started_at: datetime, latency: float) -> View:
    """Return how the bot is doing; `latency` is the gateway's, in seconds."""
    deliveries = " · ".join(f"{state} {number:,}" for state, number in sorted(status.deliveries.items()))
    last = (
        f"{age(status.reloaded_at)}: {status.report['added']:,} added, {status.report['changed']:,} changed,"
        f" {status.report['removed']:,} removed, {len(status.faults):,} failed"
        if status.reloaded_at and status.report
        else "never"
    )
    wrong = _wrong(status)
    return framed(
        text(
            "### Status",
            f"Running since {age(started_at)} · gateway {latency * 1000:.0f} ms",
            f"{count(status.totals.records, 'record')} · {count(status.totals.stories, 'story')} ·"
            f" {count(status.totals.articles, 'article')}",
            f"Last reload: {last}",
            f"{count(status.subscriptions, 'subscription')}"
            + (f", the next digest {age(status.next_due)}" if status.next_due else ""),
            f"Deliveries: {deliveries or 'none yet'}",
        ),
        *([rule(), text("**Wrong now**", *wrong)] if wrong else []),
    )
