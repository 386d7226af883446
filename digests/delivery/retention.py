"""Retention: deletes old deliveries, their reasons and old lists, in steps between which others can write."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from digests.delivery.limits import KEEP_DELIVERIES
from digests.editions.window import LATE_NEWS, LONGEST
from digests.stories.coverage import SILENCE
from digests.subscriptions.follows import FOLLOW_FOR
from digests.subscriptions.undo import UNDO
from digests.text import count
from storage import follows, retention, undo
from storage.engine import Connection, Database

DELETE_BATCH = 500  # rows deleted in one transaction
KEEP_LISTINGS = timedelta(days=30)
REACH = LONGEST + LATE_NEWS  # so far back goes what an edition may hold
KEEP_REMOVED = timedelta(days=1)  # saved stories that can be put back
KEEP_LEFT = timedelta(days=30)  # the digests of servers that the bot left

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How many of each were deleted."""

    subscriptions: int
    deliveries: int
    editions: int
    shown: int
    listings: int


async def forget_old(
    database: Database, now: datetime, keep_deliveries: timedelta = KEEP_DELIVERIES
) -> Forgotten:
    """Delete deliveries older than `keep_deliveries`, and editions that no delivery has any more.

    Subscriptions that were ended go as soon as that can't be undone. Lists, and subscriptions of servers
    that the bot left, are deleted after a month. Each subscription keeps its last delivery. What places were
    shown is remembered as long as a window can reach it.
    """
    left, reach = now - KEEP_LEFT, now - REACH
    await _in_steps(database, lambda connection: undo.remove_ended(connection, now - UNDO, DELETE_BATCH))
    # What hangs on a subscription goes first: with years of it, a step would hold the lock for long.
    await _in_steps(
        database, lambda connection: retention.forget_left_deliveries(connection, left, DELETE_BATCH)
    )
    forgotten = Forgotten(
        subscriptions=await _in_steps(
            database, lambda connection: retention.forget_left(connection, left, DELETE_BATCH)
        ),
        deliveries=await _in_steps(
            database,
            lambda connection: retention.forget_deliveries(connection, now - keep_deliveries, DELETE_BATCH),
        ),
        editions=await _in_steps(
            database, lambda connection: retention.forget_editions(connection, DELETE_BATCH)
        ),
        shown=await _in_steps(
            database, lambda connection: retention.forget_shown(connection, reach, SILENCE, DELETE_BATCH)
        ),
        listings=await _in_steps(
            database,
            lambda connection: retention.forget_listings(
                # What a clock that was ahead has dated would else stay until then.
                connection,
                now - KEEP_LISTINGS,
                now + KEEP_LISTINGS,
                DELETE_BATCH,
            ),
        ),
    )
    await _in_steps(database, lambda connection: retention.forget_showings(connection, DELETE_BATCH))
    await _in_steps(
        database, lambda connection: follows.forget_ended(connection, now - FOLLOW_FOR, DELETE_BATCH)
    )
    await _in_steps(
        database, lambda connection: retention.forget_removed(connection, now - KEEP_REMOVED, DELETE_BATCH)
    )
    await _in_steps(
        database, lambda connection: retention.forget_past_qualities(connection, reach, DELETE_BATCH)
    )
    if any(asdict(forgotten).values()):
        await database.shrink()
        log.info(
            "forgotten: %s, %s, %s, %s, %s",
            count(forgotten.subscriptions, "subscription"),
            count(forgotten.deliveries, "delivery"),
            count(forgotten.editions, "edition"),
            count(forgotten.shown, "memory"),
            count(forgotten.listings, "list"),
        )
    return forgotten


async def _in_steps(database: Database, step: Callable[[Connection], Awaitable[int]]) -> int:
    """Repeat a step, each time in its own transaction, until it deletes fewer than DELETE_BATCH rows."""
    total, count = 0, DELETE_BATCH
    while count == DELETE_BATCH:
        async with database.transaction() as connection:
            count = await step(connection)
        total += count
    return total
