"""The link that invites the bot to a server, with the permissions that it needs and no others."""

import discord

from bot.access.permissions import POSTING, POSTING_IN_THREAD

PERMISSIONS = POSTING | POSTING_IN_THREAD
SCOPES = ("bot", "applications.commands")


def invite_link(application_id: int) -> str:
    """Return the address at which somebody who manages a server can add the bot to it."""
    return discord.utils.oauth_url(application_id, permissions=PERMISSIONS, scopes=SCOPES)
