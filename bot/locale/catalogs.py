"""The catalogs: which languages there are, which of them somebody reads, and their texts."""

import gettext
import logging
import struct
from functools import cache
from pathlib import Path

log = logging.getLogger(__name__)

FOLDER = Path(__file__).parent
DOMAIN = "broadsheet"  # of <language>/LC_MESSAGES/broadsheet.po, and of the .mo that is made of it
ENGLISH = "en"  # what texts are written in: it has no catalog
# By the name of the catalog, which is Babel's as well; each as its readers call it.
LANGUAGES = {
    ENGLISH: "English",
    "de": "Deutsch",
    "fr": "Français",
    "es": "Español",
    "pt_BR": "Português do Brasil",
    "it": "Italiano",
    "pl": "Polski",
    "ja": "日本語",
    "zh_CN": "简体中文",
}


def language_of(locale: object) -> str:
    """Return the language for one of Discord's locales, such as "pt-BR" or "es-419": English if it has none.

    A region's own catalog goes first, then the language's without a region.
    """
    name = str(locale).replace("-", "_")
    return next((each for each in (name, name.partition("_")[0]) if each in LANGUAGES), ENGLISH)


def locale_of(language: str) -> str:
    """Return one of Discord's locales in which people read a language."""
    return {ENGLISH: "en-US", "es": "es-ES"}.get(language, language.replace("_", "-"))


@cache
def catalog(language: str) -> gettext.NullTranslations:
    """Return the texts of a language; what isn't translated there reads as the code has it, in English.

    So does everything, with a line in the log, if the catalog is damaged.
    """
    try:
        return gettext.translation(DOMAIN, FOLDER, [language], fallback=True)
    except (OSError, ValueError, struct.error) as error:
        log.error("the texts in %s can't be read, so I speak English instead: %s", language, error)
        return gettext.NullTranslations()
