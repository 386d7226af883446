"""Options that several commands share, with autocomplete: topics, outlets, times, stories, zones."""

import asyncio
import logging
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import discord
from discord import app_commands
from rapidfuzz import fuzz, process

from bot.access.viewer import viewer_of
from bot.answers import ANSWER_WITHIN
from bot.locale import _
from digests.dates import parse_past
from digests.editions.timetable import parse_zone
from digests.editions.zones import as_typed, is_place, zone_names, zones_by_name, zones_called
from digests.feeds.own_topics import complete as complete_names
from digests.lookup.autocomplete import complete_stories
from digests.lookup.providers import ProviderMatch, complete_providers, find_provider, shown_as
from digests.lookup.stories import find_story
from digests.lookup.topics import complete_last, complete_topics, find_topic, find_topics
from digests.seeds.limits import MAX_NAME as MAX_TOPIC
from digests.text import shorten
from storage.models import Headline, Topic
from storage.search.letters import fold

log = logging.getLogger(__name__)

Value: TypeAlias = str | int | float  # what discord.py's base class allows; these options are all texts
Choice: TypeAlias = app_commands.Choice[Value]
MAX_CHOICES = 25
MAX_NAME = 100
MAX_OUTLET = 30
SHARE = "Show the answer to everyone here"
ALL_TIME = "all time"
EVER = datetime.min.replace(tzinfo=UTC)  # when all time begins
COMMON_ZONES = (
    "UTC", "Europe/London", "Europe/Berlin", "Europe/Paris", "America/New_York", "America/Chicago",
    "America/Los_Angeles", "America/Sao_Paulo", "Asia/Kolkata", "Asia/Tokyo", "Asia/Shanghai",
    "Asia/Singapore", "Australia/Sydney",
)  # fmt: skip


UTC_OFFSET = re.compile(r"(?:utc|gmt)[+-]?\d")


def choice(name: str, value: str) -> Choice:
    """Return an autocomplete choice, cut to Discord's limits."""
    return app_commands.Choice(name=shorten(name, MAX_NAME) or value, value=value[:MAX_NAME])


def meant(typed: str, labels: Mapping[str, str]) -> str:
    """Return the value whose label was typed, instead of picked; else what was typed, without spaces around.

    `labels` are in the person's language, by the values, which are in English. Accents and spaces don't
    count.
    """

    def key(text: str) -> str:
        return "".join(fold(text).split())

    return next((value for value, label in labels.items() if key(label) == key(typed)), typed.strip())


class OfferingOption(app_commands.Transformer):
    """An option that offers choices while somebody types: what `offer` returns in time, else nothing."""

    async def autocomplete(self, interaction: discord.Interaction[Any], value: Value, /) -> list[Choice]:
        """Offer choices; those that come too late are dropped, and what goes wrong is logged."""
        offering = asyncio.create_task(self.offer(interaction, value))
        offering.add_done_callback(_log_failure)
        await asyncio.wait({offering}, timeout=ANSWER_WITHIN)
        return offering.result() if offering.done() and not offering.exception() else []

    async def offer(self, interaction: discord.Interaction[Any], value: Value, /) -> list[Choice]:
        """Return the choices for what was typed."""
        raise NotImplementedError


def _log_failure(offering: asyncio.Task[list[Choice]]) -> None:
    if not offering.cancelled() and (error := offering.exception()):
        log.error("choices can't be offered", exc_info=error)


class TopicOption(OfferingOption):
    """A topic by any of its names."""

    async def transform(self, interaction: discord.Interaction[Any], value: str) -> Topic:
        """Return the topic; raises NotFoundError if there is none of that name."""
        async with interaction.client.services.database.reading(viewer_of(interaction)) as connection:
            topic: Topic = await connection.run(find_topic, value, interaction.client.services.clock())
        return topic

    async def offer(self, interaction: discord.Interaction[Any], value: Value) -> list[Choice]:
        """Offer the topics one of whose names fits what was typed."""
        async with interaction.client.services.database.reading(viewer_of(interaction)) as connection:
            found = await connection.run(
                complete_topics, str(value), interaction.client.services.clock(), MAX_CHOICES
            )
        return [choice(topic.name, topic.slug) for topic in found]


