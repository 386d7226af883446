"""What people filled in a form, read; and a draft of it, for a form that has to be filled in again."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from bot.access.channels import find_channel
from bot.access.permissions import Channel
from bot.client import Interaction
from bot.errors import NoticeError
from bot.forms.form import Filled, not_a_form
from bot.locale import _
from bot.locale.catalogs import LANGUAGES
from bot.views.buttons import LONGEST_ID
from bot.views.forms import CHANNEL, CLOCK, DAYS_FIELD, LANGUAGE, OTHERS, SERVERS, TIME, TOPICS, WORDS, ZONE
from digests.editions.timetable import DAYS, EVERY_DAY, parse_clock, parse_time, parse_zone
from digests.errors import InvalidInputError, TopicsLimitError
from digests.lookup.topics import MAX_TOPICS, find_topics
from digests.subscriptions.subjects import tidy_words
from storage import topics
from storage.engine import ReadConnection
from storage.models import LARGEST, DigestOptions, Subject

NAMED_DAYS = {**DAYS, **{str(day): frozenset({day}) for day in range(1, 8)}}
USUAL = DigestOptions("09:00", "", EVERY_DAY, 0)  # what is left out of the form for a new digest


def subject_in(reader: ReadConnection, interaction: Interaction, filled: Filled) -> Subject | None:
    """Return the subject that a form gives a digest, None if it gives none.

    Raises find_topics()'s and tidy_words()'s errors, or NoticeError if it says two things.
    """
    picked, typed = filled.get(TOPICS, ()), filled.get(OTHERS, ())
    words = "".join(filled.get(WORDS, ()))
    if words and (picked or typed):
        raise NoticeError(_("A digest has either topics or words. Leave one of the two out."))
    if words:
        return Subject(words=tidy_words(words))
    known = topics.by_ids(reader, map(_id, picked))
    if len(known) < len(set(picked)):
        raise NoticeError(_("This topic is gone. `/topics` shows the ones there are."))
    found = {topic.id: topic for topic in known.values()}
    now = interaction.client.services.clock()
    found |= {topic.id: topic for text in typed for topic in find_topics(reader, text, now)}
    if len(found) > MAX_TOPICS:
        raise TopicsLimitError(MAX_TOPICS)
    return Subject(tuple(found.values())) if found else None


async def channel_in(interaction: Interaction, filled: Filled) -> Channel | None:
    """Return the channel that a form names; raises NotAllowedError if the bot can't see or use it."""
    for channel_id in filled.get(CHANNEL, ()):
        return await find_channel(interaction, _id(channel_id))
    return None


def times_in(filled: Filled, options: DigestOptions) -> tuple[DigestOptions, ZoneInfo | None]:
    """Return options with the days, the time and the zone that a form names, and that zone.

    What was left out stays. Raises NotATimeError, UnknownZoneError, or NoticeError about forged days.
    """
    zone: ZoneInfo | None = None
    for text in filled.get(TIME, ()):
        options = replace(options, issue_time=f"{parse_time(text):%H:%M}")
    for text in filled.get(ZONE, ()):
        zone = parse_zone(text)
    for text in filled.get(CLOCK, ()):
        at, zone = parse_clock(text)
        options = replace(options, issue_time=f"{at:%H:%M}")
    days = filled.get(DAYS_FIELD, ())
    if any(each not in NAMED_DAYS for each in days):
        raise not_a_form()
    if days:
        options = replace(options, days=days_named(days))
    return (replace(options, zone=zone.key) if zone else options), zone


def language_in(filled: Filled, before: str | None) -> str | None:
    """Return the language that a form names, None for the server's; it stays what it was if left out."""
    for chosen in filled.get(LANGUAGE, ()):
        if chosen not in {*LANGUAGES, SERVERS}:
            raise not_a_form()
        return None if chosen == SERVERS else chosen
    return before


def _id(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(LARGEST)) and int(text) <= LARGEST):
        raise not_a_form()
    return int(text)


def days_named(named: Iterable[str]) -> frozenset[int]:
    """Return the ISO weekdays that a form's values name; those that it never has are left out."""
    return frozenset().union(*(NAMED_DAYS.get(each, frozenset()) for each in named))


@dataclass(frozen=True, slots=True)
class Draft:
    """What of a form for a new digest could be read, as text, as in the custom_id of a button: see SETUP."""

    topics: str = ""
    days: str = ""
    channel: str = ""
    time: str = ""
    zone: str = ""
    language: str = ""

    def custom_id(self) -> str:
        """Return the custom_id, without the topics where these are too many for it."""
        whole = f"setup:{self.topics}:{self.days}:{self.channel}:{self.time}:{self.zone}:{self.language}"
        return whole if len(whole) <= LONGEST_ID else replace(self, topics="").custom_id()

    @property
    def topic_ids(self) -> list[int]:
        """The ids of the topics that were picked."""
        return [int(each) for each in self.topics.split(".") if each]

    @property
    def chosen_days(self) -> frozenset[int]:
        """The ISO weekdays, every day if none were chosen."""
        return days_named(self.days.split("+")) or USUAL.days

    @property
    def issue_time(self) -> str | None:
        """The time of day, None if there is none."""
        return f"{self.time[:-2]}:{self.time[-2:]}" if self.time else None


def draft_of(filled: Filled) -> Draft:
    """Return what of a form can be read."""
    options = USUAL
    for field in (TIME, ZONE, CLOCK):
        with suppress(InvalidInputError):
            options, _chosen = times_in({field: filled.get(field, ())}, options)
    return Draft(
        topics=".".join(filter(str.isdecimal, filled.get(TOPICS, ()))),
        days="+".join(each for each in filled.get(DAYS_FIELD, ()) if each in NAMED_DAYS),
        channel="".join(filter(str.isdecimal, filled.get(CHANNEL, ()))),
        time=options.issue_time.replace(":", ""),
        zone=options.zone,
        language="".join(each for each in filled.get(LANGUAGE, ()) if each in LANGUAGES),
    )


def draft_in(said: Mapping[str, str | None]) -> Draft:
    """Return the draft that a button's custom_id holds, an empty one if it holds none."""
    return Draft(**{name: text or "" for name, text in said.items()})
