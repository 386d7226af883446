"""The Transport of digests/, over discord.py: sends an edition's parts, and maps Discord's errors."""

import asyncio
from collections.abc import Iterator
from typing import Any

import aiohttp
import discord

from bot.views.buttons import why_id
from bot.views.edition import edition_parts
from digests.edition import Edition
from digests.transport import PermanentError, TemporaryError, UncertainError

RECENT = 50  # messages of the channel, looked through for one that may have arrived
LOST_REPLY = (aiohttp.ClientError, asyncio.TimeoutError, OSError)
REASONS = {
    10003: "the channel is gone",
    50001: "the bot may not see the channel (View Channel)",
    50013: "the bot may not post in the channel (Send Messages)",
    50007: "the person's DMs are closed",
}


class DiscordTransport:
    """Posts editions in channels."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client

    def count_parts(self, delivery_id: int, edition: Edition) -> int:
        """Return how many messages an edition takes."""
        return len(edition_parts(edition, delivery_id))

    async def send(self, channel_id: int, delivery_id: int, edition: Edition, part: int) -> int:
        """Send one part; Discord drops a second one with the same nonce for a few minutes."""
        view = edition_parts(edition, delivery_id)[part]
        channel = self._client.get_partial_messageable(channel_id)
        try:
            message = await channel.send(view=view, nonce=f"broadsheet-{delivery_id}-{part}"[:25])
        except discord.NotFound as error:
            raise PermanentError(_reason(error)) from error
        except discord.Forbidden as error:
            raise PermanentError(_reason(error)) from error
        except discord.HTTPException as error:
            if error.status == 429 or error.status >= 500:
                # A server error may hide a message that was made all the same.
                kind = TemporaryError if error.status == 429 else UncertainError
                raise kind(f"Discord answered {error.status}") from error
            raise PermanentError(
                f"Discord refused the message ({error.status}, code {error.code})"
            ) from error
        except LOST_REPLY as error:
            raise UncertainError(f"no answer from Discord ({type(error).__name__})") from error
        return message.id

    async def find(self, channel_id: int, delivery_id: int, part: int) -> int | None:
        """Look for a part among the channel's recent messages."""
        wanted = why_id(delivery_id, part)
        channel = self._client.get_partial_messageable(channel_id)
        try:
            async for message in channel.history(limit=RECENT):
                if message.author == self._client.user and wanted in _custom_ids(message.components):
                    return message.id
        except (discord.NotFound, discord.Forbidden) as error:
            raise PermanentError(_reason(error)) from error
        except (discord.HTTPException, *LOST_REPLY) as error:
            raise UncertainError(f"the channel could not be read ({type(error).__name__})") from error
        return None


def _reason(error: discord.HTTPException) -> str:
    return REASONS.get(error.code, f"Discord answered {error.status}, code {error.code}")


def _custom_ids(components: list[Any]) -> Iterator[str]:
    for component in components:
        if custom_id := getattr(component, "custom_id", None):
            yield custom_id
        yield from _custom_ids(getattr(component, "children", []))