class TopicsOption(OfferingOption):
    """Topics by any of their names, with commas between."""

    async def transform(self, interaction: discord.Interaction[Any], value: str) -> tuple[Topic, ...]:
        """Return the topics, in their order; raises NotFoundError or InvalidInputError."""
        async with interaction.client.services.database.reading(viewer_of(interaction)) as connection:
            found: tuple[Topic, ...] = await connection.run(
                find_topics, value, interaction.client.services.clock()
            )
        return found

    async def offer(self, interaction: discord.Interaction[Any], value: Value) -> list[Choice]:
        """Offer what was typed with its last topic completed, as far as a choice has room for it."""
        async with interaction.client.services.database.reading(viewer_of(interaction)) as connection:
            before, found = await connection.run(
                complete_last, str(value), interaction.client.services.clock(), MAX_CHOICES
            )
        if not before:
            return [choice(topic.name, topic.slug) for topic in found]
        names = [", ".join([*before, topic.name]) for topic in found]
        return [choice(name, name) for name in names if len(name) <= MAX_NAME]


class KnownTopicOption(OfferingOption):
    """The name of a topic that there is, described or not."""

    own = False

    @property
    def min_value(self) -> int:
        """The length of the shortest name."""
        return 1

    @property
    def max_value(self) -> int:
        """The length of the longest name."""
        return MAX_TOPIC

    async def transform(self, _interaction: discord.Interaction[Any], value: str) -> str:
        """Return the name."""
        return value

    async def offer(self, interaction: discord.Interaction[Any], value: Value) -> list[Choice]:
        """Offer the topics whose name holds what was typed."""
        async with interaction.client.services.database.reading(viewer_of(interaction)) as connection:
            found = await connection.run(complete_names, str(value), MAX_CHOICES, own=self.own)
        return [choice(name, name) for name in found]


class OwnTopicOption(KnownTopicOption):
    """The name of a topic that the owners have described."""

    own = True


class TopicNameOption(KnownTopicOption):
    """A topic's name: an existing one, or a new one."""

    async def offer(self, interaction: discord.Interaction[Any], value: Value) -> list[Choice]:
        """Offer the topics whose name holds what was typed, then what was typed itself."""
        typed = str(value).strip()
        found = (await super().offer(interaction, value))[: MAX_CHOICES - 1]
        is_new = typed and all(fold(each.name) != fold(typed) for each in found)
        return [*found, choice(typed, typed)] if is_new else found


class OutletOption(OfferingOption):
    """An outlet by its name or domain."""

    async def transform(self, interaction: discord.Interaction[Any], value: str) -> ProviderMatch:
        """Return the outlet; raises NotFoundError if there is none of that name or domain."""
        async with interaction.client.services.database.reading(viewer_of(interaction)) as connection:
            provider: ProviderMatch = await connection.run(find_provider, value)
        return provider

    async def offer(self, interaction: discord.Interaction[Any], value: Value) -> list[Choice]:
        """Offer the outlets whose names or domains fit what was typed."""
        async with interaction.client.services.database.reading(viewer_of(interaction)) as connection:
            found = await connection.run(complete_providers, str(value), MAX_CHOICES)
        return [choice(shown_as(each), each.domain) for each in found]


