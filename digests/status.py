"""How the bot is doing, as its database tells it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from digests.errors import ReloadError, refusal_from_json
from storage import feeds, outbox, refusals, seeds, subscriptions
from storage.engine import ReadConnection
from storage.feeds import Feed
from storage.models import Fault, Refusal
from storage.seeds import Totals


@dataclass(frozen=True, slots=True)
class Status:
    """What is stored, what the last reload did, what is owed; `deliveries` counts them by state.

    `refusal` tells when and why a reload changed nothing since; a text is an earlier version's.
    """

    totals: Totals
    reloaded_at: datetime | None
    report: dict[str, Any] | None
    refusal: tuple[datetime, ReloadError | str] | None
    faults: list[Fault]
    subscriptions: int
    next_due: datetime | None
    deliveries: dict[str, int]
    refusals: list[Refusal]
    feeds: list[Feed]


def read_status(reader: ReadConnection, now: datetime) -> Status:
    """Return how the bot is doing."""
    last = seeds.last_reload(reader)
    refused = seeds.last_refusal(reader)
    return Status(
        totals=seeds.totals(reader),
        reloaded_at=last[0] if last else None,
        report=last[1] if last else None,
        refusal=(refused[0], refusal_from_json(refused[1])) if refused else None,
        faults=seeds.faults(reader),
        subscriptions=subscriptions.count(reader),
        next_due=subscriptions.next_due(reader),
        deliveries=outbox.count_by_state(reader),
        refusals=refusals.recent(reader, now),
        feeds=feeds.feeds(reader),
    )
