"""Judging what is stored anew, in the background: it goes on while people read, and after a restart."""

import asyncio
import logging

from bot.services import Services
from digests.feeds.judging import Judge, judge_pending
from digests.text import count

PATIENCE = 5.0  # seconds that somebody waits for it

log = logging.getLogger(__name__)


class Judging:
    """Judges articles anew when what they are judged by has changed, whoever changed it."""

    def __init__(self, services: Services, judge: Judge) -> None:
        self._services = services
        self._judge = judge
        self._alone = asyncio.Lock()
        self._running: set[asyncio.Task[None]] = set()

    async def judge(self) -> None:
        """Judge anew what is to be, and end when all of it is."""
        async with self._alone:
            changed = await judge_pending(self._services.database, self._judge, self._services.clock)
        if changed:
            log.info("judged anew: %s changed", count(changed, "article"))

    async def begin(self) -> bool:
        """Begin in the background, and return whether all is done within PATIENCE."""
        task = asyncio.create_task(self._judge_logged())
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        done, _ = await asyncio.wait({task}, timeout=PATIENCE)
        return bool(done)

    async def close(self) -> None:
        """Break off what runs; it goes on at the next start."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _judge_logged(self) -> None:
        try:
            await self.judge()
        except Exception:
            log.exception("articles can't be judged anew; trying again later")