class PastOption(OfferingOption):
    """A day or moment in the past: a date, or how long ago."""

    def labels(self) -> dict[str, str]:
        """Return the usual times in the person's language, by what parse_past() takes."""
        return {
            "today": _("today"),
            "yesterday": _("yesterday"),
            "3 days": _("3 days"),
            "last week": _("last week"),
            "2 weeks": _("2 weeks"),
            "last month": _("last month"),
            "3 months": _("3 months"),
            "last year": _("last year"),
        }

    async def transform(self, interaction: discord.Interaction[Any], value: str) -> date | datetime:
        """Return the date or moment; raises InvalidInputError if it can't be understood."""
        return parse_past(meant(value, self.labels()), interaction.client.services.clock())

    async def offer(self, _interaction: discord.Interaction[Any], value: Value) -> list[Choice]:
        """Offer the usual times that begin with what was typed, or else what was typed itself."""
        typed = str(value).strip()
        begun = typed.casefold()
        usual = [
            choice(label, time)
            for time, label in self.labels().items()
            if label.casefold().startswith(begun) or time.startswith(begun)
        ]
        return usual or [choice(typed, typed)]


class PeriodOption(PastOption):
    """How far back, as far as there is anything with "all time"."""

    def labels(self) -> dict[str, str]:
        """Return the usual periods in the person's language."""
        return {**super().labels(), ALL_TIME: _("all time")}

    async def transform(self, interaction: discord.Interaction[Any], value: str) -> date | datetime:
        """Return the date or moment when the period begins, or EVER; raises InvalidInputError."""
        if meant(value, self.labels()).casefold() == ALL_TIME:
            return EVER
        return await super().transform(interaction, value)


class StoryOption(OfferingOption):
    """A story by its id, by a link to one of its articles, or by words from a title."""

    async def transform(self, interaction: discord.Interaction[Any], value: str) -> int:
        """Return the story's id; raises NotFoundError if no story fits."""
        now = interaction.client.services.clock()
        async with interaction.client.services.database.reading(viewer_of(interaction)) as connection:
            story_id: int = await connection.run(find_story, value, now)
        return story_id

    async def offer(self, interaction: discord.Interaction[Any], value: Value) -> list[Choice]:
        """Offer stories with the words typed, or the newest stories if none were typed."""
        now = interaction.client.services.clock()
        async with interaction.client.services.database.reading(viewer_of(interaction)) as connection:
            found = await connection.run(complete_stories, str(value), now, MAX_CHOICES)
        return [choice(_story_label(headline), f"#{headline.story_id}") for headline in found]


def _story_label(headline: Headline) -> str:
    """Return a story's title, cut so that the outlet's name fits after it."""
    outlet = f" — {shorten(headline.outlet, MAX_OUTLET)}"
    return shorten(headline.title, MAX_NAME - len(outlet)) + outlet


class ZoneOption(OfferingOption):
    """A time zone: its IANA name, an abbreviation, a city or a country."""

    async def transform(self, _interaction: discord.Interaction[Any], value: str) -> ZoneInfo:
        """Return the zone; raises InvalidInputError if the text means none, or several."""
        return parse_zone(value)

    async def offer(self, _interaction: discord.Interaction[Any], value: Value) -> list[Choice]:
        """Offer the zones that fit what was typed."""
        return [choice(name, name) for name in complete_zones(str(value))]


def complete_zones(typed: str) -> list[str]:
    """Return the zones that are called what was typed, then those that begin with, contain or resemble it."""
    wanted = as_typed(typed)
    if not wanted:
        return list(COMMON_ZONES)
    if UTC_OFFSET.match(wanted):  # a place may have summer time, and Etc/GMT+2 is two hours behind UTC
        return []
    called = zones_by_name().items()
    starting = [zone for name, zones in called if name.startswith(wanted) for zone in zones]
    holding = [zone for name, zones in called if wanted in name for zone in zones]
    places = filter(is_place, zone_names().values())
    similar = [n for n, *_ in process.extract(typed, places, scorer=fuzz.WRatio, score_cutoff=70, limit=5)]
    found = dict.fromkeys([*zones_called(typed), *sorted(starting), *holding, *similar])
    return list(filter(is_place, found))[:MAX_CHOICES]
