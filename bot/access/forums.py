"""Forums: the tag on an edition's post."""

import discord

from bot.access.permissions import NotAllowedError
from bot.locale import _
from digests.text import shorten

MAX_NAME = 20
MAX_TAGS = 20


def tag_for(forum: discord.ForumChannel, topic: str) -> discord.ForumTag | None:
    """Return the tag named like a topic, or, if the forum requires one, any that the bot may use."""
    name = shorten(topic, MAX_NAME).casefold()
    named = next((tag for tag in forum.available_tags if tag.name.casefold() == name), None)
    if named or not forum.flags.require_tag:
        return named
    return next((tag for tag in forum.available_tags if not tag.moderated), None)


async def provide_tag(forum: discord.ForumChannel, topic: str) -> str:
    """Return the name of the tag for a topic's posts, or "" if there is none; make it if the bot may.

    Raises NotAllowedError if the forum requires a tag and has none that the bot may use.
    """
    tag = tag_for(forum, topic)
    name = shorten(topic, MAX_NAME)
    may_make = forum.permissions_for(forum.guild.me).manage_channels
    is_named = tag is not None and tag.name.casefold() == name.casefold()
    if may_make and not is_named and len(forum.available_tags) < MAX_TAGS:
        tag = await forum.create_tag(name=name)
    if tag is None and forum.flags.require_tag:
        raise NotAllowedError(
            _(
                "{forum} requires a tag on every post and has none that I may use. Add a tag to the forum,"
                " then try again.",
                forum=forum.mention,
            )
        )
    return tag.name if tag else ""
