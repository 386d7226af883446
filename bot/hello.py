"""Saying hello: once to each server that the bot is added to, and to people who write to it."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

import discord

from bot.locale import in_language
from bot.locale.catalogs import ENGLISH, language_of
from bot.openings import Openings
from bot.services import Services
from bot.views.hello import hello_owner_view, hello_view, reply_view
from bot.views.layout import View
from storage import servers, subscriptions

RECENT = timedelta(days=1)  # a server that was joined while the bot was offline is greeted for so long
AGAIN = timedelta(minutes=5)  # until somebody who goes on writing is answered again
MOST = 1_000  # people whose last answers are remembered

log = logging.getLogger(__name__)


async def greet(
    services: Services, guild: discord.Guild, openings: Openings, link: Callable[[View], View]
) -> None:
    """Greet a server, unless it was greeted since the bot joined it.

    That goes to its system channel, else the first one that the bot may write to, else its owner's DMs.
    `link` lets people press the commands that a message names.
    """
    now = services.clock()
    async with services.database.transaction() as connection:
        joined_at = guild.me.joined_at or now
        if not await servers.claim_greeting(connection, guild.id, joined_at, now):
            return
    channel = _writable(guild)
    try:
        if channel:
            with in_language(language_of(guild.preferred_locale)):
                view = hello_view()
            await channel.send(view=link(view))
        elif guild.owner_id:
            owner = await guild.fetch_member(guild.owner_id)
            await openings.wait()
            with in_language(language_of(guild.preferred_locale)):
                view = hello_owner_view(guild.name)
            await owner.send(view=link(view))
    except discord.HTTPException as error:
        log.info("server %d can't be greeted: %s", guild.id, error)


def is_recent(guild: discord.Guild, now: datetime) -> bool:
    """Say whether the bot joined a server lately: while it was offline, perhaps."""
    joined_at = guild.me.joined_at
    return joined_at is not None and now - joined_at < RECENT


def _writable(guild: discord.Guild) -> discord.TextChannel | None:
    """Return the channel for a greeting: the system channel, or else the first that the bot may write to."""
    channels = [*filter(None, [guild.system_channel]), *guild.text_channels]
    return next((each for each in channels if _may_write(guild, each)), None)


def _may_write(guild: discord.Guild, channel: discord.TextChannel) -> bool:
    allowed = channel.permissions_for(guild.me)
    return allowed.view_channel and allowed.send_messages


class Replies:
    """Answers people who write to the bot in DMs, each once in a while."""

    def __init__(self) -> None:
        self._answered: dict[int, datetime] = {}

    async def reply(self, services: Services, message: discord.Message, link: Callable[[View], View]) -> None:
        """Answer a message with what the bot can do, unless its writer was told that just now.

        Discord doesn't say what language they read: if it is known, it is that of their digests. `link` lets
        people press the commands that a message names.
        """
        person = message.author
        if (
            person.bot
            or message.guild
            or message.is_system()
            or not self._is_due(person.id, services.clock())
        ):
            return
        async with services.database.reading() as connection:
            own = await connection.run(subscriptions.of_person, person.id)
        with in_language(language_of(own[0].options.language) if own else ENGLISH):
            view = reply_view()
        try:
            await message.channel.send(view=link(view))
        except discord.HTTPException as error:
            log.info("person %d can't be answered: %s", person.id, error)

    def _is_due(self, user_id: int, now: datetime) -> bool:
        """Say whether somebody is to be answered, and note that they are."""
        last = self._answered.pop(user_id, None)
        if last and now - last < AGAIN:
            self._answered[user_id] = last
            return False
        self._answered[user_id] = now
        if len(self._answered) > MOST:
            del self._answered[next(iter(self._answered))]
        return True
