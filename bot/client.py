"""The Discord client: its events, the syncing of commands, and its owners."""

import asyncio
import logging
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, TypeAlias

import discord
from discord import app_commands

from bot.access.values import require_values
from bot.answers import answer_error, keep_in_time
from bot.forms.form import Form, answer_form
from bot.hello import Replies, greet, is_recent
from bot.judging import Judging
from bot.locale import in_language, speak
from bot.locale.catalogs import ENGLISH, language_of
from bot.locale.translator import CatalogTranslator
from bot.monitoring.metrics import Metrics
from bot.monitoring.timing import begin, finish, name_of
from bot.openings import Openings
from bot.rate_limit import LONGEST_WAIT
from bot.services import Services
from bot.shards import ShardedClient
from bot.sharing import Sharing
from bot.syncing import sync_commands
from bot.views.commands import link_commands
from bot.views.layout import View
from bot.views.sources import failing_feeds_view
from digests.delivery.outbox import Outbox
from digests.delivery.planner import Planner
from digests.feeds.collect import Collector
from digests.ownership import Shards
from storage import servers, subscriptions
from storage.errors import StorageError
from storage.feeds import Feed

RETRY = 5.0  # seconds until what couldn't be noted is tried again

log = logging.getLogger(__name__)

# The bot uses no voice; without this discord.py warns about libraries for it.
discord.VoiceClient.warn_nacl = False
discord.VoiceClient.warn_dave = False


class Tree(app_commands.CommandTree["Client"]):
    """The slash commands: each is measured, and errors are answered with a sentence."""

    async def interaction_check(self, interaction: discord.Interaction["Client"], /) -> bool:
        """Note that a command begins, and return True; raises NotAValueError about a forged value.

        What it answers is in the language of the person's Discord.
        """
        speak(language_of(interaction.locale))
        begin(interaction, name_of(interaction))
        if interaction.type is not discord.InteractionType.autocomplete:
            keep_in_time(interaction)
        if interaction.type is discord.InteractionType.application_command:
            require_values(interaction)
        return True

    async def on_error(
        self, interaction: discord.Interaction["Client"], error: app_commands.AppCommandError
    ) -> None:
        """Answer the person whose command failed."""
        await answer_error(interaction, error)
        finish(self.client.metrics, interaction, name_of(interaction), error)


