"""The Transport of digests/ over discord.py: sends an edition's parts, and maps Discord's errors."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import aiohttp
import discord

from bot.access.forums import tags_for
from bot.access.permissions import READ_HISTORY, VIEW_CHANNEL, Channel, is_role_gone, lacking
from bot.locale import in_language
from bot.locale.catalogs import ENGLISH, language_of
from bot.locale.cldr import written_date
from bot.openings import Openings
from bot.rate_limit import NotBegunError, RepeatedError, bounded
from bot.refusals import send_unrefused
from bot.views.buttons import why_id
from bot.views.digest import blocked_view, loss_view
from bot.views.edition import count_stories, edition_parts, edition_title
from bot.views.layout import View
from digests.delivery.transport import (
    ClosedError,
    PermanentError,
    RefusedError,
    TemporaryError,
    TransportError,
    UncertainError,
)
from digests.editions.edition import Edition
from digests.subscriptions.losses import Loss
from digests.text import shorten
from storage.models import Delivery, PlaceKind, Subscription, Trouble
from storage.refusals import Refusals

LOOK_BACK = 500  # messages of a channel that are searched for one that may have arrived
RECENT_POSTS = 25  # posts of the bot's own in a forum that are searched likewise
SECONDS = 60  # for a request and its repetitions
MAX_TITLE = 100
PUBLISHED = 40033
TAG_REQUIRED = 40067
CLOSED_DMS = {50007, 50278}
REASONS = {  # why a place is closed to the bot, by Discord's error codes
    10003: Trouble.NO_CHANNEL,
    10004: Trouble.NO_SERVER,
    50001: Trouble.LACKING.about(VIEW_CHANNEL),
    50013: Trouble.LACKING.about("send_messages"),
    50007: Trouble.DMS_CLOSED,
    50278: Trouble.NO_SHARED_SERVER,
    160005: Trouble.LOCKED,
    TAG_REQUIRED: Trouble.NO_TAG,
}
LOST_REPLY = (aiohttp.ClientError, asyncio.TimeoutError, OSError, RepeatedError)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Part:
    """One message of an edition, and the topics and the title of the forum post that it would make."""

    view: View
    topics: tuple[str, ...]
    title: str


class DiscordTransport:
    """Posts editions in channels, threads, forums and DMs."""

    def __init__(
        self,
        client: discord.Client,
        refusals: Refusals,
        openings: Openings,
        link: Callable[[View], View] = lambda view: view,
    ) -> None:
        """`link` lets people press the commands that a message names."""
        self._client = client
        self._refusals = refusals
        self._openings = openings
        self._link = link
        self._waiting: set[asyncio.Task[None]] = set()

    def compose(self, delivery: Delivery, edition: Edition) -> Sequence[Part]:
        """Return an edition as messages; the first one pings the subscription's role, if it has one."""
        role_id = delivery.options.mention_role_id
        is_gone = is_role_gone(self._client, delivery.guild_id, role_id)
        with self._in_language_of(delivery):
            views = edition_parts(edition, delivery, None if is_gone else role_id)
            day = written_date(date.fromisoformat(delivery.issue_date[:10]))
            title = f"{shorten(edition_title(edition), MAX_TITLE - len(day) - 3)} · {day}"
        topics = tuple(name or edition.topic for name, _choices in edition.sections) or (edition.topic,)
        return [Part(self._link(view), topics, title) for view in views]

    def count_stories(self, delivery: Delivery, edition: Edition, parts: int) -> int:
        """Return how many stories the first messages of an edition hold."""
        with self._in_language_of(delivery):  # what fits a message depends on it
            return count_stories(edition, parts)

    async def send(self, delivery: Delivery, number: int, part: Part) -> int:
        """Send one part and return its message's id; for minutes Discord drops repeats by their nonce."""
        mentions = _allowed_mentions(delivery, number)
        async with self._explained(delivery), _mapped():
            if delivery.kind is PlaceKind.FORUM and number == 0:
                return await self._post(delivery, part, mentions)
            channel = self._client.get_partial_messageable(_channel_id(delivery))
            message = await send_unrefused(
                self._refusals,
                part.view,
                lambda view: channel.send(
                    view=view, nonce=_nonce(delivery, number), allowed_mentions=mentions
                ),
            )
            return message.id

    async def find(self, delivery: Delivery, number: int) -> int | None:
        """Return the id of a part's message among the recent ones, or, in a forum, the recent posts."""
        wanted = why_id(delivery.id, number)
        async with self._explained(delivery), _mapped():
            known = self._known(delivery)
            if isinstance(known, Channel):
                _require_history(known)
            if delivery.kind is PlaceKind.FORUM and number == 0:
                return await self._find_post(delivery, wanted)
            channel = self._client.get_partial_messageable(_channel_id(delivery))
            async for message in channel.history(limit=LOOK_BACK):
                if message.author == self._client.user and wanted in _custom_ids(message.components):
                    return message.id
        return None

    async def publish(self, channel_id: int, message_id: int) -> None:
        """Publish a message of an announcement channel, unless it is published already."""
        channel = self._client.get_partial_messageable(channel_id)
        async with _mapped():
            try:
                await channel.get_partial_message(message_id).publish()
            except discord.HTTPException as error:
                if error.code != PUBLISHED:
                    raise

    def is_open(self, subscription: Subscription) -> bool | None:
        """Say whether the bot has all permissions in a subscription's channel; None if only a try tells.

        The bot knows neither archived threads nor who closed their DMs.
        """
        channel = self._known(subscription)
        if isinstance(channel, Channel):
            return not lacking(channel)
        return False if subscription.kind is PlaceKind.FORUM else None

    def has_lost_role(self, subscription: Subscription) -> bool:
        """Say whether the role that a subscription pings was deleted; False if the bot can't know."""
        return is_role_gone(self._client, subscription.guild_id, subscription.options.mention_role_id)

    async def warn(self, subscription: Subscription, loss: Loss) -> None:
        """Send the creator of a subscription a DM about what it has lost, if that is possible."""
        with self._in_language_of(subscription):
            view = loss_view(subscription, loss)
        await self._tell(subscription, view)

    async def tell(self, subscription: Subscription, reason: str) -> None:
        """Send the creator of a subscription a DM about its trouble, if that is possible."""
        with self._in_language_of(subscription):
            view = blocked_view(subscription, reason)
        await self._tell(subscription, view)

    def _in_language_of(self, digest: Delivery | Subscription) -> AbstractContextManager[None]:
        """Let the texts of a block be in the language of a digest, which may be that of its server."""
        guild = self._client.get_guild(digest.guild_id or 0)
        servers = guild.preferred_locale if guild else ENGLISH
        return in_language(language_of(digest.options.language or servers))

    async def _tell(self, subscription: Subscription, view: View) -> None:
        """Write to the creator of a subscription, later where too many DMs were opened just now."""
        if not subscription.created_by:  # the creator had their id deleted
            return
        if subscription.kind is PlaceKind.DM or self._openings.take():
            await self._write(subscription, view)
        else:
            waiting = asyncio.create_task(self._write_later(subscription, view))
            self._waiting.add(waiting)
            waiting.add_done_callback(self._waiting.discard)

    async def _write_later(self, subscription: Subscription, view: View) -> None:
        await self._openings.wait()
        await self._write(subscription, view)

    async def _write(self, subscription: Subscription, view: View) -> None:
        try:
            async with _mapped():
                if subscription.kind is PlaceKind.DM:
                    there = self._client.get_partial_messageable(subscription.channel_id)
                    await there.send(view=self._link(view))
                else:
                    channel = await self._client.create_dm(discord.Object(subscription.created_by))
                    await channel.send(view=self._link(view))
        except TransportError as error:
            log.info("subscription %d: its creator can't be told: %s", subscription.id, error)

    @asynccontextmanager
    async def _explained(self, delivery: Delivery) -> AsyncIterator[None]:
        """Turn a PermanentError into one that names the missing permissions, if the bot knows them.

        If a forum is open and only an edition's post is closed, that edition alone is refused.
        """
        try:
            yield
        except PermanentError as error:
            channel = self._known(delivery)
            missing = lacking(channel) if isinstance(channel, Channel) else []
            if missing:
                raise PermanentError(Trouble.LACKING.about(",".join(missing))) from error
            if isinstance(channel, discord.ForumChannel) and delivery.message_id:
                raise RefusedError(Trouble.NO_POST) from error
            raise

    async def _post(self, delivery: Delivery, part: Part, mentions: discord.AllowedMentions) -> int:
        """Make a forum post and return its id; it takes no nonce, so the request must not be repeated."""
        forum = await self._forum(delivery)
        tags = tags_for(forum, part.topics)

        async def make(view: View) -> int:
            async with bounded(SECONDS, once=True):
                post = await forum.create_thread(
                    name=part.title, view=view, applied_tags=tags, allowed_mentions=mentions
                )
            return post.thread.id

        return await send_unrefused(self._refusals, part.view, make)

    async def _find_post(self, delivery: Delivery, wanted: str) -> int | None:
        forum = await self._forum(delivery)
        posts = [post for post in await forum.guild.active_threads() if post.parent_id == forum.id]
        posts += [post async for post in forum.archived_threads(limit=RECENT_POSTS)]
        mine = [post for post in posts if self._client.user and post.owner_id == self._client.user.id]
        for post in sorted(mine, key=lambda each: -each.id)[:RECENT_POSTS]:
            try:
                message = await post.fetch_message(post.id)
            except discord.NotFound:
                continue  # somebody deleted the message, and the post stayed
            if wanted in _custom_ids(message.components):
                return post.id
        return None

    def _known(self, place: Delivery | Subscription) -> discord.abc.GuildChannel | discord.Thread | None:
        """Return a server's channel or thread if the bot knows it.

        discord.py's own search looks for it in one server after another.
        """
        guild = self._client.get_guild(place.guild_id) if place.guild_id else None
        return guild.get_channel_or_thread(place.channel_id) if guild else None

    async def _forum(self, delivery: Delivery) -> discord.ForumChannel:
        found = self._known(delivery) or await self._client.fetch_channel(delivery.channel_id)
        if not isinstance(found, discord.ForumChannel):
            raise PermanentError(Trouble.NO_FORUM)
        return found


