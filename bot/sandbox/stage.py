"""The sandbox's places and people, and which of them the page shows."""

import asyncio
from dataclasses import dataclass, field
from threading import Timer
from typing import Any

import discord
import simcord
from simcord.preview import Preview

from bot.app import App

ANSWER_SHOWN = 1.0  # seconds that an answer stays on the page before the page shows another place


@dataclass(frozen=True, slots=True)
class Place:
    """A channel that the page can show, and the people that it can be viewed as there."""

    name: str
    channel: Any
    viewers: tuple[Any, ...]


@dataclass(slots=True)
class Stage:
    """Which place the page shows; `moved` is set when it should show another."""

    places: list[Place] = field(default_factory=list)
    here: int = 0
    feeds: list[str] = field(default_factory=list)  # the addresses of feeds to try
    moved: asyncio.Event = field(default_factory=asyncio.Event)

    def go(self, place: int) -> None:
        """Show another place in a moment, after the answer to the person who asked."""
        self.here = place
        loop = asyncio.get_running_loop()
        # A timer of the loop won't do: the simulation would wait for it before it shows the answer.
        timer = Timer(ANSWER_SHOWN, loop.call_soon_threadsafe, [self.moved.set])
        timer.daemon = True
        timer.start()


async def people_the_stage(env: simcord.Env, app: App, locale: str) -> list[Place]:
    """Make two servers, and people with different permissions; return the places to show.

    `locale` is the language of everybody's Discord.
    """
    _set_locale(app, locale)
    town = env.create_guild("Harbour Town", preferred_locale=locale)
    village = env.create_guild("Orchard Village", preferred_locale=locale)
    users = {
        "ann": env.create_user("ann", global_name="Ann, a member"),
        "mo": env.create_user("mo", global_name="Mo, a moderator"),
        "olga": env.create_user("olga", global_name="Olga, the bot's owner"),
    }
    app.client.owner_ids.add(users["olga"].id)
    if app.client.user:
        await app.client.user.edit(username="Broadsheet")
    in_town = _join(town, users)
    in_village = _join(village, {name: users[name] for name in ("ann", "mo")})
    news = town.create_text_channel("news", topic="Digests are posted here")
    weather = town.create_text_channel("weather", topic="Another channel for digests")
    general = village.create_text_channel("general", topic="Another server, with digests of its own")
    return [
        Place("#news in Harbour Town", news, in_town),
        Place("#weather in Harbour Town", weather, in_town),
        Place("#general in Orchard Village", general, in_village),
        *(
            Place(f"{name.title()}'s direct messages", user.dm_channel, (user,))
            for name, user in users.items()
        ),
    ]


def _set_locale(app: App, locale: str) -> None:
    """Let everything that people type and press come in a language; simcord has no call for this."""
    parsers = app.client._connection.parsers
    parse = parsers["INTERACTION_CREATE"]
    parsers["INTERACTION_CREATE"] = lambda data: parse(data | {"locale": locale, "guild_locale": locale})


def _join(guild: Any, users: dict[str, Any]) -> tuple[Any, ...]:
    """Add people to a server, each with the role that fits their name."""
    roles = {
        "mo": guild.create_role("Moderators", permissions=discord.Permissions(manage_guild=True)),
        "olga": guild.create_role("Owners", permissions=discord.Permissions(administrator=True)),
    }
    return tuple(
        guild.add_member(user, roles=[roles[name]] if name in roles else []) for name, user in users.items()
    )


def show(page: Preview, place: Place) -> None:
    """Show another place wherever the page is open, each as the same person if they are there.

    The browser fetches it by itself. simcord has no call for this, so it is done as simcord changes viewers.
    """
    page.channel, page.viewers = place.channel, place.viewers
    for each in page._pages.values():
        page._redact_page_receipts(each)
        page._clear_page_assets(each)
        each.viewer = next((one for one in place.viewers if one.id == each.viewer.id), place.viewers[0])
        each.channel_id = place.channel.id
        each.generation += 1
        page._reset_queries(each)
        each.target_id = each.window_end_id = page._initial_target(each.viewer, each.channel_id)
        each.modal = each.modal_handle = None
        each.status = "current"
        page._publish(each, reason="navigation")
