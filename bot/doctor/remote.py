"""What only Discord can tell: the token, the clock, the bot's permissions in each subscribed channel."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime

import aiohttp
import discord
from discord.http import Route

from bot.access.forums import tags_for
from bot.access.permissions import Channel, lacking_with, permission_text
from bot.doctor.finding import Finding, note, ok, wrong
from bot.services import Clock
from storage.models import Subscription, SubscriptionState

ANSWER_SECONDS = 20.0
ALL_SECONDS = 300.0
SKEW = timedelta(seconds=30)
TROUBLE = (
    discord.DiscordException,
    aiohttp.ClientError,
    OSError,
    TimeoutError,
    ValueError,
    TypeError,
    KeyError,
)
PORTAL = "https://discord.com/developers/applications"


async def check_discord(token: str, subscribed: Sequence[Subscription], clock: Clock) -> list[Finding]:
    """Check the clock, the token and the permissions; if Discord doesn't answer, return only that."""
    try:
        findings = [await _check_clock(clock)]
    except TROUBLE as error:
        advice = "Make sure that this machine can open https://discord.com, then try again."
        return [
            wrong(
                "discord",
                f"It can't be reached ({type(error).__name__}), so the token wasn't checked.",
                advice,
            )
        ]
    async with discord.Client(intents=discord.Intents(guilds=True)) as client:
        findings.append(await _check_token(client, token))
        if client.user:
            findings += await _check_channels(client, client.user, subscribed)
    return findings


async def _check_clock(clock: Clock) -> Finding:
    """Compare the clock with Discord's; raises one of TROUBLE if Discord doesn't answer."""
    timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
    async with (
        aiohttp.ClientSession(timeout=timeout) as session,
        session.get(f"{Route.BASE}/gateway") as answer,
    ):
        answer.raise_for_status()
        theirs = parsedate_to_datetime(answer.headers["Date"]).astimezone(UTC)
    off = abs(clock() - theirs)
    if off > SKEW:
        message = f"It is {off.total_seconds():.0f} s away from Discord's."
        return wrong("clock", message, "Keep it right with NTP: timedatectl set-ntp true")
    return ok("clock", "It agrees with Discord's.")


async def _check_token(client: discord.Client, token: str) -> Finding:
    advice = f"Copy it again from the Bot page of your application: {PORTAL}"
    refused = wrong("token", "Discord doesn't accept the DISCORD_TOKEN.", advice)
    if not token.isprintable() or " " in token:
        return refused
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            await client.login(token)
    except discord.LoginFailure:
        return refused
    except TROUBLE as error:
        message = f"Discord doesn't answer as it should ({type(error).__name__})."
        return wrong("token", message, "Look at https://discordstatus.com, then try again.")
    return ok("token", f"Discord accepts it. The bot is {client.user}.")


async def _check_channels(
    client: discord.Client, user: discord.ClientUser, subscribed: Sequence[Subscription]
) -> list[Finding]:
    servers: defaultdict[int, list[Subscription]] = defaultdict(list)
    for each in subscribed:
        if each.guild_id is not None and each.state is not SubscriptionState.PAUSED:
            servers[each.guild_id].append(each)
    found: list[Finding] = []
    try:
        async with asyncio.timeout(ALL_SECONDS):
            for guild_id, its_own in sorted(servers.items()):
                found += await _check_guild(client, user, guild_id, its_own)
    except TROUBLE as error:
        message = f"Some couldn't be checked: Discord doesn't answer as it should ({type(error).__name__})."
        found.append(note("channels", message, "Try again."))
    if not any(finding.check == "channels" for finding in found):
        total = len({each.channel_id for its_own in servers.values() for each in its_own})
        found.append(ok("channels", f"The bot may post in every channel that has digests ({total})."))
    return found


async def _check_guild(
    client: discord.Client, user: discord.ClientUser, guild_id: int, subscribed: Sequence[Subscription]
) -> list[Finding]:
    """Return what is wrong in one server's channels, and which roles to ping are gone."""
    try:
        guild = await client.fetch_guild(guild_id, with_counts=False)
        me = await guild.fetch_member(user.id)
        channels = {channel.id: channel for channel in await guild.fetch_channels()}
    except (discord.NotFound, discord.Forbidden):
        advice = "Invite it again: `broadsheet invite` prints the link."
        return [wrong("channels", f"The bot isn't in the server {guild_id}, which has digests.", advice)]
    pinged = {each.options.mention_role_id for each in subscribed} - {None}
    gone = sorted(role_id for role_id in pinged if role_id and guild.get_role(role_id) is None)
    found = [_lost_role(role_id, guild) for role_id in gone]
    for channel_id in sorted({each.channel_id for each in subscribed}):
        place = channels.get(channel_id) or await _thread(client, channel_id)
        parent = channels.get(place.parent_id) if isinstance(place, discord.Thread) else place
        where = f"channel {channel_id} of {guild.name}"
        if parent is None or not isinstance(place, Channel):
            advice = "Stop its digests with /digest unsubscribe, or let the bot see it."
            found.append(wrong("channels", f"The {where} was deleted or is hidden from the bot.", advice))
        elif lacking := lacking_with(parent.permissions_for(me), place):
            advice = "Grant that to the bot's role in the channel's settings."
            found.append(
                wrong(
                    "channels",
                    f"The bot lacks {', '.join(map(permission_text, lacking))} in {where}.",
                    advice,
                )
            )
        elif isinstance(place, discord.ForumChannel) and not _has_tags(place, channel_id, subscribed):
            advice = "Add a tag with the topic's name to the forum, or let it require none."
            found.append(wrong("channels", f"The {where} requires a tag that the bot can't use.", advice))
    return found


def _lost_role(role_id: int, guild: discord.Guild) -> Finding:
    advice = "Those who set its digests up can pick another: /digest edit with the option mention."
    return note("roles", f"The role {role_id} of {guild.name}, which digests ping, was deleted.", advice)


def _has_tags(forum: discord.ForumChannel, forum_id: int, subscribed: Sequence[Subscription]) -> bool:
    """Say whether a forum takes the posts of all its digests: each has a tag, or needs none."""
    names = [each.subject.names for each in subscribed if each.channel_id == forum_id]
    return not forum.flags.require_tag or all(tags_for(forum, each) for each in names)


async def _thread(client: discord.Client, thread_id: int) -> discord.Thread | None:
    """Return a thread, or None if there is none that the bot can see."""
    try:
        thread = await client.fetch_channel(thread_id)
    except (discord.NotFound, discord.Forbidden, discord.InvalidData):
        return None
    return thread if isinstance(thread, discord.Thread) else None
