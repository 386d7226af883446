"""Made-up languages: one whose texts aren't English, and one that has the longest texts of all languages."""

import gettext
import re

import pytest

import bot.locale
from bot.locale.catalogs import LANGUAGES, catalog

LANGUAGE = LOCALE = "ja"  # whose names of days and months have no Latin letters
KEPT = re.compile(r"(`[^`]*`|\{[^{}]*\})")
LETTERS = str.maketrans(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "абцдефгхийклмнопкрстуввхызАБЦДЕФГХИЙКЛМНОПКРСТУВВХЫЗ",
)
FOREIGN = re.compile("[а-яА-Я]")
# Not the bot's words: what is typed, names of files, time zones, links, mentions and times.
NO_WORDS = re.compile(r"`[^`]*`|\]\([^)\s]*\)|<[^>]*>|https?://\S+|[\w-]+\.(?:txt|example)\b|\w+/\w+|\bUTC\b")
ENGLISH_WORDS = re.compile(r"[A-Za-z][A-Za-z'’]+(?:[ :;.-]+[A-Za-z][A-Za-z'’]*)*")


class Pseudo(gettext.NullTranslations):
    """A language that nobody reads: English in other letters, but for what is typed."""

    def gettext(self, message: str) -> str:
        parts = KEPT.split(message)
        return "".join(part if KEPT.fullmatch(part) else part.translate(LETTERS) for part in parts)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)


class Longest(gettext.NullTranslations):
    """Of each text, the longest there is in any language."""

    def gettext(self, message: str) -> str:
        return max((catalog(language).gettext(message) for language in LANGUAGES), key=len)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        forms = (catalog(language).ngettext(msgid1, msgid2, n) for language in LANGUAGES)
        return max(forms, key=len)


def replace_catalog(monkeypatch: pytest.MonkeyPatch, texts: gettext.NullTranslations) -> None:
    """Let LANGUAGE have other texts."""
    monkeypatch.setattr(
        bot.locale, "catalog", lambda language: texts if language == LANGUAGE else catalog(language)
    )


def english_in(said: str) -> list[str]:
    """Return the words of a text that are in Latin letters, as far as they hang together."""
    return ENGLISH_WORDS.findall(NO_WORDS.sub(" ", said.replace("\\", "")))
