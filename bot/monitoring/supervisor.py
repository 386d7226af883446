"""Signs of life for systemd: that the bot is ready, that it lives, that it stops."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.monitoring.health import Health
from bot.settings import Supervision

SIGNS = 3  # within the watchdog's time: one may come late

log = logging.getLogger(__name__)


@asynccontextmanager
async def supervised(health: Health, supervision: Supervision | None) -> AsyncIterator[None]:
    """Say while the block runs that the bot is ready and lives, and at its end that it stops."""
    if supervision is None:
        yield
        return
    _tell(supervision.address, "READY=1")
    signs = asyncio.create_task(_give_signs(health, supervision))
    try:
        yield
    finally:
        signs.cancel()
        await asyncio.gather(signs, return_exceptions=True)
        _tell(supervision.address, "STOPPING=1")


async def _give_signs(health: Health, supervision: Supervision) -> None:
    """Give signs of life as long as the bot lives; without them systemd starts it anew."""
    if supervision.watchdog is None:
        return
    while True:
        if death := health.death():
            log.error("%s: no sign of life is given any more", death)
            _tell(supervision.address, f"STATUS={death}")
        else:
            _tell(supervision.address, "WATCHDOG=1")
        await asyncio.sleep(supervision.watchdog / SIGNS)


def _tell(address: str, message: str) -> None:
    """Send a message as sd_notify(3) does; a name that begins with @ is in the abstract namespace."""
    name = f"\0{address[1:]}" if address.startswith("@") else address
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.setblocking(False)
            sender.sendto(message.encode(), name)
    except OSError as error:
        log.warning("%s can't be told %s (%s)", address, message, error.strerror)
