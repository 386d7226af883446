"""Options of the commands about digests: channels, days, existing digests."""

import re
from typing import Any, TypeAlias

import discord
from discord import app_commands

from bot.access.channels import find_channel
from bot.access.permissions import Channel
from bot.access.places import find_here
from bot.commands.options import MAX_CHOICES, Choice, OfferingOption, TopicsOption, Value, choice, meant
from bot.errors import NoticeError
from bot.locale import _
from bot.locale.catalogs import LANGUAGES
from bot.locale.cldr import short_weekdays, weekdays
from bot.views.forms import CHANNEL_TYPES
from bot.views.schedule import posting_times
from digests.editions.limits import HIGHEST_MIN_QUALITY, MAX_STORIES
from digests.editions.timetable import WEEKDAYS, parse_days
from digests.errors import NotDaysError
from digests.lookup.choices import best
from digests.lookup.topics import COMMA
from digests.subscriptions.subjects import MAX_WORDS, tidy_words
from digests.text import shorten
from storage import subscriptions
from storage.models import Subject, Subscription, Topic
from storage.search.letters import fold

Stories = app_commands.Range[int, 1, MAX_STORIES]
Words = app_commands.Range[str, 1, MAX_WORDS]
Quality = app_commands.Range[int, 0, HIGHEST_MIN_QUALITY]
TimeText = app_commands.Range[str, 1, 20]
LANGUAGE_CHOICES = [app_commands.Choice(name=name, value=language) for language, name in LANGUAGES.items()]
LABEL_NAME = 50  # characters of a digest's name in a choice


class ChannelOption(app_commands.Transformer):
    """A channel, forum or thread, including an archived thread."""

    @property
    def type(self) -> discord.AppCommandOptionType:
        """The type of option for which Discord offers channels."""
        return discord.AppCommandOptionType.channel

    @property
    def channel_types(self) -> list[discord.ChannelType]:
        """The types of channels that editions can be posted in."""
        return CHANNEL_TYPES

    async def transform(self, interaction: discord.Interaction[Any], value: Any) -> Channel:
        """Return the channel; raises NotAllowedError if the bot can't see it or post editions in its type."""
        return await find_channel(interaction, value.id)


class DaysOption(OfferingOption):
    """Days of the week."""

    async def transform(self, _interaction: discord.Interaction[Any], value: str) -> frozenset[int]:
        """Return the ISO weekdays; raises NotDaysError about the text as it was typed."""
        try:
            return parse_days(_days_in_english(meant(value, _day_labels())))
        except NotDaysError as error:
            raise NotDaysError(value) from error

    async def offer(self, _interaction: discord.Interaction[Any], value: Value) -> list[Choice]:
        """Offer the usual days that contain what was typed; those that begin with it come first."""
        typed = str(value).strip().casefold()
        found = [each for each in _day_labels().items() if any(typed in name.casefold() for name in each)]
        found.sort(key=lambda each: not any(name.casefold().startswith(typed) for name in each))
        return [choice(label, name) for name, label in found]


def _day_labels() -> dict[str, str]:
    """Return the usual days in the person's language, by what parse_days() takes."""
    weekly = {
        f"weekly on {name}": _("weekly on {day}", day=day)
        for name, day in zip(WEEKDAYS, weekdays(), strict=True)
    }
    return {"daily": _("daily"), "weekdays": _("weekdays"), "weekends": _("weekends"), **weekly}


def _days_in_english(text: str) -> str:
    """Return a text with days of the week in the person's language as parse_days() takes them.

    Accents don't count.
    """
    text = fold(text)
    for day, name in zip([*weekdays(), *short_weekdays()], [*WEEKDAYS, *WEEKDAYS], strict=True):
        text = re.sub(rf"(?<!\w){re.escape(fold(day))}(?!\w)", name, text)
    return COMMA.sub(", ", text)


class DigestOption(OfferingOption):
    """A digest of the server, by any of its topics' names or its number."""

    async def transform(self, _interaction: discord.Interaction[Any], value: str) -> str:
        """Return what was picked or typed, unchanged."""
        return value

    async def offer(self, interaction: discord.Interaction[Any], value: Value) -> list[Choice]:
        """Offer the digests that this person may change and that show what was typed."""
        if not interaction.guild_id or not interaction.permissions.manage_guild:
            return []
        async with interaction.client.services.database.reading() as connection:
            found = await connection.run(subscriptions.of_guild, interaction.guild_id)
        labels = {each.id: _label(interaction, each) for each in found}
        offered = best(str(value), found, lambda each: [*_names_of(each.subject), labels[each.id]])
        return [choice(labels[each.id], f"#{each.id}") for each in offered[:MAX_CHOICES]]


class WhyOption(OfferingOption):
    """A digest of this place, by any of its topics' names or its number, or topics that none here has."""

    async def transform(self, _interaction: discord.Interaction[Any], value: str) -> str:
        """Return what was picked or typed, unchanged."""
        return value

    async def offer(self, interaction: discord.Interaction[Any], value: Value) -> list[Choice]:
        """Offer the digests of this place that show what was typed, then topics."""
        here = await find_here(interaction)
        async with interaction.client.services.database.reading() as connection:
            found = await connection.run(subscriptions.all_in_channel, here)
        labels = {each.id: _label(interaction, each) for each in found}
        offered = best(str(value), found, lambda each: [*_names_of(each.subject), labels[each.id]])
        digests = [choice(labels[each.id], f"#{each.id}") for each in offered]
        return [*digests, *await TopicsOption().offer(interaction, value)][:MAX_CHOICES]


Topics: TypeAlias = app_commands.Transform[tuple[Topic, ...], TopicsOption]


def required_subject(topics: tuple[Topic, ...] | None, words: str | None) -> Subject:
    """Return the subject of a new digest; raises NoticeError if none was given."""
    found = chosen_subject(topics, words)
    if found is None:
        raise NoticeError(_("Fill in `topic`, or `words` for a digest of what a search finds."))
    return found


def chosen_subject(topics: tuple[Topic, ...] | None, words: str | None) -> Subject | None:
    """Return the subject given for a digest, None if none was.

    Raises NoticeError if both were, and tidy_words()'s errors.
    """
    if topics and words:
        raise NoticeError(_("A digest has either topics or words. Leave one of the two out."))
    if words:
        return Subject(words=tidy_words(words))
    return Subject(topics) if topics else None


def _names_of(subject: Subject) -> list[str]:
    """Return everything that finds a digest; what it is called comes first."""
    return [subject.name, *(name for topic in subject.topics for name in (topic.name, *topic.names))]


def _label(interaction: discord.Interaction[Any], subscription: Subscription) -> str:
    """Return a digest's name in the list of choices, which shows no Markdown."""
    topic = shorten(subscription.subject.name, LABEL_NAME)
    times = posting_times(subscription.options, subscription.options.issue_time)
    if channel := interaction.client.get_channel(subscription.channel_id):
        return _("{topic} in #{channel} · {times}", topic=topic, channel=channel, times=times)
    return _("{topic} in a deleted channel · {times}", topic=topic, times=times)
