"""Undoing, for ten minutes, what somebody did to a subscription: nothing of it is lost until then."""

from dataclasses import asdict
from datetime import datetime, timedelta

from digests.errors import TooLateToUndoError
from digests.subscriptions.edit import Place, edit
from digests.subscriptions.limits import Limits
from digests.subscriptions.subjects import take_place
from digests.subscriptions.subscribe import require_room
from storage import undo
from storage.engine import Connection, ReadConnection
from storage.models import Subscription
from storage.undo import Former

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


def find_former(reader: ReadConnection, subscription_id: int, changed_at: datetime, now: datetime) -> Former:
    """Return what a subscription was before a change; raises TooLateToUndoError, also if others followed."""
    was = undo.former(reader, subscription_id, changed_at)
    if was is None or not changed_at <= now <= changed_at + UNDO:
        raise TooLateToUndoError
    return was


async def revert(
    connection: Connection, subscription: Subscription, changed_at: datetime, now: datetime
) -> Subscription:
    """Undo the last change to a subscription, in the open transaction.

    Raises TooLateToUndoError, or AlreadySubscribedError if its place gets some of that elsewhere now.
    """
    was = await connection.run(find_former, subscription.id, changed_at, now)
    place = Place(was.channel_id, was.kind)
    # Outlets aren't muted by editing.
    changes = {name: value for name, value in asdict(was.options).items() if name != "muted"}
    return await edit(connection, subscription, changes, now, was.subject, place)
