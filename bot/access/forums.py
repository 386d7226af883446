"""Forums: the tags on an edition's post."""

from collections.abc import Sequence

import discord

from bot.access.refusal import NotAllowedError
from bot.locale import _
from digests.text import shorten

MAX_NAME = 20
MAX_TAGS = 20
MAX_ON_POST = 5


def tags_for(forum: discord.ForumChannel, names: Sequence[str]) -> list[discord.ForumTag]:
    """Return the tags named like topics, or, if the forum requires one, any that the bot may use."""
    named = _named(forum, names)
    if named or not forum.flags.require_tag:
        return named
    return [tag for tag in forum.available_tags if not tag.moderated][:1]


async def provide_tags(forum: discord.ForumChannel, names: Sequence[str]) -> list[str]:
    """Return the names of the tags for the posts of a digest, which may be none; make them if the bot may.

    Raises NotAllowedError if the forum requires a tag and has none that the bot may use.
    """
    tags = _named(forum, names)
    if forum.permissions_for(forum.guild.me).manage_channels:
        there = {tag.name.casefold() for tag in forum.available_tags}
        missing = [name for name in map(_tag_name, names[:MAX_ON_POST]) if name.casefold() not in there]
        room = max(0, MAX_TAGS - len(forum.available_tags))
        tags += [await forum.create_tag(name=name) for name in missing[:room]]
    tags = tags or tags_for(forum, names)
    if not tags and forum.flags.require_tag:
        raise NotAllowedError(
            _(
                "{forum} requires a tag on every post and has none that I may use. Add a tag to the forum,"
                " then try again.",
                forum=forum.mention,
            )
        )
    return [tag.name for tag in tags]


def _tag_name(name: str) -> str:
    return shorten(name, MAX_NAME)


def _named(forum: discord.ForumChannel, names: Sequence[str]) -> list[discord.ForumTag]:
    wanted = {_tag_name(name).casefold() for name in names}
    return [tag for tag in forum.available_tags if tag.name.casefold() in wanted][:MAX_ON_POST]
