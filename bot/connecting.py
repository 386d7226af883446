"""Connecting to Discord, and what to say if that can't be done."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import TYPE_CHECKING

import aiohttp
import discord

from bot.client import Client
from bot.errors import StartupError, WaitError
from bot.services import Clock

if TYPE_CHECKING:
    from discord.types.gateway import SessionStartLimit

APPLICATION = "https://discord.com/developers/applications"
REFUSED = (
    "Discord doesn't accept the DISCORD_TOKEN. Copy it again from the Bot page of your application:"
    f" {APPLICATION}"
)
SHARDS_WANTED = 4011
NEWER = "Install a newer Broadsheet."
# What Discord closes a connection with if trying again is of no use.
CLOSED = {
    4004: REFUSED,
    4010: f"Discord doesn't know the shard that this Broadsheet asks for. {NEWER}",
    SHARDS_WANTED: (
        "The bot is in more servers than Discord allows with as few shards as SHARDS says. Remove that"
        " setting, and Broadsheet takes as many as Discord recommends."
    ),
    4012: f"Discord no longer speaks the version of its interface that this Broadsheet knows. {NEWER}",
    4013: f"Discord doesn't know an intent that this Broadsheet asks for. {NEWER}",
    4014: (
        "Discord doesn't allow your application an intent that Broadsheet asks for. Look for Privileged"
        f" Gateway Intents on the Bot page of your application: {APPLICATION}"
    ),
}
MORE_SHARDS = (
    "The bot is in more servers now than Discord allows with its shards. It takes as many as Discord"
    " recommends when it starts again."
)
MORE_SHARDS_FOR_ALL = (
    "The bot is in more servers now than Discord allows with its shards. Stop every process, then"
    " start them again: they take as many as Discord recommends."
)
UNREACHABLE = (
    "Discord can't be reached, or doesn't answer as it should."
    " Make sure that this machine can open https://discord.com, then start the bot again."
)


async def connect(client: Client, token: str, clock: Clock, shards: int | None = None) -> None:
    """Connect to Discord, and stay connected until the client is closed. Raises StartupError.

    That takes as many shards as Discord recommends, unless somebody chose how many.
    """
    await log_in(client, token)
    with _explained():
        recommended, sessions = 1, None
        with suppress(discord.GatewayNotFound):  # a proxy that doesn't know of it
            recommended, _, sessions = await client.http.get_bot_gateway()
            client.gate.width = sessions["max_concurrency"]
        owned = await client.tenure.settle(shards, recommended)
        if sessions:
            _require_sessions(sessions, len(owned.mine), clock)
        client.shard_count, client.shard_ids = owned.count, sorted(owned.mine)
        try:
            await client.connect()
        except discord.ConnectionClosed as error:
            if error.code != SHARDS_WANTED or shards is not None:
                raise
            if client.tenure.is_shared:
                raise StartupError(MORE_SHARDS_FOR_ALL) from error
            raise WaitError(MORE_SHARDS) from error


async def log_in(client: discord.Client, token: str) -> None:
    """Let Discord say whose token that is. Raises StartupError."""
    if not token.isprintable() or " " in token:
        raise StartupError(REFUSED)
    with _explained():
        await client.login(token)


@contextmanager
def _explained() -> Iterator[None]:
    """Raise StartupError about whatever Discord has against what the block does."""
    try:
        yield
    except discord.LoginFailure as error:
        raise StartupError(REFUSED) from error
    except discord.PrivilegedIntentsRequired as error:
        raise StartupError(CLOSED[4014]) from error
    except discord.ConnectionClosed as error:
        if error.code in CLOSED:
            raise StartupError(CLOSED[error.code]) from error
        raise WaitError(f"{UNREACHABLE} (code {error.code})") from error
    except (discord.DiscordException, aiohttp.ClientError, OSError, ValueError, TypeError, KeyError) as error:
        # The last three: an answer that Discord never gives, for example a captive portal's.
        raise WaitError(f"{UNREACHABLE} ({type(error).__name__})") from error


def _require_sessions(limit: "SessionStartLimit", shards: int, clock: Clock) -> None:
    """Raise WaitError if Discord allows fewer new sessions now: to try would make it take the token away."""
    if limit["remaining"] < shards:
        allowed_at = clock() + timedelta(milliseconds=limit["reset_after"])
        raise WaitError(
            f"Discord allows the bot {limit['total']:,} new connections a day. It needs {shards:,}, but has"
            f" {limit['remaining']:,} left until {allowed_at:%Y-%m-%d %H:%M} UTC. Stop it until then, and see"
            " in its log why it starts so often."
        )
