"""Feeds that servers suggest to the bot's owners, a few a day."""

from datetime import datetime, timedelta

from digests.errors import SuggestionsUsedError
from storage import suggestions
from storage.engine import Connection

A_DAY = 5
DAY = timedelta(days=1)


async def count_suggestion(connection: Connection, guild_id: int, now: datetime) -> None:
    """Count a server's suggestion; raises SuggestionsUsedError if it has made enough of them today."""
    if await connection.run(suggestions.count_since, guild_id, now - DAY) >= A_DAY:
        raise SuggestionsUsedError
    await suggestions.add(connection, guild_id, now)
