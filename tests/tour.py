"""Everything that one can type, press or send, and the real bot connected to the stand-in for Discord.

What there is comes from the command tree and the registered buttons and forms, so that nothing new is left
out.
"""

import asyncio
import itertools
import re
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import discord
import pytest
import yarl
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.app import App, open_app
from bot.buttons.digests import Manage
from bot.buttons.press import ChooseCoverage, Press
from bot.buttons.saved import SaveStory
from bot.buttons.stories import ChooseBack, ChooseLess, OpenFollowed
from bot.buttons.story_admin import SplitStory
from bot.commands.digest_options import DigestOption
from bot.connecting import connect
from bot.settings import Settings
from digests.editions.timetable import EVERY_DAY
from digests.lookup.topics import find_topic
from digests.subscriptions.edit import pause
from digests.subscriptions.limits import Limits
from digests.subscriptions.subscribe import NewSubscription, subscribe
from storage import subscriptions
from storage.models import DigestOptions, Subject
from tests.standin import BOT, Standin, serve, server

GUILD, CHANNEL, PERSON = 1, 100, 12
ANN = {"id": str(PERSON), "username": "ann", "discriminator": "0", "avatar": None}
ISSUE = datetime(2026, 1, 4, 9, tzinfo=UTC)  # of the digests, an hour after the bundled seeds' morning
ALL = str(discord.Permissions.all().value)
COMMAND, BUTTON, AUTOCOMPLETE, FORM = 2, 3, 4, 5  # types of interactions
DEFERRALS = (5, 6)  # types of answers
MUTED, OTHER = "secondepoch.example", "orbitalweekly.example"
NEEDED = {  # options that must be filled in; the address is one that nobody asks
    "words": "bridge",
    "outlet": MUTED,
    "story": "#1",
    "other": "#2",
    "topic": "ai",
    "name": "Ports",
    "source": "1",
    "address": "http://127.0.0.1:9/feed",
}
GIVEN: dict[str, dict[str, Any]] = {
    "digest edit": {"stories": 3},
    "digest mute": {"outlet": OTHER},
    "digest subscribe": {"topic": "ai, space"},
    "follow": {"topic": "ai, space"},
}
ENTRIES: dict[Any, tuple[str, ...]] = {  # of menus
    ChooseCoverage: ("1:1",),
    SaveStory: ("1:1",),
    Manage: ("when", "what", "where", "language", "send", "pause", "resume", "mute", "in", "end"),
    OpenFollowed: ("1",),
    ChooseLess: (f"outlet:{MUTED}", "topic:1"),
    ChooseBack: (f"outlet:{MUTED}", "topic:1"),
    SplitStory: ("1",),
}
STATE = {"page": 0, "part": 0, "limit": 5, "since": 0, "until": 1_000_000, "user": PERSON}


@dataclass(frozen=True, slots=True)
class Ask:
    """What somebody types or presses, and what Discord says of it."""

    name: str
    kind: int
    data: dict[str, Any]


def payload(
    ask: Ask,
    number: int,
    standin: Standin,
    locale: str = "en-US",
    guild_id: int = GUILD,
    channel_id: int = CHANNEL,
) -> dict[str, Any]:
    """Return what the gateway says of it in a server; a button stands in a message of the bot's."""
    return {
        "id": str(number),
        "application_id": BOT["id"],
        "type": ask.kind,
        "token": f"token-{number}",
        "version": 1,
        "guild_id": str(guild_id),
        "channel_id": str(channel_id),
        "channel": text_channel(channel_id, guild_id),
        "member": member(ANN) | {"permissions": ALL},
        "locale": locale,
        "guild_locale": locale,
        "app_permissions": ALL,
        "entitlements": [],
        "attachment_size_limit": 10_485_760,
        "authorizing_integration_owners": {},
        "context": 0,
        "data": ask.data,
        **({"message": standin.store(channel_id, message_with(ask.data))} if ask.kind == BUTTON else {}),
    }


def in_dm(ask: Ask, number: int, standin: Standin) -> dict[str, Any]:
    """Return what the gateway says of it in the person's DMs."""
    said = payload(ask, number, standin)
    for name in ("guild_id", "guild_locale", "member"):
        del said[name]
    channel = {"id": said["channel_id"], "type": 1, "recipients": [ANN]}
    return said | {"user": ANN, "channel": channel, "context": 1}


