"""The Discord client: what it can reach, how commands are synced, who owns it."""

import logging
from typing import TypeAlias

import discord
from discord import app_commands

from bot.answers import answer_error
from bot.monitoring.metrics import Metrics
from bot.monitoring.timing import begin, finish, name_of
from bot.rate_limit import Pace
from bot.services import Services
from digests.delivery.outbox import Outbox
from digests.delivery.planner import Planner
from storage import subscriptions

log = logging.getLogger(__name__)

# The bot never speaks aloud; without this discord.py warns that it couldn't.
discord.VoiceClient.warn_nacl = False
discord.VoiceClient.warn_dave = False


class Tree(app_commands.CommandTree["Client"]):
    """The slash commands: each is measured, and whatever goes wrong in one is answered in a sentence."""

    async def interaction_check(self, interaction: discord.Interaction["Client"], /) -> bool:
        """Note that a command begins, and let everybody pass."""
        begin(interaction, name_of(interaction))
        return True

    async def on_error(
        self, interaction: discord.Interaction["Client"], error: app_commands.AppCommandError
    ) -> None:
        """Answer the person whose command failed."""
        await answer_error(interaction, error)
        finish(self.client.metrics, interaction, name_of(interaction), error)


class Client(discord.Client):
    """The bot's connection to Discord."""

    def __init__(self, services: Services, metrics: Metrics) -> None:
        # Nobody is pinged unless a message says whom; only servers and their channels are watched.
        super().__init__(
            intents=discord.Intents(guilds=True),
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,
            http_trace=Pace().trace(),
        )
        self.services = services
        self.metrics = metrics
        self._cut_off = False
        self.started_at = services.clock()
        self.planner: Planner
        self.outbox: Outbox
        self.owner_ids: set[int] = set(services.settings.owner_ids)
        self.tree = Tree(self)

    async def setup_hook(self) -> None:
        """Learn who owns the bot, and tell Discord the commands, everywhere and in the admin server."""
        if self.application is not None:
            self.owner_ids |= owners_of(self.application)
        admin_guild = self.services.settings.admin_guild_id
        await self.tree.sync()
        if admin_guild is not None:
            try:
                await self.tree.sync(guild=discord.Object(admin_guild))
            except discord.Forbidden:
                log.error(
                    "ADMIN_GUILD_ID %d: the bot isn't in that server, so /admin is nowhere", admin_guild
                )

    def attach(self, planner: Planner, outbox: Outbox) -> None:
        """Take what plans and delivers; they need the client to be made."""
        self.planner = planner
        self.outbox = outbox

    async def on_ready(self) -> None:
        """Note which servers the bot is in, at the start and after its session was lost."""
        await self.note_servers()

    async def note_servers(self) -> None:
        """Note which servers the bot is in: it may have been removed, or invited again, while away."""
        async with self.services.database.transaction() as connection:
            here = [guild.id for guild in self.guilds]
            await subscriptions.set_present(connection, here, self.services.clock())

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Suspend a server's digests; they are kept for a while."""
        async with self.services.database.transaction() as connection:
            await subscriptions.leave(connection, guild.id, self.services.clock())

    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Restore the digests of a server that the bot came back to."""
        async with self.services.database.transaction() as connection:
            await subscriptions.restore(connection, guild.id)
        await self.planner.reopen_blocked(guild.id)

    async def on_guild_available(self, guild: discord.Guild) -> None:
        """Do the same for a server that is back after a fault of Discord's."""
        await self.on_guild_join(guild)

    async def on_guild_channel_update(
        self, _: discord.abc.GuildChannel, channel: discord.abc.GuildChannel
    ) -> None:
        """See whether digests can come again: a channel's permissions have changed."""
        await self.planner.reopen_blocked(channel.guild.id)

    async def on_guild_role_update(self, _: discord.Role, role: discord.Role) -> None:
        """See whether digests can come again: a role's permissions have changed."""
        await self.planner.reopen_blocked(role.guild.id)

    async def on_member_update(self, _: discord.Member, member: discord.Member) -> None:
        """See whether digests can come again: the bot's own roles have changed; it hears of no others."""
        await self.planner.reopen_blocked(member.guild.id)

    async def on_thread_update(self, _: discord.Thread, thread: discord.Thread) -> None:
        """See whether digests can come again: a thread was unlocked."""
        await self.planner.reopen_blocked(thread.guild.id)

    async def on_app_command_completion(self, interaction: discord.Interaction["Client"], _: object) -> None:
        """Count a command that went well."""
        finish(self.metrics, interaction, name_of(interaction))

    async def on_disconnect(self) -> None:
        """Note that the connection is lost; discord.py tries to get it back."""
        self._cut_off = True

    async def on_connect(self) -> None:
        """Note that there is a connection."""
        self._cut_off = False

    async def on_resumed(self) -> None:
        """Note that the connection is back."""
        self._cut_off = False

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

    def is_connected(self) -> bool:
        """Say whether Discord has told the bot of its servers and still talks to it."""
        return self.is_ready() and not self._cut_off and not self.is_closed()

    def is_owner(self, user_id: int) -> bool:
        """Say whether a person is the application's owner, in its team, or named in OWNER_IDS."""
        return user_id in self.owner_ids


def owners_of(application: discord.AppInfo) -> set[int]:
    """Return who owns an application: its owner, or those of its team who joined and may change it."""
    team = application.team
    if team is None:
        return {application.owner.id}
    joined = [each for each in team.members if each.membership_state is discord.TeamMembershipState.accepted]
    may_change = {each.id for each in joined if each.role is not discord.TeamMemberRole.read_only}
    return may_change | ({team.owner_id} if team.owner_id else set())


Interaction: TypeAlias = discord.Interaction[Client]
