"""Forms about digests: what they ask. The custom_ids of fields never change after a release."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import discord
from discord import ui

from bot.locale import _
from bot.locale.catalogs import ENGLISH, LANGUAGES
from bot.locale.cldr import weekdays
from bot.views.buttons import NUMBER
from digests.editions.timetable import DAYS, EVERY_DAY
from digests.lookup.topics import MAX_TOPICS
from digests.subscriptions.subjects import MAX_WORDS
from digests.text import shorten
from storage.models import Provider, Topic

SETUP_FORM = "setup"
EDIT_FORM = rf"edit:(?P<subscription>{NUMBER}):(?P<asked>all|what|where|when|language)"
MUTE_FORM = rf"mute:(?P<subscription>{NUMBER})"
Part: TypeAlias = Literal["all", "what", "where", "when", "language"]
MAX_FIELDS = 5  # of a form
MAX_OFFERED = 25  # options of a select
TITLE = 45
OPTION = 100
TYPED = 300  # characters of a text field
TOPICS, OTHERS, WORDS, CHANNEL, DAYS_FIELD = "topics", "others", "words", "channel", "days"
OUTLETS, OUTLET = "outlets", "outlet"
LANGUAGE = "language"
SERVERS = "server"  # the language of the server
TIME, ZONE, CLOCK = "time", "zone", "clock"  # CLOCK is a time and a zone, where there is no room for both
CHANNEL_TYPES = [
    discord.ChannelType.text,
    discord.ChannelType.news,
    discord.ChannelType.voice,
    discord.ChannelType.stage_voice,
    discord.ChannelType.forum,
    discord.ChannelType.public_thread,
    discord.ChannelType.private_thread,
    discord.ChannelType.news_thread,
]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a form about a digest shows before anybody fills it in.

    `topics` are those to choose from, in their order; `words` is None if the digest has topics; without
    `channel_id` it has no channel to choose, and goes to a person's DMs; without `language` it is in the
    server's.
    """

    topics: Sequence[Topic]
    zone: str
    chosen: Collection[int] = ()
    words: str | None = None
    channel_id: int | None = None
    days: frozenset[int] = EVERY_DAY
    time: str = "09:00"
    language: str | None = None


def setup_form(sheet: Sheet) -> ui.Modal:
    """Return the form that sets a new digest up."""
    return _form(_("Set up a digest"), "setup", _fields(sheet, "all"))


def edit_form(sheet: Sheet, name: str, subscription_id: int, part: Part) -> ui.Modal:
    """Return the form that changes a digest, or the part of it that `part` says."""
    title = shorten(_("Edit: {topic}", topic=name), TITLE)
    return _form(title, f"edit:{subscription_id}:{part}", _fields(sheet, part))


def mute_form(name: str, subscription_id: int, outlets: Sequence[Provider]) -> ui.Modal:
    """Return the form that mutes outlets in a digest; `outlets` are those to choose from."""
    options = [
        discord.SelectOption(label=shorten(each.name, OPTION), value=each.domain[:OPTION])
        for each in outlets[:MAX_OFFERED]
    ]
    fields = []
    if options:
        select: ui.Select[Any] = ui.Select(
            custom_id=OUTLETS, options=options, max_values=len(options), required=False
        )
        said = _("Those in its last edition")
        fields.append(ui.Label(text=_("Outlets"), description=said, component=select))
    fields.append(
        _text(OUTLET, _("Another outlet") if options else _("Outlet"), described=_("Its name or domain"))
    )
    title = shorten(_("Mute an outlet: {topic}", topic=name), TITLE)
    return _form(title, f"mute:{subscription_id}", fields)


def _form(title: str, custom_id: str, fields: Sequence[ui.Label[Any]]) -> ui.Modal:
    """Return a form; discord.py keeps nothing for it, since what it does follows from its custom_id alone."""
    form = ui.Modal(title=title, custom_id=custom_id)
    for field in fields:
        form.add_item(field)
    form.stop()
    return form


def _fields(sheet: Sheet, part: Part) -> list[ui.Label[Any]]:
    asked = [
        *(_what(sheet, part) if part in {"all", "what"} else ()),
        *(_where(sheet) if part in {"all", "where"} else ()),
        *(_days(sheet) if part in {"all", "when"} else ()),
    ]
    if part in {"all", "when"}:
        asked += _when(sheet, separate=len(asked) + 2 <= MAX_FIELDS - (part == "all"))
    if part == "language" or (part == "all" and len(asked) < MAX_FIELDS):
        asked.append(_language(sheet))
    return asked


