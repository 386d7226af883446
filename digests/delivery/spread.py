"""When digests by DM are sent: a bot that writes to many people at one moment looks like a spammer."""

from datetime import datetime, timedelta
from zlib import crc32

from storage.models import PlaceKind, Subscription

SPREAD = timedelta(minutes=30)


def sent_at(subscription: Subscription, issue_at: datetime) -> datetime:
    """Return when an edition issued at `issue_at` is sent: to a person always as long after that.

    It depends on the person alone, so that all of their digests come together.
    """
    if subscription.kind is not PlaceKind.DM:
        return issue_at
    seconds = crc32(str(subscription.created_by).encode()) % int(SPREAD.total_seconds())
    return issue_at + timedelta(seconds=seconds)
