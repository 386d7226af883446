"""Feeds that people suggest to the bot's owners, a few a day from each server."""

from collections import defaultdict
from datetime import datetime, timedelta

from bot.errors import NoticeError
from bot.locale import _

A_DAY = 5
DAY = timedelta(days=1)


class Suggestions:
    """Counts the suggestions of each server, while the bot runs."""

    def __init__(self) -> None:
        self._made: defaultdict[int, list[datetime]] = defaultdict(list)

    def count(self, guild_id: int, now: datetime) -> None:
        """Count a suggestion; raises NoticeError if its server has made enough of them today."""
        recent = [moment for moment in self._made[guild_id] if now - moment < DAY]
        if len(recent) >= A_DAY:
            raise NoticeError(_("This server has suggested enough feeds for today. Try again tomorrow."))
        self._made[guild_id] = [*recent, now]
