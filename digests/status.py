"""How the bot is doing, as its database tells it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from digests.errors import ReloadError, refusal_from_json
from storage import outbox, seeds, subscriptions
from storage.models import Fault
from storage.seeds import Totals
from storage.sqlite.database import Connection


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


async def read_status(connection: Connection) -> Status:
    """Return how the bot is doing."""
    last = await seeds.last_reload(connection)
    refused = await seeds.last_refusal(connection)
    return Status(
        totals=await seeds.totals(connection),
        reloaded_at=last[0] if last else None,
        report=last[1] if last else None,
        refusal=(refused[0], refusal_from_json(refused[1])) if refused else None,
        faults=await seeds.faults(connection),
        subscriptions=await subscriptions.count(connection),
        next_due=await subscriptions.next_due(connection),
        deliveries=await outbox.count_by_state(connection),
    )
