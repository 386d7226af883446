"""/admin source, for the bot's owners, and what others may suggest to them."""

from typing import Any

import discord
from discord import app_commands

from bot.access.permissions import require_owner
from bot.access.refusal import NotAllowedError
from bot.answers import answer, defer
from bot.client import Interaction
from bot.commands.options import MAX_CHOICES, Choice, OfferingOption, TopicNameOption, Value, choice
from bot.locale import _, in_language
from bot.locale.catalogs import ENGLISH
from bot.pages.sources import sources_page
from bot.views.notice import notice
from bot.views.sources import added_view, removed_view, suggested_text, suggestion_view, tried_view
from digests.feeds.addresses import MAX_ADDRESS, as_address
from digests.feeds.sources import add_feed, complete_sources, find_source, try_feed
from digests.feeds.suggestions import count_suggestion
from digests.seeds.limits import MAX_NAME, MAX_QUALITY
from storage import feeds
from storage.feeds import Feed, FeedOptions

Address = app_commands.Range[str, 1, MAX_ADDRESS]
Name = app_commands.Range[str, 1, MAX_NAME]
Quality = app_commands.Range[int, 0, MAX_QUALITY]
ADDRESS = "The address of a feed, or of a page that has one"


class SourceOption(OfferingOption):
    """A source, by its name, its address or its number."""

    async def transform(self, interaction: discord.Interaction[Any], value: Any, /) -> Feed:
        """Return the source; raises SourceNotFoundError."""
        async with interaction.client.services.database.reading() as connection:
            found: Feed = await connection.run(find_source, str(value))
        return found

    async def offer(self, interaction: discord.Interaction[Any], value: Value, /) -> list[Choice]:
        """Offer the sources whose name or address holds what was typed."""
        async with interaction.client.services.database.reading() as connection:
            found = await connection.run(complete_sources, str(value), MAX_CHOICES)
        return [choice(f"{feed.name} ({feed.host})", str(feed.id)) for feed in found]


class OwnersGroup(app_commands.Group):
    """A group of commands that only the bot's owners may use: discord.py doesn't ask the group around it."""

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        """Return True for the bot's owners; raises NotAllowedError for anyone else."""
        return await require_owner(interaction)


class SourceGroup(OwnersGroup):
    """Where news comes from."""

    def __init__(self) -> None:
        super().__init__(name="source", description="Add, remove and check the feeds that news comes from")

    @app_commands.command()
    @app_commands.describe(
        address=ADDRESS,
        topic="A topic that its articles get (its own name if you leave this out)",
        name="What to call it, instead of its own title",
        quality="How good its articles usually are, for example 60",
        general="Give its articles no topic but those that are found in their titles",
    )
    async def add(
        self,
        interaction: Interaction,
        address: Address,
        topic: app_commands.Transform[str, TopicNameOption] | None = None,
        name: Name | None = None,
        quality: Quality | None = None,
        general: bool = False,
    ) -> None:
        """Add a feed, fetch it and see what it holds."""
        await defer(interaction)
        client = interaction.client
        options = FeedOptions(name or "", (topic,) if topic else (), quality, general=general and not topic)
        services = client.services
        added = await add_feed(services.database, client.collector.checker, services.clock, address, options)
        await answer(interaction, added_view(added))

    @app_commands.command(name="list")
    async def list_(self, interaction: Interaction) -> None:
        """See all feeds: how they are, what fails, when each is checked next."""
        await answer(interaction, await sources_page(interaction.client.services, 0))

    @app_commands.command()
    @app_commands.describe(source="Its name, address or number")
    async def remove(
        self, interaction: Interaction, source: app_commands.Transform[Feed, SourceOption]
    ) -> None:
        """Stop fetching a feed; its articles stay."""
        services = interaction.client.services
        async with services.database.transaction() as connection:
            await feeds.remove(connection, source.id, services.clock())
        await answer(interaction, removed_view(source))

    @app_commands.command()
    @app_commands.describe(address=ADDRESS)
    async def test(self, interaction: Interaction, address: Address) -> None:
        """See what a feed's articles would be, without storing anything."""
        await defer(interaction)
        client, services = interaction.client, interaction.client.services
        tried = await try_feed(services.database, client.collector.checker, services.clock, address)
        await answer(interaction, tried_view(tried))


@app_commands.command(name="suggest")
@app_commands.describe(address=ADDRESS)
async def suggest_command(interaction: Interaction, address: Address) -> None:
    """Suggest a feed to whoever runs this bot."""
    client, guild = interaction.client, interaction.guild
    if guild is None or not interaction.permissions.manage_guild:
        raise NotAllowedError(
            _("You need **Manage Server** to suggest a feed, in the server that it is for.")
        )
    await defer(interaction)
    url, services = as_address(address), client.services
    async with services.database.transaction() as connection:
        await count_suggestion(connection, guild.id, services.clock())
    with in_language(ENGLISH):  # the owners didn't ask, so it isn't known what they read
        suggestion = suggestion_view(url, guild.name, interaction.user.id)
    reached = await client.tell_owners(suggestion)
    await answer(interaction, notice(suggested_text(reached)))
