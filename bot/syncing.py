"""Registers the commands with Discord, only if they changed: Discord limits how many a day it takes."""

import json
import logging
from collections.abc import Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands

from storage import registrations
from storage.engine import Database

if TYPE_CHECKING:
    from bot.client import Client

log = logging.getLogger(__name__)


async def sync_commands(
    tree: app_commands.CommandTree["Client"], application_id: int, admin_guild: int | None, database: Database
) -> dict[str, int]:
    """Register the commands, everywhere and in the admin server, and return the ids of those everywhere.

    They are keyed by name. A server that was the admin server before has its commands taken away.
    """
    async with database.reading() as connection:
        before = await connection.run(registrations.of_application, application_id)
    syncing = _Syncing(tree, application_id, database, before)
    everywhere = await syncing.register(None)
    if admin_guild is not None:
        try:
            await syncing.register(discord.Object(admin_guild))
        except discord.Forbidden:
            log.error(
                "ADMIN_GUILD_ID %d: the bot isn't in that server, so /admin isn't available", admin_guild
            )
    for guild_id in before:
        if guild_id not in (None, admin_guild):
            await syncing.take_away(guild_id)
    return {command.name: command.id for command in everywhere}


class _Syncing:
    """What registers commands that differ from those of `before`, by server or None for everywhere."""

    def __init__(
        self,
        tree: app_commands.CommandTree["Client"],
        application_id: int,
        database: Database,
        before: dict[int | None, str],
    ) -> None:
        self._tree = tree
        self._application_id = application_id
        self._database = database
        self._before = before

    async def register(self, guild: discord.Object | None) -> Sequence[app_commands.AppCommand]:
        """Register the commands of a server, or those everywhere, unless Discord has them as they are."""
        guild_id = guild.id if guild else None
        sent, before = await self._payload(guild), self._before.get(guild_id)
        found = await self._tree.fetch_commands(guild=guild)
        if before == _digest(sent, found):
            return found
        await self._tree.sync(guild=guild)
        found = await self._tree.fetch_commands(guild=guild)
        async with self._database.transaction() as connection:
            await registrations.note(connection, self._application_id, guild_id, _digest(sent, found))
        return found

    async def take_away(self, guild_id: int) -> None:
        """Take away the commands of a server, which has none by now if the bot was removed from it."""
        try:
            await self._tree.sync(guild=discord.Object(guild_id))
        except (discord.Forbidden, discord.NotFound):
            log.info("server %d: the bot isn't there, so it has no commands to take away", guild_id)
        async with self._database.transaction() as connection:
            await registrations.forget(connection, self._application_id, guild_id)

    async def _payload(self, guild: discord.Object | None) -> list[dict[str, Any]]:
        """Return what Discord would be sent, translations included."""
        tree, translator = self._tree, self._tree.translator
        commands = tree.get_commands(guild=guild)
        if translator is None:
            return [each.to_dict(tree) for each in commands]
        return [await each.get_translated_payload(tree, translator) for each in commands]


def _digest(sent: Sequence[dict[str, Any]], found: Sequence[app_commands.AppCommand]) -> str:
    """Return a digest of what was sent and of what Discord then had.

    Where the database is an older one, or another program has registered others, the latter differs.
    """
    whole = [sent, [each.to_dict() for each in sorted(found, key=lambda each: each.id)]]
    return sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()
