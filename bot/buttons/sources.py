"""What the buttons of sources and of their topics do, for the bot's owners."""

from dataclasses import replace

from bot.access.permissions import require_owner
from bot.answers import answer, defer, turn
from bot.buttons.press import Press
from bot.client import Interaction
from bot.pages.own_topics import changed_page
from bot.pages.sources import sources_page
from bot.views.buttons import (
    CHECK_SOURCE,
    PAUSE_SOURCE,
    REMOVE_SOURCE,
    RESUME_SOURCE,
    RETURN_SOURCE,
    SOURCES_PAGE,
    UNDO_TOPIC,
)
from bot.views.sources import removed_view, source_view
from digests.feeds import own_topics
from digests.feeds.sources import change_feed, get_feed
from storage import feeds


class TurnSources(Press, template=SOURCES_PAGE):
    """Turns the pages of the list of sources."""

    turns = True

    async def answer(self, interaction: Interaction) -> None:
        """Replace the page by the one asked for."""
        await require_owner(interaction)
        await turn(interaction, await sources_page(interaction.client.services, self.state["page"]))


class CheckSource(Press, template=CHECK_SOURCE):
    """Check now: checks a source, whenever its turn would be."""

    async def answer(self, interaction: Interaction) -> None:
        """Check it, and say how it is."""
        await require_owner(interaction)
        await defer(interaction)
        source_id = self.state["source"]
        await interaction.client.collector.collect(only=[source_id])
        async with interaction.client.services.database.reading() as connection:
            feed = await connection.run(get_feed, source_id)
        await answer(interaction, source_view(feed))


class PauseSource(Press, template=PAUSE_SOURCE):
    """Pause: stops checking a source."""

    paused = True

    async def answer(self, interaction: Interaction) -> None:
        """Pause it, and say how it is."""
        await require_owner(interaction)
        services = interaction.client.services
        async with services.database.transaction() as connection:
            feed = await connection.run(get_feed, self.state["source"])
            options = replace(feed.options, paused=self.paused)
            feed = await change_feed(
                connection, feed.id, options, None, services.clock(), resume=not self.paused
            )
        await answer(interaction, source_view(feed))


class ResumeSource(PauseSource, template=RESUME_SOURCE):
    """Resume: checks a source again that was paused, or has ended."""

    paused = False


class RemoveSource(Press, template=REMOVE_SOURCE):
    """Remove: stops fetching a source for good; its articles stay."""

    async def answer(self, interaction: Interaction) -> None:
        """Remove it, and offer to undo that."""
        await require_owner(interaction)
        services = interaction.client.services
        async with services.database.transaction() as connection:
            feed = await connection.run(get_feed, self.state["source"])
            await feeds.remove(connection, feed.id, services.clock())
        await answer(interaction, removed_view(feed))


class ReturnSource(Press, template=RETURN_SOURCE):
    """Undo: brings a source back that was removed."""

    async def answer(self, interaction: Interaction) -> None:
        """Bring it back, and say how it is."""
        await require_owner(interaction)
        async with interaction.client.services.database.transaction() as connection:
            await feeds.bring_back(connection, self.state["source"])
            feed = await connection.run(get_feed, self.state["source"])
        await answer(interaction, source_view(feed))


class UndoTopic(Press, template=UNDO_TOPIC):
    """Undo: takes back what somebody said of a topic."""

    async def answer(self, interaction: Interaction) -> None:
        """Take it back, and say what the topic is found by now."""
        await require_owner(interaction)
        await defer(interaction)
        services = interaction.client.services
        async with services.database.transaction() as connection:
            change = await own_topics.undo(connection, self.state["change"], services.clock())
        await answer(interaction, await changed_page(interaction.client, change))


SOURCE_PRESSES = (
    TurnSources,
    CheckSource,
    PauseSource,
    ResumeSource,
    RemoveSource,
    ReturnSource,
    UndoTopic,
)