def message_with(pressed: dict[str, Any]) -> dict[str, Any]:
    if entries := pressed.get("values"):
        options = [{"label": entry, "value": entry} for entry in entries]
        item = {"type": 3, "custom_id": pressed["custom_id"], "id": 2, "options": options}
    else:
        item = {"type": 2, "style": 2, "label": "Press", "custom_id": pressed["custom_id"], "id": 2}
    return {"components": [{"type": 1, "id": 1, "components": [item]}]}


def member(person: dict[str, Any]) -> dict[str, Any]:
    joined = "2026-01-01T00:00:00+00:00"
    return {"user": person, "roles": [], "joined_at": joined, "deaf": False, "mute": False, "flags": 0}


def text_channel(channel_id: int, guild_id: int = GUILD) -> dict[str, Any]:
    place = {"id": str(channel_id), "guild_id": str(guild_id), "type": 0, "name": "news", "position": 0}
    return place | {"permission_overwrites": [], "permissions": ALL}


def harbour_town(guild_id: int = GUILD, channel_id: int = CHANNEL) -> dict[str, Any]:
    """Return a server in which the bot may do everything."""
    everyone = server(guild_id)["roles"][0] | {"permissions": ALL}
    return server(guild_id) | {
        "roles": [everyone],
        "members": [member(BOT)],
        "channels": [text_channel(channel_id, guild_id)],
    }


async def make_digests(app: App, guild_id: int = GUILD) -> AsyncIterator[int]:
    """Yield digests of a server with an outlet muted, each for one command alone."""
    services = app.services
    options = DigestOptions("09:00", "UTC", EVERY_DAY, 5, muted=frozenset({MUTED}))
    async with services.database.reading() as connection:
        before = await connection.run(subscriptions.present)
    for channel_id in itertools.count(max((each.channel_id for each in before), default=CHANNEL) + 1):
        async with services.database.transaction() as connection:
            topic = await connection.run(find_topic, "ai", services.clock())
            new = NewSubscription(Subject((topic,)), guild_id, channel_id, PERSON, options)
            made = await subscribe(connection, new, services.clock(), Limits(1_000, 1_000))
        yield made.id


async def pause_digest(app: App, subscription_id: int) -> None:
    async with app.services.database.transaction() as connection:
        found = await connection.run(subscriptions.get, subscription_id)
        assert found
        await pause(connection, found)


async def commands(app: App, digests: AsyncIterator[int]) -> AsyncIterator[Ask]:
    """Yield every command there is, with what it needs."""
    for command in app.client.tree.walk_commands():
        if not isinstance(command, app_commands.Command):
            continue
        name = command.qualified_name
        values = {each.name: NEEDED[each.name] for each in command.parameters if each.required}
        values |= GIVEN.get(name, {})
        topic = vars(command)["_params"].get("topic")
        if topic and isinstance(topic._annotation, DigestOption):  # noqa: SLF001
            subscription_id = await anext(digests)
            values["topic"] = f"#{subscription_id}"
            if name == "digest resume":
                await pause_digest(app, subscription_id)
        yield Ask(f"/{name}", COMMAND, data_of(command, values))


def autocompletes(app: App) -> Iterator[Ask]:
    """Yield every option that offers choices, with a letter typed."""
    found = [each for each in app.client.tree.walk_commands() if isinstance(each, app_commands.Command)]
    for command in found:
        for each in command.parameters:
            if each.autocomplete:
                data = data_of(command, {each.name: "a"}, each.name)
                yield Ask(f"/{command.qualified_name} {each.name}:", AUTOCOMPLETE, data)


def data_of(
    command: app_commands.Command[Any, ..., Any], values: dict[str, Any], focused: str | None = None
) -> dict[str, Any]:
    """Return a command with values as Discord sends it; `focused` is an option that is being typed."""
    kinds = {each.name: each.type.value for each in command.parameters}
    options: list[dict[str, Any]] = [
        {"name": name, "type": kinds[name], "value": value, "focused": name == focused}
        for name, value in values.items()
    ]
    first, *others = command.qualified_name.split()
    for level, part in enumerate(reversed(others)):
        options = [{"name": part, "type": 2 if level else 1, "options": options}]
    return {"id": "1", "name": first, "type": 1, "options": options}


