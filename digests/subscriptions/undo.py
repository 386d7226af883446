"""Undoing, for ten minutes, that somebody ended a digest of their own: nothing of it is lost until then."""

from datetime import datetime, timedelta

from digests.errors import TooLateToUndoError
from digests.subscriptions.limits import Limits
from digests.subscriptions.subjects import take_place
from digests.subscriptions.subscribe import require_room
from storage import undo
from storage.engine import Connection, ReadConnection
from storage.models import Subscription

UNDO = timedelta(minutes=10)


def find_ended(reader: ReadConnection, subscription_id: int, now: datetime) -> Subscription:
    """Return a subscription that was ended lately; raises TooLateToUndoError if it can't be brought back."""
    found = undo.ended(reader, subscription_id, now - UNDO)
    if found is None:
        raise TooLateToUndoError
    return found


async def revive(connection: Connection, subscription_id: int, now: datetime, limits: Limits) -> Subscription:
    """Let a subscription that was ended lately go on as it was, in the open transaction.

    Raises TooLateToUndoError, AlreadySubscribedError if its place has got another one meanwhile, or
    DigestLimitError.
    """
    found = await connection.run(find_ended, subscription_id, now)
    await take_place(connection, found)
    await connection.run(require_room, found.guild_id, found.created_by, limits)
    await undo.revive(connection, subscription_id)
    return found