class Client(ShardedClient):
    """The bot's connection to Discord."""

    def __init__(
        self,
        services: Services,
        metrics: Metrics,
        collector: Collector,
        openings: Openings,
        sharing: Sharing,
    ) -> None:
        # A message pings nobody unless it names them; only events of servers and channels are received, and
        # what people write to the bot itself.
        super().__init__(
            sharing.gate,
            intents=discord.Intents(guilds=True, dm_messages=True),
            activity=discord.CustomActivity("/help"),
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,
            http_trace=sharing.pace.trace(),
            max_ratelimit_timeout=LONGEST_WAIT,
        )
        self.services = services
        self.tenure = sharing.tenure
        self.collector = collector
        self.openings = openings
        self._replies = Replies()
        self.unnoted: set[int] = set()  # shards whose servers couldn't be noted yet
        self._forms: tuple[type[Form], ...] = ()
        self.judging = Judging(services, collector.judge)
        self.metrics = metrics
        self._command_ids: dict[str, int] = {}  # by full name, of those that everybody can press everywhere
        self.started_at = services.clock()
        self.planner: Planner
        self.outbox: Outbox
        self.owner_ids: set[int] = set(services.settings.owner_ids)
        self.tree = Tree(self)

    async def setup_hook(self) -> None:
        """Learn who owns the bot, and register the commands, everywhere and in the admin server."""
        if self.application is not None:
            self.owner_ids |= owners_of(self.application)
        await self.tree.set_translator(CatalogTranslator())
        await self.sync()

    async def sync(self) -> None:
        """Learn the commands' ids; of several processes, only the collector registers commands."""
        admin_guild = self.services.settings.admin_guild_id
        database = self.services.database
        if self.tenure.collects():
            ids = await sync_commands(self.tree, self.application_id or 0, admin_guild, database)
        else:
            ids = {command.name: command.id for command in await self.tree.fetch_commands()}
        for command in self.tree.walk_commands():
            root = (command.root_parent or command).name
            if isinstance(command, app_commands.Command) and root in ids:
                self._command_ids[command.qualified_name] = ids[root]

    def link(self, view: View) -> View:
        """Let people press the commands that a message names, as far as Discord's ids of them are known."""
        return link_commands(view, self._command_ids)

    def attach(self, planner: Planner, outbox: Outbox) -> None:
        """Set what plans and delivers, which can only be made after the client."""
        self.planner = planner
        self.outbox = outbox

    def add_forms(self, *forms: type[Form]) -> None:
        """Let these forms be answered."""
        self._forms += forms

    async def on_interaction(self, interaction: discord.Interaction["Client"]) -> None:
        """Answer a form: discord.py knows none of them, since it would forget them at a restart."""
        if interaction.type is discord.InteractionType.modal_submit:
            await answer_form(self._forms, interaction)

    async def on_message(self, message: discord.Message) -> None:
        """Tell somebody who writes to the bot what it can do."""
        await self._replies.reply(self.services, message, self.link)

    async def on_shard_ready(self, shard_id: int) -> None:
        """Note which of a shard's servers the bot is in, at the start and whenever its session was lost."""
        await super().on_shard_ready(shard_id)
        try:
            await self.note_servers(Shards(self.owned.count, frozenset({shard_id})))
        except StorageError:
            await self._note_later(shard_id)

    async def note_servers(self, shards: Shards) -> None:
        """Note which servers of some shards the bot is in: that may have changed while it was offline.

        Servers that are unavailable in an outage are among them.
        """
        async with self.services.database.transaction() as connection:
            # Not before it: one that is left while this waits would be restored.
            here = [guild.id for guild in self.guilds if shards.owns(guild.id)]
            now = self.services.clock()
            await subscriptions.set_present(connection, here, now, shards)
        await self.planner.reopen_blocked(here)

    async def on_error(self, event_method: str, /, *args: Any, **kwargs: Any) -> None:
        """Log what an event came to; that the database is gone is no fault of the program."""
        error = sys.exception()
        if isinstance(error, StorageError):
            log.warning("%s: %r", event_method, error)
        else:
            await super().on_error(event_method, *args, **kwargs)

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Suspend a server's digests; they are kept for a while."""
        try:
            async with self.services.database.transaction() as connection:
                await subscriptions.leave(connection, guild.id, self.services.clock())
                await servers.forget(connection, guild.id)
        except StorageError:
            await self._note_later(guild.shard_id)

    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Greet a server that the bot was added to; restore the digests that it had there before."""
        await self._restore(guild)
        await greet(self.services, guild, self.openings, self.link)

    async def on_guild_available(self, guild: discord.Guild) -> None:
        """Do the same at the start and after an outage, if the bot was offline when it was added."""
        if not self.is_starting(guild.shard_id):  # else they are all restored together
            await self._restore(guild)
        if is_recent(guild, self.services.clock()):
            await greet(self.services, guild, self.openings, self.link)

    async def _restore(self, guild: discord.Guild) -> None:
        try:
            async with self.services.database.transaction() as connection:
                await subscriptions.restore(connection, guild.id)
            await self.planner.reopen_blocked([guild.id])
        except StorageError:
            await self._note_later(guild.shard_id)

    async def _note_later(self, shard_id: int) -> None:
        """Note which of a shard's servers the bot is in as soon as the database can be written to again."""
        if shard_id in self.unnoted:
            return
        self.unnoted.add(shard_id)
        log.warning("shard %d: its servers can't be noted; trying again", shard_id)
        while shard_id in self.unnoted:
            await asyncio.sleep(RETRY)
            with suppress(StorageError):
                await self.note_servers(Shards(self.owned.count, frozenset({shard_id})))
                self.unnoted.discard(shard_id)

    async def on_guild_channel_update(
        self, _: discord.abc.GuildChannel, channel: discord.abc.GuildChannel
    ) -> None:
        """Restart blocked digests that can be posted again: a channel's permissions may have changed."""
        await self.planner.reopen_blocked([channel.guild.id])

    async def on_guild_role_update(self, _: discord.Role, role: discord.Role) -> None:
        """Restart blocked digests that can be posted again: a role's permissions may have changed."""
        await self.planner.reopen_blocked([role.guild.id])

    async def on_member_update(self, _: discord.Member, member: discord.Member) -> None:
        """Restart blocked digests that can be posted again: the bot's roles may have changed.

        Without the members intent, Discord sends this event only for the bot itself.
        """
        await self.planner.reopen_blocked([member.guild.id])

    async def on_thread_update(self, _: discord.Thread, thread: discord.Thread) -> None:
        """Restart blocked digests that can be posted again: a thread may have been unlocked."""
        await self.planner.reopen_blocked([thread.guild.id])

    async def on_app_command_completion(self, interaction: discord.Interaction["Client"], _: object) -> None:
        """Count a command that succeeded."""
        finish(self.metrics, interaction, name_of(interaction))

    async def tell_owners_of_feeds(self, found: Sequence[Feed]) -> None:
        """Tell each owner, if that is possible, which feeds keep failing or have ended."""
        with in_language(ENGLISH):  # nobody asked whose language would be known
            view = failing_feeds_view(found)
        await self.tell_owners(view)

    async def tell_owners(self, view: View) -> int:
        """Send the owners a message, and return how many got it."""
        reached = 0
        for owner_id in sorted(self.owner_ids):
            try:
                await self.openings.wait()
                channel = await self.create_dm(discord.Object(owner_id))
                await channel.send(view=self.link(view))
            except discord.HTTPException as error:
                log.info("owner %d can't be told in DMs: %s", owner_id, error)
            else:
                reached += 1
        return reached

    def command_names(self) -> list[str]:
        """Return the names of all commands, as people type them."""
        guild_id = self.services.settings.admin_guild_id
        guilds = [None, *([discord.Object(guild_id)] if guild_id else [])]
        return [
            command.qualified_name
            for guild in guilds
            for command in self.tree.walk_commands(guild=guild)
            if isinstance(command, app_commands.Command)
        ]

    def is_owner(self, user_id: int) -> bool:
        """Say whether a person owns the application, may change it as a team member, or is in OWNER_IDS."""
        return user_id in self.owner_ids


def owners_of(application: discord.AppInfo) -> set[int]:
    """Return the ids of an application's owner, or of its team's members who joined and may change it."""
    team = application.team
    if team is None:
        return {application.owner.id}
    joined = [each for each in team.members if each.membership_state is discord.TeamMembershipState.accepted]
    may_change = {each.id for each in joined if each.role is not discord.TeamMemberRole.read_only}
    return may_change | ({team.owner_id} if team.owner_id else set())


Interaction: TypeAlias = discord.Interaction[Client]