def _what(sheet: Sheet, part: Part) -> Iterator[ui.Label[Any]]:
    if sheet.words is not None:
        yield _text(WORDS, _("Words to search for"), sheet.words, most=MAX_WORDS)
    if sheet.words is None or part == "what":
        has_more = len(sheet.topics) > MAX_OFFERED
        offered = sheet.topics[: MAX_OFFERED - has_more]
        options = [
            discord.SelectOption(
                label=shorten(topic.name, OPTION), value=str(topic.id), default=topic.id in sheet.chosen
            )
            for topic in offered
        ]
        most = min(MAX_TOPICS, len(options))
        select: ui.Select[Any] = ui.Select(
            custom_id=TOPICS,
            options=options,
            min_values=0 if has_more or sheet.words is not None else 1,
            max_values=most,
            required=not has_more and sheet.words is None,
        )
        yield ui.Label(text=_("Topics"), description=_("Up to {number}", number=most), component=select)
        if has_more:
            yield _text(OTHERS, _("Other topics"), described=_("Names, with commas between"))


def _where(sheet: Sheet) -> Iterator[ui.Label[Any]]:
    if sheet.channel_id is None:
        return
    here = discord.SelectDefaultValue(id=sheet.channel_id, type=discord.SelectDefaultValueType.channel)
    select: ui.ChannelSelect[Any] = ui.ChannelSelect(
        custom_id=CHANNEL, channel_types=CHANNEL_TYPES, default_values=[here], required=False
    )
    yield ui.Label(text=_("Channel"), description=_("Where I post it"), component=select)


def _days(sheet: Sheet) -> Iterator[ui.Label[Any]]:
    named = {name: days for name, days in DAYS.items() if days == sheet.days}
    labels = {"daily": _("Every day"), "weekdays": _("Monday to Friday"), "weekends": _("Weekends")}
    options = [discord.SelectOption(label=labels[name], value=name, default=name in named) for name in labels]
    options += [
        discord.SelectOption(
            label=name[:1].upper() + name[1:], value=str(day), default=not named and day in sheet.days
        )
        for day, name in enumerate(weekdays(), 1)
    ]
    select: ui.Select[Any] = ui.Select(
        custom_id=DAYS_FIELD, options=options, max_values=len(options), required=False
    )
    described = _("Choose one day for a weekly digest")
    yield ui.Label(text=_("Days"), description=described, component=select)


def _language(sheet: Sheet) -> ui.Label[Any]:
    """Return the choice of a language; a digest in DMs has no server whose language it could be."""
    offered = LANGUAGES if sheet.channel_id is None else {SERVERS: _("The server's language"), **LANGUAGES}
    chosen = sheet.language or (ENGLISH if sheet.channel_id is None else SERVERS)
    options = [
        discord.SelectOption(label=name, value=value, default=value == chosen)
        for value, name in offered.items()
    ]
    select: ui.Select[Any] = ui.Select(custom_id=LANGUAGE, options=options, required=False)
    return ui.Label(
        text=_("Language"), description=_("Of my texts; headlines stay as they are"), component=select
    )


def _when(sheet: Sheet, *, separate: bool) -> Iterator[ui.Label[Any]]:
    """Yield the time and the zone, as two fields or as one."""
    zone_hint = _("For example Europe/Berlin, Tokyo or EST")
    if separate:
        yield _text(TIME, _("Time"), sheet.time, described=_("For example 09:00 or 9 pm"))
        yield _text(ZONE, _("Time zone"), sheet.zone, described=zone_hint)
    else:
        both = f"{sheet.time} {sheet.zone}"
        yield _text(CLOCK, _("Time and time zone"), both, described=_("For example 9 pm Europe/Berlin"))


def _text(
    custom_id: str, label: str, value: str = "", *, described: str | None = None, most: int = TYPED
) -> ui.Label[Any]:
    field: ui.TextInput[Any] = ui.TextInput(
        custom_id=custom_id, default=value or None, required=False, max_length=most
    )
    return ui.Label(text=label, description=described, component=field)
