"""On whose clock a digest comes, and when: the zone that was chosen once, or a guess by the language."""

from dataclasses import dataclass
from enum import Enum
from zoneinfo import ZoneInfo

import discord

from bot.client import Interaction
from digests.editions.timetable import parse_time, usual_time
from storage import zones
from storage.engine import Connection

L = discord.Locale
# Where most people live who read that language: what is proposed can be changed.
BY_LOCALE = {
    L.american_english: "America/New_York",
    L.british_english: "Europe/London",
    L.bulgarian: "Europe/Sofia",
    L.chinese: "Asia/Shanghai",
    L.taiwan_chinese: "Asia/Taipei",
    L.croatian: "Europe/Zagreb",
    L.czech: "Europe/Prague",
    L.indonesian: "Asia/Jakarta",
    L.danish: "Europe/Copenhagen",
    L.dutch: "Europe/Amsterdam",
    L.finnish: "Europe/Helsinki",
    L.french: "Europe/Paris",
    L.german: "Europe/Berlin",
    L.greek: "Europe/Athens",
    L.hindi: "Asia/Kolkata",
    L.hungarian: "Europe/Budapest",
    L.italian: "Europe/Rome",
    L.japanese: "Asia/Tokyo",
    L.korean: "Asia/Seoul",
    L.latin_american_spanish: "America/Mexico_City",
    L.lithuanian: "Europe/Vilnius",
    L.norwegian: "Europe/Oslo",
    L.polish: "Europe/Warsaw",
    L.brazil_portuguese: "America/Sao_Paulo",
    L.romanian: "Europe/Bucharest",
    L.russian: "Europe/Moscow",
    L.spain_spanish: "Europe/Madrid",
    L.swedish: "Europe/Stockholm",
    L.thai: "Asia/Bangkok",
    L.turkish: "Europe/Istanbul",
    L.ukrainian: "Europe/Kyiv",
    L.vietnamese: "Asia/Ho_Chi_Minh",
}


def time_for(interaction: Interaction, text: str | None = None) -> str:
    """Return the time of day of a new digest, as typed, or else the usual one; raises NotATimeError."""
    if text:
        return f"{parse_time(text):%H:%M}"
    return usual_time(interaction.guild_id, interaction.client.owned.count)


class Chosen(Enum):
    """When somebody chose a zone; one that nobody did is a guess."""

    NOW = "now"
    BEFORE = "before"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone for a digest, by its IANA name."""

    name: str
    chosen: Chosen


async def zone_for(interaction: Interaction, guild_id: int | None, chosen: ZoneInfo | None = None) -> Zone:
    """Return the zone for a new digest of a server, or, without one, of the person's own.

    It is the one chosen now, or else the server's or the person's, whichever is nearer to the digest, or
    else a guess by the person's language.
    """
    if chosen:
        return Zone(chosen.key, Chosen.NOW)
    async with interaction.client.services.database.reading() as connection:
        of_person = await connection.run(zones.of_person, interaction.user.id)
        of_server = await connection.run(zones.of_server, interaction.guild_id or 0)
    known = (of_server or of_person) if guild_id else (of_person or of_server)
    guess = BY_LOCALE.get(interaction.locale, BY_LOCALE[L.american_english])  # for a language of the future
    return Zone(known, Chosen.BEFORE) if known else Zone(guess, Chosen.NEVER)


async def remember_zone(
    connection: Connection, interaction: Interaction, guild_id: int | None, zone: str
) -> None:
    """Remember the zone that somebody chose for a digest, for them and, if it is a server's, for that."""
    await zones.set_of_person(connection, interaction.user.id, zone)
    if guild_id:
        await zones.set_of_server(connection, guild_id, zone)
