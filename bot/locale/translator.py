"""What Discord shows of commands, in the languages of the catalogs; what people type stays English."""

from discord import Locale, app_commands
from discord.app_commands import TranslationContextLocation as Location

from bot.locale.catalogs import ENGLISH, catalog, language_of

SHOWN = {
    Location.command_description,
    Location.group_description,
    Location.parameter_description,
    Location.choice_name,
}


class CatalogTranslator(app_commands.Translator):
    """Translates descriptions and choices; the names of commands and options are the same everywhere."""

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: Locale,
        context: app_commands.TranslationContextTypes,
    ) -> str | None:
        """Return a text in a locale's language, None where Discord is to show the English one."""
        language = language_of(locale)
        if context.location not in SHOWN or language == ENGLISH:
            return None
        return catalog(language).gettext(string.message)