@asynccontextmanager
async def _mapped() -> AsyncIterator[None]:
    """Turn errors of requests to Discord into TransportErrors."""
    try:
        async with bounded(SECONDS):
            yield
    except NotBegunError as error:
        raise TemporaryError(Trouble.STALLED) from error
    except discord.RateLimited as error:
        raise TemporaryError(Trouble.LIMITED, timedelta(seconds=error.retry_after)) from error
    except discord.HTTPException as error:
        raise _meaning(error) from error
    except LOST_REPLY as error:
        raise UncertainError(Trouble.UNANSWERED.about(type(error).__name__)) from error


def _meaning(error: discord.HTTPException) -> TransportError:
    said = Trouble.REFUSED.about(f"{error.status} {error.code}")
    reason = REASONS.get(error.code)
    if error.status >= 500:  # the message may have been made all the same
        return UncertainError(said)
    if (
        error.status in {401, 429} or "<html" in error.text.lower()
    ):  # HTML: Discord's firewall answered, for a while
        return TemporaryError(said)
    if error.code in CLOSED_DMS:
        return ClosedError(reason or said)
    if error.status in {403, 404} or reason:
        return PermanentError(reason or said)
    return RefusedError(said)


def _require_history(channel: Channel) -> None:
    """Raise PermanentError if the bot may not read what it posted: Discord would return no messages."""
    if READ_HISTORY in lacking(channel):
        raise PermanentError(Trouble.LACKING.about(READ_HISTORY))


def _channel_id(delivery: Delivery) -> int:
    """Return the id of where messages go: the channel, or the forum post that the first part made."""
    if delivery.kind is PlaceKind.FORUM and delivery.message_id:
        return delivery.message_id
    return delivery.channel_id


def _nonce(delivery: Delivery, number: int) -> str:
    """Return a part's nonce; the minute tells apart deliveries of two databases with the same id."""
    return f"{delivery.id:x}-{number:x}-{int(delivery.issue_at.timestamp()) // 60:x}"[-25:]


def _allowed_mentions(delivery: Delivery, number: int) -> discord.AllowedMentions:
    if not delivery.options.mention_role_id or number:
        return discord.AllowedMentions.none()
    roles = [discord.Object(delivery.options.mention_role_id)]
    return discord.AllowedMentions(everyone=False, users=False, roles=roles, replied_user=False)


def _custom_ids(components: list[Any]) -> Iterator[str]:
    for component in components:
        if custom_id := getattr(component, "custom_id", None):
            yield custom_id
        yield from _custom_ids(getattr(component, "children", []))