async def buttons(app: App, digests: AsyncIterator[int]) -> AsyncIterator[Ask]:
    """Yield every kind of button and menu that the bot listens to, with a state that it may have."""
    services = app.services
    listing = await services.listings.add(PERSON, {"topics": True}, services.clock())
    presses = vars(app.client)["_connection"]._view_store._dynamic_items  # noqa: SLF001
    assert presses
    for template, press in presses.items():
        assert issubclass(press, Press)
        state: dict[str, int | str] = {
            **STATE,
            "story": 1,
            "article": 1,
            "topic": 1,
            "topics": "1.2",
            "words": "bridge",
            "of": "topic:1",
            "delivery": 1,
            "source": 1,
            "changed": int(ISSUE.timestamp()),
            "saved": 1,
            "change": 1,
            "decision": 1,
            "days": "1+weekends",
            "channel": CHANNEL,
            "time": "0900",
            "zone": "Asia/Tokyo",
            "language": "de",
            "asked": "when",
        }
        state["listing"] = listing.id
        for entry in ENTRIES.get(press, ("",)):
            if "subscription" in template.groupindex:
                state["subscription"] = subscription_id = await anext(digests)
                await pause_digest(app, subscription_id)
            chosen = {"component_type": 3, "values": [entry]} if entry else {"component_type": 2}
            data = {**chosen, "custom_id": custom_id(template, state), "id": 2}
            yield Ask(f"{press.name} {entry}".strip(), BUTTON, data)


async def forms(app: App, digests: AsyncIterator[int]) -> AsyncIterator[Ask]:
    """Yield every kind of form that the bot answers, filled in."""
    filled = {"topics": ["1"], "time": "10:00", "zone": "Tokyo", "days": ["1", "weekends"]}
    components = [
        {"type": 18, "component": {"custom_id": name, "value" if isinstance(said, str) else "values": said}}
        for name, said in filled.items()
    ]
    for form in vars(app.client)["_forms"]:
        state: dict[str, int | str] = {"asked": "all"}
        if "subscription" in form.template.groupindex:
            state["subscription"] = await anext(digests)
        data = {"custom_id": custom_id(form.template, state), "components": components}
        yield Ask(form.name, FORM, data)


def custom_id(template: re.Pattern[str], state: Mapping[str, int | str]) -> str:
    """Return a custom_id that a button's template takes."""
    whole = template.pattern
    while (inner := re.sub(r"\(\?:(.*)\)\?", r"\1", whole)) != whole:  # also what may be left out
        whole = inner
    written = re.sub(r"\(\?P<(\w+)>[^)]*\)", lambda group: str(state[group[1]]), whole)
    assert template.fullmatch(written)
    return written


async def everything(app: App) -> list[Ask]:
    """Return everything that there is to type and press; it stores the digests that this is about."""
    digests = make_digests(app)
    found = [ask async for ask in commands(app, digests)]
    found += [ask async for ask in buttons(app, digests)]
    found += [ask async for ask in forms(app, digests)]
    return [*found, *autocompletes(app)]


async def take_tour(standin: Standin, asked: Iterable[Ask], locale: str = "en-US") -> None:
    """Type and press everything, one after another, each when the one before was answered."""
    for number, ask in enumerate(asked):
        await standin.dispatch("INTERACTION_CREATE", payload(ask, number, standin, locale))
        await standin.until(partial(is_answered, standin.answers[f"token-{number}"]))


@contextmanager
def pointed_at(standin: Standin) -> Iterator[None]:
    """Let discord.py take a stand-in for Discord while the block runs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Route, "BASE", f"{standin.url}/api/v10")
        gateway = yarl.URL(f"{standin.url.replace('http', 'ws')}/gateway")
        patch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", gateway)
        yield


@asynccontextmanager
async def connected(
    settings: Settings,
    clock: Callable[[], datetime],
    locale: str = "en-US",
    standin: Standin | None = None,
) -> AsyncIterator[tuple[App, Standin]]:
    """Run the bot, connected to a stand-in for Discord, in whose server people read a language."""
    standin = standin or Standin(guilds=[harbour_town() | {"preferred_locale": locale}])
    async with serve(standin), open_app(settings, clock) as app:
        with pointed_at(standin):
            vars(app.client)["_connection"].guild_ready_timeout = 0.01
            app.client.owner_ids.add(PERSON)
            async with app.client:
                running = asyncio.create_task(connect(app.client, "token", clock))
                await app.client.wait_until_ready()
                yield app, standin
                await app.scheduler.stop()  # what is being sent needs the connection
                await app.client.close()
                await running


def is_answered(answers: list[Any]) -> bool:
    """Say whether an interaction was answered: not only deferred."""
    return bool(answers) and len(answers) > (answers[0]["type"] in DEFERRALS)
